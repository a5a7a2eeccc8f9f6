"""What was said just before and after: windows of rows, and vectors averaged over them."""

from __future__ import annotations

from typing import Final, Self

import numpy as np

from polymem.domain.item import UNTITLED
from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32, I64

__all__ = ["NEIGHBOUR_SHARE", "SESSION_GAP_US", "Neighbours", "blend", "link", "shrink", "windows"]

NEIGHBOUR_SHARE: Final = 0.7
SESSION_GAP_US: Final = 3_600 * 1_000_000
"""A pause longer than an hour ends a session, where no run says what a session is."""

_SHORTEST: Final = np.float32(1e-4)
"""Square of a length; opposite vectors cancel out, and what is left of them says nothing."""

_BLOCK: Final = 16_384
"""Rows whose numbers stay in a core's own cache while they are blended."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Who is next to whom, and what follows from that for every question; read-only.

    Attributes:
        previous: int32[n], the episode before in the same session, -1 for none.
        following: int32[n], the episode after.
        shrink: float32[n], one over the length of the sum that :func:`blend` takes, see :func:`shrink`.
        mean_rows: Mean number of rows in a window of five, 1.0 where no row has a neighbour.
    """

    previous: I32
    following: I32
    shrink: F32
    mean_rows: float

    @classmethod
    def of(cls, previous: I32, following: I32, shrink: F32) -> Self:
        """Derive the rest; the arrays are made read-only."""
        linked = np.count_nonzero(previous >= 0) / max(previous.size, 1)
        for array in (previous, following, shrink):
            array.flags.writeable = False
        return cls(previous, following, shrink, 1.0 + 2.0 * linked + 2.0 * linked * linked)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.previous.nbytes + self.following.nbytes + self.shrink.nbytes


def link(episodes: I32, run: I32, valid: I64, speaker: I32, *, n: int) -> tuple[I32, I32]:
    """Return int32[n] x 2: the previous and the next episode of the same session or document, -1 for none.

    A run is a session. Rows without a run form sessions in which no two neighbours are further apart than
    ``SESSION_GAP_US``. Passages are in no session: those of one document and run are next to one another, those without
    a title to none. The order is that of world time, then of storing.

    Args:
        episodes: int32[e], positions to link, ascending.
        run: int32[n], label number of the run, -1 for none.
        valid: int64[n], microseconds.
        speaker: int32[n], label number of who speaks, -1 for none; for a passage ``UNTITLED`` or the document's number,
            which is less.
        n: Number of positions.
    """
    previous = np.full(n, -1, dtype=np.int32)
    following = np.full(n, -1, dtype=np.int32)
    runs, times, documents = run[episodes], valid[episodes], np.minimum(speaker[episodes], -1)
    ordered = np.lexsort((episodes, times, runs, documents))
    chain, runs, times, documents = episodes[ordered], runs[ordered], times[ordered], documents[ordered]
    together = (runs[1:] == runs[:-1]) & (documents[1:] == documents[:-1]) & (documents[1:] != UNTITLED)
    together &= (documents[1:] < UNTITLED) | (runs[1:] >= 0) | (np.diff(times) <= SESSION_GAP_US)
    previous[chain[1:][together]] = chain[:-1][together]
    following[chain[:-1][together]] = chain[1:][together]
    return previous, following


def windows(positions: I32, near: Neighbours) -> I32:
    """Return int32[5, c]: for each position itself, the row before, after, two before, two after; -1 for none.

    Args:
        positions: int32[c].
        near: Who is next to whom.
    """
    window = np.empty((5, positions.size), dtype=np.int32)
    window[0] = positions
    for place, step in ((1, near.previous), (2, near.following)):
        next_to = step[positions]
        window[place] = next_to
        beyond = step[next_to]
        beyond[next_to < 0] = -1
        window[place + 2] = beyond
    return window


def blend(cosines: F32, near: Neighbours) -> F32:
    """Return float32[n]: cosine of the question with the sum of each row's vector and 0.7 of each neighbour's.

    Args:
        cosines: float32[n], cosine of the question with each row, 0 for a row without a vector.
        near: Who is next to whom.
    """
    n = cosines.size
    # A neighbour of -1 wraps around to the zero at the end.
    padded = np.empty(n + 1, dtype=np.float32)
    padded[:n] = cosines
    padded[n] = 0.0
    mixed = np.empty(n, dtype=np.float32)
    for first in range(0, n, _BLOCK):
        block = slice(first, min(first + _BLOCK, n))
        part: F32 = padded.take(near.previous[block], mode="wrap")
        part += padded.take(near.following[block], mode="wrap")
        part *= np.float32(NEIGHBOUR_SHARE)
        part += cosines[block]
        np.multiply(part, near.shrink[block], out=mixed[block])
    return mixed


def shrink(squares: F32, products: F32) -> F32:
    """Return float32[m]: one over the length of ``row + 0.7 (before + after)``, 0 where no vector is there.

    Args:
        squares: float32[3, m], squared lengths of the row, the one before and the one after; 0 where one is missing.
        products: float32[3, m], of row and before, of row and after, of before and after; 0 where one is missing.
    """
    share = np.float32(NEIGHBOUR_SHARE)
    square: F32 = squares[0] + share**2 * (squares[1] + squares[2] + 2 * products[2])
    square += 2 * share * (products[0] + products[1])
    shrunk = np.zeros(square.size, dtype=np.float32)
    np.divide(1, np.sqrt(np.maximum(square, _SHORTEST)), out=shrunk, where=squares.any(axis=0))
    return shrunk
