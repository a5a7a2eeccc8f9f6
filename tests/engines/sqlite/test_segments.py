"""Packed segments agree with the truth when they are made and after rows leave them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polymem.engines.sqlite import segments
from polymem.engines.sqlite.blocks import Block, unpack
from polymem.engines.sqlite.codec import unpack_terms
from polymem.errors import StoreCorruptError
from polymem.ports.faces import EMBEDDED, INDEXED, PENDING
from tests.engines.sqlite.rows import DIM, Row, Writer, create, half, shrink_segments

ROWS = 8


@pytest.fixture
def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Writer]:
    shrink_segments(monkeypatch, bits=3)
    made = Writer(create(tmp_path / "m.db"))
    yield made
    made.connection.close()


def row(seed: int, *terms: str) -> Row:
    return Row(
        terms=terms, vector=half(np.random.default_rng(seed).standard_normal(DIM)), flags=INDEXED | EMBEDDED
    )


def postings(writer: Writer, term: str, *, stop: int = 9) -> list[tuple[int, int]]:
    positions, counts = segments.read_postings(writer.connection, writer.no, term, first=0, stop=stop)
    return list(zip(positions.tolist(), counts.tolist(), strict=True))


def packed_terms(writer: Writer) -> set[str]:
    blocks = writer.connection.execute("SELECT terms, starts, records FROM posting")
    return {term.decode() for block in blocks for term in unpack(Block(*block))}


def test_only_full_segments_are_packed(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(row(p, "火锅") for p in range(ROWS * 2 + 3)))
    assert writer.n_packed == 2
    assert writer.connection.execute("SELECT n_packed FROM partition").fetchone() == (2,)
    assert postings(writer, "火锅") == [(p, 1) for p in range(ROWS * 2)]


def test_counts_are_kept_and_capped_at_a_byte(writer: Writer) -> None:
    with writer.writing():
        writer.append(row(0, "a", *["喜欢"] * 3), row(1, *["a"] * 300), *(row(p) for p in range(2, ROWS)))
    assert postings(writer, "a") == [(0, 1), (1, 255)]
    assert postings(writer, "喜欢") == [(0, 3)]
    assert postings(writer, "喜") == []


def test_rows_that_are_not_indexed_are_left_out(writer: Writer) -> None:
    with writer.writing():
        writer.append(row(0, "a"), *(row(p, "b") for p in range(1, ROWS - 1)))
    with writer.writing():
        writer.change(0, flags=0)
        writer.append(row(ROWS - 1))
    vectors, scales = segments.read_segment(writer.connection, writer.no, 0, dim=DIM)
    assert packed_terms(writer) == {"b"}
    assert not vectors[0].any()
    assert scales.astype(bool).tolist() == [False, *[True] * (ROWS - 1)]


def test_a_segment_without_a_term_is_packed(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(Row() for _ in range(ROWS)))
    assert writer.n_packed == 1
    assert packed_terms(writer) == set()


def test_scrubbing_takes_words_and_vectors_out_of_the_file(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(row(p, "a", "b", f"own{p}") for p in range(ROWS * 2)))
    with writer.writing():
        writer.erase(3, 4, ROWS + 1)
    assert postings(writer, "a") == [(p, 1) for p in range(ROWS * 2) if p not in {3, 4, ROWS + 1}]
    assert packed_terms(writer).isdisjoint({"own3", "own4", f"own{ROWS + 1}"})
    for no, within in ((0, 3), (0, 4), (1, 1)):
        vectors, scales = segments.read_segment(writer.connection, writer.no, no, dim=DIM)
        assert not vectors[within].any()
        assert scales[within] == 0
        assert np.count_nonzero(scales) == ROWS - (2 if no == 0 else 1)


@pytest.mark.parametrize("handed_over", [True, False])
def test_scrubbing_works_when_the_forward_list_is_gone(writer: Writer, handed_over: bool) -> None:
    with writer.writing():
        writer.append(*(row(p, "a", f"own{p}") for p in range(ROWS)))
    with writer.writing():
        (blob,) = writer.connection.execute("SELECT list FROM terms ORDER BY rid LIMIT 1").fetchone()
        writer.connection.execute("DELETE FROM terms")
        terms = {0: unpack_terms(blob)[0]} if handed_over else None
        segments.scrub(writer.connection, writer.no, [0], terms=terms)
        writer.erase(0)
    assert postings(writer, "a") == [(p, 1) for p in range(1, ROWS)]
    assert "own0" not in packed_terms(writer)


def test_scrubbing_rows_of_the_tail_does_nothing(writer: Writer) -> None:
    with writer.writing():
        writer.append(*(row(p, "a") for p in range(ROWS + 2)))
    before = writer.connection.execute("SELECT * FROM posting").fetchall()
    segments.scrub(writer.connection, writer.no, [ROWS, ROWS + 1, 99])
    assert writer.connection.execute("SELECT * FROM posting").fetchall() == before


def test_one_partition_is_scrubbed_and_dropped_without_the_other(writer: Writer) -> None:
    other = Writer(writer.connection, no=2)
    for each in (writer, other):
        with each.writing():
            each.append(*(row(p, "上海") for p in range(ROWS)))
    with writer.writing():
        writer.delete(0)
        assert len(postings(writer, "上海")) == ROWS - 1
        writer.rebuild()
        writer.append(row(9))
    assert len(postings(other, "上海")) == ROWS
    assert postings(writer, "上海") == [(p, 1) for p in range(1, ROWS)]


def test_a_late_vector_is_patched_in(writer: Writer) -> None:
    vector = half(np.arange(1, DIM + 1))
    with writer.writing():
        writer.append(*(Row(flags=INDEXED | PENDING) for _ in range(ROWS)))
    with writer.writing():
        writer.embed(5, vector)
    vectors, scales = segments.read_segment(writer.connection, writer.no, 0, dim=DIM)
    truth = np.frombuffer(vector, "<f2").astype(float)
    assert vectors[5] * scales[5] == pytest.approx(truth, abs=float(scales[5]))
    assert np.flatnonzero(scales).tolist() == [5]


def test_a_segment_of_another_dimension_is_rewritten_by_a_patch(writer: Writer) -> None:
    writer.dim = 0
    with writer.writing():
        writer.append(*(Row(flags=INDEXED | PENDING) for _ in range(ROWS)))
    writer.dim = DIM
    with pytest.raises(StoreCorruptError):
        segments.read_segment(writer.connection, writer.no, 0, dim=DIM)
    with writer.writing():
        writer.embed(5, half(np.ones(DIM)))
    assert np.flatnonzero(segments.read_segment(writer.connection, writer.no, 0, dim=DIM)[1]).tolist() == [5]


def test_an_absent_segment_is_reported(writer: Writer) -> None:
    with pytest.raises(StoreCorruptError) as caught:
        segments.read_segment(writer.connection, writer.no, 7, dim=DIM)
    assert caught.value.facts == {"face": "segment"}
