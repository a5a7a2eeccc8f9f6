"""One writer per process: a fair queue, group commit, and a short back-off towards other processes."""

from __future__ import annotations

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

from polymem.engines.sqlite.connection import begin_immediate, connect, store_errors
from polymem.engines.sqlite.forking import FORK_GATE
from polymem.errors import ClosedError, ConflictError, PolymemError, StoreTimeoutError

T = TypeVar("T")
MAX_GROUP: Final = 64
"""Jobs per transaction: enough to share the fsync, few enough that the first does not wait long."""


@dataclass(slots=True)
class _Job:
    run: Callable[[sqlite3.Connection], Any]
    deadline: float
    alone: bool = False
    future: Future[Any] = field(default_factory=Future[Any])


class WriteQueue:
    """Runs write jobs in order of arrival, several to a transaction; a job that fails takes only itself back.

    Args:
        path: The store's file.
        timeout_s: Longest wait for the queue and the write lock together, in seconds.
        max_waiting: Longest queue; a further job is refused.
    """

    def __init__(self, path: Path, *, timeout_s: float, max_waiting: int = 10_000) -> None:
        self._path = path
        self._timeout_s = timeout_s
        self._jobs: queue.Queue[_Job | None] = queue.Queue(maxsize=max_waiting)
        self._connection = connect(path)
        self._closed = False
        self._gate = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="polymem-writer", daemon=True)
        self._thread.start()

    def submit(self, run: Callable[[sqlite3.Connection], T], *, alone: bool = False) -> Future[T]:
        """Queue *run*, which gets the connection inside an open transaction (or, with *alone*, outside any).

        Raises:
            ClosedError: The queue was closed.
            StoreTimeoutError: The queue is full.
        """
        job = _Job(run, time.monotonic() + self._timeout_s, alone)
        with self._gate:
            if self._closed:
                raise ClosedError("the store was closed")
            try:
                self._jobs.put_nowait(job)
            except queue.Full:
                raise StoreTimeoutError(
                    "too many writes are waiting; try again", waiting=self._jobs.qsize()
                ) from None
        return job.future

    def close(self) -> None:
        """Finish what is queued, then stop; safe to call twice."""
        with self._gate:
            if self._closed:
                return
            self._closed = True
        self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def _work(self) -> None:
        last = False
        while not last:
            job = self._jobs.get()
            group: list[_Job] = []
            while job is not None:
                group.append(job)
                if job.alone or len(group) >= MAX_GROUP:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            last = job is None
            with FORK_GATE.busy():
                self._run(group)

    def _run(self, group: list[_Job]) -> None:
        together = [job for job in group if not job.alone]
        if together:
            self._run_group(together)
        for lonely in (job for job in group if job.alone):
            self._settle(lonely, partial(lonely.run, self._connection))

    def _settle(self, job: _Job, work: Callable[[], object]) -> None:
        """Run *work* and hand its result or its error to the caller who waits for the job."""
        if not job.future.set_running_or_notify_cancel():
            return
        try:
            with store_errors(self._path):
                result = work()
        except BaseException as error:  # worker boundary: the caller's thread raises it
            job.future.set_exception(error)
        else:
            job.future.set_result(result)

    def _run_group(self, group: list[_Job]) -> None:
        group = [job for job in group if job.future.set_running_or_notify_cancel()]
        if not group:
            return
        done: list[tuple[_Job, object]] = []
        try:
            with store_errors(self._path):
                begin_immediate(self._connection, deadline=max(job.deadline for job in group))
                for job in group:
                    self._run_one(job, done)
                self._connection.execute("COMMIT")
        except BaseException as error:  # worker boundary: every waiting caller raises it
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            for job in group:
                if not job.future.done():
                    job.future.set_exception(error)
            return
        for job, result in done:
            job.future.set_result(result)

    def _run_one(self, job: _Job, done: list[tuple[_Job, object]]) -> None:
        self._connection.execute("SAVEPOINT job")
        try:
            result = job.run(self._connection)
        except (PolymemError, ValueError, TypeError, LookupError, ArithmeticError) as error:
            self._take_back()
            job.future.set_exception(error)
            return
        except sqlite3.IntegrityError as error:
            self._take_back()
            conflict = ConflictError("an id of this batch is taken; ids are given once")
            conflict.__cause__ = error
            job.future.set_exception(conflict)
            return
        self._connection.execute("RELEASE job")
        done.append((job, result))

    def _take_back(self) -> None:
        self._connection.execute("ROLLBACK TO job")
        self._connection.execute("RELEASE job")
