"""What the vector and the text face say of small partitions that a reader can check by eye."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from polymem.engines.sqlite.cache import ViewCache
from polymem.engines.sqlite.faces import SqliteTextFace, SqliteVectorFace
from polymem.errors import DimensionError
from polymem.ports.faces import EMBEDDED, INDEXED, TextFace, VectorFace
from tests.engines.sqlite.rows import DIM, Row, Writer, create, half

AXES = np.eye(DIM, dtype=np.float32)


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    made = Writer(create(tmp_path / "m.db"))
    yield made
    made.connection.close()


def vectors(writer: Writer) -> VectorFace:
    return SqliteVectorFace(writer.connection, ViewCache(dim=DIM).get(writer.connection, 1))


def texts(writer: Writer) -> TextFace:
    return SqliteTextFace(writer.connection, ViewCache(dim=DIM).get(writer.connection, 1))


def along(*weights: float) -> Row:
    return Row(vector=half([*weights, *[0.0] * (DIM - len(weights))]), flags=INDEXED | EMBEDDED)


def test_scores_are_cosines_higher_for_what_is_nearer(writer: Writer) -> None:
    with writer.writing():
        writer.append(along(1), along(1, 1), along(0, 1), along(-1), Row(terms=("无",)))
    face = vectors(writer)
    wanted = [1, 2**-0.5, 0, -1, 0]
    assert face.scan(AXES[0]) == pytest.approx(wanted, abs=0.01)
    assert face.exact(AXES[0], np.array([4, 1, 1, 3], np.int32)) == pytest.approx(
        [0, 2**-0.5, 2**-0.5, -1], abs=1e-3
    )
    assert face.scan(AXES[0]).dtype == np.float32


def test_a_few_rows_are_as_near_as_a_scan_of_all_finds_them(writer: Writer) -> None:
    with writer.writing():
        writer.append(along(1), along(1, 1), Row(terms=("无",)), along(-1, 2))
    face = vectors(writer)
    queries = np.stack([AXES[0], AXES[1]])
    wanted = np.array([3, 1, 1, 2], np.int32)
    found = face.near(queries, wanted)
    assert found.shape == (2, 4)
    assert found.tolist() == [face.scan(query)[wanted].tolist() for query in queries]
    assert face.near(queries, np.empty(0, np.int32)).shape == (2, 0)
    assert face.near(queries[:0], wanted).shape == (0, 4)


def test_no_positions_give_empty_answers(writer: Writer) -> None:
    with writer.writing():
        writer.append(along(1))
    nothing = np.empty(0, np.int32)
    assert vectors(writer).exact(AXES[0], nothing).shape == (0,)


def test_without_vectors_everything_is_zero(writer: Writer) -> None:
    with writer.writing():
        writer.append(Row(terms=("a",)), Row())
    face = vectors(writer)
    assert face.scan(AXES[0]).tolist() == [0, 0]
    assert face.exact(AXES[0], np.array([1, 0], np.int32)).tolist() == [0, 0]


@pytest.mark.parametrize("has_vectors", [True, False])
def test_a_query_of_another_size_is_refused(writer: Writer, has_vectors: bool) -> None:
    with writer.writing():
        writer.append(along(1) if has_vectors else Row())
    at = np.zeros(1, np.int32)
    for ask in (
        lambda q: vectors(writer).scan(q),
        lambda q: vectors(writer).exact(q, at),
        lambda q: vectors(writer).near(q[None], at),
    ):
        with pytest.raises(DimensionError) as caught:
            ask(np.ones(DIM + 1, np.float32))
        assert caught.value.facts["argument"] == "query"


def test_statistics_count_every_indexed_row_open_or_closed(writer: Writer) -> None:
    with writer.writing():
        writer.append(
            Row(terms=("我", "喜欢", "火锅")), Row(terms=("dog",), expired=1), Row(terms=("火锅", "火锅"))
        )
    face = texts(writer)
    assert (face.n_rows, face.mean_length) == (3, 2.0)
    with writer.writing():
        writer.delete(0)
    face = texts(writer)
    assert (face.n_rows, face.mean_length) == (2, 1.5)
    found = face.postings("火锅")
    assert (found.positions.tolist(), found.counts.tolist()) == ([2], [2])


def test_an_empty_partition_has_mean_length_one(writer: Writer) -> None:
    face = texts(writer)
    assert (face.n_rows, face.mean_length) == (0, 1.0)
    assert face.postings("火锅").positions.tolist() == []


def test_the_words_of_another_partition_are_not_found(writer: Writer) -> None:
    other = Writer(writer.connection, no=2)
    for each, word in ((writer, "火锅"), (other, "上海")):
        with each.writing():
            each.append(Row(terms=(word,), vector=half(AXES[0]), flags=INDEXED | EMBEDDED))
    face = texts(writer)
    assert face.postings("上海").positions.tolist() == []
    assert face.n_rows == 1
    assert vectors(writer).scan(AXES[0]).shape == (1,)
