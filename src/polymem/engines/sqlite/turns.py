"""Turns: so many at a time, in order of arrival, and none is lost to an interrupt."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, TypeVar

T = TypeVar("T")
_LONGEST_NAP_S: Final = 0.05
"""A wake-up is lost where an interrupt hits who gives it, so waiters look for themselves now and then."""


class Turns:
    """A line of which the first few are served.

    A semaphore counts, and the count is wrong for ever once an interrupt hits between taking and noting. Here everyone in
    line holds a lock of his own by ``with``, which gives it back whatever happens, and a lock that is free does not count.

    Args:
        limit: How many are served at a time.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._line: list[tuple[int, threading.Lock]] = []
        self._left = threading.Condition()
        self._n_waiting = 0

    def take(self, work: Callable[[], T]) -> T:
        """Run *work* when it is this caller's turn."""
        place = (threading.get_ident(), threading.Lock())
        with place[1]:
            self._line.append(place)
            try:
                if len(self._line) > self._limit:
                    self._wait(place)
                return work()
            finally:
                self._line.remove(place)
                if self._n_waiting:
                    with self._left:
                        self._left.notify_all()

    def _wait(self, place: tuple[int, threading.Lock]) -> None:
        with self._left:
            self._n_waiting += 1
            try:
                while self._n_ahead(place) >= self._limit:
                    self._left.wait(_LONGEST_NAP_S)
            finally:
                self._n_waiting -= 1

    def _n_ahead(self, place: tuple[int, threading.Lock]) -> int:
        line = list(self._line)
        return sum(lock.locked() for _, lock in line[: line.index(place)])

    def await_others(self) -> bool:
        """Wait for the end of all turns in line but this thread's own, for which it cannot wait; tell if it has none."""
        alone = True
        for thread, lock in list(self._line):
            if thread == threading.get_ident():
                alone = alone and not lock.locked()
            else:
                with lock:
                    pass
        return alone
