"""Makes the derived tables of a partition anew from items, episodes, sources, relations and history."""

from __future__ import annotations

import os
import sqlite3
from typing import Final

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.engines.sqlite.check_documents import mend_documents
from polymem.engines.sqlite.check_links import (
    MOVED_RELATIONS,
    NAMELESS,
    NAMELESS_OWNER,
    OWNER,
    STRAY_ALIASES,
    STRAY_DERIVATIONS,
    STRAY_DERIVED,
    STRAY_ENTITIES,
    STRAY_MENTIONS,
    STRAY_RELATIONS,
    STRAY_SOURCES,
    STRAY_WAITING,
    UNSTATED_KEYS,
    keys_of,
)
from polymem.engines.sqlite.check_notes import mend_notes
from polymem.engines.sqlite.check_timeline import straighten
from polymem.engines.sqlite.codec import voice
from polymem.engines.sqlite.derive import (
    EPISODE,
    FullRow,
    flags_of,
    full_rows,
    outdated_episodes,
    read_labels,
    removed_items,
    scan_of,
)
from polymem.engines.sqlite.keys import derive_entries
from polymem.engines.sqlite.merges import mend
from polymem.engines.sqlite.partition import reload_everywhere
from polymem.engines.sqlite.restore_graph import OWN_NAME, UNKNOWN
from polymem.engines.sqlite.segments import drop_segments, pack_full_segments
from polymem.ports.faces import ARCHIVED, EMBEDDED, INDEXED, PENDING, REMOVED
from polymem.text.keys import is_passage
from polymem.text.normalise import name_key

_NEWER: Final = "FROM item n WHERE n.id = item.id AND n.version = item.version + 1"
_BEFORE_ROWS: Final = (
    (
        f"UPDATE item SET expired_at = (SELECT n.created_at {_NEWER}), invalid_at = valid_at "
        f"WHERE rid BETWEEN :low AND :high AND expired_at IS NULL AND EXISTS (SELECT 1 {_NEWER})"
    ),
    *(
        f"DELETE FROM {table} WHERE rid BETWEEN :low AND :high AND rid NOT IN (SELECT rid FROM item)"
        for table in ("terms", "vector", "scan")
    ),
    f"DELETE {STRAY_SOURCES}",
    f"DELETE {STRAY_WAITING}",
    f"DELETE {STRAY_DERIVATIONS}",
    f"DELETE {STRAY_DERIVED}",
    "DELETE FROM label WHERE partition = :no",
)
_GRAPH: Final = (
    f"UPDATE partition SET owner_entity = {OWNER} WHERE no = :no",
    f"DELETE {STRAY_RELATIONS}",
    (
        "UPDATE relation SET (valid_at, invalid_at, created_at, expired_at, expires_at, archived) = (SELECT i.valid_at, "
        "i.invalid_at, max(i.first_at, min(relation.created_at, i.created_at)), i.expired_at, i.expires_at, "
        f"i.flags & {ARCHIVED} <> 0 FROM item i WHERE i.rid = relation.fact) "
        f"WHERE rid IN (SELECT r.rid {MOVED_RELATIONS})"
    ),
    f"DELETE {STRAY_MENTIONS}",
    f"DELETE {STRAY_ENTITIES}",
    f"DELETE {STRAY_ALIASES}",
    f"DELETE FROM key_value WHERE partition = :no AND NOT ({UNSTATED_KEYS})",
)
_LAST: Final = "coalesce((SELECT max(rid) - :low FROM {} WHERE rid BETWEEN :low AND :high), -1)"
_COUNTERS: Final = (
    "UPDATE partition SET n_packed = 0, "
    f"next_position = max(next_position, 1 + {_LAST.format('item')}), "
    f"next_entity = max(next_entity, 1 + {_LAST.format('entity')}), "
    f"next_relation = max(next_relation, 1 + {_LAST.format('relation')}), "
    "next_label = 1 + coalesce((SELECT max(l.no) FROM label l WHERE l.partition = :no), -1), "
    "n_events = max(n_events, (SELECT count(*) FROM event e WHERE e.partition = :no)), "
    "last_at = max(last_at, coalesce((SELECT max(e.at) FROM event e WHERE e.partition = :no), 0)), "
    f"next_expiry = (SELECT min(expires_at) FROM item WHERE rid BETWEEN :low AND :high AND flags & {REMOVED} = 0) "
    "WHERE no = :no"
)
_ERASE: Final = EVENT_NAMES.index("ERASE")
# Left to itself the planner walks the rest of the partition for every event.
_SALTS: Final = (
    "UPDATE event SET salt = NULL WHERE partition = :no AND salt IS NOT NULL AND EXISTS (SELECT 1 FROM event e "
    "INDEXED BY event_item WHERE e.item = event.item AND e.partition = :no AND e.n > event.n "
    f"AND e.name = {_ERASE})"
)


def rebuild(connection: sqlite3.Connection, no: int, *, dim: int) -> None:
    """Bring everything that follows from the truth of a partition into the form it must have.

    Args:
        connection: In a write transaction.
        no: Number of the partition.
        dim: Size of the store's vectors.
    """
    keys = keys_of(no)
    for sql in _BEFORE_ROWS:
        connection.execute(sql, keys)
    _revive_entities(connection, no)
    mend_notes(connection, no)
    _rebuild_rows(connection, no, dim=dim)
    mend_documents(connection, no)
    for sql in _GRAPH:
        connection.execute(sql, keys)
    mend(connection, keys)
    (owner,) = connection.execute("SELECT owner_entity FROM partition WHERE no = ?", (no,)).fetchone()
    _name_entities(connection, no)
    connection.executemany(
        "INSERT OR REPLACE INTO key_value VALUES (?, ?, ?, ?, ?)",
        [(no, *place, *entry) for place, entry in derive_entries(connection, no, owner).items()],
    )
    connection.execute(_COUNTERS, keys)
    connection.execute(_SALTS, keys)
    straighten(connection, no)
    drop_segments(connection, no)
    (stop,) = connection.execute("SELECT next_position FROM partition WHERE no = ?", (no,)).fetchone()
    pack_full_segments(connection, no, next_position=stop, n_packed=0, dim=dim)
    reload_everywhere(connection, no)


