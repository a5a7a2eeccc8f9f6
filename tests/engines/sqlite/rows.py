"""A writer of rows by plain SQL, and what a view of them has to say: the oracle of the read side's tests."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from polymem.engines.sqlite import arrays, loading, segments, view
from polymem.engines.sqlite.codec import pack_scan, pack_terms
from polymem.engines.sqlite.faces import SqliteTextFace, SqliteVectorFace
from polymem.engines.sqlite.schema import MIGRATIONS, POSITION_BITS
from polymem.engines.sqlite.view import PartitionView
from polymem.ports.faces import EMBEDDED, FOREVER, INDEXED, PENDING, REMOVED
from polymem.ranking.neighbours import SESSION_GAP_US, Neighbours

DIM = 16
QUERY: NDArray[np.float32] = np.cos(np.arange(DIM) * 1.7).astype(np.float32)
QUERY /= np.linalg.norm(QUERY)


@dataclass(frozen=True)
class Row:
    """One row version as the oracle knows it."""

    kind: int = 0
    flags: int = INDEXED
    terms: tuple[str, ...] = ()
    vector: bytes | None = None
    run: int = -1
    valid: int = 0
    expired: int = FOREVER
    importance: float = 0.5

    @property
    def indexed(self) -> bool:
        return bool(self.flags & INDEXED)

    @property
    def scan(self) -> tuple[int | float, ...]:
        labels = (3, -1, self.run)
        return (
            self.kind,
            self.flags,
            len(self.terms),
            self.importance,
            *labels,
            self.valid,
            FOREVER,
            7,
            self.expired,
            FOREVER,
        )


def connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, cached_statements=512, timeout=30
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=OFF")
    return connection


def create(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    for migration in MIGRATIONS:
        connection.executescript(migration)
    return connection


def shrink_segments(patch: pytest.MonkeyPatch, *, bits: int) -> None:
    """Let segments be so small that random histories fill many."""
    for module in (arrays, loading, segments, view):
        for name, value in (("SEGMENT_BITS", bits), ("SEGMENT_ROWS", 1 << bits), ("_CHUNK", 3 << bits)):
            if hasattr(module, name):
                patch.setattr(module, name, value)
    patch.setattr(arrays, "_SMALLEST", 2)


@dataclass
class Writer:
    """Writes one partition; ``rows`` is what it holds, None where a row was erased."""

    connection: sqlite3.Connection
    no: int = 1
    dim: int = DIM
    rows: list[Row | None] = field(default_factory=list)
    version: int = 0
    n_packed: int = 0
    _touched: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.connection.execute(
            "INSERT INTO partition (no, tenant, kind, owner) VALUES (?, 't', 'user', ?)",
            (self.no, str(self.no)),
        )

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction: packs what is full, logs what was touched, raises the version."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        yield
        n = len(self.rows)
        if n >> segments.SEGMENT_BITS > self.n_packed:
            self.n_packed = segments.pack_full_segments(
                connection, self.no, next_position=n, n_packed=self.n_packed, dim=self.dim
            )
        self.version += 1
        connection.executemany(
            "INSERT INTO change VALUES (?, ?, ?, ?)", [(self.no, self.version, p, p) for p in self._touched]
        )
        self._touched.clear()
        live = [row for row in self.rows if row is not None and row.indexed]
        connection.execute(
            "UPDATE partition SET version = ?, next_position = ?, n_indexed = ?, n_terms = ? WHERE no = ?",
            (self.version, n, len(live), sum(len(row.terms) for row in live), self.no),
        )
        connection.execute("COMMIT")

    def append(self, *rows: Row) -> None:
        first = len(self.rows)
        rids = range(self._rid(first), self._rid(first + len(rows)))
        self.connection.executemany(
            "INSERT INTO scan VALUES (?, ?)",
            [(rid, pack_scan(*row.scan)) for rid, row in zip(rids, rows, strict=True)],
        )
        self.connection.executemany(
            "INSERT INTO terms VALUES (?, ?)",
            [(rid, pack_terms(row.terms)[0]) for rid, row in zip(rids, rows, strict=True)],
        )
        self.connection.executemany(
            "INSERT INTO vector VALUES (?, ?)",
            [(rid, row.vector) for rid, row in zip(rids, rows, strict=True) if row.vector is not None],
        )
        self.rows += rows
        self._touched.update(range(first, first + len(rows)))

    def change(self, position: int, **fields: object) -> None:
        row = self.rows[position]
        assert row is not None
        self._set(position, replace(row, **fields))  # type: ignore[arg-type]

    def delete(self, *positions: int) -> None:
        """Hide and unindex: what the arms know of the rows goes, their ranking columns stay."""
        segments.scrub(self.connection, self.no, positions)
        for position in positions:
            self._drop(position, "terms", "vector")
            self.change(position, flags=REMOVED, vector=None)

    def erase(self, *positions: int) -> None:
        live = [p for p in positions if (row := self.rows[p]) is not None and row.indexed]
        segments.scrub(self.connection, self.no, live)
        for position in positions:
            self._drop(position, "terms", "vector", "scan")
            self.rows[position] = None
            self._touched.add(position)

    def embed(self, position: int, vector: bytes) -> None:
        """Give a row its vector late."""
        row = self.rows[position]
        assert row is not None
        self.connection.execute("INSERT OR REPLACE INTO vector VALUES (?, ?)", (self._rid(position), vector))
        self.change(position, vector=vector, flags=row.flags & ~PENDING | EMBEDDED)
        segments.patch_vectors(self.connection, self.no, [position], dim=self.dim)

    def rebuild(self) -> None:
        segments.drop_segments(self.connection, self.no)
        self.n_packed = 0
        self._touched.update(range(len(self.rows)))

    def trim(self) -> None:
        """Forget the older half of the change log."""
        self.connection.execute(
            "DELETE FROM change WHERE partition = ? AND version <= ?",
            (self.no, self.version - self.version // 2),
        )

    def _rid(self, position: int) -> int:
        return self.no << POSITION_BITS | position

    def _set(self, position: int, row: Row) -> None:
        self.rows[position] = row
        self.connection.execute(
            "UPDATE scan SET columns = ? WHERE rid = ?", (pack_scan(*row.scan), self._rid(position))
        )
        self._touched.add(position)

    def _drop(self, position: int, *tables: str) -> None:
        for table in tables:
            self.connection.execute(f"DELETE FROM {table} WHERE rid = ?", (self._rid(position),))


# ---------------------------------------------------------------- the oracle
def half(vector: Sequence[float] | NDArray[Any]) -> bytes:
    """Return a unit vector's stored form."""
    wide = np.asarray(vector, np.float64)
    return (wide / (np.linalg.norm(wide) or 1.0)).astype("<f2").tobytes()


