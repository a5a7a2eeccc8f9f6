"""The graph and key-value faces inside a snapshot."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_text, moment
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.ports.faces import I32, Edge, KeyValue, Mask

MAX_NAMES: Final = 256
MAX_FRONTIER: Final = 64
_NEWEST: Final = "(SELECT n.rid FROM item n WHERE n.id = {} ORDER BY n.version DESC LIMIT 1)"
_SUCCESSORS: Final = (
    f"SELECT o.rid, {_NEWEST.format('f.superseded_by')}, {_NEWEST.format('e.id')} FROM item o "
    "JOIN item first ON first.id = o.id AND first.version = 1 JOIN source s ON s.episode = first.rid "
    "JOIN item f ON f.rid = s.rid AND f.superseded_by IS NOT NULL "
    "LEFT JOIN item b ON b.id = f.superseded_by LEFT JOIN source t ON t.rid = b.rid LEFT JOIN item e ON e.rid = t.episode"
)
_ENTITY: Final = (
    "SELECT e.rid, e.id, e.name, e.type, (SELECT group_concat(a.name, char(10)) FROM alias a "
    f"WHERE a.partition = ? AND a.entity = e.rid & {POSITION_MASK})"
)
_ENTITIES: Final = (
    f"{_ENTITY}, (SELECT count(*) FROM mention m WHERE m.partition = ? AND m.entity = e.rid & {POSITION_MASK}) "
    "FROM entity e WHERE e.rid BETWEEN ? AND ? ORDER BY e.rid LIMIT ?"
)
_MENTIONED: Final = "SELECT m.entity, count(*) FROM wanted w CROSS JOIN mention m ON m.partition = ? AND m.position = w.it GROUP BY m.entity"
_RELATED: Final = "SELECT r.subject, r.object FROM wanted w CROSS JOIN relation r ON r.fact = ? + w.it"


@dataclass(slots=True)
class SqliteGraph:
    """Implements :class:`polymem.ports.faces.GraphFace` over one read transaction.

    Attributes:
        connection: Inside the transaction.
        no: Number of the partition, -1 when it has no rows yet.
        last_at: System time of the partition's last write in microseconds.
        owner_entity: What :meth:`owner` returns.
    """

    connection: sqlite3.Connection
    no: int
    last_at: int
    owner_entity: int | None

    def _rid(self, number: int) -> int:
        return self.no << POSITION_BITS | number

    def find(self, names: Sequence[str]) -> dict[str, int]:
        """Return entity numbers by name key, for the names that are known (names or aliases; exact keys)."""
        keys = list(dict.fromkeys(names))[:MAX_NAMES]
        if not keys or self.no < 0:
            return {}
        sql = wanted(len(keys)) + (
            "SELECT a.key, min(a.entity) FROM wanted w CROSS JOIN alias a ON a.partition = ? AND a.key = w.it GROUP BY a.key"
        )
        return dict(self.connection.execute(sql, (*keys, self.no)).fetchall())

    def owner(self) -> int | None:
        """Return the entity number of the partition's owner, None if nothing was stated about it."""
        return self.owner_entity

    def mentions(self, entity: int, *, limit: int) -> I32:
        """Return positions of the items that mention *entity*, newest first."""
        rows = self.connection.execute(
            "SELECT position FROM mention WHERE partition = ? AND entity = ? ORDER BY position DESC LIMIT ?",
            (self.no, entity, limit),
        ).fetchall()
        return np.fromiter((position for (position,) in rows), dtype=np.int32, count=len(rows))

    def neighbours(self, entities: Sequence[int] | None, *, visibility: Visibility, limit: int) -> list[Edge]:
        """Return visible edges that touch *entities* (the first 64 of them; None: all edges), newest first."""
        if self.no < 0 or (entities is not None and not entities):
            return []
        frontier = None if entities is None else list(dict.fromkeys(entities))[:MAX_FRONTIER]
        return self._edges(frontier, visibility=visibility, limit=limit)

    def _edges(self, frontier: Sequence[int] | None, *, visibility: Visibility, limit: int) -> list[Edge]:
        rule, bound = self._visible(visibility)
        head = "SELECT rid, subject, predicate, object, fact FROM relation WHERE partition = ?"
        if frontier is None:
            low = self._rid(0)
            sql = f"{head} AND rid BETWEEN ? AND ? AND {rule}"
            values: list[object] = [self.no, low, low | POSITION_MASK, *bound]
        else:
            marks = ",".join("?" * len(frontier))
            # Two lookups rather than OR, so that each uses its index.
            sql = (
                f"{head} AND subject IN ({marks}) AND {rule} UNION {head} AND object IN ({marks}) AND {rule}"
            )
            values = [self.no, *frontier, *bound] * 2
        rows = self.connection.execute(f"{sql} ORDER BY rid DESC LIMIT ?", (*values, limit)).fetchall()
        return [
            Edge(rid & POSITION_MASK, subject, predicate, thing, fact & POSITION_MASK)
            for rid, subject, predicate, thing, fact in rows
        ]

    def _visible(self, seen: Visibility) -> tuple[str, list[object]]:
        """Return the rule of :class:`Visibility` over the relation's four times."""
        now = to_micros(seen.now)
        world = max(now, self.last_at) if seen.as_of is None else to_micros(seen.as_of)
        rule = (
            "(expires_at IS NULL OR expires_at > ?) AND (invalid_at IS NULL OR invalid_at > max(?, valid_at)"
        )
        values: list[object] = [now, world]
        if seen.known_at is None:
            rule += ")"
        else:
            known = to_micros(seen.known_at)
            rule += " OR (expired_at IS NOT NULL AND expired_at > ?)) AND created_at <= ?"
            values += [known, known]
        if seen.as_of is not None:
            rule += " AND valid_at <= ?"
            values.append(world)
        return rule, values

    def successors(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Return pairs of episodes and what replaced a fact derived from them."""
        pairs = set[tuple[int, int]]()
        for chunk in (positions[i : i + 500] for i in range(0, len(positions), 500)):
            marks = ",".join("?" * len(chunk))
            rows = self.connection.execute(
                f"{_SUCCESSORS} WHERE o.rid IN ({marks})", [self._rid(p) for p in chunk]
            )
            for old, *new in rows.fetchall():
                pairs.update((old & POSITION_MASK, rid & POSITION_MASK) for rid in new if rid is not None)
        return sorted(pairs)

    def relations(self, edges: Sequence[Edge]) -> list[Relation]:
        """Return the edges with names, in their order."""
        out: dict[int, Relation] = {}
        for chunk in (edges[i : i + 500] for i in range(0, len(edges), 500)):
            marks = ",".join("?" * len(chunk))
            low = self._rid(0)
            for rid, subject, predicate, thing, positive, item, *times in self.connection.execute(
                "SELECT r.rid, s.name, r.predicate, o.name, r.positive, r.item, r.valid_at, r.invalid_at, "
                "r.created_at, r.expired_at FROM relation r JOIN entity s ON s.rid = ? + r.subject "
                f"JOIN entity o ON o.rid = ? + r.object WHERE r.rid IN ({marks})",
                (low, low, *(self._rid(edge.number) for edge in chunk)),
            ):
                valid, invalid, created, expired = times
                out[rid & POSITION_MASK] = Relation(
                    subject,
                    predicate,
                    thing,
                    bool(positive),
                    id_text(item),
                    from_micros(valid),
                    moment(invalid),
                    from_micros(created),
                    moment(expired),
                )
        return [out[edge.number] for edge in edges if edge.number in out]

    def entities(
        self, *, limit: int, after: int = -1, within: Mask | None = None
    ) -> list[tuple[int, Entity]]:
        """Return entities with number greater than *after*, by number.

        With *within*, bool[n], those that rows of it mention or relate, and how many of these mention each.
        """
        if within is None:
            first, last = self._rid(after + 1), self._rid(POSITION_MASK)
            rows = self.connection.execute(_ENTITIES, (self.no, self.no, first, last, limit)).fetchall()
            return [_entity(row, n_mentions) for *row, n_mentions in rows]
        counts = self._named_in(within)
        numbers = sorted(number for number in counts if number > after)[:limit]
        found: list[tuple[int, Entity]] = []
        for part in in_parts([self._rid(number) for number in numbers]):
            sql = f"{wanted(len(part))} {_ENTITY} FROM wanted w CROSS JOIN entity e ON e.rid = w.it"
            rows = self.connection.execute(sql, (*part, self.no)).fetchall()
            found += [_entity(row, counts[row[0] & POSITION_MASK]) for row in rows]
        return found

    def _named_in(self, within: Mask) -> Counter[int]:
        """Return how many rows of *within* mention each entity that they mention or relate."""
        counts = Counter[int]()
        low = self._rid(0)
        for part in in_parts(np.flatnonzero(within).tolist()):
            rows = wanted(len(part))
            counts.update(dict(self.connection.execute(rows + _MENTIONED, (*part, self.no)).fetchall()))
            for ends in self.connection.execute(rows + _RELATED, (*part, low)).fetchall():
                counts.update(dict.fromkeys(ends, 0))
        return counts


def _entity(row: Sequence[Any], n_mentions: int) -> tuple[int, Entity]:
    rid, key, name, kind, aliases = row
    further = tuple(alias for alias in (aliases or "").split("\n") if alias and alias != name)
    return rid & POSITION_MASK, Entity(id_text(key), name, kind, further, n_mentions)


@dataclass(slots=True)
class SqliteKeys:
    """Implements :class:`polymem.ports.faces.KeyFace` over one read transaction."""

    connection: sqlite3.Connection
    no: int

    def get(self, key: str | None = None) -> list[KeyValue]:
        """Return the current entries of *key*, or of all keys, in order of key and time."""
        rows = self.connection.execute(
            "SELECT key, value, slot, fact FROM key_value WHERE partition = ? AND (? IS NULL OR key = ?) ORDER BY key, fact",
            (self.no, key, key),
        )
        return [
            KeyValue(name, value, slot, fact & POSITION_MASK) for name, value, slot, fact in rows.fetchall()
        ]
