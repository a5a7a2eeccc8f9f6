"""Words of a question, each together with what may be said for it in another language, as one list of occurrences.

A word and its translations count as one word: a row has it as often as its most certain form, and it is as rare as all its forms
together. Otherwise a word with many translations would outweigh the others.

Source: Pirkola, The Effects of Query Structure and Dictionary Setups in Dictionary-Based Cross-Language Information Retrieval
(SIGIR 1998); Darwish and Oard, Probabilistic Structured Query Methods (SIGIR 2003), for translations that are certain by degrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32, I64, U8, Mask
from polymem.ranking.bm25 import Matches, idf

__all__ = ["Form", "gather_forms"]

MAX_CELLS: Final = 1 << 17
"""As many words are gathered at once as have no more cells, one for each row; most often these are all."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a word.

    Attributes:
        positions: int32[m], rows that have it, each once.
        counts: uint8[m] or float32[m], how often.
        worth: How certain the form is, above 0 and at most 1.
        translated: Whether it counts in rows of the other language alone.
    """

    positions: I32
    counts: U8 | F32
    worth: float = 1.0
    translated: bool = False


def gather_forms(
    words: Sequence[Sequence[Form]], *, n: int, n_rows: int, mean_length: float, others: Mask | None = None
) -> Matches:
    """Return the occurrences of *words*, each given by its forms; what counts is how often, times how certain the form is.

    Args:
        words: Forms of each word; a word without any occurs nowhere.
        n: Number of rows, removed ones included.
        n_rows: Indexed rows.
        mean_length: Mean length, in terms, of the rows that are scored.
        others: bool[n], rows of the other language; None for all.

    Example:
        >>> import numpy as np
        >>> sure = Form(np.array([0, 2], np.int32), np.array([1, 1], np.uint8))
        >>> likely = Form(np.array([2, 3], np.int32), np.array([1, 3], np.uint8), worth=0.5)
        >>> found = gather_forms([[sure, likely], []], n=4, n_rows=4, mean_length=5.0)
        >>> found.positions.tolist(), found.counts.tolist(), found.frequencies.tolist()
        ([0, 2, 3], [1.0, 1.0, 1.5], [3, 0])
    """
    step = max(1, MAX_CELLS // max(n, 1))
    most = np.zeros(min(step, len(words)) * n, dtype=np.float32)
    positions: list[I32] = [np.empty(0, dtype=np.int32)]
    counts: list[F32] = [np.empty(0, dtype=np.float32)]
    frequencies = np.zeros(len(words), dtype=np.int64)
    for first in range(0, len(words), step):
        cells = _likeliest(words[first : first + step], most, n, others)
        word = cells // n
        positions.append((cells - word * n).astype(np.int32))
        counts.append(most[cells])
        frequencies[first : first + step] = np.bincount(word, minlength=len(words[first : first + step]))
        most[cells] = 0
    return Matches(
        np.concatenate(positions),
        np.concatenate(counts),
        frequencies,
        idf(frequencies, n_rows),
        n_rows,
        mean_length,
    )


def _likeliest(words: Sequence[Sequence[Form]], most: F32, n: int, others: Mask | None) -> I64:
    """Write into *most*, float32[k n], how often each row has each word in its most certain form; return the cells that are not 0."""
    numbered = [(number, form) for number, forms in enumerate(words) for form in forms]
    if not numbered:
        return np.empty(0, dtype=np.int64)
    sizes = [form.positions.size for _, form in numbered]
    cells = np.concatenate([form.positions for _, form in numbered]).astype(np.int64)
    counts = np.concatenate([form.counts for _, form in numbered]).astype(np.float32)
    counts *= np.array([form.worth for _, form in numbered], dtype=np.float32).repeat(sizes)
    if others is not None:
        counts *= others[cells] | ~np.array([form.translated for _, form in numbered]).repeat(sizes)
    cells += np.array([number * n for number, _ in numbered], dtype=np.int64).repeat(sizes)
    np.maximum.at(most, cells, counts)
    # As a mask first: to look for what is not 0 among floats takes five times as long.
    return np.flatnonzero(most > 0)
