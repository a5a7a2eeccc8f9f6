"""Callbacks in a thread of their own, so that they may use the store whose writer says how far it is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue
from types import TracebackType
from typing import Generic, Self, TypeAlias, TypeVar, cast

from polymem.errors import InputError
from polymem.ports.event_loop import running_loop

__all__ = ["Progress", "Reporter"]

Progress: TypeAlias = Callable[[int], None]
T = TypeVar("T")


class Reporter(Generic[T]):
    """Calls *progress* with one number, or other value, after another; who tells them does not wait for it.

    Called within a write, a callback that writes itself would wait for that write, and so for ever.

    Args:
        progress: What to call; None for nothing.

    Raises:
        InputError: It cannot be called.

    Example:
        >>> numbers = []
        >>> with Reporter(numbers.append) as reporter:
        ...     reporter.tell(500)
        >>> reporter.join()
        >>> numbers
        [500]
    """

    def __init__(self, progress: Callable[[T], None] | None) -> None:
        if progress is not None and not callable(cast("object", progress)):
            raise InputError("progress must be a function of one value", argument="progress")
        self._progress = progress
        self._numbers: SimpleQueue[T | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._failed = False
        self._error: BaseException | None = None

    def __enter__(self) -> Self:
        if self._progress is not None:
            self._thread = threading.Thread(
                target=self._call, args=(self._progress,), name="polymem-progress", daemon=True
            )
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._failed = kind is not None
        self._numbers.put(None)

    def tell(self, n: T) -> None:
        """Hand a number on, or whatever it is.

        Raises:
            BaseException: What the callback raised at an earlier one.
        """
        if self._error is not None:
            raise self._error
        if self._thread is not None:
            self._numbers.put(n)

    async def settled(self) -> None:
        """Wait until the callback has had every number.

        Raises:
            BaseException: What it raised.
        """
        loop = running_loop()
        if loop is None or self._thread is None:
            self.join()
        else:
            await loop.run_in_executor(None, self.join)

    def join(self) -> None:
        """Do as :meth:`settled` does, in this thread."""
        if self._thread is not None:
            self._thread.join()
        if self._error is not None:
            raise self._error

    def _call(self, progress: Callable[[T], None]) -> None:
        while (n := self._numbers.get()) is not None and not self._failed:
            try:
                progress(n)
            except BaseException as error:  # worker boundary: the thread that tells or waits raises it
                self._error = error
                return
