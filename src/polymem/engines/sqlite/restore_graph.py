"""Entities, names, mentions and relations of an import: exported ids become numbers of the partition."""

from __future__ import annotations

from collections.abc import Sequence

from polymem.engines.sqlite.entities import join
from polymem.engines.sqlite.exchange import Fields, refuse
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.merges import attach, root
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import OWN_TIMES, POSITION_MASK
from polymem.ports.faces import ARCHIVED, REMOVED
from polymem.text.normalise import name_key

OWN_NAME, UNKNOWN = -1, -2
"""Where a name comes from when no row gave it: it is the owner's own; the row is gone."""


class EntityMap:
    """Numbers by exported id.

    In a partition that holds something, an entity is the one that bears the same name there, and a new one is made
    only when a new row needs it.

    Args:
        writer: The partition.
        fresh: Whether it holds nothing, so that all entities are taken as they are.

    Attributes:
        is_old: Whether facts came that do not tell their own times.
    """

    def __init__(self, writer: PartitionWriter, *, fresh: bool) -> None:
        self.is_old = False
        self._writer = writer
        self._fresh = fresh
        self._facts = FactWriter(writer)
        self._numbers: dict[bytes, int] = {}
        self._waiting: dict[bytes, Fields] = {}
        self._made: set[int] = set()
        self._known = {} if fresh else self._ids()

    def _ids(self) -> dict[bytes, int]:
        low = self._writer.rid(0)
        rows = self._writer.connection.execute(
            "SELECT id, rid - ? FROM entity WHERE rid BETWEEN ? AND ?", (low, low, low | POSITION_MASK)
        )
        return dict(rows.fetchall())

    def add(self, fields: Fields, line: int) -> None:
        """Take note of an entity."""
        key = fields["id"]
        if key in self._numbers or key in self._waiting:
            refuse(line, "comes a second time", field="id")
        if self._fresh:
            self._numbers[key] = self._make(fields)
            if fields["owner"]:
                self._writer.owner_entity = self._numbers[key]
        elif key in self._known:
            self._numbers[key] = self._known[key]
        else:
            self._waiting[key] = fields

    def _make(self, fields: Fields) -> int:
        writer = self._writer
        number = writer.take_entity()
        writer.connection.execute(
            "INSERT INTO entity VALUES (?, ?, ?, ?, ?)",
            (writer.rid(number), fields["id"], fields["name"], fields["kind"], fields["created_at"]),
        )
        self._made.add(number)
        return number

    def number(self, key: bytes, line: int) -> int:
        """Return the number of an entity that a row names."""
        if key not in self._numbers:
            fields = self._waiting.pop(key, None)
            if fields is None:
                refuse(line, "names an entity that is not there")
            self._numbers[key] = self._match(fields)
        return self._numbers[key]

    def _match(self, fields: Fields) -> int:
        if fields["owner"]:
            return self._facts.owner()
        name: str = fields["name"]
        row = self._writer.connection.execute(
            "SELECT min(entity) FROM alias WHERE partition = ? AND key = ?",
            (self._writer.no, name_key(name) or name),
        ).fetchone()
        if row[0] is not None:
            return int(row[0])
        number = self._make(fields)
        self._facts.alias(number, name, source=UNKNOWN)
        return number

    def alias(self, fields: Fields, source: int | None, line: int) -> None:
        """Store a further name, given by the row at *source*."""
        if fields["entity"] in self._waiting:
            return
        number = self.number(fields["entity"], line)
        if source is None:
            if number not in self._made:
                return
            source = OWN_NAME if number == self._writer.owner_entity else UNKNOWN
        self._facts.alias(number, fields["name"], source=source)

    def mention(self, numbers: Sequence[int], position: int) -> None:
        """Note that the row at *position* mentions entities."""
        self._facts.mention(numbers, position)

    def merge(self, fields: Fields, line: int) -> None:
        """Let two entities be one, if both are needed; what a partition knows already is not undone."""
        writer, ends = self._writer, (fields["entity"], fields["into"])
        for key in ends:
            if key not in self._numbers and key not in self._waiting:
                refuse(line, "names an entity that is not there")
        if any(key in self._waiting for key in ends):
            return
        entity, into = (self._numbers[key] for key in ends)
        if not self._fresh:
            join(writer, into, entity, evidence=fields["evidence"], reason=": imported")
            return
        if root(writer.connection, writer.no, entity) != entity or entity == writer.owner_entity:
            refuse(line, "merges an entity that cannot be merged", field="entity")
        if root(writer.connection, writer.no, into) == entity:
            refuse(line, "goes in a circle", field="into")
        attach(
            writer.connection,
            writer.no,
            entity=entity,
            direct=into,
            at=fields["at"],
            evidence=fields["evidence"],
        )

    def relate(self, fields: Fields, fact: int, line: int) -> None:
        """Store a relation with the times of the row *fact*, unless that was removed."""
        writer = self._writer
        (flags,) = writer.connection.execute("SELECT flags FROM item WHERE rid = ?", (fact,)).fetchone()
        if flags & REMOVED:
            return
        subject, thing = self.number(fields["subject"], line), self.number(fields["object"], line)
        rid = writer.rid(writer.take_relation())
        writer.connection.execute(
            "INSERT INTO relation SELECT ?, ?, ?, ?, ?, ?, ?, rid, id, valid_at, invalid_at, "
            f"max(first_at, min(?, created_at)), expired_at, expires_at, flags & {ARCHIVED} <> 0, "
            "?, ?, ?, ?, ? FROM item WHERE rid = ?",
            (
                *(rid, writer.no, subject, fields["predicate"], thing, fields["slot"], fields["positive"]),
                fields["created_at"],
                *(
                    fields[name] if name in {"said_at", "ends_at"} else fields[name] or 0
                    for name in ("begins_at", "said_at", "ends_at", "counts_at", "place")
                ),
                fact,
            ),
        )
        if fields["begins_at"] is None:
            # An export from before facts told their own times: those of their items are all that is known.
            self.is_old = True
            for sql in OWN_TIMES:
                writer.connection.execute(f"{sql} WHERE rid = ?", (rid,))
