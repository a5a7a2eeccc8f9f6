"""Rows of a range of positions as arrays, straight from the truth."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.domain.scope import Partition
from polymem.engines.sqlite.codec import SCAN, unpack_terms
from polymem.engines.sqlite.encoder import ENCODER_KEY, TOKENISER_KEY
from polymem.engines.sqlite.kernel import I8, quantise
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.errors import StoreCorruptError
from polymem.ports.faces import F32, FOREVER, INDEXED, Mask

Records: TypeAlias = NDArray[Any]
"""Structured array of dtype :data:`SCAN`."""

_ROW: Final = "no, version, next_position, n_packed, n_indexed, n_terms"
_SETTINGS: Final = " || ' ' || ".join(
    f"(SELECT value FROM setting WHERE key = '{key}')" for key in (ENCODER_KEY, TOKENISER_KEY)
)
_STANDING: Final = (
    f"SELECT last_at, owner_entity, {_SETTINGS}, EXISTS (SELECT 1 FROM merge m WHERE m.partition = no), {_ROW} FROM partition "
    "WHERE tenant = ? AND kind = ? AND owner = ?"
)
_SELECT_COLUMNS: Final = "SELECT columns FROM scan WHERE rid BETWEEN ? AND ? ORDER BY rid"
_SELECT_RIDS: Final = "SELECT rid FROM scan WHERE rid BETWEEN ? AND ? ORDER BY rid"

# No time lies inside it and no flag is set: whatever a reader tests, a hole is not found.
HOLE: Final = np.array((0, 0, 0, 0.0, -1, -1, -1, 0, 0, FOREVER, 0, 0), SCAN)
"""Stands where a position has no row because the row was erased."""


class PartitionRow(NamedTuple):
    """What a view needs of a partition's own row."""

    no: int
    version: int
    n: int
    n_packed: int
    n_indexed: int
    n_terms: int


class Standing(NamedTuple):
    """What a read transaction has to know of a partition before anything else.

    Attributes:
        row: The partition's counters.
        last_at: System time of the last write in microseconds.
        owner: Entity number of the owner, None if nothing was stated about it.
        settings: The store's encoder and tokeniser as :func:`~polymem.engines.sqlite.encoder.settings_for` names them, None where
            one is not known.
        merged: Whether any of its entities are merged.
    """

    row: PartitionRow
    last_at: int
    owner: int | None
    settings: str | None
    merged: bool


def find_partition(connection: sqlite3.Connection, partition: Partition) -> Standing | None:
    """Return how things stand with a partition, None when nothing was ever stored there."""
    found = connection.execute(_STANDING, (partition.tenant, partition.kind, partition.owner)).fetchone()
    if found is None:
        return None
    last_at, owner, settings, merged, *row = found
    return Standing(PartitionRow(*row), last_at, owner, settings, bool(merged))


def read_partition(connection: sqlite3.Connection, partition_no: int) -> PartitionRow | None:
    """Return the partition's counters, None when there is no such partition."""
    row = connection.execute(f"SELECT {_ROW} FROM partition WHERE no = ?", (partition_no,)).fetchone()
    return None if row is None else PartitionRow(*row)


def read_columns(connection: sqlite3.Connection, partition_no: int, first: int, stop: int) -> Records:
    """Return SCAN[stop - first]: the ranking columns of a range, with :data:`HOLE` where there is no row."""
    base = (partition_no << POSITION_BITS) + first
    bounds = (base, base + stop - first - 1)
    # Without row ids, which only a range with holes needs, it takes a third less time.
    blobs = [blob for (blob,) in connection.execute(_SELECT_COLUMNS, bounds).fetchall()]
    joined = b"".join(blobs)
    if len(joined) != len(blobs) * SCAN.itemsize:
        raise StoreCorruptError("ranking columns of a wrong size; rebuild the store", face="scan")
    found = np.frombuffer(joined, SCAN)
    if len(blobs) == stop - first:
        return found
    out = np.full(stop - first, HOLE)
    out[[rid - base for (rid,) in connection.execute(_SELECT_RIDS, bounds)]] = found
    return out


def indexed(records: Records) -> Mask:
    """Return bool[n]: which rows the arms may find."""
    flags: NDArray[np.uint8] = records["flags"]
    mask: Mask = (flags & INDEXED) != 0
    return mask


def fetch_vectors(
    connection: sqlite3.Connection, partition_no: int, first: int, stop: int
) -> list[tuple[int, bytes]]:
    """Return position and f16 bytes of the rows of a range that have a vector."""
    base = partition_no << POSITION_BITS
    rows = connection.execute(
        "SELECT rid - ?, f16 FROM vector WHERE rid BETWEEN ? AND ? ORDER BY rid",
        (base, base + first, base + stop - 1),
    )
    return rows.fetchall()


def half_to_float(blobs: Sequence[bytes], *, dim: int) -> F32:
    """Return float32[n, dim] from f16 rows, each of 2 * dim bytes."""
    return np.frombuffer(b"".join(blobs), "<f2").reshape(len(blobs), dim).astype(np.float32)


def quantise_rows(rows: Sequence[tuple[int, bytes]], *, first: int, keep: Mask, dim: int) -> tuple[I8, F32]:
    """Return int8[len(keep), dim] and float32[len(keep)] of a range.

    Args:
        rows: As :func:`fetch_vectors` returns them.
        first: Position of the range's first row.
        keep: bool[m], rows of the range that may be found; the others become zero.
        dim: Size of the vectors; a row of another size becomes zero.
    """
    usable = [(position, blob) for position, blob in rows if len(blob) == 2 * dim and keep[position - first]]
    if len(usable) == len(keep):
        return quantise(half_to_float([blob for _, blob in usable], dim=dim))
    vectors, scales = np.zeros((len(keep), dim), np.int8), np.zeros(len(keep), np.float32)
    if usable:
        at = np.array([position for position, _ in usable]) - first
        vectors[at], scales[at] = quantise(half_to_float([blob for _, blob in usable], dim=dim))
    return vectors, scales


def read_terms(
    connection: sqlite3.Connection, partition_no: int, first: int, stop: int
) -> Iterator[tuple[int, list[str], bytes]]:
    """Yield position, distinct terms and their counts of the rows of a range, ascending."""
    base = partition_no << POSITION_BITS
    for rid, blob in connection.execute(
        "SELECT rid, list FROM terms WHERE rid BETWEEN ? AND ? ORDER BY rid", (base + first, base + stop - 1)
    ):
        terms, counts = unpack_terms(blob)
        yield rid & POSITION_MASK, terms, counts


def vector_dim(connection: sqlite3.Connection, partition_no: int) -> int:
    """Return the size of the partition's newest vector, 0 when there is none."""
    base = partition_no << POSITION_BITS
    row = connection.execute(
        "SELECT length(f16) / 2 FROM vector WHERE rid BETWEEN ? AND ? ORDER BY rid DESC LIMIT 1",
        (base, base | POSITION_MASK),
    ).fetchone()
    return 0 if row is None else int(row[0])
