"""Everything of a scope or of the store as records of the exchange format, and back."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Container, Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.domain.scope import Partition, Scope
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite import exchange_documents, exchange_queue, withheld
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.connection import connect, store_errors
from polymem.engines.sqlite.encoder import read_encoder
from polymem.engines.sqlite.exchange import FORMAT, flag_names, iso, maybe_iso
from polymem.engines.sqlite.forking import FORK_GATE, Place
from polymem.engines.sqlite.partition import numbered
from polymem.engines.sqlite.restore import restore
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.ports.ledger import Record

__all__ = ["Exporter", "restore"]

BLOCK_RECORDS: Final = 500
_CHUNK: Final = 500

# Rows that carry the ids a scope names beside its partition; everything else follows from the rows.
_MEANT: Final = "(:agent IS NULL OR {0}.agent_id = :agent) AND (:run IS NULL OR {0}.run_id = :run)"
_OF_ITEM: Final = _MEANT.format("i")
_OF_EPISODE: Final = _MEANT.format("e")
_ENTITIES: Final = (
    "SELECT n.id, n.name, n.type, n.rid - :low IS :owner, n.created_at FROM entity n WHERE n.rid BETWEEN :low AND :high "
    "AND (:complete OR EXISTS (SELECT 1 FROM mention m JOIN item i ON i.rid = :low + m.position "
    f"WHERE m.partition = :no AND m.entity = n.rid - :low AND {_OF_ITEM}) OR EXISTS (SELECT 1 FROM relation r "
    f"JOIN item i ON i.rid = r.fact WHERE r.partition = :no AND r.subject = n.rid - :low AND {_OF_ITEM}) "
    "OR EXISTS (SELECT 1 FROM relation r JOIN item i ON i.rid = r.fact "
    f"WHERE r.partition = :no AND r.object = n.rid - :low AND {_OF_ITEM})) ORDER BY n.rid"
)
_ITEMS: Final = (
    "SELECT i.rid, i.id, i.version, i.kind, i.text, i.metadata, i.importance, i.role, i.speaker, i.agent_id, i.run_id, "
    "i.valid_at, i.invalid_at, i.created_at, i.expired_at, i.expires_at, i.updated_at, i.first_at, i.superseded_by, "
    "i.n_evidence, i.derived_by, i.flags, v.f16, e.id, e.text, e.said_at, e.recorded_at, e.role, e.speaker, e.agent_id, e.run_id, "
    "e.metadata, e.message FROM item i LEFT JOIN vector v ON v.rid = i.rid LEFT JOIN episode e ON e.rid = i.rid "
    f"WHERE i.rid > :after AND i.rid <= :high AND {_OF_ITEM} ORDER BY i.rid LIMIT :limit"
)
_MENTIONS: Final = (
    "SELECT m.position, n.id FROM mention m JOIN entity n ON n.rid = :low + m.entity WHERE m.partition = :no "
    "AND m.position BETWEEN :first AND :last ORDER BY m.position, m.entity"
)
_ALIASES: Final = (
    "SELECT n.id, a.name, i.id, i.version FROM alias a JOIN entity n ON n.rid = :low + a.entity "
    "LEFT JOIN item i ON i.rid = :low + a.source AND a.source >= 0 WHERE a.partition = :no "
    f"AND (:complete OR (i.id IS NOT NULL AND {_OF_ITEM}) OR (i.id IS NULL AND EXISTS (SELECT 1 FROM mention m "
    f"JOIN item i ON i.rid = :low + m.position WHERE m.partition = :no AND m.entity = a.entity AND {_OF_ITEM}))) "
    "ORDER BY a.key, a.entity"
)
_SOURCES: Final = (
    "SELECT i.id, i.version, e.id, s.start, s.stop FROM source s JOIN item i ON i.rid = s.rid "
    "JOIN item e ON e.rid = s.episode WHERE s.rid BETWEEN :low AND :high "
    f"AND {_OF_ITEM} AND {_OF_EPISODE} ORDER BY s.rid, s.episode"
)
_RELATIONS: Final = (
    "SELECT i.id, i.version, s.id, r.predicate, o.id, r.slot, r.positive, r.created_at, "
    "r.begins_at, r.said_at, r.ends_at, r.counts_at, r.place FROM relation r JOIN item i ON i.rid = r.fact "
    "JOIN entity s ON s.rid = :low + r.subject JOIN entity o ON o.rid = :low + r.object "
    f"WHERE r.rid BETWEEN :low AND :high AND {_OF_ITEM} ORDER BY r.rid"
)
_MERGES: Final = (
    "SELECT e.id, d.id, h.id, m.at, m.evidence FROM merge m JOIN entity e ON e.rid = :low + m.entity JOIN entity d "
    "ON d.rid = :low + m.direct JOIN entity h ON h.rid = :low + m.into_entity WHERE m.partition = :no ORDER BY m.entity"
)
_EVIDENCE: Final = (
    "SELECT v.item, e.id, v.start, v.stop, v.at, s.id, v.predicate, v.slot, v.positive, v.object, v.begins_at, v.said_at, "
    "v.ends_at, v.counts_at, v.place, v.draft, v.vector FROM evidence v JOIN item i ON i.id = v.item AND i.version = 1 "
    "JOIN item e ON e.rid = v.episode JOIN entity s ON s.rid = :low + v.subject "
    f"WHERE v.partition = :no AND {_OF_ITEM} AND {_OF_EPISODE} ORDER BY v.no"
)
_BELIEFS: Final = (
    "SELECT i.id, i.version, b.until_at, b.valid_at, b.invalid_at, b.expired_at FROM belief b JOIN item i ON i.rid = b.rid "
    f"WHERE b.rid BETWEEN :low AND :high AND {_OF_ITEM} ORDER BY b.rid, b.until_at"
)
_BASES: Final = (
    "SELECT i.id, i.version, b.item FROM basis b JOIN item i ON i.rid = b.rid JOIN item o ON o.id = b.item AND o.version = 1 "
    f"WHERE b.rid BETWEEN :low AND :high AND {_OF_ITEM} AND {_MEANT.format('o')} ORDER BY b.rid, b.item"
)
_EVENTS: Final = (
    "SELECT n, item, name, at, actor, reason, old_version, new_version, salt, commitment, link FROM event "
    "WHERE partition = :no AND :complete ORDER BY n"
)
_RESULTS: Final = (
    "SELECT key, digest, result, at FROM idempotency WHERE partition = :no AND :complete ORDER BY key"
)


class Exporter:
    """Reads records block by block, all from one read transaction on a connection of its own.

    Several threads may use it in turn.

    Args:
        path: The store's file.
        scope: What to read; None for the whole store.
    """

    def __init__(self, path: Path, scope: Scope | None) -> None:
        self._path = path
        self._scope = scope
        self._connection: sqlite3.Connection | None = None
        self._place: Place | None = None
        self._records: Iterator[Record] = iter(())

    def next_block(self) -> list[Record]:
        """Return the next records, none when there are no more."""
        with store_errors(self._path):
            if self._connection is None:
                # Its transaction lasts from block to block; no fork falls into it.
                self._place = FORK_GATE.enter(self._path)
                self._connection = connect(self._path)
                self._connection.execute("PRAGMA busy_timeout=5000")
                self._connection.execute("BEGIN")
                self._records = _records(self._connection, self._scope)
            return list(islice(self._records, BLOCK_RECORDS))

    def close(self) -> None:
        """End the transaction and let go of the file; safe to call twice."""
        self._records = iter(())
        if self._connection is not None:
            self._connection.close()
        if self._place is not None:
            FORK_GATE.leave(self._place)
            self._place = None


def _records(connection: sqlite3.Connection, scope: Scope | None) -> Iterator[Record]:
    encoder = read_encoder(connection)
    yield {
        "type": "polymem",
        "format": FORMAT,
        "encoder": None if encoder is None else {"name": encoder.name, "dim": encoder.dim},
        "created_at": iso(to_micros(datetime.now(UTC))),
    }
    n = 1
    for no, partition in numbered(connection, None if scope is None else scope.partition):
        for record in _partition(connection, no, partition, scope):
            yield record
            n += 1
    # A file that was cut short is recognised by its missing end.
    yield {"type": "end", "n_records": n}


def _partition(
    connection: sqlite3.Connection, no: int, partition: Partition, scope: Scope | None
) -> Iterator[Record]:
    agent = None if scope is None or partition.kind == "agent" else scope.agent_id
    run = None if scope is None or partition.kind == "run" else scope.run_id
    complete = agent is None and run is None
    n_events, head, last_at, owner = connection.execute(
        "SELECT n_events, head, last_at, owner_entity FROM partition WHERE no = ?", (no,)
    ).fetchone()
    low = no << POSITION_BITS
    keys: dict[str, Any] = {"no": no, "low": low, "high": low | POSITION_MASK, "owner": owner}
    keys |= {"agent": agent, "run": run, "complete": complete}
    yield {
        "type": "partition",
        "tenant": partition.tenant,
        "kind": partition.kind,
        "owner": partition.owner,
        "complete": complete,
        "n_events": n_events if complete else 0,
        "head": head.hex() if complete else "",
        "last_at": iso(last_at),
    }
    named = set[bytes]()
    for key, name, kind, is_owner, created in connection.execute(_ENTITIES, keys):
        named.add(key)
        fields = {
            "id": id_text(key),
            "name": name,
            "kind": kind,
            "owner": bool(is_owner),
            "created_at": iso(created),
        }
        yield {"type": "entity", **fields}
    yield from _items(connection, keys)
    yield from _links(connection, keys)
    yield from _merges(connection, keys, named)
    yield from exchange_documents.exported(connection, keys)
    yield from withheld.exported(connection, keys)
    yield from exchange_queue.exported(connection, keys)
    yield from _history(connection, keys)


def _items(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    low, after = keys["low"], keys["low"] - 1
    while rows := connection.execute(_ITEMS, keys | {"after": after, "limit": _CHUNK}).fetchall():
        after = rows[-1][0]
        mentions: dict[int, list[str]] = {}
        for position, key in connection.execute(
            _MENTIONS, {"no": keys["no"], "low": low, "first": rows[0][0] - low, "last": after - low}
        ):
            mentions.setdefault(position, []).append(id_text(key))
        for row in rows:
            if row[23] is not None:
                yield _episode(row[23:])
            yield _item(row[1:23], mentions.get(row[0] - low, []))


def _episode(row: tuple[Any, ...]) -> Record:
    key, text, said, recorded, role, speaker, agent, run, metadata, message = row
    return {
        "type": "episode",
        "id": id_text(key),
        "text": text,
        "said_at": iso(said),
        "recorded_at": iso(recorded),
        "role": role,
        "speaker": speaker,
        "agent_id": agent,
        "run_id": run,
        "metadata": json.loads(metadata),
        "message": None if message is None else json.loads(message),
    }


def _item(row: tuple[Any, ...], mentions: list[str]) -> Record:
    key, version, kind, text, metadata, importance, role, speaker, agent, run, *rest = row
    (
        valid,
        invalid,
        created,
        expired,
        expires,
        updated,
        first,
        superseded,
        n_evidence,
        derived_by,
        flags,
        vector,
    ) = rest
    return {
        "type": "item",
        "id": id_text(key),
        "version": version,
        "kind": KINDS[kind],
        "text": text,
        "metadata": json.loads(metadata),
        "importance": importance,
        "role": role,
        "speaker": speaker,
        "agent_id": agent,
        "run_id": run,
        "valid_at": iso(valid),
        "invalid_at": maybe_iso(invalid),
        "created_at": iso(created),
        "expired_at": maybe_iso(expired),
        "expires_at": maybe_iso(expires),
        "updated_at": iso(updated),
        "first_at": iso(first),
        "superseded_by": None if superseded is None else id_text(superseded),
        "n_evidence": n_evidence,
        "derived_by": derived_by,
        "flags": flag_names(flags),
        "mentions": mentions,
        "vector": None if vector is None else base64.b64encode(vector).decode(),
    }


def _links(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    for entity, name, item, version in connection.execute(_ALIASES, keys):
        by = None if item is None else id_text(item)
        yield {"type": "alias", "entity": id_text(entity), "name": name, "item": by, "version": version}
    for item, version, episode, start, stop in connection.execute(_SOURCES, keys):
        source = {
            "item": id_text(item),
            "version": version,
            "episode": id_text(episode),
            "start": start,
            "stop": stop,
        }
        yield {"type": "source", **source}
    for item, version, subject, predicate, thing, slot, positive, created, *stated in connection.execute(
        _RELATIONS, keys
    ):
        yield {
            "type": "relation",
            "item": id_text(item),
            "version": version,
            "subject": id_text(subject),
            "predicate": predicate,
            "object": id_text(thing),
            "slot": slot,
            "positive": bool(positive),
            "created_at": iso(created),
            **_stated(stated),
        }
    yield from _backing(connection, keys)


def _stated(times: list[Any]) -> Record:
    begins, said, ends, counts, place = times
    return {
        "begins_at": iso(begins),
        "said_at": maybe_iso(said),
        "ends_at": maybe_iso(ends),
        "counts_at": iso(counts),
        "place": place,
    }


def _backing(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    for (
        item,
        episode,
        start,
        stop,
        at,
        subject,
        predicate,
        slot,
        positive,
        thing,
        *rest,
    ) in connection.execute(_EVIDENCE, keys):
        *stated, draft, vector = rest
        words = json.loads(draft)
        yield {
            "type": "evidence",
            "item": id_text(item),
            "episode": id_text(episode),
            "start": start,
            "stop": stop,
            "at": iso(at),
            "subject": id_text(subject),
            "predicate": predicate,
            "slot": slot,
            "positive": bool(positive),
            "object": thing,
            **_stated(stated),
            "words": words | {"expires": maybe_iso(words["expires"])},
            "vector": None if vector is None else base64.b64encode(vector).decode(),
        }
    for item, version, until, valid, invalid, expired in connection.execute(_BELIEFS, keys):
        yield {
            "type": "belief",
            "item": id_text(item),
            "version": version,
            "until_at": iso(until),
            "valid_at": iso(valid),
            "invalid_at": maybe_iso(invalid),
            "expired_at": maybe_iso(expired),
        }
    for item, version, basis in connection.execute(_BASES, keys):
        yield {"type": "basis", "item": id_text(item), "version": version, "on": id_text(basis)}


def _merges(
    connection: sqlite3.Connection, keys: dict[str, Any], named: Container[bytes]
) -> Iterator[Record]:
    """Yield which of the entities *named* are one; who is not among them is not told."""
    for entity, direct, head, at, evidence in connection.execute(_MERGES, keys):
        into = direct if direct in named else head
        if entity in named and into in named:
            yield {
                "type": "merge",
                "entity": id_text(entity),
                "into": id_text(into),
                "at": iso(at),
                "evidence": json.loads(evidence),
            }


def _history(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    for n, item, name, at, actor, reason, old, new, salt, commitment, link in connection.execute(
        _EVENTS, keys
    ):
        yield {
            "type": "event",
            "n": n,
            "item": id_text(item),
            "event": EVENT_NAMES[name],
            "at": iso(at),
            "actor": actor,
            "reason": reason,
            "old_version": old,
            "new_version": new,
            "salt": None if salt is None else salt.hex(),
            "commitment": commitment.hex(),
            "link": link.hex(),
        }
    for key, digest, result, at in connection.execute(_RESULTS, keys):
        yield {"type": "idempotency", "key": key, "digest": digest, **json.loads(result), "at": iso(at)}
