"""Checks of the packed caches: every segment equals what its rows would be packed to now."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterator

from polymem.engines.sqlite.blocks import bucket_of, unpack
from polymem.engines.sqlite.problem import Problem, Tally
from polymem.engines.sqlite.ranges import (
    Records,
    fetch_vectors,
    indexed,
    quantise_rows,
    read_columns,
    read_terms,
)
from polymem.engines.sqlite.schema import SEGMENT_BITS, SEGMENT_ROWS
from polymem.engines.sqlite.segments import MAX_SEGMENT, block_keys, read_blocks
from polymem.errors import StoreCorruptError
from polymem.ports.faces import Mask


def check_packed(connection: sqlite3.Connection, no: int, *, dim: int) -> Iterator[Problem]:
    """Yield which packed segments and posting lists of a partition disagree with vectors and forward lists."""
    (n_packed,) = connection.execute("SELECT n_packed FROM partition WHERE no = ?", (no,)).fetchone()
    tally = Tally()
    for face, table, values in (
        ("segment", "segment WHERE partition = ? AND no NOT BETWEEN 0 AND ?", (no, n_packed - 1)),
        (
            "posting",
            "posting WHERE key BETWEEN ? AND ? AND key & ? >= ?",
            (*block_keys(no), MAX_SEGMENT, n_packed),
        ),
    ):
        (n,) = connection.execute(f"SELECT count(*) FROM {table}", values).fetchone()
        tally.note(face, "packed too early", n=n)
    for segment in range(n_packed):
        columns = _columns(connection, no, segment)
        if columns is None:
            # The ranking columns are reported as such; without them nobody knows what belongs into the segment.
            tally.note("segment", "cannot be compared")
            continue
        keep = indexed(columns)
        tally.note(
            "segment", "differs from the vectors", n=not _same_vectors(connection, no, segment, keep, dim=dim)
        )
        tally.note(
            "posting", "differs from the forward lists", n=_n_wrong_lists(connection, no, segment, keep)
        )
    yield from tally.problems()


def _columns(connection: sqlite3.Connection, no: int, segment: int) -> Records | None:
    first = segment << SEGMENT_BITS
    try:
        return read_columns(connection, no, first, first + SEGMENT_ROWS)
    except StoreCorruptError:
        return None


def _same_vectors(connection: sqlite3.Connection, no: int, segment: int, keep: Mask, *, dim: int) -> bool:
    first = segment << SEGMENT_BITS
    rows = fetch_vectors(connection, no, first, first + SEGMENT_ROWS)
    vectors, scales = quantise_rows(rows, first=first, keep=keep, dim=dim)
    found = connection.execute(
        "SELECT vectors, scales FROM segment WHERE partition = ? AND no = ?", (no, segment)
    ).fetchone()
    return bool(found == (vectors.tobytes(), scales.tobytes()))


def _n_wrong_lists(connection: sqlite3.Connection, no: int, segment: int, keep: Mask) -> int:
    """Return how many terms of a segment have another posting list than their rows' forward lists make."""
    first = segment << SEGMENT_BITS
    expected: dict[bytes, bytearray] = {}
    for position, words, counts in _sound_terms(connection, no, first):
        if keep[position - first]:
            for word, count in zip(words, counts, strict=True):
                expected.setdefault(word.encode(), bytearray()).extend(
                    struct.pack("<HB", position - first, count)
                )
    wrong = 0
    for bucket, block in read_blocks(connection, no, segment):
        try:
            lists = unpack(block)
        except ValueError:
            wrong += 1
            continue
        for term, records in lists.items():
            wrong += expected.pop(term, None) != bytearray(records) or bucket_of(term) != bucket
    return wrong + len(expected)


def _sound_terms(
    connection: sqlite3.Connection, no: int, first: int
) -> Iterator[tuple[int, list[str], bytes]]:
    """Yield the forward lists of a segment up to the first that cannot be read; that one is reported as such."""
    try:
        yield from read_terms(connection, no, first, first + SEGMENT_ROWS)
    except (struct.error, UnicodeDecodeError, ValueError):
        return
