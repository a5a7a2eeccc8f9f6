"""Keeps a fork from falling into the midst of a transaction, and from finding a connection open.

SQLite remembers within the process which locks it holds, for each file as long as one of its connections is open. A child
inherits that memory but not the locks: it would take a lock that a thread of its parent held at the moment of the fork for
held ever after, and never take those that every connection shares. Once the parent has closed, others would then empty and
delete the log in which the child is writing. So nothing is open while a process forks.

The counting is safe from interrupts, which may raise after any call: only a ``with`` on a lock takes it so that it is surely
given back, hence who is inside holds a lock, and a place whose lock is free is nobody's.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar
from weakref import WeakSet

from polymem.errors import StoreUnavailableError

T = TypeVar("T")
LONGEST_WAIT_S: Final = 10.0
"""A fork waits so long for transactions to end; a longer one is hardly a transaction."""


class Holder(Protocol):
    """Keeps connections open between transactions."""

    path: Path

    def release(self) -> None:
        """Close them; called by who forks, while nobody is in a transaction."""
        ...


class Place(NamedTuple):
    """Of one who is inside, as long as its lock is held."""

    thread: int
    path: Path
    lock: threading.Lock


class ForkGate:
    """Knows the transactions of this process; forks wait for their end, and new ones for the end of the fork."""

    def __init__(self) -> None:
        self._holders: WeakSet[Any] = WeakSet()
        self._caught: set[Path] = set()
        self._lost: frozenset[str] = frozenset()
        self._inherited: list[object] = []
        self._begin()
        # There is none on Windows, where nothing forks.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.shut, after_in_parent=self.open, after_in_child=self.reset)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._inside: list[Place] = []
        self._n_forking = 0

    def reset(self) -> None:
        """Begin anew, as a child has to: its threads are gone, and so is who would give the locks back."""
        # What was caught open is kept and never touched: closing it would let go of locks that are the parent's.
        self._inherited.append([holder for holder in self._holders if holder.path in self._caught])
        self._lost |= {os.path.realpath(path) for path in self._caught}
        self._caught = set()
        self._holders = WeakSet()
        self._begin()

    def add(self, holder: Holder) -> None:
        """Have *holder* release its connections before every fork; it opens them again inside :meth:`hold`."""
        self._holders.add(holder)

    def hold(self, path: Path, work: Callable[[], T]) -> T:
        """Run *work*, which uses connections to *path*, and hold forks back meanwhile."""
        place = Place(threading.get_ident(), path, threading.Lock())
        while True:
            with place.lock:
                self._inside.append(place)
                try:
                    # Looked at inside: either this sees the fork, or the fork sees this.
                    if not self._n_forking:
                        return work()
                finally:
                    self._inside.remove(place)
            self._await_fork()

    def enter(self, path: Path) -> Place:
        """Begin what :meth:`hold` does, for one who works in several steps; ends with :meth:`leave`."""
        while True:
            place = Place(threading.get_ident(), path, threading.Lock())
            place.lock.acquire()
            self._inside.append(place)
            if not self._n_forking:
                return place
            self.leave(place)
            self._await_fork()

    def leave(self, place: Place) -> None:
        """End what :meth:`enter` began."""
        self._inside.remove(place)
        place.lock.release()

    def _await_fork(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._n_forking)

    def shut(self) -> None:
        """Let no transaction begin, wait for those that run, and have all connections closed."""
        with self._changed:
            self._n_forking += 1
        deadline = time.monotonic() + LONGEST_WAIT_S
        caught = {place.path for place in list(self._inside) if not _ended(place, deadline)}
        # One after the other: who forks first must not find what another one is about to close.
        with self._changed:
            self._caught |= caught
            for holder in list(self._holders):
                if holder.path not in caught:
                    holder.release()

    def open(self) -> None:
        """Let transactions begin again."""
        with self._changed:
            self._n_forking -= 1
            if not self._n_forking:
                self._caught = set()
            self._changed.notify_all()

    def refuse_lost(self, path: Path) -> None:
        """Refuse a store on which this process cannot lock.

        Raises:
            StoreUnavailableError: This process was forked in the midst of a transaction on *path*.
        """
        if self._lost and os.path.realpath(path) in self._lost:
            raise StoreUnavailableError(
                "this process was forked in the midst of a transaction on the store, and cannot lock it; fork "
                f"outside of one, or start the process anew and open the Memory there ({str(path)!r})",
                path=str(path),
            )


def _ended(place: Place, deadline: float) -> bool:
    """Wait for the end of a transaction; one of this very thread cannot end meanwhile."""
    if place.thread == threading.get_ident():
        return not place.lock.locked()
    if not place.lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
        return False
    place.lock.release()
    return True


FORK_GATE: Final = ForkGate()
"""The one of this process."""
