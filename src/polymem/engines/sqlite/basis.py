"""Derived items that were made of other derived items, as a summary is of facts."""

from __future__ import annotations

from collections.abc import Iterable

from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.mark import versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.errors import NotFoundError
from polymem.ports.faces import REMOVED


def based_on(writer: PartitionWriter, item: bytes) -> list[bytes]:
    """Return the ids of the derived items that were made of *item* and are neither removed nor retired."""
    low = writer.rid(0)
    rows = writer.connection.execute(
        "SELECT DISTINCT i.id FROM basis b JOIN item i ON i.rid = b.rid WHERE b.item = ? AND i.rid BETWEEN ? AND ? "
        f"AND i.flags & {REMOVED} = 0 AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL) "
        "AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)",
        (item, low, low | POSITION_MASK),
    )
    return [key for (key,) in rows.fetchall()]


def rest_on(writer: PartitionWriter, position: int, items: Iterable[str]) -> None:
    """Note of which items the row at *position* was made.

    Raises:
        NotFoundError: The partition does not hold one of them, or it was removed.
    """
    for item_id in items:
        key = id_bytes(item_id) or b""
        rows = versions_of(writer, key)
        if not rows or rows[0].flags & REMOVED:
            raise NotFoundError("no such item in this scope", item_id=item_id)
        writer.connection.execute("INSERT OR IGNORE INTO basis VALUES (?, ?)", (writer.rid(position), key))
