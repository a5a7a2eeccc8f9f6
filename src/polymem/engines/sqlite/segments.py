"""Packed segments: 4,096 rows of a partition as one int8 matrix and the posting lists of its terms.

They are caches of ``vector`` and ``terms``, written and scrubbed in the transaction that changes those, so that they
agree with them at every version. Rows that are not indexed have a zero vector and occur in no posting list.

The lists of the terms lie in blocks (see ``blocks``).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from polymem.engines.sqlite.blocks import (
    N_BUCKETS,
    RECORD,
    RECORD_BYTES,
    Block,
    bucket_of,
    find,
    make_blocks,
    marked,
    without,
)
from polymem.engines.sqlite.codec import unpack_terms
from polymem.engines.sqlite.kernel import I8
from polymem.engines.sqlite.ranges import (
    fetch_vectors,
    indexed,
    quantise_rows,
    read_columns,
)
from polymem.engines.sqlite.schema import BUCKET_BITS, POSITION_BITS, SEGMENT_BITS, SEGMENT_ROWS
from polymem.errors import StoreCorruptError
from polymem.ports.faces import F32, I32, U8, Mask

NUMBER_BITS: Final = POSITION_BITS - SEGMENT_BITS
_MANY: Final = 256
NOWHERE: Final = (np.empty(0, np.int32), np.empty(0, np.uint8))
"""Terms looked up by one statement."""
MAX_SEGMENT: Final = (1 << NUMBER_BITS) - 1
"""The highest number that a segment can have."""


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
    first = (partition_no << POSITION_BITS) + (no << SEGMENT_BITS)
    rows = connection.execute(
        "SELECT rid - ?, list FROM terms WHERE rid BETWEEN ? AND ? ORDER BY rid",
        (first, first, first + SEGMENT_ROWS - 1),
    )
    kept = [row for row in rows if keep[row[0]]]
    connection.executemany(
        "INSERT INTO posting VALUES (?, ?, ?, ?)",
        ((_key(partition_no, bucket, no), *block) for bucket, block in make_blocks(kept)),
    )


def _key(partition_no: int, bucket: int, no: int) -> int:
    """Return the key of a block: those of one bucket lie beside each other, since a term is looked up in all segments."""
    return (partition_no << BUCKET_BITS | bucket) << NUMBER_BITS | no


def block_keys(partition_no: int) -> tuple[int, int]:
    """Return the lowest and the highest key that the blocks of a partition can have."""
    return _key(partition_no, 0, 0), _key(partition_no + 1, 0, 0) - 1


def read_postings(
    connection: sqlite3.Connection, partition_no: int, term: str, *, first: int, stop: int
) -> tuple[I32, U8]:
    """Return positions (int32[m], ascending) and counts (uint8[m]) of *term* in the segments *first* to *stop* - 1.

    Raises:
        StoreCorruptError: A block of them is damaged.
    """
    word = term.encode()
    bucket, mark = bucket_of(word), marked(word)
    rows: list[tuple[int, bytes, bytes, bytes]] = connection.execute(
        "SELECT key, terms, starts, records FROM posting WHERE key BETWEEN ? AND ? AND instr(terms, ?)",
        (_key(partition_no, bucket, first), _key(partition_no, bucket, stop - 1), mark),
    ).fetchall()
    return decoded(
        [((row[0] & MAX_SEGMENT) << SEGMENT_BITS, find(mark, row[1], row[2], row[3])) for row in rows]
    )


def read_many(
    connection: sqlite3.Connection, partition_no: int, terms: Sequence[str], *, first: int, stop: int
) -> list[tuple[I32, U8]]:
    """Return what :func:`read_postings` does for each of *terms*, in one look: most of many names are nowhere.

    Raises:
        StoreCorruptError: A block of them is damaged.
    """
    marks = [marked(term.encode()) for term in terms]
    found: list[list[tuple[int, bytes]]] = [[] for _ in terms]
    for start in range(0, len(terms), _MANY):
        wanted: list[int | bytes] = []
        part = terms[start : start + _MANY]
        for n, term in enumerate(part, start):
            bucket = bucket_of(term.encode())
            wanted += (
                n,
                _key(partition_no, bucket, first),
                _key(partition_no, bucket, stop - 1),
                marks[n],
            )
        rows: list[tuple[int, int, bytes, bytes, bytes]] = connection.execute(
            f"WITH wanted(n, low, high, mark) AS (VALUES {','.join(['(?, ?, ?, ?)'] * len(part))}) "
            "SELECT w.n, p.key, p.terms, p.starts, p.records FROM wanted w CROSS JOIN posting p "
            "WHERE p.key BETWEEN w.low AND w.high AND instr(p.terms, w.mark) ORDER BY w.n, p.key",
            wanted,
        ).fetchall()
        for n, key, *block in rows:
            found[n].append(((key & MAX_SEGMENT) << SEGMENT_BITS, find(marks[n], *block)))
    return [decoded(each) for each in found]


class Stored(NamedTuple):
    """The block of a bucket in one segment: number and first position of that, and the block's lists."""

    no: int
    first: int
    lists: Block


