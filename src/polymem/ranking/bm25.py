"""Keyword relevance: BM25 of a row's own words, and of the words said around it.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), section 3; the inverse
document frequency is the non-negative form of Lucene.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32, U8

__all__ = [
    "IMAGINED_ROWS",
    "K1",
    "B",
    "Matches",
    "PostingList",
    "context_scores",
    "gather",
    "idf",
    "own_scores",
]

K1: Final = 1.2
B: Final = 0.75
IMAGINED_ROWS: Final = 64


class PostingList(Protocol):
    """Where a term occurs."""

    @property
    def positions(self) -> I32:
        """int32[m], ascending."""
        ...

    @property
    def counts(self) -> U8:
        """uint8[m], occurrences."""
        ...


@dataclass(frozen=True, slots=True)
class Matches:
    """All occurrences of a question's terms, term after term.

    Attributes:
        positions: int32[m], rows.
        counts: float32[m], occurrences of the term in the row.
        frequencies: int64[t], rows in which each term occurs.
        weights: float32[t], inverse document frequency of each term.
        n_rows: Indexed rows of the partition.
        mean_length: Their mean length in terms.
    """

    positions: I32
    counts: F32
    frequencies: NDArray[np.int64]
    weights: F32
    n_rows: int
    mean_length: float

    @property
    def n_terms(self) -> int:
        """Number of terms asked for, those that occur nowhere included."""
        return self.frequencies.size


def idf(frequencies: NDArray[np.int64] | NDArray[np.float64], n_rows: int) -> F32:
    """Return float32[t]: ``ln(1 + (N - df + 0.5) / (df + 0.5))``, with ``IMAGINED_ROWS`` added to N.

    In a scope of three rows no word is rare by its count alone; imagined rows without it let it weigh what it would in
    a larger one, and change nothing at a thousand.
    """
    rest = np.maximum(n_rows - frequencies, 0) + IMAGINED_ROWS
    return np.log1p((rest + 0.5) / (frequencies + 0.5)).astype(np.float32)


def gather(postings: Sequence[PostingList], *, n_rows: int, mean_length: float) -> Matches:
    """Join the posting lists of a question's terms, so that scoring needs no loop over terms."""
    frequencies = np.array([found.positions.size for found in postings], dtype=np.int64)
    weights = idf(frequencies, n_rows)
    if not frequencies.any():
        empty = np.empty(0, dtype=np.float32)
        return Matches(np.empty(0, dtype=np.int32), empty, frequencies, weights, n_rows, mean_length)
    positions = np.concatenate([found.positions for found in postings])
    counts = np.concatenate([found.counts for found in postings]).astype(np.float32)
    return Matches(positions, counts, frequencies, weights, n_rows, mean_length)


def own_scores(matches: Matches, lengths: I32) -> F32:
    """Return float32[n]: BM25 of every row's own words; 0 where no term occurs.

    Args:
        matches: Occurrences of the question's terms.
        lengths: int32[n], terms of each row.
    """
    if not matches.positions.size:
        return np.zeros(lengths.size, dtype=np.float32)
    damping = lengths.take(matches.positions).astype(np.float32)
    damping *= np.float32(K1 * B / matches.mean_length)
    damping += np.float32(K1 * (1 - B))
    damping += matches.counts
    impact = (matches.weights * np.float32(K1 + 1)).repeat(matches.frequencies)
    impact *= matches.counts
    impact /= damping
    scores = np.zeros(lengths.size, dtype=np.float32)
    np.add.at(scores, matches.positions, impact)
    return scores


def context_scores(matches: Matches, lengths: I32, windows: I32, *, mean_rows: float) -> F32:
    """Return float32[c]: BM25 of the words said in each window of rows, as if the window were one text.

    How many windows a term occurs in is estimated from how many rows it occurs in, as if rows were independent:
    ``N (1 - (1 - df/N)^w)``; counting it would cost a pass over all rows.

    Args:
        matches: Occurrences of the question's terms.
        lengths: int32[n], terms of each row.
        windows: int32[w, c], the rows of each window, -1 where there is none.
        mean_rows: Mean number of rows in a window of the partition.
    """
    n_candidates = int(windows.shape[1])
    if not matches.positions.size or not n_candidates:
        return np.zeros(n_candidates, dtype=np.float32)
    places, counts = _counts(matches, lengths, windows)
    both = _rows(counts, places[0])
    for row in places[1:]:
        both += _rows(counts, row)
    total, sizes = both[:, :-1], both[:, -1:]
    damping = sizes * np.float32(K1 * B / (matches.mean_length * mean_rows)) + np.float32(K1 * (1 - B))
    rows = max(matches.n_rows, 1)
    frequencies = rows * (1.0 - (1.0 - np.minimum(matches.frequencies / rows, 1.0)) ** mean_rows)
    total /= total + damping
    total *= idf(frequencies, rows) * np.float32(K1 + 1)
    # A product of matrices rounds by how many rows there are, and a filter must not change the last digit of a score.
    return np.asarray(total.sum(axis=1), dtype=np.float32)


def _rows(table: F32, places: I32) -> F32:
    """Return the rows of *table* at *places*: for rows of a few numbers this is twice as fast as indexing."""
    found: F32 = table.take(places, axis=0)
    return found


def _counts(matches: Matches, lengths: I32, windows: I32) -> tuple[I32, F32]:
    """Return int32[w, c] where each window cell's row stands in a compact table, and the table float32[1 + c w, t + 1].

    Its columns count the terms; the last one is the row's length. A row that lies in several windows is represented by the last cell that names it; cell 0 stands for no row.
    """
    cells = windows.ravel()
    # A cell of -1 is the one past the end.
    place = np.zeros(lengths.size + 1, dtype=np.int32)
    place[cells] = np.arange(1, cells.size + 1, dtype=np.int32)
    place[-1] = 0
    there = place[matches.positions]
    kept = there.nonzero()[0]
    term = np.arange(matches.n_terms).repeat(matches.frequencies)[kept]
    table = np.zeros((cells.size + 1, matches.n_terms + 1), dtype=np.float32)
    table[there[kept], term] = matches.counts[kept]
    table[1:, -1] = lengths[cells]
    return place[windows], table
