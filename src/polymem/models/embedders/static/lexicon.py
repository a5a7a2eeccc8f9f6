"""What words of English and Chinese mean nearly the same, as the default encoder's own word vectors say.

Both languages share one space, since the encoder was trained on pairs of sentences: the nearest words of the other language
are translations, or words of the same field. So a question meets texts of the other language word by word, whatever
encoder the store has.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.models.embedders.static.shipped import load
from polymem.models.embedders.static.tokeniser import FIRST_PIECE
from polymem.ports.lexicon import Word
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_CHARACTERS, STOP_WORDS

__all__ = ["StaticLexicon"]

F32: TypeAlias = NDArray[np.float32]
I32: TypeAlias = NDArray[np.int32]

N_OTHERS: Final = 8
LEAST: Final = 0.3
"""Cosine from which on two words have something to do with one another; it counts from there on, up to 1."""
MAX_WORDS: Final = 64
MAX_CHARS: Final = 2_000
"""Of a longer question the beginning counts."""
_NARROW: Final = 128
"""So many dimensions, which stand in order, tell what is not alike at half the cost."""
_MARGIN: Final = 0.08
"""Cosines of the narrow vectors err by less than this, but for one neighbour in fifty."""
MAX_KEPT: Final = 16_384
"""Most tokens of which it is kept what they are like, some 10 MB."""
_LIKE: Final[dict[tuple[int, bool], tuple[tuple[str, float], ...]]] = {}
_BLOCK: Final = 4_096
_HAN: Final = "[\u3400-\u4dbf\u4e00-\u9fff]"


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of one language.

    Attributes:
        texts: Words.
        ids: int32[w], their tokens.
        lengths: float32[w], of their vectors.
        narrow: float32[w], the same of the first ``_NARROW`` dimensions.
    """

    texts: tuple[str, ...]
    ids: I32
    lengths: F32
    narrow: F32


class StaticLexicon:
    """Find words of the other language by the vectors that come with the package.

    They are read with the first question that needs them.

    Example:
        >>> word, *_ = StaticLexicon().translate("doctor", chinese=False)
        >>> "医生" in dict(word.others)
        True
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def translate(self, text: str, *, chinese: bool) -> list[Word]:
        """Return the words of a question with their likes in the other language.

        Args:
            text: The question.
            chinese: Whether it is in Chinese.

        Raises:
            ConfigError: The weights are missing or damaged.
        """
        found = _split(text, chinese=chinese)
        return _nearest(found, _words(chinese=not chinese), chinese=chinese) if found else []


def _split(text: str, *, chinese: bool) -> dict[str, list[int]]:
    """Return the telling words of the question's own language, each with its tokens."""
    tokeniser, script = load().tokeniser, re.compile(_HAN if chinese else "[a-z]")
    found: dict[str, list[int]] = {}
    for run, ids in tokeniser.runs(fold(text[:MAX_CHARS])):
        if not script.match(run):
            continue
        if chinese:
            found |= {tokeniser.pieces[one - FIRST_PIECE]: [one] for one in ids if one >= FIRST_PIECE}
        else:
            found[run.partition("'")[0]] = ids
    telling = [word for word in found if word not in STOP_WORDS and not STOP_CHARACTERS.issuperset(word)]
    return {word: found[word] for word in telling[:MAX_WORDS]}


def _nearest(found: dict[str, list[int]], others: _Words, *, chinese: bool) -> list[Word]:
    """Return each word with the likest of *others*.

    What a single token is like is kept: it is a word of the vocabulary that ships, and tells nothing of who asked. Words of
    several tokens, names for the most part, are worked out each time and kept nowhere.
    """
    new = {text: ids for text, ids in found.items() if len(ids) != 1 or (ids[0], chinese) not in _LIKE}
    likes = dict(zip(new, _likest(list(new.values()), others), strict=True)) if new else {}
    words: list[Word] = []
    for text, ids in found.items():
        like = _LIKE[ids[0], chinese] if text not in likes else likes[text]
        if len(ids) == 1 and len(_LIKE) < MAX_KEPT:
            _LIKE[ids[0], chinese] = like
        words.append(Word(text, like))
    return words


