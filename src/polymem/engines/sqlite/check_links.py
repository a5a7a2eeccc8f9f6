"""Checks of what points to something else: provenance, graph, keys, superseding, rows of no partition."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.engines.sqlite.check_timeline import check_timelines
from polymem.engines.sqlite.keys import Entry, derive_entries
from polymem.engines.sqlite.merges import CROOKED_MERGES, DANGLING_MERGES, OWNER_MERGES
from polymem.engines.sqlite.problem import Problem
from polymem.engines.sqlite.restore_graph import OWN_NAME
from polymem.engines.sqlite.restore_rows import REASON
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.ports.faces import ARCHIVED, REMOVED

_NO_ITEM: Final = "SELECT count(*) FROM {} t WHERE rid BETWEEN :low AND :high AND NOT EXISTS (SELECT 1 FROM item i WHERE i.rid = t.rid)"
_ENTITY: Final = "EXISTS (SELECT 1 FROM entity e WHERE e.rid = :low + {})"
_LIVE: Final = f"EXISTS (SELECT 1 FROM item i WHERE i.rid = {{}} AND i.flags & {REMOVED} = 0)"

STRAY_SOURCES: Final = (
    "FROM source WHERE rid BETWEEN :low AND :high AND NOT (EXISTS (SELECT 1 FROM item i WHERE i.rid = source.rid) "
    "AND EXISTS (SELECT 1 FROM episode e WHERE e.rid = source.episode AND e.rid BETWEEN :low AND :high))"
)
STRAY_MENTIONS: Final = (
    f"FROM mention WHERE partition = :no AND NOT ({_ENTITY.format('mention.entity')} "
    f"AND {_LIVE.format(':low + mention.position')})"
)
STRAY_DERIVATIONS: Final = (
    "FROM derivation WHERE partition = :no AND NOT EXISTS (SELECT 1 FROM derivation_episode w "
    "JOIN episode e ON e.rid = w.episode WHERE w.derivation = derivation.no)"
)
STRAY_WAITING: Final = (
    "FROM derivation_episode WHERE episode BETWEEN :low AND :high AND NOT (EXISTS (SELECT 1 FROM episode e "
    "WHERE e.rid = derivation_episode.episode) AND EXISTS (SELECT 1 FROM derivation d "
    "WHERE d.no = derivation_episode.derivation AND d.partition = :no))"
)
STRAY_DERIVED: Final = "FROM derived WHERE episode BETWEEN :low AND :high AND NOT EXISTS (SELECT 1 FROM episode e WHERE e.rid = derived.episode)"
STRAY_ALIASES: Final = f"FROM alias WHERE partition = :no AND NOT {_ENTITY.format('alias.entity')}"
STRAY_RELATIONS: Final = (
    f"FROM relation WHERE rid BETWEEN :low AND :high AND NOT (partition = :no AND {_ENTITY.format('relation.subject')} "
    f"AND {_ENTITY.format('relation.object')} AND {_LIVE.format('relation.fact')} "
    "AND relation.item = (SELECT i.id FROM item i WHERE i.rid = relation.fact))"
)
STRAY_ENTITIES: Final = (
    "FROM entity WHERE rid BETWEEN :low AND :high AND rid - :low IS NOT "
    "(SELECT owner_entity FROM partition WHERE no = :no) AND NOT EXISTS (SELECT 1 FROM mention m "
    "WHERE m.partition = :no AND m.entity = entity.rid - :low) AND NOT EXISTS (SELECT 1 FROM relation r "
    "WHERE r.partition = :no AND r.subject = entity.rid - :low) AND NOT EXISTS (SELECT 1 FROM relation r "
    "WHERE r.partition = :no AND r.object = entity.rid - :low)"
)
OWNER: Final = (
    f"coalesce((SELECT min(a.entity) FROM alias a WHERE a.partition = :no AND a.source = {OWN_NAME}), "
    "(SELECT e.rid - :low FROM partition p JOIN entity e ON e.rid = :low + p.owner_entity WHERE p.no = :no))"
)
"""Whom the own name is of; where that is lost, whom the partition says, if that is anybody."""
NAMELESS: Final = (
    "FROM entity WHERE rid BETWEEN :low AND :high AND NOT EXISTS "
    "(SELECT 1 FROM alias a WHERE a.partition = :no AND a.entity = entity.rid - :low)"
)
NAMELESS_OWNER: Final = (
    "FROM partition p JOIN entity e ON e.rid = :low + p.owner_entity WHERE p.no = :no AND NOT EXISTS "
    f"(SELECT 1 FROM alias a WHERE a.partition = :no AND a.entity = p.owner_entity AND a.source = {OWN_NAME})"
)

_STATED: Final = ", ".join(str(KINDS.index(kind)) for kind in ("fact", "preference", "event"))
# An update that states nothing leaves the item what it stated before, so that it is asked about all versions.
_MUTE: Final = (
    # A model may tell what relates nothing; the rules never do.
    "(i.derived_by = '' OR i.derived_by GLOB 'rules*') AND "
    f"i.kind IN ({_STATED}) AND i.flags & {REMOVED} = 0 AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id "
    "AND n.version > i.version) AND NOT EXISTS (SELECT 1 FROM relation r JOIN item v ON v.rid = r.fact WHERE v.id = i.id)"
)
UNSTATED_KEYS: Final = f"key_value.partition = :no AND key_value.fact IN (SELECT i.rid FROM item i WHERE i.rid BETWEEN :low AND :high AND {_MUTE})"
"""Entries that alone still tell what a relation said that is lost."""

MOVED_RELATIONS: Final = (
    "FROM relation AS r WHERE r.rid BETWEEN :low AND :high AND EXISTS (SELECT 1 FROM item i WHERE i.rid = r.fact "
    "AND (i.valid_at IS NOT r.valid_at OR r.created_at NOT BETWEEN i.first_at AND i.created_at "
    "OR i.invalid_at IS NOT r.invalid_at OR i.expired_at IS NOT r.expired_at OR i.expires_at IS NOT r.expires_at "
    f"OR r.archived <> (i.flags & {ARCHIVED} <> 0)))"
)

_REPAIRABLE: Final = (
    ("terms", "belong to no item", _NO_ITEM.format("terms")),
    ("vector", "belongs to no item", _NO_ITEM.format("vector")),
    ("scan", "belongs to no item", _NO_ITEM.format("scan")),
    ("source", "points to nothing", f"SELECT count(*) {STRAY_SOURCES}"),
    ("mention", "points to nothing", f"SELECT count(*) {STRAY_MENTIONS}"),
    ("alias", "points to nothing", f"SELECT count(*) {STRAY_ALIASES}"),
    ("relation", "points to nothing", f"SELECT count(*) {STRAY_RELATIONS}"),
    ("derivation", "names an episode that is missing", f"SELECT count(*) {STRAY_WAITING}"),
    ("derivation", "has no episode", f"SELECT count(*) {STRAY_DERIVATIONS}"),
    ("derivation", "is noted of an episode that is missing", f"SELECT count(*) {STRAY_DERIVED}"),
    ("entity", "named by nothing", f"SELECT count(*) {STRAY_ENTITIES}"),
    ("relation", "times or mark differ from its fact's", f"SELECT count(*) {MOVED_RELATIONS}"),
    ("merge", "points to nothing", f"SELECT count(*) {DANGLING_MERGES}"),
    ("merge", "does not lead to whom it says", f"SELECT count(*) {CROOKED_MERGES}"),
    ("merge", "the owner is merged into another", f"SELECT count(*) {OWNER_MERGES}"),
    ("alias", "an entity has no name", f"SELECT count(*) {NAMELESS}"),
    ("alias", "the owner's own name is missing", f"SELECT count(*) {NAMELESS_OWNER}"),
    (
        "partition",
        "its owner's entity is another",
        f"SELECT count(*) FROM partition WHERE no = :no AND owner_entity IS NOT {OWNER}",
    ),
    (
        "change",
        "the log is ahead of the partition",
        "SELECT count(*) FROM change c JOIN partition p ON p.no = c.partition WHERE p.no = :no AND c.version > p.version",
    ),
)
_LOST: Final = (
    (
        "episode",
        "the raw message of an item is missing",
        (
            "SELECT count(*) FROM item i WHERE i.rid BETWEEN :low AND :high AND i.kind = 0 AND i.version = 1 "
            "AND NOT EXISTS (SELECT 1 FROM episode e WHERE e.rid = i.rid)"
        ),
    ),
    (
        "episode",
        "a raw message differs from its item's first version",
        (
            "SELECT count(*) FROM episode e JOIN item i ON i.rid = e.rid WHERE e.rid BETWEEN :low AND :high AND "
            "(e.id, e.text, e.metadata) IS NOT (i.id, i.text, i.metadata)"
        ),
    ),
    ("item", "a raw message has no item", _NO_ITEM.format("episode")),
    (
        "source",
        "what a fact rests on is missing",
        # An import leaves out the episodes that were forgotten where it came to.
        (
            f"SELECT count(*) FROM item i WHERE i.rid BETWEEN :low AND :high AND i.kind IN ({_STATED}) AND i.flags & {REMOVED} = 0 "
            "AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version) AND NOT EXISTS "
            "(SELECT 1 FROM source s WHERE s.rid = i.rid) AND NOT EXISTS (SELECT 1 FROM event e WHERE e.item = i.id "
            f"AND e.partition = :no AND e.name = {EVENT_NAMES.index('ADD')} AND e.reason = '{REASON}')"
        ),
    ),
    (
        "relation",
        "what a fact states is missing",
        f"SELECT count(*) FROM item i WHERE i.rid BETWEEN :low AND :high AND {_MUTE}",
    ),
    (
        "item",
        "closed by an item that is missing",
        (
            "SELECT count(*) FROM item i WHERE i.rid BETWEEN :low AND :high AND i.superseded_by IS NOT NULL AND i.flags & 2 = 0 "
            "AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version) AND NOT EXISTS "
            "(SELECT 1 FROM item b WHERE b.id = i.superseded_by AND b.rid BETWEEN :low AND :high AND b.flags & 2 = 0)"
        ),
    ),
)
_BY_RID: Final = (
    *(
        (table, "rid")
        for table in ("item", "episode", "terms", "vector", "scan", "entity", "relation", "basis", "belief")
    ),
    *((table, "episode") for table in ("derivation_episode", "derived", "evidence")),
)
_BY_PARTITION: Final = (
    "derivation",
    "evidence",
    "merge",
    "use",
    "tombstone",
    "progress",
    "feedback",
    "document",
    "chunk",
)


def keys_of(no: int) -> dict[str, int]:
    """Return the named values that this module's SQL is about."""
    low = no << POSITION_BITS
    return {"no": no, "low": low, "high": low | POSITION_MASK}


