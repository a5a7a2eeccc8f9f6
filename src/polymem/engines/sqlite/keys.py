"""The key-value face on the write side: every entry follows from the owner's current relations."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final, NamedTuple

from polymem.domain.profile import profile_place
from polymem.engines.sqlite.schema import POSITION_BITS

_CURRENT: Final = (
    "SELECT r.predicate, r.slot, e.name, r.fact FROM relation r JOIN entity e ON e.rid = ? + r.object "
    "WHERE r.partition = ? AND r.subject IN (SELECT ?3 UNION ALL SELECT m.entity FROM merge m WHERE m.partition = ?2 AND m.into_entity = ?3) AND r.positive = 1 AND r.expired_at IS NULL AND r.archived = 0"
)


class Entry(NamedTuple):
    """Value and fact of a key's entry."""

    value: str
    fact: int


def derive_entries(
    connection: sqlite3.Connection, partition_no: int, owner: int | None
) -> dict[tuple[str, str], Entry]:
    """Return all entries of a partition, made from its relations; the newest of several rivals stands.

    What ended by its own words ("in 2019 I lived there") stands behind what has no end.
    """
    low = partition_no << POSITION_BITS
    rows = connection.execute(
        f"{_CURRENT} ORDER BY r.invalid_at IS NULL, r.fact, r.rid", (low, partition_no, owner)
    )
    return {profile_place(predicate, slot): Entry(value, fact) for predicate, slot, value, fact in rows}


def sync_entries(
    connection: sqlite3.Connection, partition_no: int, owner: int | None, changed: Iterable[tuple[str, str]]
) -> None:
    """Bring the entries of the owner's relations that changed, given as predicate and slot, up to date."""
    low = partition_no << POSITION_BITS
    for predicate, slot in changed:
        key, place = profile_place(predicate, slot)
        # A predicate of one value has one place, whatever the slot; among many values the index leads to the slot.
        which, values = ("", ()) if place == predicate else ("AND r.slot = ?", (slot,))
        row = connection.execute(
            f"{_CURRENT} AND r.predicate = ? {which} ORDER BY r.invalid_at IS NULL DESC, r.fact DESC, r.rid DESC LIMIT 1",
            (low, partition_no, owner, predicate, *values),
        ).fetchone()
        if row is None:
            connection.execute(
                "DELETE FROM key_value WHERE partition = ? AND key = ? AND slot = ?",
                (partition_no, key, place),
            )
        else:
            connection.execute(
                "INSERT OR REPLACE INTO key_value VALUES (?, ?, ?, ?, ?)",
                (partition_no, key, place, *row[2:]),
            )


def stated_by(connection: sqlite3.Connection, fact: int, owner: int | None) -> list[tuple[str, str]]:
    """Return predicate and slot of what the version *fact* states about the owner."""
    return connection.execute(
        "SELECT DISTINCT r.predicate, r.slot FROM relation r WHERE r.fact = ?1 AND (r.subject = ?2 OR EXISTS (SELECT 1 "
        "FROM merge m WHERE m.partition = r.partition AND m.entity = r.subject AND m.into_entity = ?2))",
        (fact, owner),
    ).fetchall()
