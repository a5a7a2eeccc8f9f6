"""The graph and key-value faces on the write side: entities, mentions, relations, closing what is out of date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from polymem.domain.batch import FactDraft, ItemDraft, KnownFact
from polymem.domain.predicates import predicate_named
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_text, micros, moment, or_forever
from polymem.engines.sqlite.erase import drop_orphans
from polymem.engines.sqlite.insert import Stored
from polymem.engines.sqlite.keys import stated_by, sync_entries
from polymem.engines.sqlite.mark import Row, rescan
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.ports.faces import REMOVED, SUPERSEDED
from polymem.text.normalise import name_key

OWNER_TYPE: Final = "person"


@dataclass(slots=True)
class FactWriter:
    """Writes entities and relations of one partition; remembers names within the batch."""

    writer: PartitionWriter
    _numbers: dict[str, int] = field(default_factory=dict[str, int])
    _spellings: dict[str, int] = field(default_factory=dict[str, int])

    def entity(self, name: str, *, kind: str, source: int) -> int:
        """Return the number of the entity called *name*, making it if it is new.

        Args:
            name: As written.
            kind: Its type, "" when unknown; fills in a type that was unknown before.
            source: Position of the row that names it, so that erasing the row can take the name along.
        """
        number = self._spellings.get(name)
        if number is None:
            number = self._spellings[name] = self._entity(name, kind=kind, source=source)
        return number

    def _entity(self, name: str, *, kind: str, source: int) -> int:
        key = name_key(name) or name
        number = self._numbers.get(key)
        if number is not None:
            return number
        writer = self.writer
        row = writer.connection.execute(
            # What the owner is called means the owner, whoever else was thought to have that name before.
            "SELECT entity FROM alias WHERE partition = ? AND key = ? ORDER BY entity IS NOT ?, entity LIMIT 1",
            (writer.no, key, writer.owner_entity),
        ).fetchone()
        if row is None:
            number = self._new_entity(name, kind=kind)
            self.alias(number, name, source=source)
        else:
            number = row[0]
            if kind:
                writer.connection.execute(
                    "UPDATE entity SET type = ? WHERE rid = ? AND type = ''", (kind, writer.rid(number))
                )
        self._numbers[key] = number
        return number

    def owner(self) -> int:
        """Return the number of the entity that stands for the partition's owner, making it if it is new."""
        writer = self.writer
        if writer.owner_entity is None:
            name = writer.partition.owner
            # Others may have spoken of the owner before anything was stated about it; that is the same person.
            number = self.entity(name, kind=OWNER_TYPE, source=-1)
            writer.connection.execute(
                "UPDATE alias SET source = -1 WHERE partition = ? AND key = ? AND entity = ?",
                (writer.no, name_key(name) or name, number),
            )
            writer.owner_entity = number
        return writer.owner_entity

    def _new_entity(self, name: str, *, kind: str) -> int:
        writer = self.writer
        number = writer.take_entity()
        writer.connection.execute(
            "INSERT INTO entity VALUES (?, ?, ?, ?, ?)",
            (writer.rid(number), os.urandom(16), name, kind, writer.at),
        )
        return number

    def alias(self, entity: int, name: str, *, source: int) -> None:
        """Let *entity* be found by *name* too."""
        self.writer.connection.execute(
            "INSERT OR IGNORE INTO alias VALUES (?, ?, ?, ?, ?)",
            (self.writer.no, name_key(name) or name, entity, name, source),
        )

    def mention(self, entities: Sequence[int], position: int) -> None:
        """Note that the row at *position* mentions *entities*."""
        if entities:
            self.writer.connection.executemany(
                "INSERT OR IGNORE INTO mention VALUES (?, ?, ?)",
                [(self.writer.no, e, position) for e in entities],
            )

    def copy_mentions(self, position: int, other: int) -> None:
        """Let the row at *other* mention what the one at *position* does."""
        self.writer.connection.execute(
            "INSERT OR IGNORE INTO mention SELECT partition, entity, ? FROM mention WHERE partition = ? AND position = ?",
            (other, self.writer.no, position),
        )

    def subject(self, fact: FactDraft, *, source: int) -> int:
        """Return the entity number of a fact's subject."""
        return (
            self.owner()
            if fact.is_owner
            else self.entity(fact.subject, kind=fact.subject_type, source=source)
        )

    def touches(self, subject: int, fact: FactDraft) -> bool:
        """Tell whether :meth:`known` has anything to return; unlike that it reads relations alone."""
        which, values = self._rivals(subject, fact)
        (found,) = self.writer.connection.execute(
            f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {which})", values
        ).fetchone()
        return bool(found)

    def known(self, subject: int, fact: FactDraft) -> list[KnownFact]:
        """Return the current facts that *fact* may repeat or end; what was buffered has to be in the tables.

        These are the subject's facts on the same slot under the same or the opposite predicate, and every fact under
        a single-valued predicate.
        """
        which, values = self._rivals(subject, fact)
        sql = (
            "SELECT i.id, r.predicate, r.slot, r.positive, r.valid_at, i.n_evidence, "
            "(SELECT max(e.said_at) FROM source s JOIN episode e ON e.rid = s.episode WHERE s.rid = r.fact) FROM relation r "
            f"JOIN item i ON i.rid = r.fact WHERE {which}"
        )
        return [
            KnownFact(
                id_text(key), fact.subject, name, slot, bool(positive), from_micros(valid), n, moment(said)
            )
            for key, name, slot, positive, valid, n, said in self.writer.connection.execute(sql, values)
        ]

    def _rivals(self, subject: int, fact: FactDraft) -> tuple[str, list[object]]:
        """Return a condition on ``relation r``, with its values."""
        predicate = predicate_named(fact.predicate)
        names = (fact.predicate, predicate.opposite or fact.predicate)
        sql = "r.partition = ? AND r.subject = ? AND r.predicate IN (?, ?) AND r.expired_at IS NULL"
        values: list[object] = [self.writer.no, subject, *names]
        return (sql, values) if predicate.functional else (f"{sql} AND r.slot = ?", [*values, fact.slot])

    def relate(
        self, draft: ItemDraft, fact: FactDraft, stored: Stored, *, subject: int, current: bool
    ) -> tuple[int, int]:
        """Store the relation that the row *stored* states; return the entity numbers of subject and object."""
        writer = self.writer
        thing = self.entity(fact.object, kind=fact.object_type, source=stored.position)
        rid = writer.rid(writer.take_relation())
        times = (micros(draft.valid_at), micros(draft.invalid_at), writer.at, None if current else writer.at)
        writer.connection.execute(
            "INSERT INTO relation VALUES (" + "?, " * 14 + "0)",
            (
                *(rid, writer.no, subject, fact.predicate, thing, fact.slot, int(fact.positive)),
                *(writer.rid(stored.position), stored.id, *times, micros(draft.expires_at)),
            ),
        )
        if current and fact.positive and subject == writer.owner_entity:
            sync_entries(writer.connection, writer.no, subject, [(fact.predicate, fact.slot)])
            if fact.predicate == "name":
                self.alias(subject, fact.object, source=stored.position)
        self.mention([n for n in (subject, thing) if n != writer.owner_entity], stored.position)
        return subject, thing

    def retire(self, fact: int) -> None:
        """End what the row *fact* stated, because its words were replaced: only those who look from before see it."""
        writer = self.writer
        changed = stated_by(writer.connection, fact, writer.owner_entity)
        writer.connection.execute(
            "UPDATE relation SET invalid_at = valid_at, expired_at = coalesce(expired_at, ?) WHERE fact = ?",
            (writer.at, fact),
        )
        sync_entries(writer.connection, writer.no, writer.owner_entity, changed)

    def prolong(self, row: Row, expires: int | None) -> None:
        """Let a fact expire later, or never."""
        for sql in (
            "UPDATE item SET expires_at = ? WHERE rid = ?",
            "UPDATE relation SET expires_at = ? WHERE fact = ?",
        ):
            self.writer.connection.execute(sql, (expires, row.rid))
        rescan(self.writer, row.position, expires=or_forever(expires))

    def discard(self, entity: int) -> None:
        """Drop an entity that was made for a statement which is not stored after all."""
        if drop_orphans(self.writer, {entity}):
            self._numbers = {key: number for key, number in self._numbers.items() if number != entity}
            self._spellings.clear()


