"""Erasure: the rows of an item leave every table; what remains is a chain of events without content."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np

from polymem.engines.sqlite import merges
from polymem.engines.sqlite.mark import Row
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.ranges import read_columns

_CHUNK: Final = 65_536


def destroy_rows(writer: PartitionWriter, rows: list[Row]) -> Counter[str]:
    """Delete all rows of an item's versions; ``secure_delete`` overwrites the freed bytes.

    Returns:
        Rows removed by face.
    """
    connection = writer.connection
    counts: Counter[str] = Counter()
    newest = rows[0]
    writer.flush_events()
    for row in rows:
        for table, column, face in (
            ("episode", "rid", "episodes"),
            ("source", "rid", "sources"),
            ("terms", "rid", "terms"),
            ("vector", "rid", "vectors"),
            ("scan", "rid", "scan"),
            ("item", "rid", "versions"),
        ):
            counts[face] += connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (row.rid,)).rowcount
        counts["aliases"] += connection.execute(
            "DELETE FROM alias WHERE partition = ? AND source = ? AND entity IS ?",
            (writer.no, row.position, writer.owner_entity),
        ).rowcount
        writer.touch(row.position)
    # Without its salt a commitment cannot be opened by guessing at the text.
    connection.execute(
        "UPDATE event SET salt = NULL WHERE item = ? AND partition = ?", (newest.id, writer.no)
    )
    return counts


def drop_labels(writer: PartitionWriter, suspects: AbstractSet[int]) -> None:
    """Forget the names of those labels among *suspects* that no row carries any more: who spoke is content too."""
    suspects = suspects - {-1}
    if not suspects:
        return
    spoken, carried = set[int](), set[int]()
    for first in range(0, writer.next_position, _CHUNK):
        columns = read_columns(writer.connection, writer.no, first, min(first + _CHUNK, writer.next_position))
        spoken.update(np.unique(columns["speaker"]).tolist())
        carried.update(np.unique(columns["agent"]).tolist(), np.unique(columns["run"]).tolist())
    gone = suspects - spoken - carried
    silent = suspects - spoken - gone
    writer.connection.executemany(
        "DELETE FROM label WHERE partition = ? AND no = ?", [(writer.no, number) for number in gone]
    )
    writer.connection.executemany(
        "UPDATE label SET speaks = 0 WHERE partition = ? AND no = ?",
        [(writer.no, number) for number in silent],
    )
    writer.forget_labels()


def drop_orphans(writer: PartitionWriter, suspects: AbstractSet[int]) -> int:
    """Delete those of *suspects* that no row mentions and no relation names any more; return how many."""
    connection, n = writer.connection, 0
    for number in suspects - {writer.owner_entity}:
        key = (writer.no, number)
        (named,) = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM mention WHERE partition = ? AND entity = ?) "
            "OR EXISTS (SELECT 1 FROM relation WHERE partition = ? AND subject = ?) "
            "OR EXISTS (SELECT 1 FROM relation WHERE partition = ? AND object = ?)",
            key * 3,
        ).fetchone()
        if not named:
            connection.execute("DELETE FROM alias WHERE partition = ? AND entity = ?", key)
            merges.forget(connection, *key)
            n += connection.execute("DELETE FROM entity WHERE rid = ?", (writer.rid(number),)).rowcount
    return n


def forget_results(writer: PartitionWriter, gone: AbstractSet[str]) -> None:
    """Turn idempotency entries whose result was erased into tombstones: the digest would let a text be guessed."""
    empty = json.dumps({"items": [], "superseded": [], "repeated": []})
    for key, result in writer.connection.execute(
        "SELECT key, result FROM idempotency WHERE partition = ?", (writer.no,)
    ).fetchall():
        if not gone.isdisjoint(json.loads(result)["items"]):
            writer.connection.execute(
                "UPDATE idempotency SET digest = '', result = ? WHERE partition = ? AND key = ?",
                (empty, writer.no, key),
            )
