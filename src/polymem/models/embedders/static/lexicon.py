"""What words of English and Chinese mean nearly the same, as the default encoder's own word vectors say.

Both languages share one space, since the encoder was trained on pairs of sentences: the nearest words of the other language
are translations, or words of the same field. So a question meets texts of the other language word by word, whatever
encoder the store has. Which words are nearest to each token of the vocabulary is written in a file beside the vectors
(``tools/make_lexicon.py``); how near they are, the vectors tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import accumulate, pairwise
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.errors import ConfigError
from polymem.models.embedders.static.shipped import FOLDER, load
from polymem.models.embedders.static.tokeniser import FIRST_PIECE
from polymem.ports.lexicon import Word
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_CHARACTERS, STOP_WORDS

__all__ = ["FILE", "LEAST", "N_OTHERS", "Near", "StaticLexicon", "load_near"]

F32: TypeAlias = NDArray[np.float32]
I64: TypeAlias = NDArray[np.int64]
U16: TypeAlias = NDArray[np.uint16]

FILE: Final = "lexicon.npz"
N_OTHERS: Final = 8
LEAST: Final = 0.3
"""Cosine from which on two words have something to do with one another; it counts from there on, up to 1."""
MAX_WORDS: Final = 64
MAX_CHARS: Final = 2_000
"""Of a longer question the beginning counts."""
_MAX_PIECES: Final = 16
"""Of a word of more tokens the likes of the first are looked at."""
_BY_WORTH: Final = itemgetter(1)
_HAN: Final = lazy("[\u3400-\u4dbf\u4e00-\u9fff]")
_LATIN: Final = lazy("[a-z]")


@dataclass(frozen=True, slots=True)
class Near:
    """The nearest words of the other language.

    Attributes:
        bounds: int64[vocabulary + 1]; those of token ``i`` are ``ids[bounds[i] : bounds[i + 1]]``, the likest first.
        ids: uint16[...], tokens.
    """

    bounds: I64
    ids: U16

    def of(self, token: int) -> U16:
        """Return the tokens of the words that are nearest to *token*, at most ``N_OTHERS``."""
        return self.ids[self.bounds[token] : self.bounds[token + 1]]


@cache
def load_near(folder: Path = FOLDER) -> Near:
    """Read which words are nearest, once per process.

    Raises:
        ConfigError: The file is missing, unreadable or does not fit the vocabulary.
    """
    size = load().scale.size
    try:
        with np.load(folder / FILE) as read:
            counts, ids = read["counts"], read["ids"]
        fits = counts.shape == (size,) and int(counts.sum()) == ids.size and ids.max(initial=0) < size
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise ConfigError(
            f"the lexicon cannot be read from {str(folder)!r}: reinstall polymem", path=str(folder)
        ) from error
    if not fits:
        raise ConfigError(
            f"the lexicon in {str(folder)!r} does not fit the vocabulary: reinstall polymem", path=str(folder)
        )
    bounds = np.zeros(size + 1, dtype=np.int64)
    np.cumsum(counts, out=bounds[1:])
    return Near(bounds, ids)


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
        likes = _likest(list(found.values())) if found else []
        return [Word(word, others) for word, others in zip(found, likes, strict=True)]


def _split(text: str, *, chinese: bool) -> dict[str, list[int]]:
    """Return the telling words of the question's own language, each with its tokens."""
    tokeniser, script = load().tokeniser, _HAN if chinese else _LATIN
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


def _likest(asked: Sequence[Sequence[int]]) -> list[tuple[tuple[str, float], ...]]:
    """Return the likest words of the other language for words given as tokens.

    A word of several tokens, a name for the most part, is compared with what its tokens are like.
    """
    weights, near = load(), load_near()
    vectors = np.empty((len(asked), weights.table.shape[1]), dtype=np.float32)
    others: list[U16] = []
    for row, ids in enumerate(asked):
        # The lengths of vectors do not matter here.
        if len(ids) == 1:
            vectors[row] = weights.table[ids[0]]
            others.append(near.of(ids[0]))
        else:
            np.einsum("t,td->d", weights.scale[ids], weights.table[ids].astype(np.float32), out=vectors[row])
            others.append(np.unique(np.concatenate([near.of(one) for one in ids[:_MAX_PIECES]])))
    sizes = [found.size for found in others]
    tokens = np.concatenate(others)
    there = weights.table[tokens].astype(np.float32)
    likes = np.einsum("md,md->m", there, vectors.repeat(sizes, axis=0))
    lengths = np.sqrt(np.einsum("md,md->m", there, there))
    likes /= np.maximum(lengths, np.float32(1e-6))
    likes /= np.maximum(np.sqrt(np.einsum("kd,kd->k", vectors, vectors)), np.float32(1e-12)).repeat(sizes)
    pieces = weights.tokeniser.pieces
    numbers: list[int] = tokens.tolist()
    texts = [pieces[token - FIRST_PIECE] for token in numbers]
    worth: list[float] = np.minimum(
        (likes - np.float32(LEAST)) / np.float32(1 - LEAST), np.float32(1)
    ).tolist()
    pairs, ends = list(zip(texts, worth, strict=True)), list(accumulate(sizes, initial=0))
    return [_best(pairs[first:stop]) for first, stop in pairwise(ends)]


def _best(pairs: list[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Return those of words and their worth that are worth anything, at most ``N_OTHERS``, the likest first."""
    pairs.sort(key=_BY_WORTH, reverse=True)
    while pairs and (len(pairs) > N_OTHERS or pairs[-1][1] <= 0):
        pairs.pop()
    return tuple(pairs)