def close_fact(writer: PartitionWriter, row: Row, *, invalid_at: int, by: bytes) -> None:
    """End a current fact: it stays in history and in the past, no longer in the present."""
    writer.connection.execute(
        "UPDATE item SET invalid_at = ?, expired_at = ?, superseded_by = ? WHERE rid = ?",
        (invalid_at, writer.at, by, row.rid),
    )
    writer.connection.execute(
        "UPDATE relation SET invalid_at = ?, expired_at = ? WHERE fact = ?", (invalid_at, writer.at, row.rid)
    )
    changed = stated_by(writer.connection, row.rid, writer.owner_entity)
    sync_entries(writer.connection, writer.no, writer.owner_entity, changed)
    rescan(writer, row.position, invalid=invalid_at, expired=writer.at)
    writer.event(
        "SUPERSEDE",
        row.id,
        content=(row.text, row.metadata),
        versions=(row.version, row.version),
        reason="contradicted",
    )
    for (episode,) in writer.connection.execute(
        "SELECT episode FROM source WHERE rid = ?", (row.rid,)
    ).fetchall():
        mark_superseded(writer, episode)


def mark_superseded(writer: PartitionWriter, episode: int) -> None:
    """Mark the episode's current row when no fact derived from it is current any more, else unmark it."""
    connection: sqlite3.Connection = writer.connection
    total, current = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE i.expired_at IS NULL) FROM source s JOIN item i ON i.rid = s.rid "
        "WHERE s.episode = ? AND i.flags & ? = 0 AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL)",
        (episode, REMOVED),
    ).fetchone()
    key = connection.execute("SELECT id FROM item WHERE rid = ?", (episode,)).fetchone()
    if key is None:
        return
    rid, flags = connection.execute(
        "SELECT rid, flags FROM item WHERE id = ? ORDER BY version DESC LIMIT 1", key
    ).fetchone()
    wanted = flags | SUPERSEDED if total and not current else flags & ~SUPERSEDED
    if wanted != flags:
        connection.execute("UPDATE item SET flags = ? WHERE rid = ?", (wanted, rid))
        rescan(writer, rid & ((1 << POSITION_BITS) - 1), flags=wanted)
