"""An event loop in a thread of its own, for callers that have none."""

from __future__ import annotations

import os
import threading
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polymem.errors import ClosedError
from polymem.ports.event_loop import running_loop

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop

R = TypeVar("R")
_ABANDONED: Final[list[object]] = []
"""Loops inherited over fork: their thread does not exist in the child, so they are kept and never touched."""

_GRACE_S: Final = 0.1
"""Time for what is all but done when the loop is stopped."""


class LoopThread:
    """Runs coroutines for threads that wait for them; starts with the first one, and anew in a forked child.

    Args:
        direct: The coroutines wait for nothing that needs an event loop, so a thread without one runs them itself:
            two changes of thread cost more than many a search.
    """

    def __init__(self, *, direct: bool = False) -> None:
        self._direct = direct
        # A signal handler can stop the loop in the midst of it.
        self._gate = threading.RLock()
        self._loop: AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._stopped = False

    @property
    def alive(self) -> bool:
        """Whether :meth:`stop` has not been called."""
        return not self._stopped

    def run(self, work: Coroutine[Any, Any, R]) -> R:
        """Run *work* on the loop and return its result, or raise its error.

        Raises:
            ClosedError: The loop was stopped, maybe in the midst of *work*, or the caller is the loop's own thread, which
                cannot wait for itself.
        """
        if self._stopped:
            work.close()
            raise ClosedError("this handle was closed")
        if self._direct and running_loop() is None:
            return run_here(work)
        return self._run_there(work)

    def _run_there(self, work: Coroutine[Any, Any, R]) -> R:
        # Not at the top: see running_loop.
        import asyncio
        from concurrent.futures import CancelledError

        if threading.current_thread() is self._thread:
            work.close()
            raise ClosedError("a verb of Memory was called from its own event loop; use AsyncMemory there")
        try:
            loop = self._running()
            with self._gate:
                self._refuse_stopped()
                future = asyncio.run_coroutine_threadsafe(work, loop)
        except (ClosedError, RuntimeError):
            work.close()
            self._refuse_stopped()
            raise
        try:
            return future.result()
        except CancelledError:
            # By the loop when it was stopped: nobody else can.
            raise ClosedError("this handle was closed") from None
        except BaseException:
            # An interrupt hits the waiting thread, not the loop; what was not begun must not go on behind its back.
            future.cancel()
            raise

    def _refuse_stopped(self) -> None:
        if self._stopped:
            raise ClosedError("this handle was closed")

    def _running(self) -> AbstractEventLoop:
        loop = self._loop
        if loop is not None and self._pid == os.getpid():
            return loop
        if self._pid != os.getpid():
            # The lock itself may have been held by another thread at the moment of the fork.
            _ABANDONED.append((self._loop, self._thread, self._gate))
            self._gate = threading.RLock()
            self._pid, self._loop = os.getpid(), None
        with self._gate:
            self._refuse_stopped()
            if self._loop is None:
                import asyncio

                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._loop.run_forever, name="polymem-loop", daemon=True
                )
                self._thread.start()
            return self._loop

    def stop(self) -> None:
        """Stop the loop and its thread; who waits for it gets ``ClosedError``; safe to call twice."""
        if self._pid != os.getpid():
            self._stopped = True
            return
        with self._gate:
            # Whoever hands work to the loop has done so by now, or is refused.
            self._stopped = True
            loop, thread = self._loop, self._thread
            self._loop = None
        if loop is None or thread is None:
            return
        import asyncio

        asyncio.run_coroutine_threadsafe(_end_tasks(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end_tasks() -> None:
    """Cancel every other task of the running loop, and wait for its end."""
    import asyncio

    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=_GRACE_S)
    for task in late:
        task.cancel()
    await asyncio.gather(*late, return_exceptions=True)


def run_here(work: Coroutine[Any, Any, R]) -> R:
    """Run *work*, which never suspends, to its end."""
    try:
        work.send(None)
    except StopIteration as end:
        result: R = end.value
        return result
    work.close()
    raise RuntimeError("this coroutine needs an event loop")
