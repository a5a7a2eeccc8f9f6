"""Which entities are one: rows keep the entity that they were written with, a merge lies over them.

A row of ``merge`` says which entity it was merged with (``direct``) and which one speaks for all of them (``into_entity``).
The direct ones form a forest, so that what was merged on the way stays merged when a later merge is taken back.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Final

from polymem.domain.slotted import dataclass

_ROOT: Final = "SELECT coalesce((SELECT into_entity FROM merge WHERE partition = ?1 AND entity = ?2), ?2)"

DANGLING_MERGES: Final = (
    "FROM merge WHERE partition = :no AND NOT (EXISTS (SELECT 1 FROM entity e WHERE e.rid = :low + merge.entity) "
    "AND EXISTS (SELECT 1 FROM entity e WHERE e.rid = :low + merge.direct))"
)
"""Merges of what is not there any more."""
CROOKED_MERGES: Final = (
    "FROM merge WHERE partition = :no AND (merge.entity = merge.into_entity OR merge.entity = merge.direct "
    "OR merge.into_entity IS NOT coalesce((SELECT d.into_entity FROM merge d WHERE d.partition = :no "
    "AND d.entity = merge.direct), merge.direct) "
    "OR EXISTS (SELECT 1 FROM merge r WHERE r.partition = :no AND r.entity = merge.into_entity))"
)
"""Merges that go in a circle, or speak for another one than the one whom they lead to."""
OWNER_MERGES: Final = (
    "FROM merge WHERE partition = :no AND entity = (SELECT owner_entity FROM partition WHERE no = :no)"
)
"""The owner speaks for himself."""


@dataclass(slots=True)
class Overlay:
    """All merges of a partition.

    Attributes:
        roots: Who speaks for an entity that was merged.
        groups: Who was merged into each of those, ascending.
    """

    roots: dict[int, int] = field(default_factory=dict[int, int])
    groups: dict[int, list[int]] = field(default_factory=dict[int, list[int]])

    @classmethod
    def read(cls, connection: sqlite3.Connection, partition: int) -> Overlay:
        """Return the merges of a partition."""
        rows = connection.execute(
            "SELECT entity, into_entity FROM merge WHERE partition = ? ORDER BY entity", (partition,)
        ).fetchall()
        groups: dict[int, list[int]] = {}
        for entity, root in rows:
            groups.setdefault(root, []).append(entity)
        return cls(dict(rows), groups)

    def root(self, entity: int) -> int:
        """Return who speaks for *entity*."""
        return self.roots.get(entity, entity)

    def everybody(self, entities: Iterable[int]) -> list[int]:
        """Return *entities* with all that are the same as one of them, each once, those who speak first."""
        roots = dict.fromkeys(self.root(entity) for entity in entities)
        return [*roots, *(entity for root in roots for entity in self.groups.get(root, ()))]


def root(connection: sqlite3.Connection, partition: int, entity: int) -> int:
    """Return the number of the entity that speaks for *entity*."""
    (found,) = connection.execute(_ROOT, (partition, entity)).fetchone()
    return int(found)


def members(connection: sqlite3.Connection, partition: int, entity: int) -> list[int]:
    """Return the numbers of all entities that are the same as *entity*, itself included, ascending."""
    head = root(connection, partition, entity)
    rows = connection.execute(
        "SELECT entity FROM merge WHERE partition = ? AND into_entity = ?", (partition, head)
    ).fetchall()
    return sorted({head, *(number for (number,) in rows)})


def attach(
    connection: sqlite3.Connection, partition: int, *, entity: int, direct: int, at: int, evidence: str
) -> None:
    """Let *entity*, whom nobody speaks for, and all that were merged into it be the same as *direct*.

    Args:
        connection: In a write transaction.
        partition: Its number.
        entity: Who is merged; it is not the same as *direct* yet.
        direct: With whom.
        at: When.
        evidence: What says so, as JSON.
    """
    head = root(connection, partition, direct)
    connection.execute(
        "UPDATE merge SET into_entity = ? WHERE partition = ? AND into_entity = ?", (head, partition, entity)
    )
    connection.execute(
        "INSERT INTO merge (partition, entity, into_entity, direct, at, evidence) VALUES (?, ?, ?, ?, ?, ?)",
        (partition, entity, head, direct, at, evidence),
    )


def detach(connection: sqlite3.Connection, partition: int, entity: int) -> bool:
    """Take the merge of *entity* back; what was merged with it before goes with it. Tell whether there was one."""
    head = root(connection, partition, entity)
    connection.execute("DELETE FROM merge WHERE partition = ? AND entity = ?", (partition, entity))
    straighten(connection, partition, [head, entity])
    return head != entity


def forget(connection: sqlite3.Connection, partition: int, entity: int) -> None:
    """Take an entity that is gone out of the merges; the others stay the same as each other."""
    (found,) = connection.execute(
        "SELECT EXISTS (SELECT 1 FROM merge WHERE partition = ?1 AND (entity = ?2 OR into_entity = ?2))",
        (partition, entity),
    ).fetchone()
    if not found:
        return
    head = root(connection, partition, entity)
    heirs = [
        number
        for (number,) in connection.execute(
            "SELECT entity FROM merge WHERE partition = ? AND direct = ? ORDER BY entity", (partition, entity)
        )
    ]
    row = connection.execute(
        "SELECT direct FROM merge WHERE partition = ? AND entity = ?", (partition, entity)
    ).fetchone()
    connection.execute("DELETE FROM merge WHERE partition = ? AND entity = ?", (partition, entity))
    if row is None and heirs:
        # The first of those who were merged with it speaks for the others from now on.
        row = (heirs.pop(0),)
        connection.execute("DELETE FROM merge WHERE partition = ? AND entity = ?", (partition, *row))
    if row is not None:
        connection.executemany(
            "UPDATE merge SET direct = ? WHERE partition = ? AND entity = ?",
            [(*row, partition, heir) for heir in heirs],
        )
        straighten(connection, partition, [head, entity])


def straighten(connection: sqlite3.Connection, partition: int, heads: Sequence[int] | None = None) -> None:
    """Let each merge speak for whom its direct one leads to.

    Args:
        connection: In a write transaction.
        partition: Its number.
        heads: Only merges into these; None for all.
    """
    where = "" if heads is None else f" AND into_entity IN ({','.join('?' * len(heads))})"
    rows = connection.execute(
        f"SELECT entity, direct, into_entity FROM merge WHERE partition = ?{where}",
        (partition, *(heads or ())),
    ).fetchall()
    towards = {entity: direct for entity, direct, _ in rows}
    for entity, _, head in rows:
        found = entity
        seen = {entity}
        while found in towards:
            found = towards[found]
            if found in seen:
                # A circle, which only damage makes: it is opened here.
                del towards[entity]
                connection.execute(
                    "DELETE FROM merge WHERE partition = ? AND entity = ?", (partition, entity)
                )
                break
            seen.add(found)
        else:
            if found != head:
                connection.execute(
                    "UPDATE merge SET into_entity = ? WHERE partition = ? AND entity = ?",
                    (found, partition, entity),
                )


def mend(connection: sqlite3.Connection, keys: dict[str, int]) -> None:
    """Drop what cannot be of the merges of a partition, and let the rest lead to where they say."""
    connection.execute(f"DELETE {DANGLING_MERGES}", keys)
    connection.execute(f"DELETE {OWNER_MERGES}", keys)
    straighten(connection, keys["no"])
