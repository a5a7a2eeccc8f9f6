"""Words of a question, each together with what may be said for it in another language, as one list of occurrences.

A word and its translations count as one word: a row has it as often as its most certain form, and it is as rare as all its forms
together. Otherwise a word with many translations would outweigh the others.

Source: Pirkola, The Effects of Query Structure and Dictionary Setups in Dictionary-Based Cross-Language Information Retrieval
(SIGIR 1998); Darwish and Oard, Probabilistic Structured Query Methods (SIGIR 2003), for translations that are certain by degrees.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32
from polymem.ranking.bm25 import Matches, idf

__all__ = ["Form", "gather_forms"]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of a word.

    Attributes:
        positions: int32[m], rows that have it, each once.
        counts: float32[m], how often, times how certain the form is.
    """

    positions: I32
    counts: F32


def gather_forms(words: Sequence[Sequence[Form]], *, n: int, n_rows: int, mean_length: float) -> Matches:
    """Return the occurrences of *words*, each given by its forms.

    Args:
        words: Forms of each word; a word without any occurs nowhere.
        n: Number of rows, removed ones included.
        n_rows: Indexed rows.
        mean_length: Mean length, in terms, of the rows that are scored.

    Example:
        >>> import numpy as np
        >>> sure = Form(np.array([0, 2], np.int32), np.array([1, 1], np.float32))
        >>> likely = Form(np.array([2, 3], np.int32), np.array([0.5, 1.5], np.float32))
        >>> found = gather_forms([[sure, likely], []], n=4, n_rows=4, mean_length=5.0)
        >>> found.positions.tolist(), found.counts.tolist(), found.frequencies.tolist()
        ([0, 2, 3], [1.0, 1.0, 1.5], [3, 0])
    """
    most = np.zeros(n, dtype=np.float32)
    positions: list[I32] = []
    counts: list[F32] = []
    for forms in words:
        for form in forms:
            most[form.positions] = np.maximum(most[form.positions], form.counts)
        there = np.flatnonzero(most).astype(np.int32)
        positions.append(there)
        counts.append(most[there])
        most[there] = 0
    frequencies = np.array([there.size for there in positions], dtype=np.int64)
    empty = np.empty(0, dtype=np.float32)
    return Matches(
        np.concatenate(positions) if positions else empty.astype(np.int32),
        np.concatenate(counts) if counts else empty,
        frequencies,
        idf(frequencies, n_rows),
        n_rows,
        mean_length,
    )
