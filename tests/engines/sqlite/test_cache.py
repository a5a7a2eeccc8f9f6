"""The cache lends views at exactly the reader's version, keeps its budget, and is shared by threads."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from polymem.engines.sqlite.cache import StaleSnapshot, ViewCache
from polymem.ports.faces import EMBEDDED, INDEXED
from tests.engines.sqlite.rows import DIM, Row, Writer, check, connect, create, half, shrink_segments

WORDS = ("dog", "火锅", "上海", "的", "john")


def some_rows(first: int, n: int, *, run: int = 0) -> list[Row]:
    rng = np.random.default_rng(first)
    vectors = rng.standard_normal((n, DIM))
    return [
        Row(
            terms=tuple(random.Random(first + i).choices(WORDS, k=4)),
            vector=half(vectors[i]),
            flags=INDEXED | EMBEDDED,
            run=run,
            valid=(first + i) * 1_000_000,
        )
        for i in range(n)
    ]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "m.db"


@pytest.fixture
def writer(path: Path) -> Iterator[Writer]:
    made = Writer(create(path))
    yield made
    made.connection.close()


def test_a_partition_that_does_not_exist_is_empty(writer: Writer) -> None:
    seen = ViewCache(dim=DIM).get(writer.connection, 77)
    assert (seen.n, seen.version, seen.dim) == (0, 0, DIM)
    check(seen, writer.connection, [], vocabulary=WORDS)


def test_nothing_is_read_twice_while_nothing_changes(writer: Writer) -> None:
    with writer.writing():
        writer.append(*some_rows(0, 10))
    cache = ViewCache()
    assert cache.get(writer.connection, 1) is cache.get(writer.connection, 1)


def test_a_reader_behind_the_cache_is_told_to_begin_again(writer: Writer, path: Path) -> None:
    cache, old, new = ViewCache(), connect(path), connect(path)
    with writer.writing():
        writer.append(*some_rows(0, 10))
    old.execute("BEGIN")
    seen = cache.get(old, 1)
    with writer.writing():
        writer.append(*some_rows(10, 1))
    assert cache.get(new, 1).n == 11
    with pytest.raises(StaleSnapshot):
        cache.get(old, 1)
    check(seen, old, writer.rows[:10], vocabulary=WORDS)
    old.execute("ROLLBACK")
    assert cache.get(old, 1).n == 11
    old.close()
    new.close()


def test_inside_exclusive_no_other_thread_gets_ahead(writer: Writer, path: Path) -> None:
    with writer.writing():
        writer.append(*some_rows(0, 10))
    cache = ViewCache()
    cache.get(writer.connection, 1)
    with writer.writing():
        writer.append(*some_rows(10, 1))
    other = connect(path)
    ahead = threading.Thread(target=lambda: cache.get(other, 1))
    with cache.exclusive(1):
        ahead.start()
        ahead.join(0.05)
        assert ahead.is_alive()
        assert cache.get(writer.connection, 1).n == 11
    ahead.join(5)
    assert not ahead.is_alive()
    other.close()


# ---------------------------------------------------------------- the budget
def fill(writer: Writer, n: int) -> None:
    for first in range(0, n, 2_000):
        with writer.writing():
            writer.append(*some_rows(first, min(2_000, n - first)))


def test_views_that_were_not_used_for_longest_go_first(writer: Writer) -> None:
    connection = writer.connection
    partitions = [writer, *(Writer(connection, no=no) for no in (2, 3, 4))]
    for each in partitions:
        fill(each, 1_000)
    one = ViewCache(1 << 30).get(connection, 1).nbytes
    cache = ViewCache(int(one * 2.5))
    kept = {no: cache.get(connection, no) for no in (1, 2)}
    assert cache.get(connection, 1) is kept[1]
    cache.get(connection, 3)
    assert cache.nbytes <= cache.budget_bytes
    assert cache.get(connection, 1) is kept[1]
    assert cache.get(connection, 2) is not kept[2]
    cache.clear()
    assert cache.nbytes == 0


def test_the_count_of_bytes_is_that_of_the_arrays(writer: Writer) -> None:
    fill(writer, 6_000)
    cache = ViewCache()
    seen = cache.get(writer.connection, 1)
    arrays = sum(getattr(seen.columns, name).nbytes for name in seen.columns.__dataclass_fields__)
    lower = arrays + 6_000 * DIM + seen.n * 4
    assert lower <= cache.nbytes <= lower * 1.8
    before = cache.nbytes
    seen.adjacent(writer.connection)
    for word in WORDS:
        seen.postings(writer.connection, word)
    cache.get(writer.connection, 1)
    assert cache.nbytes >= before + 6_000 * 12 + 6_000 * 5


def test_decoded_lists_are_evicted_on_their_own(writer: Writer) -> None:
    fill(writer, 2_000)
    cache = ViewCache()
    seen = cache.get(writer.connection, 1)
    seen.terms.max_bytes = 20_000
    for word in WORDS:
        seen.postings(writer.connection, word)
    assert seen.terms.nbytes <= 20_000
    assert seen.terms.get(WORDS[0]) is None
    assert seen.terms.get(WORDS[-1]) is not None
    check(seen, writer.connection, writer.rows, vocabulary=WORDS)


def test_vectors_beyond_the_budget_are_read_from_their_segments(
    writer: Writer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_segments(monkeypatch, bits=8)
    fill(writer, 3_000)
    # Columns, neighbours and objects take 300 kB, all vectors 48 kB more.
    whole = ViewCache().get(writer.connection, 1)
    budget = int((whole.nbytes - 24_000) * 16 / 15 * 8 / 7)
    cache = ViewCache(budget)
    reader = connect(path)
    reader.execute("BEGIN")
    seen = cache.get(reader, 1)
    n_absent = sum(block is None for block in seen.matrix.blocks)
    assert 0 < n_absent < len(seen.matrix.blocks)
    assert cache.nbytes <= budget
    check(seen, reader, writer.rows, vocabulary=WORDS)
    with writer.writing():
        writer.append(*some_rows(9_000, 3))
        writer.change(5, expired=1)
        writer.delete(len(writer.rows) - 2, 9)
    reader.execute("ROLLBACK")
    reader.execute("BEGIN")
    seen = cache.get(reader, 1)
    assert sum(block is None for block in seen.matrix.blocks) == n_absent
    check(seen, reader, writer.rows, vocabulary=WORDS)
    reader.close()


def test_a_view_larger_than_the_budget_is_lent_and_not_kept(writer: Writer) -> None:
    fill(writer, 2_000)
    cache = ViewCache(10_000)
    check(cache.get(writer.connection, 1), writer.connection, writer.rows, vocabulary=WORDS)
    assert cache.nbytes == 0


# ---------------------------------------------------------------- threads
class Reader(threading.Thread):
    """Checks, again and again, that what it sees is one whole version."""

    def __init__(
        self, path: Path, cache: ViewCache, history: dict[int, list[Row | None]], *, seed: int
    ) -> None:
        super().__init__()
        self.path, self.cache, self.history = path, cache, history
        self.chance = random.Random(seed)
        self.done = threading.Event()
        self.failure: BaseException | None = None
        self.versions: set[int] = set()

    def run(self) -> None:
        connection = connect(self.path)
        try:
            while not self.done.is_set():
                connection.execute("BEGIN")
                with suppress(StaleSnapshot):
                    self.look(connection)
                connection.execute("ROLLBACK")
        except BaseException as error:
            self.failure = error
        finally:
            connection.close()

    def look(self, connection: sqlite3.Connection) -> None:
        seen = self.cache.get(connection, 1)
        # The writer notes a version after it committed it.
        while (rows := self.history.get(seen.version)) is None:
            self.done.wait(0.001)
        check(seen, connection, rows, vocabulary=self.chance.sample(WORDS, 2))
        self.versions.add(seen.version)


@pytest.mark.stress
def test_readers_see_whole_versions_while_a_writer_writes(
    writer: Writer, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_segments(monkeypatch, bits=5)
    with writer.writing():
        writer.append(*some_rows(0, 3))
    history = {writer.version: list(writer.rows)}
    cache = ViewCache()
    readers = [Reader(path, cache, history, seed=seed) for seed in range(4)]
    for reader in readers:
        reader.start()
    chance = random.Random(0)
    for step in range(120):
        with writer.writing():
            writer.append(*some_rows(len(writer.rows), chance.choice((1, 1, 2, 9)), run=step % 3))
            live = [p for p, row in enumerate(writer.rows) if row is not None and row.indexed]
            match step % 4:
                case 1:
                    writer.delete(chance.choice(live))
                case 2:
                    writer.change(chance.choice(live), expired=step)
                case 3:
                    writer.erase(chance.choice(live))
                case _:
                    pass
        history[writer.version] = list(writer.rows)
        readers[0].done.wait(0.003)
    for reader in readers:
        reader.done.set()
    for reader in readers:
        reader.join(30)
    assert [reader.failure for reader in readers] == [None] * len(readers)
    assert len(set.union(*(reader.versions for reader in readers))) > 5
