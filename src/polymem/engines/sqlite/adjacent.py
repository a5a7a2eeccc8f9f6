"""Which episode comes before and after which, within a session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.item import KINDS, UNTITLED
from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.arrays import Array, Matrix, ReadBlock
from polymem.engines.sqlite.documents_order import NOWHERE, Placed
from polymem.engines.sqlite.kernel import dot_pairs
from polymem.ports.faces import F32, FOREVER, I32, I64, INDEXED, Columns, Mask
from polymem.ranking.neighbours import SESSION_GAP_US, Neighbours, link, shrink

EPISODE: Final = KINDS.index("episode")
NO_RUN: Final = -1
_RUNS: Final = 1 << 32
"""More than there are labels."""
_CHUNK: Final = 4_096
"""Rows whose vectors are compared at a time."""

Links: TypeAlias = tuple[I32, I32, dict[int, int]]
"""The episode before each row, the one after, and the newest one by chain (see :func:`_chain`)."""


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Neighbours of the first n rows.

    Attributes:
        near: Who is next to whom.
        last: Position of the newest episode by chain.
        placed: Which rows are in another order than that of time and storing.
    """

    near: Neighbours
    last: dict[int, int]
    placed: Placed = NOWHERE

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.near.nbytes + 100 * len(self.last)


@dataclass(frozen=True, slots=True)
class Known:
    """What an older view knew of a partition's neighbours.

    Attributes:
        adjacency: Of the rows that there were.
        holds: Whether these are still next to each other.
        changed: int64[m], rows whose vectors may have changed since.
    """

    adjacency: Adjacency
    holds: bool
    changed: I64

    @property
    def n(self) -> int:
        """Number of rows that it covers."""
        return len(self.adjacency.near.previous)

    def after(self, before: Array, now: Array, positions: I64) -> Known:
        """Return what is still known when the rows at *positions* (both SCAN[m]) are changed."""
        holds = self.holds and not moves_neighbours(before, now)
        return Known(self.adjacency, holds, np.concatenate((self.changed, positions)))


def takes_part(rows: Columns | Array) -> Mask:
    """Return bool[n]: which rows are live episodes."""
    kind, flags, expired = (_column(rows, name) for name in ("kind", "flags", "expired"))
    mask: Mask = (kind == EPISODE) & ((flags & INDEXED) != 0) & (expired == FOREVER)
    return mask


def moves_neighbours(before: Array, after: Array) -> bool:
    """Tell whether rows that changed from *before* to *after* (both SCAN[m]) can alter who is next to whom."""
    old, new = takes_part(before), takes_part(after)
    stays = (before["valid"] == after["valid"]) & (before["run"] == after["run"])
    return bool(((old != new) | (new & ~stays)).any())


def adjacency(
    columns: Columns,
    matrix: Matrix,
    read_block: ReadBlock,
    *,
    known: Known | None,
    placed: Placed = NOWHERE,
) -> Adjacency:
    """Return the neighbours of every row, found anew as far as *known* does not tell.

    Args:
        columns: The rows.
        matrix: Their vectors.
        read_block: Reads a block that the matrix does not hold.
        known: What an older view knew.
        placed: Chunks whose documents have another order than that of time and storing.
    """
    links = None
    stays = known is not None and known.holds and placed.is_as(known.adjacency.placed)
    # Row by row costs 1 µs, all of them 0.1 µs a row.
    if known is not None and stays and 8 * (len(columns.kind) - known.n) <= len(columns.kind):
        links = _extended(known.adjacency, columns)
    previous, following, last = links or _linked(columns, placed)
    shrunk = np.zeros(len(previous), np.float32)
    stale = np.ones(len(previous), np.bool_)
    if known is not None:
        near = known.adjacency.near
        shrunk[: known.n] = near.shrink
        stale[: known.n] = previous[: known.n] != near.previous
        stale[: known.n] |= following[: known.n] != near.following
        for rows in (known.changed, previous[known.changed], following[known.changed]):
            stale[rows[rows >= 0]] = True
    for rows in np.array_split(stale.nonzero()[0], np.count_nonzero(stale) // _CHUNK + 1):
        shrunk[rows] = _shrink(matrix, read_block, rows, previous[rows], following[rows])
    return Adjacency(Neighbours.of(previous, following, shrunk), last, placed)


def _shrink(matrix: Matrix, read_block: ReadBlock, *around: NDArray[Any]) -> F32:
    """Return float32[m] as :func:`polymem.ranking.neighbours.shrink`; *around*: the rows, those before and after."""
    scales = [np.where(rows < 0, np.float32(0), matrix.scales[rows]) for rows in around]
    vectors = [matrix.rows(np.maximum(rows, 0), read_block) for rows in around]

    def products(pairs: Sequence[tuple[int, int]]) -> F32:
        return np.stack([dot_pairs(vectors[a], vectors[b]) * (scales[a] * scales[b]) for a, b in pairs])

    return shrink(products([(0, 0), (1, 1), (2, 2)]), products([(0, 1), (0, 2), (1, 2)]))


def _linked(columns: Columns, placed: Placed) -> Links:
    members = np.flatnonzero(takes_part(columns)).astype(np.int32)
    times = placed.times(columns.valid, columns.speaker)
    previous, following = link(members, columns.run, times, columns.speaker, n=len(columns.kind))
    # Rows without a run may end several sessions; the last of them all is the newest.
    ends = members[following[members] < 0]
    ends = ends[np.lexsort((ends, times[ends]))]
    chains = map(_chain, columns.run[ends].tolist(), columns.speaker[ends].tolist())
    return previous, following, dict(zip(chains, ends.tolist(), strict=True))


def _chain(run: int, speaker: int) -> int:
    """Return one number for what a row is part of: a session, or a document within its run."""
    return run if speaker > UNTITLED else speaker * _RUNS + run


def _extended(known: Adjacency, columns: Columns) -> Links | None:
    """Return *known* with the rows of *columns* that it lacks; None when one of them is not the newest of its chain."""
    n_old, n = len(known.near.previous), len(columns.kind)
    previous, following = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    previous[:n_old], following[:n_old] = known.near.previous, known.near.following
    last = dict(known.last)
    new = slice(n_old, n)
    fresh = Columns(*(getattr(columns, name)[new] for name in Columns.__dataclass_fields__))
    for offset in np.flatnonzero(takes_part(fresh)).tolist():
        position = n_old + offset
        run, speaker = int(fresh.run[offset]), int(fresh.speaker[offset])
        chain = _chain(run, speaker)
        before = last.get(chain)
        if before is not None and speaker != UNTITLED:
            gap = int(fresh.valid[offset]) - int(columns.valid[before])
            if gap < 0:
                return None
            if run != NO_RUN or speaker < UNTITLED or gap <= SESSION_GAP_US:
                previous[position] = before
                following[before] = position
        last[chain] = position
    return previous, following, last


def _column(rows: Columns | Array, name: str) -> Any:
    return getattr(rows, name) if isinstance(rows, Columns) else rows[name]
