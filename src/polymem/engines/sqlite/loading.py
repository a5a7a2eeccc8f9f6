"""Makes views: from nothing, or from an older view and the change log."""

from __future__ import annotations

import sqlite3
from itertools import chain
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.arrays import ColumnArrays, Matrix, with_room
from polymem.engines.sqlite.codec import SCAN
from polymem.engines.sqlite.kernel import I8
from polymem.engines.sqlite.ranges import (
    PartitionRow,
    Records,
    fetch_vectors,
    indexed,
    quantise_rows,
    read_columns,
    read_terms,
    vector_dim,
)
from polymem.engines.sqlite.schema import SEGMENT_BITS, SEGMENT_ROWS
from polymem.engines.sqlite.segments import read_segment
from polymem.engines.sqlite.tail import Tail, TermCache
from polymem.engines.sqlite.view import PartitionView
from polymem.ports.faces import F32, I64, INDEXED, Mask

_CHUNK: Final = 16 * SEGMENT_ROWS
_MAX_APPENDED: Final = 2 * SEGMENT_ROWS


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a view may hold.

    Attributes:
        view_bytes: For all of it; vectors beyond it stay on disk.
        term_bytes: For decoded posting lists.
        dim: Size of the store's vectors, for partitions that have none.
    """

    view_bytes: int = 512 << 20
    term_bytes: int = 64 << 20
    dim: int = 0


DEFAULT_LIMITS: Final = Limits()


def empty_view(partition_no: int, *, limits: Limits = DEFAULT_LIMITS) -> PartitionView:
    """Return the view of a partition that nothing was written to."""
    row = PartitionRow(partition_no, 0, 0, 0, 0, 0)
    arrays = ColumnArrays.allocate(0)
    matrix = Matrix(0, (), np.zeros(0, np.float32))
    return PartitionView(
        row, arrays.first(0), arrays, matrix, Tail(0), TermCache(limits.term_bytes), dim=limits.dim
    )


def expected_bytes(row: PartitionRow, *, dim: int) -> int:
    """Return about how much a view will hold, so that room can be made before it is loaded."""
    return with_room(row.n) * (SCAN.itemsize + 4 + 12 + 1) + row.n * dim


def load(
    connection: sqlite3.Connection, row: PartitionRow, *, limits: Limits = DEFAULT_LIMITS
) -> PartitionView:
    """Return a view of a partition, read block by block so that nothing large exists twice.

    Args:
        connection: In the read transaction in which *row* was read.
        row: The partition's counters.
        limits: How much it may hold.

    Raises:
        StoreCorruptError: A packed segment is absent or of a wrong size.
    """
    arrays = ColumnArrays.allocate(row.n)
    for first in range(0, row.n, _CHUNK):
        arrays.write(first, read_columns(connection, row.no, first, min(first + _CHUNK, row.n)))
    columns = arrays.first(row.n)
    # Vectors may fill what the columns, neighbours and posting lists leave, less some room to grow: a view that
    # outgrows the budget is dropped and loaded anew.
    room = limits.view_bytes * 15 // 16 - limits.term_bytes - expected_bytes(row, dim=0)
    matrix = _load_matrix(connection, row, (columns.flags & INDEXED) != 0, room=room)
    tail = _load_tail(connection, row)
    terms = TermCache(limits.term_bytes)
    return PartitionView(row, columns, arrays, matrix, tail, terms, dim=matrix.dim or limits.dim)


def _load_matrix(connection: sqlite3.Connection, row: PartitionRow, keep: Mask, *, room: int) -> Matrix:
    dim = vector_dim(connection, row.no)
    scales = np.zeros(with_room(row.n), np.float32)
    if not dim:
        return Matrix(0, (), scales)
    blocks: list[I8 | None] = []
    for no in range(row.n_packed):
        block, factors = read_segment(connection, row.no, no, dim=dim)
        scales[no << SEGMENT_BITS : (no + 1) << SEGMENT_BITS] = factors
        room -= block.nbytes
        blocks.append(block if room >= 0 else None)
    first = row.n_packed << SEGMENT_BITS
    scales[:first][~keep[:first]] = 0.0
    matrix = Matrix(dim, blocks, scales)
    for start in range(first, row.n, SEGMENT_ROWS):
        stop = min(start + SEGMENT_ROWS, row.n)
        rows = fetch_vectors(connection, row.no, start, stop)
        matrix = matrix.appended(start, *quantise_rows(rows, first=start, keep=keep[start:stop], dim=dim))
    return matrix


def _load_tail(connection: sqlite3.Connection, row: PartitionRow) -> Tail:
    tail = Tail(row.n_packed << SEGMENT_BITS)
    if row.n > tail.first:
        tail.append(read_terms(connection, row.no, tail.first, row.n), stop=row.n)
    return tail


def refresh(
    connection: sqlite3.Connection, view: PartitionView, row: PartitionRow, *, limits: Limits = DEFAULT_LIMITS
) -> PartitionView:
    """Return the view at the version of *row*, reading only what changed since *view* where that is possible.

    Only one thread at a time may refresh the views of a partition, and only the newest of them.

    Args:
        connection: In the read transaction in which *row* was read.
        view: The newest view so far.
        row: The partition's counters.
        limits: How much it may hold.
    """
    old = _changed_rows(connection, view, row)
    if old is None:
        return load(connection, row, limits=limits)
    return _Refresh(connection, view, row).run(old) or load(connection, row, limits=limits)


def _changed_rows(connection: sqlite3.Connection, view: PartitionView, row: PartitionRow) -> I64 | None:
    """Return which rows of *view* changed, ascending; None when loading anew is needed or cheaper."""
    n_new = row.n - view.n
    if n_new < 0 or row.n_packed < view.row.n_packed or n_new > max(_MAX_APPENDED, view.n >> 1):
        return None
    log = connection.execute(
        "SELECT version, first, last FROM change WHERE partition = ? AND version > ? ORDER BY version",
        (row.no, view.version),
    ).fetchall()
    if not log or log[0][0] != view.version + 1:
        return None
    ranges = [(first, min(last, view.n - 1)) for _, first, last in log if first < view.n]
    if not ranges:
        return np.empty(0, np.int64)
    if 4 * sum(last - first + 1 for first, last in ranges) > view.n:
        return None
    return np.array(
        sorted(set(chain.from_iterable(range(first, last + 1) for first, last in ranges))), np.int64
    )


class _Refresh:
    """One refresh: the parts of the new view, each replaced when it has to be."""

    def __init__(self, connection: sqlite3.Connection, view: PartitionView, row: PartitionRow) -> None:
        self.connection = connection
        self.view = view
        self.row = row
        self.arrays = view.arrays
        self.matrix = view.matrix
        self.terms = view.terms
        self.known = view.known
        # Packing moves the boundary; what lies past it is little, since it was less than a segment before this write.
        self.tail: Tail | None = view.tail if row.n_packed == view.row.n_packed else None

    def run(self, old: I64) -> PartitionView | None:
        """Return the new view, None when vectors of another size turn up."""
        if len(old) and not self._replace(old):
            return None
        if self.row.n > self.view.n and not self._append():
            return None
        row, view = self.row, self.view
        tail = self.tail or _load_tail(self.connection, row)
        columns = self.arrays.first(row.n)
        return PartitionView(row, columns, self.arrays, self.matrix, tail, self.terms, self.known, view.dim)

    def _replace(self, old: I64) -> bool:
        view = self.view
        records = np.concatenate(
            [read_columns(self.connection, self.row.no, start, stop) for start, stop in _runs(old.tolist())]
        )
        before = self.arrays.rows(old)
        self.arrays = self.arrays.replaced(old, records)
        if self.known is not None:
            self.known = self.known.after(before, records, old)
        was, now = indexed(before), indexed(records)
        if (was != now).any():
            self.terms = TermCache(self.terms.max_bytes)
        # Views skip rows of the tail that are not indexed any more; those indexed anew are missing from it, and the
        # terms of an erased row must not stay in memory.
        in_tail = old >= view.tail.first
        erased = (records["flags"] == 0) & (before["flags"] != 0)
        if (in_tail & ((now & ~was) | erased)).any():
            self.tail = None
        vectors = self._vectors(old, records)
        if vectors is None:
            return False
        self.matrix = self.matrix.replaced(old, *vectors)
        return True

    def _vectors(self, positions: I64, records: Records) -> tuple[I8, F32] | None:
        """Return vectors and scales of *positions* as they are now, None when one has another size than the view's."""
        keep = indexed(records)
        runs = _runs(positions.tolist())
        rows = [
            row for start, stop in runs for row in fetch_vectors(self.connection, self.row.no, start, stop)
        ]
        dim = self.matrix.dim
        if any(len(blob) != 2 * dim for _, blob in rows):
            return None
        places = {position: place for place, position in enumerate(positions.tolist())}
        return quantise_rows(
            [(places[position], blob) for position, blob in rows], first=0, keep=keep, dim=dim
        )

    def _append(self) -> bool:
        view, row = self.view, self.row
        first, stop = view.n, row.n
        records = read_columns(self.connection, row.no, first, stop)
        rows = fetch_vectors(self.connection, row.no, first, stop)
        if any(len(blob) != 2 * self.matrix.dim for _, blob in rows):
            return False
        vectors, scales = quantise_rows(rows, first=first, keep=indexed(records), dim=self.matrix.dim)
        if self.tail is not None:
            terms = list(read_terms(self.connection, row.no, first, stop))
            self.tail.append(terms, stop=stop)
        self.arrays = self.arrays.appended(first, records)
        self.matrix = self.matrix.appended(first, vectors, scales)
        return True


def _runs(positions: list[int]) -> list[tuple[int, int]]:
    """Return ascending *positions* as half-open ranges."""
    out: list[tuple[int, int]] = []
    for position in positions:
        if out and position == out[-1][1]:
            out[-1] = (out[-1][0], position + 1)
        else:
            out.append((position, position + 1))
    return out