def _likest(asked: Sequence[Sequence[int]], others: _Words) -> list[tuple[tuple[str, float], ...]]:
    """Return the likest of *others* for words given as tokens."""
    weights = load()
    vectors = np.zeros((len(asked), weights.table.shape[1]), dtype=np.float32)
    for row, ids in enumerate(asked):
        np.einsum("t,td->d", weights.scale[ids], weights.table[ids].astype(np.float32), out=vectors[row])
    vectors /= np.maximum(np.sqrt((vectors * vectors).sum(axis=1, keepdims=True)), np.float32(1e-12))
    rough = _rough(vectors, others)
    return [
        _best(vector, others, np.flatnonzero(row >= LEAST - _MARGIN), row)
        for vector, row in zip(vectors, rough, strict=True)
    ]


def _rough(asked: F32, others: _Words) -> F32:
    """Return float32[k, w]: about the cosine of each row of float32[k, dim] with each of *others*."""
    table = load().table
    head = asked[:, :_NARROW]
    head = head / np.maximum(np.sqrt((head * head).sum(axis=1, keepdims=True)), np.float32(1e-12))
    found = np.empty((others.ids.size, len(asked)), dtype=np.float32)
    for first in range(0, others.ids.size, _BLOCK):
        ids = others.ids[first : first + _BLOCK]
        found[first : first + _BLOCK] = table[ids, :_NARROW].astype(np.float32) @ head.T
    found /= others.narrow[:, None]
    return np.ascontiguousarray(found.T)


def _best(vector: F32, others: _Words, places: NDArray[np.intp], rough: F32) -> tuple[tuple[str, float], ...]:
    """Return the likest of the words at *places*, with how far their cosines are above ``LEAST``."""
    if places.size > 16 * N_OTHERS:
        places = np.sort(places[np.argpartition(-rough[places], 16 * N_OTHERS)[: 16 * N_OTHERS]])
    if not places.size:
        return ()
    likes = load().table[others.ids[places]].astype(np.float32) @ vector / others.lengths[places]
    best: list[int] = np.argsort(-likes, kind="stable")[:N_OTHERS].tolist()
    scaled = [(others.texts[int(places[at])], (float(likes[at]) - LEAST) / (1 - LEAST)) for at in best]
    return tuple((word, min(worth, 1.0)) for word, worth in scaled if worth > 0)


@cache
def _words(*, chinese: bool) -> _Words:
    """Return all words of a language, once per process."""
    weights = load()
    fits = re.compile(f"{_HAN}{{1,8}}" if chinese else "[a-z]{2,24}").fullmatch
    # Terms are folded: of a word in traditional characters no text keeps them.
    kept = [
        (place, text)
        for place, text in enumerate(weights.tokeniser.pieces)
        if fits(text)
        and text not in STOP_WORDS
        and not STOP_CHARACTERS.issuperset(text)
        and fold(text) == text
    ]
    ids = np.array([FIRST_PIECE + place for place, _ in kept], dtype=np.int32)
    lengths, narrow = np.empty(ids.size, dtype=np.float32), np.empty(ids.size, dtype=np.float32)
    for first in range(0, ids.size, _BLOCK):
        block = weights.table[ids[first : first + _BLOCK]].astype(np.float32)
        block *= block
        narrow[first : first + _BLOCK] = np.sqrt(block[:, :_NARROW].sum(axis=1))
        lengths[first : first + _BLOCK] = np.sqrt(block.sum(axis=1))
    floor = np.float32(1e-6)
    return _Words(tuple(text for _, text in kept), ids, np.maximum(lengths, floor), np.maximum(narrow, floor))
