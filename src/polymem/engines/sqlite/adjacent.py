"""Which episode comes before and after which, within a session."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from polymem.domain.item import KINDS
from polymem.engines.sqlite.arrays import Array
from polymem.ports.faces import FOREVER, INDEXED, Columns, Mask
from polymem.ranking.neighbours import SESSION_GAP_US, Neighbours, link

EPISODE: Final = KINDS.index("episode")
NO_RUN: Final = -1


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Neighbours of the first n rows.

    Attributes:
        near: Who is next to whom.
        last: Position of the newest episode by run.
    """

    near: Neighbours
    last: dict[int, int]

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.near.nbytes + 100 * len(self.last)


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


def all_adjacent(columns: Columns) -> Adjacency:
    """Return the neighbours of every row."""
    members = np.flatnonzero(takes_part(columns)).astype(np.int32)
    previous, following = link(members, columns.run, columns.valid, n=len(columns.kind))
    # Rows without a run may end several sessions; the last of them all is the newest.
    ends = members[following[members] < 0]
    ends = ends[np.lexsort((ends, columns.valid[ends]))]
    return Adjacency(
        Neighbours.of(previous, following), dict(zip(columns.run[ends].tolist(), ends.tolist(), strict=True))
    )


def extended(known: Adjacency, columns: Columns) -> Adjacency | None:
    """Return *known* with the rows of *columns* that it lacks; None when one of them is not the newest of its run."""
    n_old, n = len(known.near.previous), len(columns.kind)
    previous, following = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    previous[:n_old], following[:n_old] = known.near.previous, known.near.following
    last = dict(known.last)
    new = slice(n_old, n)
    fresh = Columns(*(getattr(columns, name)[new] for name in Columns.__dataclass_fields__))
    for offset in np.flatnonzero(takes_part(fresh)).tolist():
        position = n_old + offset
        run = int(fresh.run[offset])
        before = last.get(run)
        if before is not None:
            gap = int(fresh.valid[offset]) - int(columns.valid[before])
            if gap < 0:
                return None
            if run != NO_RUN or gap <= SESSION_GAP_US:
                previous[position] = before
                following[before] = position
        last[run] = position
    return Adjacency(Neighbours.of(previous, following), last)


def _column(rows: Columns | Array, name: str) -> Any:
    return getattr(rows, name) if isinstance(rows, Columns) else rows[name]
