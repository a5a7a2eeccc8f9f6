"""Checks row by row: flags, forward lists, vectors and ranking columns against the items they belong to."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import field
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.damage import UNREADABLE
from polymem.engines.sqlite.derive import (
    EPISODE,
    FullRow,
    full_rows,
    outdated_episodes,
    read_labels,
    removed_items,
    scan_of,
    sound,
)
from polymem.engines.sqlite.problem import UNREADABLE_ROW, Problem, Tally
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK, SEGMENT_BITS
from polymem.ports.faces import EMBEDDED, INDEXED, PENDING, REMOVED, SUPERSEDED

_COUNTERS: Final = (
    "SELECT n_indexed, n_terms, n_pending, next_position, next_entity, next_relation, next_label, n_packed, next_expiry "
    "FROM partition WHERE no = ?"
)


def check_rows(connection: sqlite3.Connection, no: int, *, dim: int) -> Iterator[Problem]:
    """Yield what is wrong with the rows of a partition and with its counters."""
    walk = _Walk(read_labels(connection, no), removed_items(connection, no), dim)
    for row in full_rows(connection, no):
        try:
            walk.look(row)
        except UNREADABLE:
            walk.lost.note("item", UNREADABLE_ROW)
    walk.look_at_episodes(outdated_episodes(connection, no))
    _check_counters(connection, no, walk)
    yield from walk.tally.problems()
    yield from walk.lost.problems()


@dataclass(slots=True)
class _Walk:
    """One pass over the rows of a partition."""

    labels: dict[str, int]
    removed: dict[bytes, bool]
    dim: int
    tally: Tally = field(default_factory=Tally)
    lost: Tally = field(default_factory=lambda: Tally(repairable=False))
    n_indexed: int = 0
    n_terms: int = 0
    n_pending: int = 0
    last: int = -1
    expiry: int | None = None
    first: dict[bytes, int] = field(default_factory=dict[bytes, int])
    newest: dict[bytes, FullRow] = field(default_factory=dict[bytes, FullRow])

    def look(self, row: FullRow) -> None:
        """Check one row; the versions of an item come in order."""
        self.last = row.rid & POSITION_MASK
        before = self.newest.get(row.id)
        if row.version != (1 if before is None else before.version + 1):
            self.lost.note("item", "a version is missing")
        if before is not None and before.expired is None:
            self.tally.note("item", "an older version is still open")
        self.first.setdefault(row.id, row.rid)
        # Only what is looked at later is kept.
        self.newest[row.id] = row._replace(text="", terms=None, columns=None, vector=None)
        blob, length = row.forward_list()
        self._flags(row)
        self._terms(row, blob)
        self._vector(row)
        self._scan(row, length=length)
        if row.flags & INDEXED:
            self.n_indexed += 1
            self.n_terms += length
            self.n_pending += bool(row.flags & PENDING)

    def _flags(self, row: FullRow) -> None:
        flags = row.flags
        gone = self.removed.get(row.id)
        if gone is None:
            self.lost.note("event", "an item has no history")
            gone = bool(flags & REMOVED)
        if bool(flags & REMOVED) != gone:
            self.tally.note("item", "the removal of an item disagrees with its history")
        live = bool(flags & INDEXED)
        both = EMBEDDED | PENDING
        if live == bool(flags & REMOVED) or (flags & both and not live) or flags & both == both:
            self.tally.note("item", "flags contradict each other")

    def _terms(self, row: FullRow, blob: bytes) -> None:
        if not row.flags & INDEXED:
            self.tally.note("terms", "a removed row is still indexed", n=row.terms is not None)
        elif row.terms is None:
            self.tally.note("terms", "missing")
        elif row.terms != blob:
            self.tally.note("terms", "differ from the text")

    def _vector(self, row: FullRow) -> None:
        if not row.flags & INDEXED:
            self.tally.note("vector", "a removed row still has one", n=row.vector is not None)
        elif row.flags & EMBEDDED and row.vector is None:
            self.tally.note("vector", "missing")
        elif row.vector is not None and not row.flags & EMBEDDED:
            self.tally.note("vector", "not announced by the row")
        elif row.vector is not None and not sound(row.vector, dim=self.dim):
            self.tally.note("vector", "of a wrong size or not finite")

    def _scan(self, row: FullRow, *, length: int) -> None:
        expected = scan_of(row, flags=row.flags, length=length, labels=self.labels)
        if expected is None:
            self.tally.note("label", "missing")
        elif row.columns is None:
            self.tally.note("scan", "missing")
        elif row.columns != expected:
            self.tally.note("scan", "differs from the row")

    def look_at_episodes(self, outdated: set[int]) -> None:
        """Check what is told of whole items: whether every fact of an episode is closed, and when the next expires."""
        for key, row in self.newest.items():
            if row.flags & REMOVED:
                continue
            if row.kind == EPISODE and bool(row.flags & SUPERSEDED) != (self.first[key] in outdated):
                self.tally.note("item", "its mark as superseded disagrees with its facts")
            if row.expires is not None and (self.expiry is None or row.expires < self.expiry):
                self.expiry = row.expires


def _check_counters(connection: sqlite3.Connection, no: int, walk: _Walk) -> None:
    low = no << POSITION_BITS
    n_indexed, n_terms, n_pending, *following, n_packed, expiry = connection.execute(
        _COUNTERS, (no,)
    ).fetchone()
    position, *others = following
    highest = connection.execute(
        "SELECT (SELECT max(rid) FROM entity WHERE rid BETWEEN :low AND :high) & :mask, "
        "(SELECT max(rid) FROM relation WHERE rid BETWEEN :low AND :high) & :mask, "
        "(SELECT max(no) FROM label WHERE partition = :no)",
        {"low": low, "high": low | POSITION_MASK, "mask": POSITION_MASK, "no": no},
    ).fetchone()
    behind = [
        name
        for name, next_one, used in zip(
            ("next_entity", "next_relation", "next_label"), others, highest, strict=True
        )
        if used is not None and next_one <= used
    ]
    wrong = {
        "n_indexed": n_indexed != walk.n_indexed,
        "n_terms": n_terms != walk.n_terms,
        "n_pending": n_pending != walk.n_pending,
        "next_position": position <= walk.last,
        "n_packed": n_packed != position >> SEGMENT_BITS,
        # Too early costs a look, too late lets something expired stay.
        "next_expiry": walk.expiry is not None and (expiry is None or expiry > walk.expiry),
    }
    for name in [*(name for name, bad in wrong.items() if bad), *behind]:
        walk.tally.note("partition", f"counter {name} disagrees with the rows")
