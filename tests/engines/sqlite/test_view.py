"""A view says what the rows say, whatever the history of the process and of the partition."""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from polymem.engines.sqlite.cache import ViewCache
from polymem.engines.sqlite.codec import pack_terms
from polymem.engines.sqlite.loading import load, refresh
from polymem.engines.sqlite.ranges import read_partition
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.engines.sqlite.tail import Tail
from polymem.engines.sqlite.view import PartitionView
from polymem.ports.faces import EMBEDDED, FOREVER, INDEXED, PENDING
from tests.engines.sqlite.rows import DIM, Row, Writer, check, connect, create, half, shrink_segments

WORDS = ("john", "dog", "hiking", "火锅", "上海", "喜欢", "的", "ß", "😀", "a b")
HOUR = 3_600_000_000
N_HELD = 3

terms = st.lists(st.sampled_from(WORDS), max_size=8).map(tuple)
vectors = st.none() | st.integers(0, 10_000).map(
    lambda seed: half(np.random.default_rng(seed).standard_normal(DIM))
)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    vector = draw(vectors)
    return Row(
        kind=draw(st.sampled_from((0, 0, 0, 1))),
        flags=INDEXED | (PENDING if vector is None else EMBEDDED),
        terms=draw(terms),
        vector=vector,
        run=draw(st.sampled_from((-1, -1, 0, 1))),
        valid=draw(st.integers(0, 8)) * HOUR // 2,
        importance=0.25,
    )


