"""The views that a process holds, under a byte budget."""

from __future__ import annotations

import sqlite3
from collections import OrderedDict
from collections.abc import Generator
from contextlib import contextmanager
from threading import Lock, RLock
from typing import Final

from polymem.engines.sqlite.loading import Limits, empty_view, expected_bytes, load, refresh
from polymem.engines.sqlite.ranges import PartitionRow, read_partition, vector_dim
from polymem.engines.sqlite.view import PartitionView

DEFAULT_BUDGET: Final = 512 << 20


class StaleSnapshot(Exception):  # noqa: N818 - a signal to begin the read transaction again, not an error
    """The cache is ahead of the caller's read transaction."""


class _Slot:
    __slots__ = ("lock", "nbytes", "view")

    def __init__(self) -> None:
        # Reentrant, so that a caller inside `exclusive` can get its view.
        self.lock = RLock()
        self.view: PartitionView | None = None
        self.nbytes = 0


class ViewCache:
    """Views by partition, least recently used first out; shared by all reader threads.

    Args:
        budget_bytes: What all views together may hold. Readers may keep an evicted view alive until they are done.
        dim: Size of the store's vectors, reported by views of partitions that have none.
    """

    def __init__(self, budget_bytes: int = DEFAULT_BUDGET, *, dim: int = 0) -> None:
        self.budget_bytes = budget_bytes
        self.limits = Limits(view_bytes=budget_bytes, term_bytes=budget_bytes // 8, dim=dim)
        self._slots: OrderedDict[int, _Slot] = OrderedDict()
        self._lock = Lock()
        self._nbytes = 0

    @property
    def nbytes(self) -> int:
        """Bytes held, as counted when each view was last got."""
        return self._nbytes

    def get(
        self, connection: sqlite3.Connection, partition_no: int, row: PartitionRow | None = None
    ) -> PartitionView:
        """Return the view of a partition at exactly the version that the connection's read transaction sees.

        Args:
            connection: In a read transaction (which this read may be the first of), not in one that writes.
            partition_no: Number of the partition; one that does not exist yields an empty view.
            row: The partition's counters, where the transaction has read them already.

        Raises:
            StaleSnapshot: Another thread has cached a newer version; end the transaction, begin a new one, try again.
            StoreCorruptError: A packed segment or a row's ranking columns are unsound.
        """
        row = row or read_partition(connection, partition_no)
        if row is None:
            return empty_view(partition_no, limits=self.limits)
        slot = self._slot(partition_no)
        view = slot.view
        if view is None or view.version != row.version:
            with slot.lock:
                view = self._current(connection, slot, row)
        self._account(partition_no, slot, view)
        return view

    def _current(self, connection: sqlite3.Connection, slot: _Slot, row: PartitionRow) -> PartitionView:
        view = slot.view
        if view is not None and view.version > row.version:
            raise StaleSnapshot
        if view is None:
            self._make_room(expected_bytes(row, dim=vector_dim(connection, row.no)), row.no)
            view = load(connection, row, limits=self.limits)
        elif view.version < row.version:
            view = refresh(connection, view, row, limits=self.limits)
        slot.view = view
        return view

    @contextmanager
    def exclusive(self, partition_no: int) -> Generator[None]:
        """Keep other threads from refreshing a partition: a transaction begun inside cannot be stale."""
        with self._slot(partition_no).lock:
            yield

    def clear(self) -> None:
        """Forget all views."""
        with self._lock:
            for slot in self._slots.values():
                slot.view = None
            self._slots.clear()
            self._nbytes = 0

    def _slot(self, partition_no: int) -> _Slot:
        with self._lock:
            slot = self._slots.get(partition_no)
            if slot is None:
                slot = self._slots[partition_no] = _Slot()
            return slot

    def _make_room(self, needed: int, partition_no: int) -> None:
        with self._lock:
            self._evict(partition_no, max(0, self.budget_bytes - needed))

    def _account(self, partition_no: int, slot: _Slot, view: PartitionView) -> None:
        nbytes = view.nbytes
        with self._lock:
            if self._slots.get(partition_no) is not slot:
                return
            self._slots.move_to_end(partition_no)
            self._nbytes += nbytes - slot.nbytes
            slot.nbytes = nbytes
            if self._nbytes > self.budget_bytes:
                self._evict(partition_no, self.budget_bytes)

    def _evict(self, kept: int, budget: int) -> None:
        """Drop views, oldest first, until *budget* holds; the one in use gives up its decoded lists, then itself."""
        for number in [number for number in self._slots if number != kept]:
            if self._nbytes <= budget:
                return
            self._drop(number)
        slot = self._slots.get(kept)
        if self._nbytes <= budget or slot is None or slot.view is None:
            return
        slot.view.terms.clear()
        nbytes = slot.view.nbytes
        self._nbytes += nbytes - slot.nbytes
        slot.nbytes = nbytes
        if self._nbytes > budget:
            self._drop(kept)

    def _drop(self, number: int) -> None:
        slot = self._slots.pop(number)
        self._nbytes -= slot.nbytes
        slot.view = None
        slot.nbytes = 0
