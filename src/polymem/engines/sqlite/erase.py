"""Erasure: the rows of an item leave every table; what remains is a chain of events without content."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, Protocol

import numpy as np

from polymem.engines.sqlite import merges
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.mark import Row
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.quotas import PER_DAY
from polymem.engines.sqlite.ranges import read_columns
from polymem.engines.sqlite.uses import forget_uses
from polymem.text.normalise import fold_aligned

_CHUNK: Final = 65_536
UNKNOWN: Final = -2
"""Where a name comes from that no row gives any more."""
_NAMING: Final = (
    "SELECT i.rid - :low, i.text FROM item i WHERE i.rid IN (SELECT :low + m.position FROM mention m "
    "WHERE m.partition = :no AND m.entity = :entity UNION SELECT r.fact FROM relation r WHERE r.partition = :no "
    "AND r.subject = :entity UNION SELECT r.fact FROM relation r WHERE r.partition = :no AND r.object = :entity) "
    "ORDER BY i.rid LIMIT 1000"
)


class Removed(Protocol):
    """What is known of a removal when it is done."""

    counts: defaultdict[str, int]
    removed: list[str]


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
        counts["derivations"] += _leave_queue(connection, row.rid)
        counts["bases"] += connection.execute("DELETE FROM basis WHERE rid = ?", (row.rid,)).rowcount
        writer.touch(row.position)
    counts["bases"] += connection.execute("DELETE FROM basis WHERE item = ?", (newest.id,)).rowcount
    counts["uses"] += forget_uses(writer, newest.id)
    counts["feedback"] += connection.execute(
        "DELETE FROM feedback WHERE partition = ? AND item = ?", (writer.no, newest.id)
    ).rowcount
    # Without its salt a commitment cannot be opened by guessing at the text.
    connection.execute(
        "UPDATE event SET salt = NULL WHERE item = ? AND partition = ?", (newest.id, writer.no)
    )
    return counts


def _leave_queue(connection: sqlite3.Connection, episode: int) -> int:
    """Take an episode out of what is still to be derived; return how many derivations ended by that."""
    connection.execute("DELETE FROM derived WHERE episode = ?", (episode,))
    waiting = connection.execute(
        "SELECT derivation FROM derivation_episode WHERE episode = ?", (episode,)
    ).fetchall()
    if not waiting:
        return 0
    connection.execute("DELETE FROM derivation_episode WHERE episode = ?", (episode,))
    return sum(
        connection.execute(
            "DELETE FROM derivation WHERE no = ?1 AND NOT EXISTS "
            "(SELECT 1 FROM derivation_episode e WHERE e.derivation = ?1)",
            derivation,
        ).rowcount
        for derivation in waiting
    )


def record(writer: PartitionWriter, remover: Removed, tombstone_id: str, *, since: int) -> None:
    """Write down what an erasure left: how much went, and where its events lie in the chain.

    Args:
        writer: The partition.
        remover: What went.
        tombstone_id: The erasure; one in several transactions has one tombstone.
        since: Length of the chain before this transaction's removals.
    """
    if not remover.removed:
        return
    connection, key = writer.connection, id_bytes(tombstone_id)
    # How far a long task has come may name what is gone.
    connection.execute("DELETE FROM progress WHERE partition = ? AND task <> ?", (writer.no, PER_DAY))
    known = connection.execute(
        "SELECT at, first_event, n_items, counts FROM tombstone WHERE id = ?", (key,)
    ).fetchone()
    at, first, n_items, before = known or (writer.at, since + 1, 0, "{}")
    counts = Counter[str](json.loads(before))
    counts.update(remover.counts)
    connection.execute(
        "INSERT OR REPLACE INTO tombstone VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, writer.no, at, first, writer.n_events, n_items + len(remover.removed), json.dumps(counts)),
    )


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


def unnamed(writer: PartitionWriter) -> set[int]:
    """Return the entities that have a name from a row that is gone, deleted long ago perhaps and destroyed now."""
    rows = writer.connection.execute(
        "SELECT DISTINCT a.entity FROM alias a WHERE a.partition = ? AND a.source >= 0 "
        "AND NOT EXISTS (SELECT 1 FROM item i WHERE i.rid = ? + a.source)",
        (writer.no, writer.rid(0)),
    )
    return {number for (number,) in rows}


def drop_orphans(writer: PartitionWriter, suspects: AbstractSet[int]) -> int:
    """Delete those of *suspects* that no row mentions and no relation names any more; return how many."""
    connection, n = writer.connection, 0
    writer.flush_mentions()
    for number in suspects - {writer.owner_entity}:
        key = (writer.no, number)
        (named,) = connection.execute(
            "SELECT EXISTS (SELECT 1 FROM mention WHERE partition = ? AND entity = ?) "
            "OR EXISTS (SELECT 1 FROM relation WHERE partition = ? AND subject = ?) "
            "OR EXISTS (SELECT 1 FROM relation WHERE partition = ? AND object = ?)",
            key * 3,
        ).fetchone()
        if named:
            _respell(writer, number)
        else:
            connection.execute("DELETE FROM alias WHERE partition = ? AND entity = ?", key)
            merges.forget(connection, *key)
            n += connection.execute("DELETE FROM entity WHERE rid = ?", (writer.rid(number),)).rowcount
    return n


def _respell(writer: PartitionWriter, entity: int) -> None:
    """Let an entity that others still name be called as they write it, where the row that gave a name is gone."""
    connection, low = writer.connection, writer.rid(0)
    names = connection.execute(
        "SELECT key, name, source >= 0 AND NOT EXISTS (SELECT 1 FROM item i WHERE i.rid = ? + alias.source) "
        "FROM alias WHERE partition = ? AND entity = ?",
        (low, writer.no, entity),
    ).fetchall()
    if not any(lost for _, _, lost in names):
        return
    texts = connection.execute(_NAMING, {"low": low, "no": writer.no, "entity": entity}).fetchall()
    left = len(names)
    for key, name, lost in names:
        found = _written(name, texts) if lost else None
        if found is not None or (lost and left == 1):
            connection.execute(
                "UPDATE alias SET name = ?, source = ? WHERE partition = ? AND key = ? AND entity = ?",
                (*(found or (name, UNKNOWN)), writer.no, key, entity),
            )
        elif lost:
            left -= 1
            connection.execute(
                "DELETE FROM alias WHERE partition = ? AND key = ? AND entity = ?", (writer.no, key, entity)
            )
    connection.execute(
        "UPDATE entity SET name = (SELECT a.name FROM alias a WHERE a.partition = ?1 AND a.entity = ?2 "
        "ORDER BY a.key LIMIT 1) WHERE rid = ?3 AND name NOT IN "
        "(SELECT a.name FROM alias a WHERE a.partition = ?1 AND a.entity = ?2)",
        (writer.no, entity, writer.rid(entity)),
    )


def _written(name: str, texts: Sequence[tuple[int, str]]) -> tuple[str, int] | None:
    """Return how the first text that has *name*, whatever its case and script, writes it, and where that text lies."""
    folded = fold_aligned(name)
    places = [(position, text, fold_aligned(text).find(folded)) for position, text in texts]
    found = [(text[at : at + len(name)], position) for position, text, at in places if at >= 0]
    return next((each for each in found if each[0] == name), found[0] if found else None)


def forget_results(writer: PartitionWriter, gone: AbstractSet[str]) -> None:
    """Turn idempotency entries whose result was erased into tombstones: the digest would let a text be guessed."""
    empty = json.dumps({"items": [], "superseded": [], "repeated": []})
    for key, result in writer.connection.execute(
        "SELECT key, result FROM idempotency WHERE partition = ?", (writer.no,)
    ).fetchall():
        lists: dict[str, list[str]] = json.loads(result)
        if not gone.isdisjoint(lists["items"]):
            writer.connection.execute(
                "UPDATE idempotency SET digest = '', result = ? WHERE partition = ? AND key = ?",
                (empty, writer.no, key),
            )
        elif any(not gone.isdisjoint(ids) for ids in lists.values()):
            left = {name: [each for each in ids if each not in gone] for name, ids in lists.items()}
            writer.connection.execute(
                "UPDATE idempotency SET result = ? WHERE partition = ? AND key = ?",
                (json.dumps(left), writer.no, key),
            )