class Histories(RuleBasedStateMachine):
    """One writer; a cache that lives as long as it; readers that hold old views; fresh loads to compare with."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        shrink_segments(self.patch, bits=3)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "m.db"
        self.writer = Writer(create(self.path))
        self.reader = connect(self.path)
        self.cache = ViewCache(dim=DIM)
        self.held: list[tuple[sqlite3.Connection, PartitionView, list[Row | None]]] = []

    def teardown(self) -> None:
        self.patch.undo()
        for connection, _, _ in self.held:
            connection.close()
        self.reader.close()
        self.writer.connection.close()
        self.folder.cleanup()

    def pick(self, data: st.DataObject, *, indexed: bool) -> list[int]:
        fit = [
            p for p, row in enumerate(self.writer.rows) if row is not None and (row.indexed or not indexed)
        ]
        return data.draw(st.lists(st.sampled_from(fit), max_size=3, unique=True)) if fit else []

    @initialize(new=st.lists(rows(), max_size=30))
    def begin(self, new: list[Row]) -> None:
        self.append(new)

    @rule(new=st.lists(rows(), min_size=1, max_size=14))
    def append(self, new: list[Row]) -> None:
        with self.writer.writing():
            self.writer.append(*new)

    @rule(row=rows())
    def append_in_order(self, row: Row) -> None:
        newest = max((old.valid for old in self.writer.rows if old is not None), default=0)
        with self.writer.writing():
            self.writer.append(Row(**{**row.__dict__, "valid": newest + row.valid}))

    @rule(data=st.data(), expired=st.sampled_from((5, FOREVER)), valid=st.integers(0, 4))
    def close(self, data: st.DataObject, expired: int, valid: int) -> None:
        with self.writer.writing():
            for position in self.pick(data, indexed=False):
                self.writer.change(position, expired=expired, valid=valid * HOUR)

    @rule(data=st.data(), new=st.lists(rows(), max_size=3))
    def delete(self, data: st.DataObject, new: list[Row]) -> None:
        with self.writer.writing():
            self.writer.delete(*self.pick(data, indexed=True))
            self.writer.append(*new)

    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        with self.writer.writing():
            self.writer.erase(*self.pick(data, indexed=False))

    @rule(data=st.data(), vector=vectors)
    def embed(self, data: st.DataObject, vector: bytes | None) -> None:
        with self.writer.writing():
            for position in self.pick(data, indexed=True):
                self.writer.embed(position, vector or half(np.ones(DIM)))

    @rule()
    def rebuild(self) -> None:
        with self.writer.writing():
            self.writer.rebuild()

    @rule()
    def trim(self) -> None:
        self.writer.connection.execute("BEGIN IMMEDIATE")
        self.writer.trim()
        self.writer.connection.execute("COMMIT")

    @rule(words=st.lists(st.sampled_from(WORDS)), neighbours=st.booleans())
    def read(self, words: list[str], neighbours: bool) -> None:
        """Leave traces in the caches that later reads must not be misled by."""
        self.reader.execute("BEGIN")
        seen = self.cache.get(self.reader, 1)
        for word in words:
            seen.postings(self.reader, word)
        if neighbours:
            seen.adjacent(self.reader)
        self.reader.execute("ROLLBACK")

    @rule()
    def check_same_process(self) -> None:
        self.reader.execute("BEGIN")
        check(self.cache.get(self.reader, 1), self.reader, self.writer.rows, vocabulary=WORDS)
        self.reader.execute("ROLLBACK")

    @invariant()
    def check_fresh(self) -> None:
        self.reader.execute("BEGIN")
        check(ViewCache(dim=DIM).get(self.reader, 1), self.reader, self.writer.rows, vocabulary=WORDS)
        self.reader.execute("ROLLBACK")

    @rule(words=st.lists(st.sampled_from(WORDS), max_size=2))
    @precondition(lambda self: len(self.held) < N_HELD)
    def hold(self, words: list[str]) -> None:
        connection = connect(self.path)
        connection.execute("BEGIN")
        seen = self.cache.get(connection, 1)
        for word in words:
            seen.postings(connection, word)
        self.held.append((connection, seen, list(self.writer.rows)))

    @rule()
    @precondition(lambda self: self.held)
    def release(self) -> None:
        connection, seen, as_it_was = self.held.pop(0)
        check(seen, connection, as_it_was, vocabulary=WORDS)
        connection.close()


TestHistories = Histories.TestCase
TestHistories.settings = settings(
    max_examples=40, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


# ---------------------------------------------------------------- single claims
@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(create(tmp_path / "m.db"))
    yield made
    made.connection.close()


def some_row(seed: int, **fields: object) -> Row:
    made = random.Random(seed)
    row = Row(
        terms=tuple(made.choices(WORDS, k=5)),
        vector=half(np.random.default_rng(seed).standard_normal(DIM)),
        valid=seed * 1_000_000,
        run=seed // 20,
    )
    return Row(**{**row.__dict__, **fields})


def current(writer: Writer) -> PartitionView:
    row = read_partition(writer.connection, writer.no)
    assert row is not None
    return load(writer.connection, row)


def after(writer: Writer, seen: PartitionView) -> PartitionView:
    row = read_partition(writer.connection, writer.no)
    assert row is not None
    return refresh(writer.connection, seen, row)


def test_segments_of_the_real_size_are_packed_and_read(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(4_000)))
    old = current(writer)
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(4_000, 4_300)))
        writer.delete(17, 4_100)
    assert writer.n_packed == 1
    check(after(writer, old), writer.connection, writer.rows, vocabulary=WORDS)
    check(current(writer), writer.connection, writer.rows, vocabulary=WORDS)


def test_a_new_row_is_written_into_the_arrays_of_the_old_view(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(100)))
    old = current(writer)
    with writer.writing():
        writer.append(some_row(100))
    new = after(writer, old)
    assert new.columns.valid.base is old.columns.valid.base
    assert new.matrix is old.matrix
    assert (old.n, new.n) == (100, 101)


def test_closing_a_row_copies_the_columns_that_change_and_no_others(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(100)))
    old = current(writer)
    with writer.writing():
        writer.change(40, expired=1)
    new = after(writer, old)
    assert old.columns.expired[40] == FOREVER
    assert new.columns.expired[40] == 1
    assert new.columns.valid.base is old.columns.valid.base
    assert new.matrix.blocks[0] is old.matrix.blocks[0]


def test_columns_and_neighbours_cannot_be_written(writer: Writer) -> None:
    with writer.writing():
        writer.append(some_row(0))
    seen = current(writer)
    near = seen.adjacent(writer.connection)
    for array in (seen.columns.flags, near.previous, near.shrink):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 9


def test_an_erased_row_leaves_no_word_and_no_vector_in_memory(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(50)), some_row(50, terms=("秘密",)))
    old = current(writer)
    assert old.postings(writer.connection, "秘密").positions.tolist() == [50]
    with writer.writing():
        writer.delete(50)
    with writer.writing():
        writer.erase(50)
    new = after(writer, old)
    assert "秘密" not in new.tail._lists
    assert new.terms.get("秘密") is None
    block = new.matrix.blocks[0]
    assert block is not None
    assert not block[50].any()


def test_vectors_of_another_size_load_the_partition_anew(writer: Writer) -> None:
    with writer.writing():
        writer.append(some_row(0), some_row(1))
    old = current(writer)
    with writer.writing():
        writer.append(some_row(2, vector=half(np.ones(DIM // 2))))
    new = after(writer, old)
    assert (old.dim, new.dim) == (DIM, DIM // 2)
    assert new.matrix.scales[:3].astype(bool).tolist() == [False, False, True]


def test_a_view_that_the_change_log_left_behind_is_loaded_anew(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(100)))
    old = current(writer)
    with writer.writing():
        writer.change(7, expired=1)
    with writer.writing():
        writer.append(some_row(100))
    writer.connection.execute("DELETE FROM change WHERE version < ?", (writer.version,))
    check(after(writer, old), writer.connection, writer.rows, vocabulary=WORDS)


def test_a_row_that_is_indexed_again_is_found_again(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(100)))
    with writer.writing():
        writer.delete(60)
    old = current(writer)
    before = old.postings(writer.connection, "回来").positions.tolist()
    with writer.writing():
        writer.connection.execute(
            "INSERT INTO terms VALUES (?, ?)", (writer.no << POSITION_BITS | 60, pack_terms(["回来"])[0])
        )
        writer.change(60, flags=INDEXED, terms=("回来",))
    assert after(writer, old).postings(writer.connection, "回来").positions.tolist() == [60]
    assert old.postings(writer.connection, "回来").positions.tolist() == before == []


def test_what_is_not_indexed_is_not_found_even_if_it_was_left_in_its_segment(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shrink_segments(monkeypatch, bits=3)
    with writer.writing():
        writer.append(*(some_row(seed) for seed in range(20)))
    with writer.writing():
        writer.change(3, flags=0)
    check(current(writer), writer.connection, writer.rows, vocabulary=WORDS)


@pytest.mark.parametrize("late_s", [-30, -1, 0, 1])
@pytest.mark.parametrize("run", [-1, 4])
def test_an_episode_said_earlier_is_put_between_its_neighbours(writer: Writer, late_s: int, run: int) -> None:
    with writer.writing():
        writer.append(*(some_row(seed, run=run) for seed in range(100)))
    old = current(writer)
    old.adjacent(writer.connection)
    with writer.writing():
        writer.append(some_row(100, run=run, valid=(99 + late_s) * 1_000_000))
    new = after(writer, old)
    assert new.base is not None
    assert new.base.holds
    check(new, writer.connection, writer.rows, vocabulary=WORDS)
    check(old, writer.connection, writer.rows[:100], vocabulary=())


def test_a_session_without_a_run_ends_with_a_long_silence(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(some_row(seed, run=-1) for seed in range(100)))
    old = current(writer)
    old.adjacent(writer.connection)
    with writer.writing():
        writer.append(
            some_row(100, run=-1, valid=99_000_000 + HOUR), some_row(101, run=-1, valid=99_000_001 + 2 * HOUR)
        )
    previous = after(writer, old).adjacent(writer.connection).previous
    assert previous[99:].tolist() == [98, 99, -1]


def test_a_row_given_to_the_tail_twice_is_there_once() -> None:
    tail = Tail(8)
    for stop in (10, 11):
        tail.append([(p, ["火锅"], b"\x02") for p in range(8, stop)], stop=stop)
    assert tail.between("火锅", 0, 99)[0].tolist() == [8, 9, 10]
    positions, counts = tail.between("火锅", 9, 11)
    assert (positions.tolist(), counts.tolist()) == ([9, 10], [2, 2])
    assert positions.dtype == np.int32