def check_links(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    """Yield what points to nothing in a partition, or says something else than what it points to."""
    for repairable, checks in ((True, _REPAIRABLE), (False, _LOST)):
        for face, text, sql in checks:
            (n,) = connection.execute(sql, keys_of(no)).fetchone()
            if n:
                yield Problem(face, text, n, repairable)
    yield from _check_keys(connection, no)
    yield from check_timelines(connection, no)


def _check_keys(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    (owner,) = connection.execute("SELECT owner_entity FROM partition WHERE no = ?", (no,)).fetchone()
    expected = derive_entries(connection, no, owner)
    rows = connection.execute(
        f"SELECT key, slot, value, fact, {UNSTATED_KEYS} FROM key_value WHERE partition = :no", keys_of(no)
    ).fetchall()
    found = {(key, slot): Entry(value, fact) for key, slot, value, fact, _ in rows}
    unstated = {(key, slot) for key, slot, _, _, alone in rows if alone}
    n_missing = len(expected.keys() - found.keys())
    n_wrong = sum(
        expected[place] != entry if place in expected else place not in unstated
        for place, entry in found.items()
    )
    if n_missing:
        yield Problem("key", "a current relation has no entry", n_missing)
    if n_wrong:
        yield Problem("key", "an entry disagrees with the relations", n_wrong)


def check_strays(connection: sqlite3.Connection) -> Iterator[Problem]:
    """Yield rows that lie in no partition; what they belonged to is not known any more."""
    places = [(table, f"{column} >> {POSITION_BITS}") for table, column in _BY_RID]
    for table, number in (*places, *((table, "partition") for table in _BY_PARTITION)):
        (n,) = connection.execute(
            f"SELECT count(*) FROM {table} WHERE {number} NOT IN (SELECT no FROM partition)"
        ).fetchone()
        if n:
            yield Problem(table, "belongs to no partition", n, repairable=False)