def read_buckets(
    connection: sqlite3.Connection, partition_no: int, first: Mapping[int, int], *, stop: int
) -> dict[int, list[Stored]]:
    """Return the blocks of buckets, segment after segment; a bucket without any is left out.

    Args:
        connection: In a read transaction.
        partition_no: Number of the partition.
        first: The first segment to be read, by bucket.
        stop: The segment after the last.
    """
    found: dict[int, list[Stored]] = {}
    pairs = list(first.items())
    for start in range(0, len(pairs), _MANY):
        part = pairs[start : start + _MANY]
        bounds = (
            (_key(partition_no, bucket, no), _key(partition_no, bucket, stop - 1)) for bucket, no in part
        )
        rows: list[tuple[int, bytes, bytes, bytes]] = connection.execute(
            f"WITH wanted(low, high) AS (VALUES {','.join(['(?, ?)'] * len(part))}) "
            "SELECT p.key, p.terms, p.starts, p.records FROM wanted w CROSS JOIN posting p "
            "WHERE p.key BETWEEN w.low AND w.high",
            list(chain.from_iterable(bounds)),
        ).fetchall()
        for key, *lists in rows:
            no = key & MAX_SEGMENT
            bucket = key >> NUMBER_BITS & (N_BUCKETS - 1)
            found.setdefault(bucket, []).append(Stored(no, no << SEGMENT_BITS, Block(*lists)))
    return found


def decoded(found: Sequence[tuple[int, bytes]]) -> tuple[I32, U8]:
    """Return positions and counts of one term from its records by segment, each with its first position."""
    if not found:
        return NOWHERE
    joined = np.frombuffer(b"".join([records for _, records in found]), RECORD)
    positions = joined["position"].astype(np.int32)
    start = 0
    for first, records in found:
        stop = start + len(records) // RECORD_BYTES
        positions[start:stop] += first
        start = stop
    return positions, np.ascontiguousarray(joined["count"])


def read_blocks(
    connection: sqlite3.Connection, partition_no: int, no: int, buckets: Iterable[int] = range(N_BUCKETS)
) -> Iterator[tuple[int, Block]]:
    """Yield those of *buckets* that a segment has, with their blocks; the caller may write meanwhile."""
    for bucket in buckets:
        row = connection.execute(
            "SELECT terms, starts, records FROM posting WHERE key = ?", (_key(partition_no, bucket, no),)
        ).fetchone()
        if row is not None:
            yield bucket, Block(*row)


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
        words = [_terms_of(connection, partition_no, position, terms) for position in members]
        known = [each for each in words if each is not None]
        buckets = {bucket_of(word.encode()) for each in known for word in each}
        within = np.array([position & (SEGMENT_ROWS - 1) for position in members], np.uint16)
        _strike(
            connection,
            partition_no,
            no,
            within,
            buckets=buckets if len(known) == len(words) else range(N_BUCKETS),
        )


def _terms_of(
    connection: sqlite3.Connection,
    partition_no: int,
    position: int,
    given: Mapping[int, Sequence[str]] | None,
) -> Sequence[str] | None:
    if given is not None and position in given:
        return given[position]
    row = connection.execute(
        "SELECT list FROM terms WHERE rid = ?", (partition_no << POSITION_BITS | position,)
    ).fetchone()
    return None if row is None else unpack_terms(row[0])[0]


def _strike(
    connection: sqlite3.Connection,
    partition_no: int,
    no: int,
    within: NDArray[np.uint16],
    *,
    buckets: Iterable[int],
) -> None:
    """Take rows out of the blocks of a segment."""
    for bucket, block in read_blocks(connection, partition_no, no, buckets):
        left, key = without(block, within), _key(partition_no, bucket, no)
        if left is None:
            connection.execute("DELETE FROM posting WHERE key = ?", (key,))
        elif left is not block:
            connection.execute(
                "UPDATE posting SET terms = ?, starts = ?, records = ? WHERE key = ?", (*left, key)
            )


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
    connection.execute("DELETE FROM posting WHERE key BETWEEN ? AND ?", block_keys(partition_no))
    connection.execute("UPDATE partition SET n_packed = 0 WHERE no = ?", (partition_no,))
