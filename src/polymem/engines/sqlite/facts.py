"""The graph and key-value faces on the write side: entities, mentions, relations, closing what is out of date."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.predicates import KINSHIP
from polymem.domain.timeline import Stated
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.codec import micros, or_forever
from polymem.engines.sqlite.erase import drop_orphans
from polymem.engines.sqlite.insert import Stored
from polymem.engines.sqlite.keys import stated_by, sync_entries
from polymem.engines.sqlite.mark import Row, rescan
from polymem.engines.sqlite.merged import WHOLE
from polymem.engines.sqlite.merges import root
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.ports.faces import REMOVED, SUPERSEDED
from polymem.text.normalise import name_key

OWNER_TYPE: Final = "person"

_RELATED: Final = KINSHIP | {"has_pet"}
"""What nobody is to himself."""


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

    def part_namesakes(self, fact: FactDraft, *, subject: int, source: int) -> None:
        """See that nobody is the owner's relative and the owner: "my friend Alex", says Alex, is another Alex.

        For the rest of the batch the name means the relative.
        """
        writer = self.writer
        if not fact.positive or fact.predicate not in _RELATED or not self._is_owner(subject):
            return
        number = self.entity(fact.object, kind=fact.object_type, source=source)
        if not self._is_owner(number):
            return
        key = name_key(fact.object) or fact.object
        others = writer.connection.execute(
            "SELECT entity FROM alias WHERE partition = ? AND key = ? AND entity <> ? ORDER BY entity",
            (writer.no, key, number),
        ).fetchall()
        another = next((entity for (entity,) in others if not self._is_owner(entity)), None)
        if another is None:
            another = self._new_entity(fact.object, kind=fact.object_type)
            self.alias(another, fact.object, source=source)
        self._spellings[fact.object] = self._numbers[key] = another

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
        for entity in entities:
            self.writer.mention(entity, position)

    def copy_mentions(self, position: int, other: int) -> None:
        """Let the row at *other* mention what the one at *position* does."""
        self.writer.flush_mentions()
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

    def relate(
        self,
        draft: ItemDraft,
        fact: FactDraft,
        stored: Stored,
        *,
        subject: int,
        current: bool,
        stated: Stated,
    ) -> tuple[int, int]:
        """Store the relation that the row *stored* states; return the entity numbers of subject and object.

        Args:
            draft: The row, with the times that it has among what competes with it.
            fact: The relation.
            stored: Where the row lies.
            subject: Number of the subject's entity.
            current: Whether nothing has ended it.
            stated: The times that the fact tells itself.
        """
        writer = self.writer
        thing = self.entity(fact.object, kind=fact.object_type, source=stored.position)
        rid = writer.rid(writer.take_relation())
        times = (micros(draft.valid_at), micros(draft.invalid_at), writer.at, None if current else writer.at)
        writer.connection.execute(
            "INSERT INTO relation VALUES (" + "?, " * 14 + "0, ?, ?, ?, ?, ?)",
            (
                *(rid, writer.no, subject, fact.predicate, thing, fact.slot, int(fact.positive)),
                *(writer.rid(stored.position), stored.id, *times, micros(draft.expires_at)),
                *(to_micros(stated.valid_at), micros(stated.said_at), micros(stated.ends_at)),
                *(to_micros(stated.counts_at), stated.place),
            ),
        )
        if current and fact.positive and self._is_owner(subject):
            place = (fact.predicate, fact.slot)
            sync_entries(writer.connection, writer.no, writer.owner_entity, [place])
            if fact.predicate == "name" and subject == writer.owner_entity:
                self.alias(subject, fact.object, source=stored.position)
        self.mention([n for n in (subject, thing) if n != writer.owner_entity], stored.position)
        return subject, thing

    def _is_owner(self, entity: int) -> bool:
        """Tell whether *entity* is the owner, or was merged with it."""
        writer = self.writer
        return entity == writer.owner_entity or (
            writer.owner_entity is not None
            and root(writer.connection, writer.no, entity) == writer.owner_entity
        )

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


def mark_superseded(writer: PartitionWriter, episode: int) -> None:
    """Mark the episode's current row when no fact derived from it is current any more, else unmark it."""
    connection: sqlite3.Connection = writer.connection
    total, current = connection.execute(
        "SELECT count(*), count(*) FILTER (WHERE i.expired_at IS NULL) FROM source s JOIN item i ON i.rid = s.rid "
        f"WHERE s.episode = ? AND i.flags & ? = 0 AND i.kind NOT IN ({WHOLE}) "
        "AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL)",
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