def neighbours(rows: Sequence[Row | None]) -> tuple[list[int], list[int]]:
    previous, following = [-1] * len(rows), [-1] * len(rows)
    live = [
        (row, p)
        for p, row in enumerate(rows)
        if row and row.kind == 0 and row.indexed and row.expired == FOREVER
    ]
    for run in {row.run for row, _ in live}:
        session = sorted((row.valid, p) for row, p in live if row.run == run)
        for (valid, left), (later, right) in pairwise(session):
            if run != -1 or later - valid <= SESSION_GAP_US:
                previous[right], following[left] = left, right
    return previous, following


def check(
    seen: PartitionView,
    connection: sqlite3.Connection,
    rows: Sequence[Row | None],
    *,
    vocabulary: Sequence[str],
) -> None:
    """Compare everything that a view and its faces say with what *rows* say."""
    n = len(rows)
    assert seen.n == n
    for name in ("kind", "flags", "run", "valid", "expired"):
        here = getattr(seen.columns, name)
        gone = -1 if name == "run" else 0
        assert here.tolist() == [gone if row is None else getattr(row, name) for row in rows], name
    assert seen.columns.length.tolist() == [0 if row is None else len(row.terms) for row in rows]
    check_texts(SqliteTextFace(connection, seen), rows, vocabulary)
    check_vectors(SqliteVectorFace(connection, seen), rows)
    near = seen.adjacent(connection)
    assert (near.previous.tolist(), near.following.tolist()) == neighbours(rows)
    assert near.shrink == pytest.approx(shrinks(near, rows), abs=0.02)


def check_texts(face: SqliteTextFace, rows: Sequence[Row | None], vocabulary: Sequence[str]) -> None:
    live = {p: Counter(row.terms) for p, row in enumerate(rows) if row and row.indexed}
    assert face.n_rows == len(live)
    mean = sum(counts.total() for counts in live.values()) / len(live) if live else 1.0
    assert face.mean_length == pytest.approx(mean)
    for term in vocabulary:
        found = face.postings(term)
        wanted = [(p, min(counts[term], 255)) for p, counts in live.items() if counts[term]]
        assert list(zip(found.positions.tolist(), found.counts.tolist(), strict=True)) == wanted, term


def vectors_of(rows: Sequence[Row | None]) -> NDArray[np.float64]:
    nothing = bytes(2 * DIM)
    blobs = [row.vector or nothing if row and row.indexed else nothing for row in rows]
    return np.frombuffer(b"".join(blobs), "<f2").reshape(-1, DIM).astype(np.float64)


def shrinks(near: Neighbours, rows: Sequence[Row | None]) -> NDArray[np.float64]:
    """Return one over the length of each row's vector with 0.7 of its neighbours', 0 for a length of 0."""
    padded = np.vstack([vectors_of(rows), np.zeros((1, DIM))])
    sums = padded[:-1] + 0.7 * (padded[near.previous] + padded[near.following])
    lengths = np.linalg.norm(sums, axis=1)
    return np.divide(1, np.maximum(lengths, 0.01), out=np.zeros_like(lengths), where=lengths > 0)


def check_vectors(face: SqliteVectorFace, rows: Sequence[Row | None]) -> None:
    truth = vectors_of(rows)[::-1]
    positions = np.arange(len(rows), dtype=np.int32)[::-1]
    assert face.exact(QUERY, positions) == pytest.approx(truth @ QUERY, abs=1e-5)
    found = np.stack([face.scan(axis)[::-1] for axis in np.eye(DIM, dtype=np.float32)], axis=1)
    step = np.abs(truth).max(axis=1, keepdims=True, initial=0) / 127
    assert (np.abs(found - truth) <= step * 0.501).all()
    scale = np.abs(QUERY).max() / 127
    assert face.scan(QUERY)[::-1] == pytest.approx(found @ (np.rint(QUERY / scale) * scale), abs=1e-5)
