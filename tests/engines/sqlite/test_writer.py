"""The write queue: who writes, with whom, and what an interruption leaves behind."""

from __future__ import annotations

import sqlite3
import struct
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from polymem.engines.sqlite import writer
from polymem.engines.sqlite.connection import connect, prepare
from polymem.engines.sqlite.writer import WriteQueue
from polymem.errors import ClosedError, ConflictError, StoreError, StoreUnavailableError

WAIT_S = 10.0


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[WriteQueue]:
    path = tmp_path / "m.db"
    prepare(path)
    opened = WriteQueue(path, timeout_s=WAIT_S)
    yield opened
    opened.close()


def put(key: str) -> Callable[[sqlite3.Connection], int]:
    """Return a job that stores *key* and tells in which thread it ran."""

    def job(connection: sqlite3.Connection) -> int:
        connection.execute("INSERT INTO setting VALUES (?, '')", (key,))
        return threading.get_ident()

    return job


def kept(path: Path) -> set[str]:
    connection = connect(path)
    try:
        return {key for (key,) in connection.execute("SELECT key FROM setting")}
    finally:
        connection.close()


def test_who_is_alone_writes_without_a_change_of_thread(queue, tmp_path):
    assert queue.run(put("a")) == threading.get_ident()
    assert queue.submit(put("b")).result(WAIT_S) != threading.get_ident()
    assert kept(tmp_path / "m.db") == {"a", "b"}


def test_while_another_process_writes_the_writers_thread_does(queue, tmp_path, monkeypatch):
    monkeypatch.setattr(writer, "CROWDED_S", WAIT_S)
    other = connect(tmp_path / "m.db")
    other.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(queue.run, put("a"))
        assert not threading.Event().wait(0.05)
        other.execute("COMMIT")
        waiting.result(WAIT_S)
    other.close()
    threads = {queue.run(put("b")), queue.run(put("c"))}
    assert threading.get_ident() not in threads
    assert len(threads) == 1
    monkeypatch.setattr(queue, "_crowded_until", 0.0)
    assert queue.run(put("d")) == threading.get_ident()


def test_those_who_come_during_a_write_share_the_next_transaction(queue):
    inside, go_on = threading.Event(), threading.Event()
    begun: list[str] = []

    def slow(connection: sqlite3.Connection) -> None:
        connection.set_trace_callback(lambda sql: begun.append(sql) if sql.startswith("BEGIN") else None)
        inside.set()
        assert go_on.wait(WAIT_S)

    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(queue.run, slow)
        assert inside.wait(WAIT_S)
        others = [pool.submit(queue.run, put(str(n))) for n in range(8)]
        while queue._jobs.qsize() < 7:  # the eighth is in the hand of the writer's thread
            assert not go_on.wait(0.001)
        go_on.set()
        first.result(WAIT_S)
        threads = {other.result(WAIT_S) for other in others}
    assert len(begun) == 1
    assert len(threads) == 1


def test_a_taken_id_is_a_conflict_and_leaves_nothing(queue, tmp_path):
    queue.run(put("a"))

    def twice(connection: sqlite3.Connection) -> None:
        put("b")(connection)
        put("a")(connection)

    with pytest.raises(ConflictError):
        queue.run(twice)
    with pytest.raises(ConflictError):
        queue.submit(twice).result(WAIT_S)
    assert kept(tmp_path / "m.db") == {"a"}


def test_an_interrupt_takes_the_write_back_and_frees_the_queue(queue, tmp_path):
    def interrupted(connection: sqlite3.Connection) -> None:
        put("a")(connection)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        queue.run(interrupted)
    assert queue.submit(put("b")).result(WAIT_S)
    assert queue.run(put("c")) == threading.get_ident()
    assert kept(tmp_path / "m.db") == {"b", "c"}


def test_a_write_in_the_midst_of_one_is_refused_not_waited_for(queue, tmp_path):
    """A signal handler or a finaliser runs in the thread whose write it falls into."""

    def nested(connection: sqlite3.Connection) -> None:
        put("a")(connection)
        for begin in (queue.run, queue.submit):
            with pytest.raises(StoreError, match="in the midst of another write"):
                begin(put("b"))

    queue.run(nested)
    assert kept(tmp_path / "m.db") == {"a"}


@pytest.mark.parametrize("ends", [True, False])
def test_closing_in_the_midst_of_a_write_waits_for_its_end(queue, tmp_path, ends):
    def closing(connection: sqlite3.Connection) -> None:
        put("a")(connection)
        queue.close()
        if not ends:
            raise SystemExit
        put("b")(connection)

    if ends:
        queue.run(closing)
    else:
        with pytest.raises(SystemExit):
            queue.run(closing)
    with pytest.raises(ClosedError):
        queue.run(put("c"))
    assert kept(tmp_path / "m.db") == ({"a", "b"} if ends else set())
    assert not (tmp_path / "m.db-wal").exists()  # the last connection took it along


def test_nothing_is_lost_between_threads_that_write_both_ways(queue, tmp_path):
    def work(name: int) -> None:
        for n in range(40):
            if n % 3:
                queue.run(put(f"{name} {n}"))
            else:
                queue.submit(put(f"{name} {n}")).result(WAIT_S)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    assert len(kept(tmp_path / "m.db")) == 240


def test_a_job_that_fails_in_any_way_fails_alone(queue, tmp_path):
    """Several jobs share a transaction; a damaged row that one of them meets is no business of the others."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        inside.set()
        assert go_on.wait(WAIT_S)

    def damaged(connection: sqlite3.Connection) -> None:
        put("damaged")(connection)
        struct.unpack("<q", b"")

    def too_big(connection: sqlite3.Connection) -> None:
        put("too big")(connection)
        raise sqlite3.DataError("string or blob too big")

    first = queue.submit(slow)
    assert inside.wait(WAIT_S)
    jobs = [queue.submit(job) for job in (put("a"), damaged, put("b"), too_big, put("c"))]
    go_on.set()
    first.result(WAIT_S)
    for good in jobs[::2]:
        good.result(WAIT_S)
    assert isinstance(jobs[1].exception(WAIT_S), struct.error)
    assert isinstance(jobs[3].exception(WAIT_S), StoreError)
    assert kept(tmp_path / "m.db") == {"a", "b", "c"}


def test_a_job_that_ends_the_transaction_fails_the_group(queue, tmp_path):
    inside, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        inside.set()
        assert go_on.wait(WAIT_S)

    def ends_it(connection: sqlite3.Connection) -> None:
        connection.execute("ROLLBACK")
        raise sqlite3.OperationalError("database or disk is full")

    first = queue.submit(slow)
    assert inside.wait(WAIT_S)
    jobs = [queue.submit(job) for job in (put("a"), ends_it, put("b"))]
    go_on.set()
    first.result(WAIT_S)
    assert all(isinstance(job.exception(WAIT_S), StoreUnavailableError) for job in jobs)
    assert queue.submit(put("c")).result(WAIT_S)
    assert kept(tmp_path / "m.db") == {"c"}


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be taken away there")
@pytest.mark.parametrize("replaced", [True, False])
def test_a_file_that_was_taken_away_is_not_written_to(queue, tmp_path, replaced):
    path = tmp_path / "m.db"
    queue.run(put("a"))
    path.rename(tmp_path / "old.db")
    if replaced:
        prepare(path)
    with pytest.raises(StoreUnavailableError, match="deleted or replaced"):
        queue.run(put("b"))
    with pytest.raises(StoreUnavailableError, match="deleted or replaced"):
        queue.submit(put("b")).result(WAIT_S)
    assert path.exists() == replaced
