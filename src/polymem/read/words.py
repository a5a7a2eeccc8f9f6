"""Vectors of single words, kept for the process: what late interaction compares."""

from __future__ import annotations

from collections.abc import Sequence
from threading import Lock
from typing import Final
from weakref import WeakSet

import numpy as np

from polymem.ports.embedder import Embedder, SyncEmbedder, runs_in_process
from polymem.ports.faces import F32

__all__ = ["MAX_WORDS", "WordVectors", "forget_word_vectors", "lexicon_of"]

MAX_WORDS: Final = 16_384
"""At 256 dimensions 16 MB; one word more, and all are forgotten."""
_SMALLEST: Final = 1_024
_KEPT: Final[WeakSet[WordVectors]] = WeakSet()
"""All that there are in this process."""


class WordVectors:
    """Vectors of words by an embedder that computes in this process; may be used from several threads.

    A word is an index term, so a stem; one that ends in "i" is embedded with the "y" that stemming took.

    Args:
        embedder: Its vectors of single words must say how alike they are, as those of a static encoder do.
    """

    def __init__(self, embedder: SyncEmbedder) -> None:
        self._embedder = embedder
        self._lock = Lock()
        self._places: dict[str, int] = {}
        self._table: F32 = np.empty((0, embedder.dim), dtype=np.float32)
        _KEPT.add(self)

    @property
    def nbytes(self) -> int:
        """Bytes held by the vectors."""
        return self._table.nbytes

    def texts(self, texts: Sequence[str]) -> F32:
        """Return float32[n, dim] of whole texts, which are not kept."""
        return self._embedder.encode(texts)

    def words(self, words: Sequence[str]) -> F32:
        """Return float32[n, dim]: unit vectors, zero for a word that the embedder knows nothing of.

        What a word gets does not depend on the words asked for before.
        """
        with self._lock:
            places = self._places
            new = [word for word in dict.fromkeys(words) if word not in places]
            if len(new) > MAX_WORDS:
                return self._embedder.encode([_whole(word) for word in words])
            if new:
                self._keep(new, among=words)
            return self._table[[self._places[word] for word in words]]

    def clear(self) -> None:
        """Keep no word: it may be of what was erased."""
        with self._lock:
            self._forget()

    def _forget(self) -> None:
        self._places = {}
        self._table = np.empty((0, self._embedder.dim), dtype=np.float32)

    def _keep(self, new: Sequence[str], *, among: Sequence[str]) -> None:
        if len(self._places) + len(new) > MAX_WORDS:
            self._forget()
            new = list(dict.fromkeys(among))
        first, stop = len(self._places), len(self._places) + len(new)
        if stop > len(self._table):
            room = np.zeros(
                (max(_SMALLEST, 1 << (stop - 1).bit_length()), self._embedder.dim), dtype=np.float32
            )
            room[:first] = self._table[:first]
            self._table = room
        self._table[first:stop] = self._embedder.encode([_whole(word) for word in new])
        self._places.update(zip(new, range(first, stop), strict=True))


def _whole(stem: str) -> str:
    return f"{stem[:-1]}y" if len(stem) > 3 and stem.endswith("i") else stem


def lexicon_of(embedder: Embedder) -> WordVectors | None:
    """Return vectors of words by *embedder*, None where it declares not to compute in this process."""
    return WordVectors(embedder) if runs_in_process(embedder) else None


def forget_word_vectors() -> None:
    """Keep no word in this process: it may be of what was erased."""
    for vectors in list(_KEPT):
        vectors.clear()
