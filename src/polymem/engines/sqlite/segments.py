"""Packed segments: 4,096 rows of a partition as one int8 matrix and one posting list per term.

They are caches of ``vector`` and ``terms``, written and scrubbed in the transaction that changes those, so that they
agree with them at every version. Rows that are not indexed have a zero vector and occur in no posting list.

A posting list holds m positions within the segment as uint16, ascending, then m counts as uint8.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from polymem.engines.sqlite.codec import unpack_terms
from polymem.engines.sqlite.kernel import I8
from polymem.engines.sqlite.ranges import (
    fetch_vectors,
    indexed,
    quantise_rows,
    read_columns,
    read_terms,
)
from polymem.engines.sqlite.schema import POSITION_BITS, SEGMENT_BITS, SEGMENT_ROWS
from polymem.errors import StoreCorruptError
from polymem.ports.faces import F32, I32, U8, Mask


def pack_full_segments(
    connection: sqlite3.Connection, partition_no: int, *, next_position: int, n_packed: int, dim: int
) -> int:
    """Pack every segment that is full and not packed yet; call inside the write transaction that filled it.

    Args:
        connection: In a write transaction that raises the partition's version.
        partition_no: Number of the partition.
        next_position: Number of positions given out, those of this transaction included and stored.
        n_packed: Number of segments packed so far.
        dim: Size of the store's vectors.

    Returns:
        The new number of packed segments, already stored in ``partition.n_packed``.
    """
    n_full = next_position >> SEGMENT_BITS
    for no in range(n_packed, n_full):
        first = no << SEGMENT_BITS
        keep = indexed(read_columns(connection, partition_no, first, first + SEGMENT_ROWS))
        _write_vectors(connection, partition_no, no, keep=keep, dim=dim)
        _write_postings(connection, partition_no, no, keep=keep)
    if n_full > n_packed:
        connection.execute("UPDATE partition SET n_packed = ? WHERE no = ?", (n_full, partition_no))
    return max(n_packed, n_full)


def _write_vectors(
    connection: sqlite3.Connection, partition_no: int, no: int, *, keep: Mask, dim: int
) -> None:
    first = no << SEGMENT_BITS
    rows = fetch_vectors(connection, partition_no, first, first + SEGMENT_ROWS)
    vectors, scales = quantise_rows(rows, first=first, keep=keep, dim=dim)
    connection.execute(
        "INSERT INTO segment (partition, no, scales, vectors) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (partition, no) DO UPDATE SET scales = excluded.scales, vectors = excluded.vectors",
        (partition_no, no, scales.tobytes(), vectors.tobytes()),
    )


def _write_postings(connection: sqlite3.Connection, partition_no: int, no: int, *, keep: Mask) -> None:
    first = no << SEGMENT_BITS
    words: list[str] = []
    positions: list[int] = []
    sizes: list[int] = []
    counted: list[bytes] = []
    for position, terms, counts in read_terms(connection, partition_no, first, first + SEGMENT_ROWS):
        if keep[position - first]:
            words += terms
            positions.append(position - first)
            sizes.append(len(terms))
            counted.append(counts)
    # Numbered in the order of the key, so that SQLite fills pages one after the other.
    vocabulary = sorted(set(words))
    numbers = {term: number for number, term in enumerate(vocabulary)}
    numbered = np.array([numbers[word] for word in words], np.int32)
    # A stable sort by term keeps the positions of each term ascending.
    order = np.argsort(numbered, kind="stable")
    within = np.repeat(np.array(positions, "<u2"), sizes)[order].tobytes()
    times = np.frombuffer(b"".join(counted), np.uint8)[order].tobytes()
    stops: list[int] = np.cumsum(np.bincount(numbered, minlength=len(vocabulary))).tolist()
    connection.executemany(
        "INSERT INTO posting (partition, term, segment, list) VALUES (?, ?, ?, ?)",
        (
            (partition_no, term, no, within[2 * start : 2 * stop] + times[start:stop])
            for term, start, stop in zip(vocabulary, [0, *stops], stops, strict=False)
        ),
    )


def read_postings(
    connection: sqlite3.Connection, partition_no: int, term: str, *, first: int, stop: int
) -> tuple[I32, U8]:
    """Return positions (int32[m], ascending) and counts (uint8[m]) of *term* in the segments *first* to *stop* - 1."""
    rows: list[tuple[int, bytes]] = connection.execute(
        "SELECT segment, list FROM posting WHERE partition = ? AND term = ? AND segment BETWEEN ? AND ? "
        "ORDER BY segment",
        (partition_no, term, first, stop - 1),
    ).fetchall()
    if not rows:
        return np.empty(0, np.int32), np.empty(0, np.uint8)
    sizes = [len(blob) // 3 for _, blob in rows]
    within = b"".join([blob[: 2 * size] for (_, blob), size in zip(rows, sizes, strict=True)])
    counts = b"".join([blob[2 * size :] for (_, blob), size in zip(rows, sizes, strict=True)])
    positions = np.frombuffer(within, "<u2").astype(np.int32)
    positions += np.repeat(np.array([no << SEGMENT_BITS for no, _ in rows], np.int32), sizes)
    return positions, np.frombuffer(counts, np.uint8)


def read_segment(connection: sqlite3.Connection, partition_no: int, no: int, *, dim: int) -> tuple[I8, F32]:
    """Return int8[4096, dim] (read-only) and float32[4096] of a packed segment.

    Raises:
        StoreCorruptError: It is absent or of another size.
    """
    row = connection.execute(
        "SELECT vectors, scales FROM segment WHERE partition = ? AND no = ?", (partition_no, no)
    ).fetchone()
    if row is None or len(row[0]) != SEGMENT_ROWS * dim or len(row[1]) != SEGMENT_ROWS * 4:
        raise StoreCorruptError(
            "a packed segment is absent or of a wrong size; rebuild the store", face="segment"
        )
    return np.frombuffer(row[0], np.int8).reshape(SEGMENT_ROWS, dim), np.frombuffer(row[1], np.float32)


def scrub(
    connection: sqlite3.Connection,
    partition_no: int,
    positions: Iterable[int],
    *,
    terms: Mapping[int, Sequence[str]] | None = None,
) -> None:
    """Take rows out of their packed segments physically: zero vectors, no postings.

    Call it before the rows' forward lists are deleted, or hand the *terms* over; a row whose terms are not known
    costs a walk through all posting lists of the partition.

    Args:
        connection: In a write transaction.
        partition_no: Number of the partition.
        positions: Which rows; those that are not packed are passed over.
        terms: Distinct terms by position, instead of the ``terms`` table.
    """
    (n_packed,) = connection.execute(
        "SELECT n_packed FROM partition WHERE no = ?", (partition_no,)
    ).fetchone()
    packed = sorted({position for position in positions if position >> SEGMENT_BITS < n_packed})
    for no, group in groupby(packed, key=lambda position: position >> SEGMENT_BITS):
        members = list(group)
        _overwrite(connection, partition_no, no, [(p & (SEGMENT_ROWS - 1), None) for p in members])
        gone: dict[str, list[int]] = {}
        for position in members:
            for term in _terms_of(connection, partition_no, position, terms):
                gone.setdefault(term, []).append(position & (SEGMENT_ROWS - 1))
        for term, within in gone.items():
            _strike(connection, (partition_no, term, no), within)


def _terms_of(
    connection: sqlite3.Connection,
    partition_no: int,
    position: int,
    given: Mapping[int, Sequence[str]] | None,
) -> Iterable[str]:
    if given is not None and position in given:
        return given[position]
    row = connection.execute(
        "SELECT list FROM terms WHERE rid = ?", (partition_no << POSITION_BITS | position,)
    ).fetchone()
    if row is not None:
        return unpack_terms(row[0])[0]
    found = connection.execute(
        "SELECT term FROM posting WHERE partition = ? AND segment = ?",
        (partition_no, position >> SEGMENT_BITS),
    )
    return [term for (term,) in found]


def _strike(connection: sqlite3.Connection, key: tuple[int, str, int], within: list[int]) -> None:
    row = connection.execute(
        "SELECT list FROM posting WHERE partition = ? AND term = ? AND segment = ?", key
    ).fetchone()
    if row is None:
        return
    size = len(row[0]) // 3
    positions: NDArray[np.uint16] = np.frombuffer(row[0], "<u2", count=size)
    keep = ~np.isin(positions, np.array(within, np.uint16))
    if keep.all():
        return
    if keep.any():
        counts = np.frombuffer(row[0], np.uint8, offset=2 * size)
        blob = positions[keep].tobytes() + counts[keep].tobytes()
        connection.execute(
            "UPDATE posting SET list = ? WHERE partition = ? AND term = ? AND segment = ?", (blob, *key)
        )
    else:
        connection.execute("DELETE FROM posting WHERE partition = ? AND term = ? AND segment = ?", key)


def _overwrite(
    connection: sqlite3.Connection,
    partition_no: int,
    no: int,
    rows: Sequence[tuple[int, tuple[bytes, bytes] | None]],
) -> None:
    """Write vector and scale (None: zeros) of rows of a segment in place, touching only the pages that hold them."""
    found = connection.execute(
        "SELECT rowid, length(vectors) / ? FROM segment WHERE partition = ? AND no = ?",
        (SEGMENT_ROWS, partition_no, no),
    ).fetchone()
    if found is None:
        return
    rowid, dim = found
    with (
        connection.blobopen("segment", "vectors", rowid) as vectors,
        connection.blobopen("segment", "scales", rowid) as scales,
    ):
        for within, value in rows:
            vector, scale = value or (bytes(dim), bytes(4))
            vectors.seek(within * dim)
            vectors.write(vector)
            scales.seek(within * 4)
            scales.write(scale)


def patch_vectors(
    connection: sqlite3.Connection, partition_no: int, positions: Iterable[int], *, dim: int
) -> None:
    """Bring the vectors of packed rows up to date with ``vector``, as when a row is embedded late.

    Args:
        connection: In a write transaction; ``vector`` and ``scan`` hold the new state.
        partition_no: Number of the partition.
        positions: Which rows; those that are not packed are passed over.
        dim: Size of the store's vectors.
    """
    (n_packed,) = connection.execute(
        "SELECT n_packed FROM partition WHERE no = ?", (partition_no,)
    ).fetchone()
    packed = sorted({position for position in positions if position >> SEGMENT_BITS < n_packed})
    for no, group in groupby(packed, key=lambda position: position >> SEGMENT_BITS):
        members = list(group)
        first = no << SEGMENT_BITS
        stored = connection.execute(
            "SELECT length(vectors) FROM segment WHERE partition = ? AND no = ?", (partition_no, no)
        ).fetchone()
        if stored != (SEGMENT_ROWS * dim,):
            keep = indexed(read_columns(connection, partition_no, first, first + SEGMENT_ROWS))
            _write_vectors(connection, partition_no, no, keep=keep, dim=dim)
            continue
        rows: list[tuple[int, tuple[bytes, bytes] | None]] = []
        for position in members:
            keep = indexed(read_columns(connection, partition_no, position, position + 1))
            found = fetch_vectors(connection, partition_no, position, position + 1)
            vector, scale = quantise_rows(found, first=position, keep=keep, dim=dim)
            rows.append((position - first, (vector.tobytes(), scale.tobytes())))
        _overwrite(connection, partition_no, no, rows)


def drop_segments(connection: sqlite3.Connection, partition_no: int) -> None:
    """Forget all packed segments of a partition; :func:`pack_full_segments` with ``n_packed=0`` makes them anew.

    The transaction must log a change of the whole partition (first 0, last the newest position), which makes every
    reader load it anew.
    """
    connection.execute("DELETE FROM segment WHERE partition = ?", (partition_no,))
    connection.execute("DELETE FROM posting WHERE partition = ?", (partition_no,))
    connection.execute("UPDATE partition SET n_packed = 0 WHERE no = ?", (partition_no,))
