"""When items were of use: the last times of each, from which decay is reckoned."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable
from typing import Final

from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.forgetting import Uses

KEPT_USES: Final = 20
"""Times that are kept of each item; older ones weigh next to nothing."""


def note_use(writer: PartitionWriter, item: bytes, at: Iterable[int]) -> None:
    """Note that an item was of use at the times *at*, in microseconds."""
    fresh = sorted(at)
    row = writer.connection.execute(
        "SELECT n, uses FROM use WHERE partition = ? AND item = ?", (writer.no, item)
    ).fetchone()
    n, known = (0, ()) if row is None else (row[0], _unpack(row[1]))
    # Uses are noted a little late where a process gathers them, so they need not come in order.
    last = sorted((*known, *fresh))[-KEPT_USES:]
    writer.connection.execute(
        "INSERT OR REPLACE INTO use VALUES (?, ?, ?, ?)",
        (writer.no, item, n + len(fresh), struct.pack(f"<{len(last)}q", *last)),
    )


def read_uses(connection: sqlite3.Connection, partition_no: int) -> dict[str, Uses]:
    """Return when the items of a partition were of use, by public id; those never used are not there."""
    rows = connection.execute("SELECT item, n, uses FROM use WHERE partition = ?", (partition_no,))
    return {id_text(item): Uses(n, tuple(map(from_micros, _unpack(packed)))) for item, n, packed in rows}


def forget_uses(writer: PartitionWriter, item: bytes) -> int:
    """Delete what is known of an item's use; return the number of rows."""
    return writer.connection.execute(
        "DELETE FROM use WHERE partition = ? AND item = ?", (writer.no, item)
    ).rowcount


def _unpack(packed: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(packed) // 8}q", packed)
