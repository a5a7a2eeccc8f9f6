"""Vectors that come late: rows whose embedding failed, and whole stores that change their encoder."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from polymem.domain.item import KINDS
from polymem.domain.scope import Partition
from polymem.domain.timespan import EPOCH
from polymem.engines.sqlite.connection import writing
from polymem.engines.sqlite.encoder import EncoderName, read_encoder, write_encoder
from polymem.engines.sqlite.insert import half_precision
from polymem.engines.sqlite.mark import rescan
from polymem.engines.sqlite.partition import PartitionWriter, numbered, reload_everywhere
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.engines.sqlite.segments import drop_segments, pack_full_segments, patch_vectors
from polymem.errors import CapabilityError, DimensionError
from polymem.ports.faces import EMBEDDED, F32, INDEXED, PENDING
from polymem.text.indexed import embedded_text

Encode = Callable[[list[str]], Any]
BLOCK_ROWS: Final = 512


def count_pending(connection: sqlite3.Connection, partition: Partition | None, encoder: EncoderName) -> int:
    """Return how many rows have no vector of *encoder*: those that wait, or all indexed ones after a change of encoder."""
    stored = read_encoder(connection)
    column = "n_pending" if stored is None or stored == encoder else "n_indexed"
    key = ("", "", "") if partition is None else (partition.tenant, partition.kind, partition.owner)
    (n,) = connection.execute(
        f"SELECT coalesce(sum({column}), 0) FROM partition WHERE ? OR (tenant, kind, owner) = (?, ?, ?)",
        (partition is None, *key),
    ).fetchone()
    return int(n)


def fill(
    connection: sqlite3.Connection, partition: Partition | None, encoder: EncoderName, encode: Encode
) -> int:
    """Give rows their vectors; return how many rows were embedded.

    With the store's own encoder these are the rows that wait, a block to a transaction. With another one it is every
    indexed row of the store, in one transaction, and the store is that encoder's from then on.

    Args:
        connection: Outside a transaction.
        partition: Which one, None for all.
        encoder: Whose vectors *encode* returns.
        encode: Texts to float32[n, dim]; a row of zeros stands for a text that the encoder knows nothing of. What it
            raises passes through, and nothing of its block is kept.

    Raises:
        CapabilityError: The encoder is another one and *partition* is not None: a store has one encoder.
        DimensionError: *encode* returned something else than float32[n, dim].
    """
    stored = read_encoder(connection)
    if stored is None or stored == encoder:
        return sum(
            _fill_waiting(connection, no, key, encode=encode, dim=encoder.dim)
            for no, key in numbered(connection, partition)
        )
    if partition is not None:
        raise CapabilityError(
            "one scope cannot have an encoder of its own; embed the whole store anew",
            capability="embed one scope",
        )
    with writing(connection):
        n = sum(
            _embed_anew(connection, no, key, encode=encode, dim=encoder.dim)
            for no, key in numbered(connection, None)
        )
        write_encoder(connection, encoder)
    return n


def _fill_waiting(
    connection: sqlite3.Connection, no: int, partition: Partition, *, encode: Encode, dim: int
) -> int:
    n = 0
    for block in _blocks(connection, no, flags=PENDING):
        # The model may be slow: it runs before the lock is taken, so the rows are looked at again under it.
        vectors = _encoded(encode, [text for _, text in block], dim=dim)
        with writing(connection):
            writer = PartitionWriter.open(connection, partition, now=EPOCH, actor="embed")
            positions = [
                position
                for (position, _), vector in zip(block, vectors, strict=True)
                if _store(writer, position, vector, wanted=PENDING, dim=dim)
            ]
            patch_vectors(connection, no, positions, dim=dim)
            writer.finish()
        n += len(positions)
    return n


def _embed_anew(
    connection: sqlite3.Connection, no: int, partition: Partition, *, encode: Encode, dim: int
) -> int:
    low = no << POSITION_BITS
    connection.execute("DELETE FROM vector WHERE rid BETWEEN ? AND ?", (low, low | POSITION_MASK))
    drop_segments(connection, no)
    writer = PartitionWriter.open(connection, partition, now=EPOCH, actor="embed")
    n = 0
    for block in _blocks(connection, no, flags=INDEXED):
        vectors = _encoded(encode, [text for _, text in block], dim=dim)
        for (position, _), vector in zip(block, vectors, strict=True):
            n += _store(writer, position, vector, wanted=INDEXED, dim=dim)
    writer.n_packed = pack_full_segments(
        connection, no, next_position=writer.next_position, n_packed=0, dim=dim
    )
    writer.n_pending = 0
    writer.finish()
    reload_everywhere(connection, no)
    return n


def _blocks(connection: sqlite3.Connection, no: int, *, flags: int) -> Iterator[list[tuple[int, str]]]:
    """Yield position and what is to be embedded of the rows with one of *flags*, block by block."""
    low = no << POSITION_BITS
    after = low - 1
    while True:
        rows = connection.execute(
            "SELECT rid, kind, text, role, metadata FROM item WHERE rid > ? AND rid <= ? AND flags & ? ORDER BY rid LIMIT ?",
            (after, low | POSITION_MASK, flags, BLOCK_ROWS),
        ).fetchall()
        if not rows:
            return
        after = rows[-1][0]
        yield [
            (
                rid & POSITION_MASK,
                embedded_text(KINDS[int(kind)], text, role=role, metadata=json.loads(metadata)),
            )
            for rid, kind, text, role, metadata in rows
        ]


def _encoded(encode: Encode, texts: list[str], *, dim: int) -> F32:
    vectors = np.asarray(encode(texts), dtype=np.float32)
    if vectors.shape != (len(texts), dim):
        raise DimensionError(
            f"the encoder returned {vectors.shape} for {len(texts)} texts at dimension {dim}",
            argument="encode",
        )
    if not np.isfinite(vectors).all():
        raise DimensionError("the encoder returned NaN or infinity", argument="encode")
    return vectors


def _store(writer: PartitionWriter, position: int, vector: F32, *, wanted: int, dim: int) -> bool:
    """Store a row's vector if the row still has the flag *wanted*; tell whether it had."""
    rid = writer.rid(position)
    row: Sequence[int] | None = writer.connection.execute(
        "SELECT flags FROM item WHERE rid = ?", (rid,)
    ).fetchone()
    if row is None or not row[0] & wanted:
        return False
    flags = row[0] & ~(PENDING | EMBEDDED)
    if vector.any():
        flags |= EMBEDDED
        writer.connection.execute(
            "INSERT OR REPLACE INTO vector VALUES (?, ?)", (rid, half_precision(vector, dim=dim))
        )
    writer.n_pending -= bool(row[0] & PENDING)
    if flags != row[0]:
        writer.connection.execute("UPDATE item SET flags = ? WHERE rid = ?", (flags, rid))
        rescan(writer, position, flags=flags)
    return True
