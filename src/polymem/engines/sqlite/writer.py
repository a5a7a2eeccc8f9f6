"""One writer per process: a fair queue, group commit, and a short back-off towards other processes."""

from __future__ import annotations

import os
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.connection import begin_immediate, connect, store_errors
from polymem.engines.sqlite.forking import FORK_GATE
from polymem.errors import ClosedError, ConflictError, StoreError, StoreTimeoutError, StoreUnavailableError
from polymem.ports.event_loop import running_loop

if TYPE_CHECKING:
    from concurrent.futures import Future

T = TypeVar("T")
MAX_GROUP: Final = 64
"""Jobs per transaction: enough to share the fsync, few enough that the first does not wait long."""

CROWDED_S: Final = 1.0
"""For so long after another process was met at the write lock, only the writer's thread writes: it has been waiting, so
the system lets it run at once, while a thread that has been computing may be put aside in the midst of its transaction."""


@dataclass(slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], Any]
    deadline: float
    alone: bool
    future: Future[Any]


class WriteQueue:
    """Runs write jobs in order of arrival, several to a transaction; a job that fails takes only itself back.

    Args:
        path: The store's file.
        timeout_s: Longest wait for the queue and the write lock together, in seconds.
        max_waiting: Longest queue; a further job is refused.
    """

    def __init__(self, path: Path, *, timeout_s: float, max_waiting: int = 10_000) -> None:
        self.path = path
        self._timeout_s = timeout_s
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=max_waiting)
        # Made by the first write, and by the first one after a fork.
        self._connection: sqlite3.Connection | None = None
        self._file = self._identity()
        self._closed = False
        self._gate = threading.Lock()
        self._turn = threading.Lock()
        self._holder = 0
        self._crowded_until = 0.0
        self._close_after = False
        self._last: Future[Any] | None = None
        self._thread = threading.Thread(target=self._work, name="polymem-writer", daemon=True)
        self._thread.start()
        FORK_GATE.add(self)

    def release(self) -> None:
        """Close the connection, as nothing may be open during a fork."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> sqlite3.Connection:
        """Return the connection, outside a transaction; called inside the fork gate by who has the turn.

        Raises:
            StoreUnavailableError: The file is not the one that was opened.
        """
        if self._identity() != self._file:
            raise StoreUnavailableError(
                "the store's file was deleted or replaced while it was open; open it again "
                f"({str(self.path)!r})",
                path=str(self.path),
            )
        connection = self._connection
        if connection is None:
            connection = self._connection = connect(self.path)
        # An interrupt may have hit who should have ended it.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return connection

    def _identity(self) -> tuple[int, int] | None:
        """Return what tells the file from any other, also from one at the same path; None where there is none."""
        try:
            found = os.stat(self.path)  # noqa: PTH116 - half the time of Path.stat
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino

    def submit(self, run: Callable[[sqlite3.Connection], T], *, alone: bool = False) -> Future[T]:
        """Queue *run*, which gets the connection inside an open transaction (or, with *alone*, outside any).

        Raises:
            ClosedError: The queue was closed.
            StoreError: This thread is in the midst of a write of its own.
            StoreTimeoutError: The queue is full.
        """
        # Not at the top: it brings logging, and a program that writes from one thread never queues.
        from concurrent.futures import Future

        job = _Job(run, time.monotonic() + self._timeout_s, alone, Future())
        self._refuse_nested()
        with self._gate:
            self._refuse_closed()
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                raise StoreTimeoutError(
                    "too many writes are waiting; try again", waiting=self._jobs.qsize()
                ) from None
            self._last = job.future
        return job.future

    def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do as :meth:`submit` does and wait for the result.

        Where nobody else waits, the calling thread writes for itself: a change of thread there and back costs a small
        write a sixth of its time. Under load there is always somebody, and the writer's thread takes them together; so it
        does while other processes write.

        Raises:
            StoreError: As there, and what *work* and the store raise.
        """
        now = time.monotonic()
        self._refuse_nested()
        last = self._last
        if (last is None or last.done()) and now >= self._crowded_until and not self._turn.locked():
            return self._run_here(work, deadline=now + self._timeout_s)
        future = self.submit(work)
        try:
            return future.result()
        except BaseException:
            # An interrupt hits the waiting thread; what was not begun must not go on behind its back.
            future.cancel()
            raise

    def _run_here(self, work: Callable[[sqlite3.Connection], T], *, deadline: float) -> T:
        try:
            # An interrupt can hit anywhere: only ``with`` takes a lock so that it is surely given back.
            with self._turn:
                self._refuse_closed()
                self._holder = threading.get_ident()
                try:
                    with store_errors(self.path):
                        return FORK_GATE.hold(self.path, partial(self._transact, work, deadline=deadline))
                finally:
                    self._holder = 0
        finally:
            if self._close_after:
                self._stop()

    def _refuse_nested(self) -> None:
        """A signal handler or a finaliser can run in the midst of this thread's write, for which it cannot wait."""
        if self._holder == threading.get_ident():
            raise StoreError("a write was begun in the midst of another write of the same thread")

    def _refuse_closed(self) -> None:
        if self._closed:
            raise ClosedError("the store was closed")

    def close(self) -> None:
        """Finish what is queued, then stop; safe to call twice.

        A signal handler that closes in the midst of its thread's own write does not wait: the write stops the queue at
        its end.
        """
        with self._gate:
            if self._closed:
                return
            self._closed = True
        self._jobs.put(None)
        if self._holder == threading.get_ident():
            self._close_after = True
        else:
            self._stop()

    def _stop(self) -> None:
        self._thread.join()
        with self._turn:
            FORK_GATE.hold(self.path, self.release)

    def _work(self) -> None:
        last = False
        while not last and (job := self._jobs.get()) is not None:
            # Who came while another thread was writing shares the transaction, so gather only now.
            with self._turn:
                group, last = self._gather(job)
                FORK_GATE.hold(self.path, partial(self._run, group))

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        """Return the jobs that are run together with *first*, and whether they are the last ones."""
        group = [first]
        while not group[-1].alone and len(group) < MAX_GROUP:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return group, True
            group.append(job)
        return group, False

    def _run(self, group: list[_Job]) -> None:
        together = [job for job in group if not job.alone]
        if len(together) == 1:
            (job,) = together
            self._settle(job, partial(self._transact, job.run, deadline=job.deadline))
        elif together:
            self._run_group(together)
        for lonely in (job for job in group if job.alone):
            self._settle(lonely, partial(self._run_alone, lonely))

    def _run_alone(self, job: _Job) -> object:
        return job.run(self._connected())

    def _settle(self, job: _Job, work: Callable[[], object]) -> None:
        """Run *work* and hand its result or its error to the caller who waits for the job."""
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            with store_errors(self.path):
                result = work()
        except BaseException as error:  # worker boundary: the caller's thread raises it
            job.future.set_exception(error)
        else:
            job.future.set_result(result)

    def _transact(self, work: Callable[[sqlite3.Connection], T], *, deadline: float) -> T:
        """Return the result of *work* once its transaction is committed; take it back after an error."""
        connection = self._connected()
        try:
            self._begin(connection, deadline=deadline)
            result = work(connection)
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if isinstance(error, sqlite3.IntegrityError):
                raise _taken() from error
            raise
        return result

    def _begin(self, connection: sqlite3.Connection, *, deadline: float) -> None:
        if begin_immediate(connection, deadline=deadline):
            self._crowded_until = time.monotonic() + CROWDED_S

    def _run_group(self, group: list[_Job]) -> None:
        group = [job for job in group if job.future.set_running_or_notify_cancel()]
        if not group:
            return
        done: list[tuple[_Job, object]] = []

        def run_all(connection: sqlite3.Connection) -> None:
            for job in group:
                self._run_one(connection, job, done)

        try:
            with store_errors(self.path):
                self._transact(run_all, deadline=max(job.deadline for job in group))
        except BaseException as error:  # worker boundary: every waiting caller raises it
            for job in group:
                if not job.future.done():
                    job.future.set_exception(error)
            return
        for job, result in done:
            job.future.set_result(result)

    def _run_one(self, connection: sqlite3.Connection, job: _Job, done: list[tuple[_Job, object]]) -> None:
        connection.execute("SAVEPOINT job")
        try:
            with store_errors(self.path):
                result = _attempted(job, connection)
        except Exception as error:  # worker boundary: the caller's thread raises it
            if not connection.in_transaction:
                # It took the others' writes along, as a full disk does.
                raise
            connection.execute("ROLLBACK TO job")
            connection.execute("RELEASE job")
            job.future.set_exception(error)
            return
        connection.execute("RELEASE job")
        done.append((job, result))


def _attempted(job: _Job, connection: sqlite3.Connection) -> object:
    try:
        return job.run(connection)
    except sqlite3.IntegrityError as error:
        raise _taken() from error


def _taken() -> ConflictError:
    return ConflictError("an id of this batch is taken; ids are given once")


async def settled(future: Future[T]) -> T:
    """Wait for the writer: on the running event loop, or by blocking a thread that has none."""
    if running_loop() is not None:
        # Not at the top: see running_loop.
        import asyncio

        return await asyncio.wrap_future(future)
    try:
        return future.result()
    except BaseException:
        # An interrupt hits the waiting thread; what was not begun must not go on behind its back.
        future.cancel()
        raise
