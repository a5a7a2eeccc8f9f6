"""Keeps a fork from falling into the midst of a transaction.

SQLite remembers within the process which locks it holds. A child inherits that memory, and would take a lock that a
thread of its parent held at the moment of the fork for held ever after.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

LONGEST_WAIT_S: Final = 10.0
"""A fork waits so long for transactions to end; a longer one is hardly a transaction, or it is the one that forks."""


class ForkGate:
    """Counts the transactions of this process; forks wait for their end, and new ones for the end of the fork."""

    def __init__(self) -> None:
        self.reset()
        # There is none on Windows, where nothing forks.
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self.shut, after_in_parent=self.open, after_in_child=self.reset)

    def reset(self) -> None:
        """Begin anew, as a child has to: its threads are gone, and so is who would give the lock back."""
        self._changed = threading.Condition()
        self._n_busy = 0
        self._n_forking = 0

    @contextmanager
    def busy(self) -> Generator[None]:
        """Hold forks back while the block runs."""
        with self._changed:
            if self._n_forking:
                self._changed.wait_for(lambda: not self._n_forking)
            self._n_busy += 1
        try:
            yield
        finally:
            with self._changed:
                self._n_busy -= 1
                if self._n_forking:
                    self._changed.notify_all()

    def shut(self) -> None:
        """Let no transaction begin, and wait for those that run."""
        with self._changed:
            self._n_forking += 1
            self._changed.wait_for(lambda: not self._n_busy, timeout=LONGEST_WAIT_S)

    def open(self) -> None:
        """Let transactions begin again."""
        with self._changed:
            self._n_forking -= 1
            self._changed.notify_all()


FORK_GATE: Final = ForkGate()
"""The one of this process."""
