"""The graph and key-value faces inside a snapshot."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.beliefs import over_beliefs
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.graph_rows import (
    COUNTED,
    ENTITIES,
    MENTIONED,
    MENTIONS,
    RELATED,
    RELATIONS,
    SUCCESSORS,
    names_in,
    plain_entity,
    relation_of,
)
from polymem.engines.sqlite.keys import derive_entries
from polymem.engines.sqlite.merges import Overlay
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.ports.faces import I32, Edge, KeyValue, Mask
from polymem.text.normalise import name_key

MAX_NAMES: Final = 256
MAX_FRONTIER: Final = 64


@dataclass(slots=True)
class SqliteGraph:
    """Implements :class:`polymem.ports.faces.GraphFace` over one read transaction.

    Attributes:
        connection: Inside the transaction.
        no: Number of the partition, -1 when it has no rows yet.
        last_at: System time of the partition's last write in microseconds.
        owner_entity: What :meth:`owner` returns.
        merged: Whether any entities of the partition are merged.
    """

    connection: sqlite3.Connection
    no: int
    last_at: int
    owner_entity: int | None
    merged: bool = False
    _overlay: Overlay | None = None

    @property
    def overlay(self) -> Overlay:
        """Which entities are one; read at most once, and not at all where nothing is merged."""
        if self._overlay is None:
            self._overlay = Overlay.read(self.connection, self.no) if self.merged else Overlay()
        return self._overlay

    def _rid(self, number: int) -> int:
        return self.no << POSITION_BITS | number

    def find(self, names: Sequence[str]) -> dict[str, int]:
        """Return entity numbers by name key, for the names that are known (names or aliases; exact keys)."""
        found = self._find(names)
        return {key: self.overlay.root(number) for key, number in found.items()} if self.merged else found

    def _find(self, names: Sequence[str]) -> dict[str, int]:
        keys = list(dict.fromkeys(names))[:MAX_NAMES]
        if not keys or self.no < 0:
            return {}
        sql = wanted(len(keys)) + (
            "SELECT a.key, min(a.entity) FROM wanted w CROSS JOIN alias a ON a.partition = ? AND a.key = w.it GROUP BY a.key"
        )
        return dict(self.connection.execute(sql, (*keys, self.no)).fetchall())

    def identify(self, who: str) -> dict[int, str]:
        """Return the ids of the entities with this id, name or alias by number, each as it was written, ascending."""
        if self.no < 0:
            return {}
        key = id_bytes(who)
        if key is not None:
            row = self.connection.execute(
                "SELECT rid FROM entity WHERE id = ? AND rid BETWEEN ? AND ?",
                (key, self._rid(0), self._rid(POSITION_MASK)),
            ).fetchone()
            if row is not None:
                return {row[0] & POSITION_MASK: id_text(key)}
        rows = self.connection.execute(
            "SELECT a.entity, e.id FROM alias a JOIN entity e ON e.rid = ? + a.entity "
            "WHERE a.partition = ? AND a.key = ? ORDER BY a.entity",
            (self._rid(0), self.no, name_key(who) or who),
        ).fetchall()
        return {number: id_text(key) for number, key in rows}

    def root(self, entity: int) -> int:
        """Return who speaks for *entity*: itself, unless it was merged."""
        return self.overlay.root(entity) if self.merged else entity

    def owner(self) -> int | None:
        """Return the entity number of the partition's owner, None if nothing was stated about it."""
        return self.owner_entity

    def mentions(self, entity: int, *, limit: int) -> I32:
        """Return positions of the items that mention *entity*, newest first."""
        if self.merged and entity in self.overlay.groups:
            return self._mentions_of_many(self.overlay.everybody([entity]), limit=limit)
        rows = self.connection.execute(
            "SELECT position FROM mention WHERE partition = ? AND entity = ? ORDER BY position DESC LIMIT ?",
            (self.no, entity, limit),
        ).fetchall()
        return np.fromiter((position for (position,) in rows), dtype=np.int32, count=len(rows))

    def _mentions_of_many(self, entities: Sequence[int], *, limit: int) -> I32:
        found = set[int]()
        for part in in_parts(entities):
            sql = f"{wanted(len(part))} SELECT DISTINCT m.position FROM wanted w CROSS JOIN mention m ON m.partition = ? AND m.entity = w.it"
            rows = self.connection.execute(f"{sql} ORDER BY m.position DESC LIMIT ?", (*part, self.no, limit))
            found.update(position for (position,) in rows.fetchall())
        newest = sorted(found, reverse=True)[:limit]
        return np.array(newest, dtype=np.int32)

    def neighbours(
        self,
        entities: Sequence[int] | None,
        *,
        visibility: Visibility,
        limit: int,
        predicates: Sequence[str] | None = None,
    ) -> list[Edge]:
        """Return visible edges that touch *entities* (the first 64 of them; None: all edges), newest first."""
        if self.no < 0 or (entities is not None and not entities):
            return []
        frontier = None if entities is None else list(dict.fromkeys(entities))[:MAX_FRONTIER]
        rule, bound = self._visible(visibility)
        if predicates is not None:
            rule += f" AND predicate IN ({','.join('?' * len(predicates))})"
            bound += predicates
        if not self.merged:
            return self._edges(frontier, rule, bound, limit=limit)
        overlay = self.overlay
        parts = [None] if frontier is None else in_parts(overlay.everybody(frontier))
        found = {edge.number: edge for part in parts for edge in self._edges(part, rule, bound, limit=limit)}
        newest = sorted(found.values(), key=lambda edge: -edge.number)[:limit]
        return [
            replace(edge, subject=overlay.root(edge.subject), object=overlay.root(edge.object))
            for edge in newest
        ]

    def _edges(
        self, frontier: Sequence[int] | None, rule: str, bound: Sequence[object], *, limit: int
    ) -> list[Edge]:
        head = "SELECT rid, subject, predicate, object, fact, positive FROM relation WHERE partition = ?"
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
            Edge(rid & POSITION_MASK, subject, predicate, thing, fact & POSITION_MASK, bool(positive))
            for rid, subject, predicate, thing, fact, positive in rows
        ]

    def _visible(self, seen: Visibility) -> tuple[str, list[object]]:
        """Return the rule of :class:`Visibility` over the relation's four times."""
        now = to_micros(seen.now)
        world = max(now, self.last_at) if seen.as_of is None else to_micros(seen.as_of)
        times, values = "(invalid_at IS NULL OR invalid_at > max(?, valid_at)", [world]
        if seen.known_at is not None:
            times += " OR (expired_at IS NOT NULL AND expired_at > ?)"
            values.append(to_micros(seen.known_at))
        times += ")"
        if seen.as_of is not None:
            times += " AND valid_at <= ?"
            values.append(world)
        times = over_beliefs(self.connection, self.no, seen, rule=times, column="fact", world=world)
        rule = f"(expires_at IS NULL OR expires_at > ?) AND {times}"
        values.insert(0, now)
        if seen.known_at is not None:
            rule += " AND created_at <= ?"
            values.append(to_micros(seen.known_at))
        if not seen.archived:
            rule += " AND archived = 0"
        return rule, list(values)

    def successors(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Return pairs of episodes and what replaced a fact derived from them."""
        pairs = set[tuple[int, int]]()
        for chunk in (positions[i : i + 500] for i in range(0, len(positions), 500)):
            marks = ",".join("?" * len(chunk))
            rows = self.connection.execute(
                f"{SUCCESSORS} WHERE o.rid IN ({marks})", [self._rid(p) for p in chunk]
            )
            for old, *new in rows.fetchall():
                pairs.update((old & POSITION_MASK, rid & POSITION_MASK) for rid in new if rid is not None)
        return sorted(pairs)

    def relations(self, edges: Sequence[Edge]) -> list[Relation]:
        """Return the edges with names, in their order."""
        out: dict[int, Relation] = {}
        low = self._rid(0)
        for chunk in in_parts([self._rid(edge.number) for edge in edges]):
            sql = f"{wanted(len(chunk))} {RELATIONS}"
            rows = self.connection.execute(sql, (*chunk, low, low)).fetchall()
            spoken = self._spoken_for(row[1:3] for row in rows) if self.merged else {}
            for rid, subject, thing, *rest in rows:
                out[rid & POSITION_MASK] = relation_of(subject, thing, rest, spoken)
        return [out[edge.number] for edge in edges if edge.number in out]

    def _spoken_for(self, ends: Iterable[Sequence[int]]) -> dict[int, tuple[int, bytes, str]]:
        """Return number, id and name of who speaks for each of *ends* that was merged."""
        roots = self.overlay.roots
        merged = {end: roots[end] for pair in ends for end in pair if end in roots}
        named: dict[int, tuple[int, bytes, str]] = {}
        for part in in_parts([self._rid(number) for number in set(merged.values())]):
            sql = f"{wanted(len(part))} SELECT e.rid, e.id, e.name FROM wanted w CROSS JOIN entity e ON e.rid = w.it"
            for rid, key, name in self.connection.execute(sql, part).fetchall():
                named[rid & POSITION_MASK] = (rid & POSITION_MASK, key, name)
        return {end: named[head] for end, head in merged.items() if head in named}

    def described(self, numbers: Sequence[int]) -> dict[int, Entity]:
        """Return entities by number, those that are there; who speaks for others has their names and mentions too."""
        everybody = self.overlay.everybody(numbers) if self.merged else list(dict.fromkeys(numbers))
        found: dict[int, tuple[Sequence[Any], int]] = {}
        for part in in_parts([self._rid(number) for number in everybody]):
            sql = f"{wanted(len(part))} {COUNTED} FROM wanted w CROSS JOIN entity e ON e.rid = w.it"
            for *row, n_mentions in self.connection.execute(sql, (*part, self.no, self.no)).fetchall():
                found[row[0] & POSITION_MASK] = (row, n_mentions)
        return {
            number: self._joined(number, found, self._n_mentions(number, found[number][1]))
            for number in dict.fromkeys(map(self.root, numbers))
            if number in found
        }

    def _n_mentions(self, number: int, own: int) -> int:
        """Return how many rows mention an entity or one that was merged into it."""
        group = self.overlay.groups.get(number) if self.merged else None
        if not group:
            return own
        (n,) = self.connection.execute(
            "SELECT count(DISTINCT m.position) FROM mention m WHERE m.partition = ?1 AND (m.entity = ?2 OR m.entity IN "
            "(SELECT entity FROM merge WHERE partition = ?1 AND into_entity = ?2))",
            (self.no, number),
        ).fetchone()
        return int(n)

    def _joined(self, number: int, found: Mapping[int, tuple[Sequence[Any], int]], n_mentions: int) -> Entity:
        """Return an entity with what the ones that were merged into it add."""
        group = self.overlay.groups.get(number, ()) if self.merged else ()
        _, key, name, kind, names = found[number][0]
        merged: list[str] = []
        further = names_in(names)
        for other in group:
            if other in found:
                _, other_key, other_name, other_kind, other_names = found[other][0]
                merged.append(id_text(other_key))
                kind = kind or other_kind
                further += [other_name, *names_in(other_names)]
        aliases = tuple(alias for alias in dict.fromkeys(further) if alias != name)
        return Entity(id_text(key), name, kind, aliases, n_mentions, tuple(merged))

    def entities(
        self, *, limit: int, after: int = -1, within: Mask | None = None
    ) -> list[tuple[int, Entity]]:
        """Return entities with number greater than *after*, by number.

        With *within*, bool[n], those that rows of it mention or relate, and how many of these mention each.
        """
        if within is None and not self.merged:
            first, last = self._rid(after + 1), self._rid(POSITION_MASK)
            rows = self.connection.execute(ENTITIES, (self.no, self.no, first, last, limit)).fetchall()
            return [(row[0] & POSITION_MASK, plain_entity(row, n_mentions)) for *row, n_mentions in rows]
        if within is None:
            numbers = self._heads(after, limit=limit)
            described = self.described(numbers)
            return [(number, described[number]) for number in numbers if number in described]
        counts = self._named_in(within)
        numbers = sorted(number for number in counts if number > after)[:limit]
        described = self.described(numbers)
        return [
            (number, replace(described[number], n_mentions=counts[number]))
            for number in numbers
            if number in described
        ]

    def _heads(self, after: int, *, limit: int) -> list[int]:
        """Return the numbers of the entities that speak for themselves."""
        rows = self.connection.execute(
            "SELECT e.rid - ?1 FROM entity e WHERE e.rid > ?1 + ?2 AND e.rid <= ?1 + ?3 AND NOT EXISTS "
            "(SELECT 1 FROM merge m WHERE m.partition = ?4 AND m.entity = e.rid - ?1) ORDER BY e.rid LIMIT ?5",
            (self._rid(0), after, POSITION_MASK, self.no, limit),
        ).fetchall()
        return [number for (number,) in rows]

    def _named_in(self, within: Mask) -> Counter[int]:
        """Return how many rows of *within* mention each entity that they mention or relate."""
        counts = Counter[int]()
        low = self._rid(0)
        for part in in_parts(np.flatnonzero(within).tolist()):
            rows = wanted(len(part))
            if self.merged:
                pairs = self.connection.execute(rows + MENTIONS, (*part, self.no)).fetchall()
                counts.update(head for _, head in {(place, self.root(who)) for place, who in pairs})
            else:
                counts.update(dict(self.connection.execute(rows + MENTIONED, (*part, self.no)).fetchall()))
            for ends in self.connection.execute(rows + RELATED, (*part, low)).fetchall():
                counts.update(dict.fromkeys(map(self.root, ends), 0))
        return counts


@dataclass(slots=True)
class SqliteKeys:
    """Implements :class:`polymem.ports.faces.KeyFace` over one read transaction."""

    connection: sqlite3.Connection
    no: int
    owner: int | None = None

    def stated(self) -> list[KeyValue]:
        """Return the entries as they follow from what is stated about the owner."""
        entries = derive_entries(self.connection, self.no, self.owner)
        found = [
            KeyValue(key, entry.value, place, entry.fact & POSITION_MASK)
            for (key, place), entry in entries.items()
        ]
        return sorted(found, key=lambda entry: (entry.key, entry.position))

    def progress(self, task: str) -> str:
        """Return how far a long task has come, "" if it was never begun."""
        row = self.connection.execute(
            "SELECT state FROM progress WHERE partition = ? AND task = ?", (self.no, task)
        ).fetchone()
        return "" if row is None else str(row[0])

    def get(self, key: str | None = None) -> list[KeyValue]:
        """Return the current entries of *key*, or of all keys, in order of key and time."""
        rows = self.connection.execute(
            "SELECT key, value, slot, fact FROM key_value WHERE partition = ? AND (? IS NULL OR key = ?) ORDER BY key, fact",
            (self.no, key, key),
        )
        return [
            KeyValue(name, value, slot, fact & POSITION_MASK) for name, value, slot, fact in rows.fetchall()
        ]
