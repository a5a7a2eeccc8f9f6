"""Which entities are one: rows keep the entity that they were written with, a merge lies over them."""

from __future__ import annotations

import sqlite3


def members(connection: sqlite3.Connection, partition: int, entity: int) -> list[int]:
    """Return the numbers of all entities that are the same as *entity*, itself included, ascending."""
    (root,) = connection.execute(
        "SELECT coalesce((SELECT into_entity FROM merge WHERE partition = ?1 AND entity = ?2), ?2)",
        (partition, entity),
    ).fetchone()
    rows = connection.execute(
        "SELECT entity FROM merge WHERE partition = ? AND into_entity = ?", (partition, root)
    ).fetchall()
    return sorted({root, *(number for (number,) in rows)})