def _revive_entities(connection: sqlite3.Connection, no: int) -> None:
    """Make entities anew that names still point to, so that their relations survive; type and id are lost."""
    low = keys_of(no)["low"]
    for number, name, at in connection.execute(
        "SELECT a.entity, min(a.name), p.last_at FROM alias a JOIN partition p ON p.no = a.partition WHERE a.partition = ? "
        "AND NOT EXISTS (SELECT 1 FROM entity e WHERE e.rid = ? + a.entity) GROUP BY a.entity",
        (no, low),
    ).fetchall():
        connection.execute(
            "INSERT INTO entity VALUES (?, ?, ?, '', ?)", (low + number, os.urandom(16), name, at)
        )


def _name_entities(connection: sqlite3.Connection, no: int) -> None:
    """Let entities be found by their own names whose names are lost; their other names are not known any more."""
    for source, nameless in (
        (OWN_NAME, f"SELECT e.rid - :low, e.name {NAMELESS_OWNER}"),
        (UNKNOWN, f"SELECT rid - :low, name {NAMELESS}"),
    ):
        connection.executemany(
            "INSERT INTO alias VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET source = excluded.source",
            [
                (no, name_key(name) or name, number, name, source)
                for number, name in connection.execute(nameless, keys_of(no)).fetchall()
            ],
        )


def _rebuild_rows(connection: sqlite3.Connection, no: int, *, dim: int) -> None:
    """Rebuild flags, terms, vectors, labels, ranking columns, and the counters that sum over rows."""
    removed = removed_items(connection, no)
    n_indexed = n_terms = n_pending = 0
    newest: dict[bytes, int] = {}
    first: dict[bytes, int] = {}
    for row in full_rows(connection, no):
        first.setdefault(row.id, row.rid)
        if row.kind == EPISODE:
            newest[row.id] = row.rid
        gone = removed.get(row.id, bool(row.flags & REMOVED))
        flags = flags_of(row, removed=gone, superseded=False, dim=dim)
        if flags != row.flags:
            connection.execute("UPDATE item SET flags = ? WHERE rid = ?", (flags, row.rid))
        blob, length = row.forward_list()
        _rebuild_faces(connection, row, flags=flags, blob=blob)
        if flags & INDEXED:
            n_indexed, n_terms, n_pending = (
                n_indexed + 1,
                n_terms + length,
                n_pending + bool(flags & PENDING),
            )
    connection.execute(
        "UPDATE partition SET n_indexed = ?, n_terms = ?, n_pending = ? WHERE no = ?",
        (n_indexed, n_terms, n_pending, no),
    )
    outdated = outdated_episodes(connection, no)
    marked = {newest[key] for key, rid in first.items() if rid in outdated and key in newest}
    _rebuild_scan(connection, no, marked=marked, dim=dim)


def _rebuild_faces(connection: sqlite3.Connection, row: FullRow, *, flags: int, blob: bytes) -> None:
    if not flags & EMBEDDED and row.vector is not None:
        connection.execute("DELETE FROM vector WHERE rid = ?", (row.rid,))
    if not flags & INDEXED:
        connection.execute("DELETE FROM terms WHERE rid = ?", (row.rid,))
    elif blob != row.terms:
        connection.execute("INSERT OR REPLACE INTO terms VALUES (?, ?)", (row.rid, blob))


def _rebuild_scan(connection: sqlite3.Connection, no: int, *, marked: set[int], dim: int) -> None:
    """Number the labels anew and write the ranking columns; *marked* are the episodes whose facts are all closed."""
    _rebuild_labels(connection, no)
    labels = read_labels(connection, no)
    for row in full_rows(connection, no):
        flags = flags_of(row, removed=bool(row.flags & REMOVED), superseded=row.rid in marked, dim=dim)
        if flags != row.flags:
            connection.execute("UPDATE item SET flags = ? WHERE rid = ?", (flags, row.rid))
        columns = scan_of(row, flags=flags, length=row.forward_list()[1], labels=labels)
        if columns != row.columns:
            connection.execute("INSERT OR REPLACE INTO scan VALUES (?, ?)", (row.rid, columns))


def _rebuild_labels(connection: sqlite3.Connection, no: int) -> None:
    keys = keys_of(no)
    spoken: dict[str, bool] = {}
    for kind, speaker, role, *ids in connection.execute(
        "SELECT kind, speaker, role, agent_id, run_id FROM item WHERE rid BETWEEN :low AND :high ORDER BY rid",
        keys,
    ):
        who = "" if is_passage(KINDS[int(kind)], role) else voice(speaker, role)
        for place, name in enumerate((who, *ids)):
            if name:
                spoken[name] = spoken.get(name, False) or place == 0
    connection.executemany(
        "INSERT INTO label VALUES (?, ?, ?, ?)",
        [(no, name, number, speaks) for number, (name, speaks) in enumerate(spoken.items())],
    )
