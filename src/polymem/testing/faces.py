"""The faces of a :class:`polymem.testing.snapshot.MemorySnapshot`, and the row that all of them are made from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.item import JsonObject, Kind
from polymem.domain.query import Visibility
from polymem.domain.timespan import EPOCH, to_micros
from polymem.ports.faces import EMBEDDED, F32, FOREVER, I32, INDEXED, Columns, Edge, KeyValue, Mask, Postings
from polymem.ranking.neighbours import NEIGHBOUR_SHARE
from polymem.ranking.visibility import visible
from polymem.text.indexed import headings_of, title_of
from polymem.text.keys import index_keys
from polymem.text.normalise import name_key
from polymem.text.tokenise import KEY_MARK

__all__ = ["MemoryGraph", "MemoryKeys", "MemoryRow", "MemoryTexts", "MemoryVectors", "believed", "words_of"]


@dataclass(frozen=True, slots=True)
class MemoryRow:
    """One version of an item, with what the faces hold about it.

    Attributes:
        id: Public id; rows that share it are versions, in order.
        text: Its words.
        kind: What it is.
        valid_at: From when it holds; when it was said.
        created_at: When it was stored; None for ``valid_at``.
        invalid_at: Until when it holds.
        expired_at: When its end became known.
        expires_at: From when it is hidden.
        speaker: Name of the speaker.
        role: Role of the speaker.
        agent_id: Agent on the row.
        run_id: Run on the row.
        metadata: Plain JSON.
        importance: 0..1.
        vector: float32[dim] of unit length, or None.
        sources: Ids of the episodes behind it; empty for an episode.
        mentions: Names of entities that it mentions.
        relation: Subject, predicate and object that it states.
        entry: Key and value of the key-value face that it backs.
        removed: Whether it was deleted.
        superseded: Whether every fact derived from it was closed.
        superseded_by: The item that replaced it.
        beliefs: Its ``invalid_at`` and ``expired_at`` as they were believed to be until a system time.
    """

    id: str
    text: str
    kind: Kind = "episode"
    valid_at: datetime = EPOCH
    created_at: datetime | None = None
    invalid_at: datetime | None = None
    expired_at: datetime | None = None
    expires_at: datetime | None = None
    speaker: str = ""
    agent_id: str | None = None
    run_id: str | None = None
    metadata: JsonObject = field(default_factory=dict[str, Any])
    importance: float = 0.5
    vector: F32 | None = None
    sources: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    relation: tuple[str, str, str] | None = None
    entry: tuple[str, str] | None = None
    removed: bool = False
    superseded: bool = False
    superseded_by: str | None = None
    beliefs: tuple[tuple[datetime, datetime | None, datetime | None], ...] = ()
    role: str = "user"

    @property
    def stored_at(self) -> datetime:
        """System time of storing."""
        return self.created_at or self.valid_at


def words_of(row: MemoryRow, tokenise: Callable[[str], list[str]]) -> list[str]:
    """Return the index terms of a row: of title and headings, if it is a passage that has such, and of its words."""
    above = (
        title_of(row.kind, role=row.role, metadata=row.metadata),
        *headings_of(row.kind, role=row.role, metadata=row.metadata),
    )
    return [term for part in (*filter(None, above), row.text) for term in tokenise(part)]


class MemoryVectors:
    """The vector face: float16 truth and an int8 copy, as engines hold them."""

    def __init__(self, rows: Sequence[MemoryRow], columns: Columns) -> None:
        counted = INDEXED | EMBEDDED
        self._n_indexed = int(np.count_nonzero(columns.flags & counted == counted))
        given = [row.vector for row in rows if row.vector is not None]
        self._n_given = len(given)
        self._exact = np.zeros((len(rows), given[0].size if given else 1), dtype=np.float16)
        for position, row in enumerate(rows):
            if row.vector is not None:
                self._exact[position] = row.vector
        full = self._exact.astype(np.float32)
        self._coarse = _at_int8(full)

    @property
    def n_rows(self) -> int:
        """Number of indexed rows that have a vector."""
        return self._n_indexed

    def scan(self, query: F32) -> F32:
        """Return float32[n]: cosine at int8 precision of both sides."""
        return (
            self._coarse @ _at_int8(query[np.newaxis])[0]
            if self._n_given
            else np.zeros(len(self._coarse), dtype=np.float32)
        )

    def near(self, queries: F32, positions: I32) -> F32:
        """Return float32[k, m]: what :meth:`scan` returns for each query, of these rows."""
        found = np.zeros((len(queries), positions.size), dtype=np.float32)
        for row, query in zip(found, queries, strict=True):
            row[:] = self.scan(query)[positions]
        return found

    def exact(self, query: F32, positions: I32) -> F32:
        """Return float32[m]: cosine from the f16 truth."""
        if not self._n_given:
            return np.zeros(positions.size, dtype=np.float32)
        # Row by row: a product of matrices rounds by how many rows there are.
        found: F32 = (self._exact[positions].astype(np.float32) * query).sum(axis=1, dtype=np.float32)
        return found

    def rows(self, positions: I32) -> F32:
        """Return float32[m, dim]: the vectors from the f16 truth."""
        vectors: F32 = self._exact[positions].astype(np.float32)
        return vectors

    def shrink(self, previous: I32, following: I32) -> F32:
        """Return float32[n]: one over the length of each row's vector with 0.7 of those before and after."""
        padded = np.vstack([self._coarse, np.zeros_like(self._coarse[:1])]) if len(previous) else self._coarse
        lengths = np.linalg.norm(
            self._coarse + NEIGHBOUR_SHARE * (padded[previous] + padded[following]), axis=1
        )
        shrunk: F32 = np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0).astype(np.float32)
        return shrunk


def _at_int8(rows: F32) -> F32:
    """Return *rows* as they are after a journey through int8, each with a scale of its own."""
    largest: F32 = np.maximum(np.abs(rows).max(axis=1, initial=0.0, keepdims=True), np.float32(1e-30))
    narrow: F32 = np.rint(rows * (np.float32(127) / largest)) * (largest * np.float32(1 / 127))
    return narrow


class MemoryTexts:
    """The keyword face."""

    def __init__(
        self, rows: Sequence[MemoryRow], columns: Columns, tokenise: Callable[[str], list[str]]
    ) -> None:
        indexed = (columns.flags & INDEXED) > 0
        lists: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._forward: dict[int, dict[str, int]] = {}
        for position in np.flatnonzero(indexed).tolist():
            row = rows[position]
            counts = {term: min(count, 255) for term, count in Counter(words_of(row, tokenise)).items()}
            counts |= dict.fromkeys(index_keys(row.kind, row.text, role=row.role, metadata=row.metadata), 1)
            self._forward[position] = counts
            for term, count in counts.items():
                lists[term].append((position, count))
        self._lists = {
            term: Postings(
                np.array([position for position, _ in found], dtype=np.int32),
                np.array([count for _, count in found], dtype=np.uint8),
            )
            for term, found in lists.items()
        }
        self._lengths = columns.length[indexed]

    @property
    def n_rows(self) -> int:
        """Number of indexed rows."""
        return self._lengths.size

    @property
    def mean_length(self) -> float:
        """Mean length of the indexed rows in terms."""
        return float(self._lengths.mean()) if self._lengths.any() else 1.0

    def postings(self, term: str) -> Postings:
        """Return where *term* occurs."""
        return self._lists.get(term, Postings(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8)))

    def look_up(self, terms: Sequence[str]) -> Mapping[str, Postings]:
        """Return the postings of the terms that occur."""
        return {term: self._lists[term] for term in terms if term in self._lists}

    def forward(self, positions: Sequence[int]) -> list[Mapping[str, int]]:
        """Return terms and keys of each row with their counts."""
        return [self._forward.get(position, {}) for position in positions]

    def keys(self, positions: Sequence[int]) -> list[list[str]]:
        """Return the keys of each row."""
        return [[term for term in row if term[0] == KEY_MARK] for row in self.forward(positions)]


def believed(rows: Sequence[MemoryRow], columns: Columns, visibility: Visibility) -> Columns:
    """Return the columns with the times that rows were believed to have at the system time that is asked about."""
    known_at = visibility.known_at
    if known_at is None:
        return columns
    invalid, expired = columns.invalid.copy(), columns.expired.copy()
    for position, row in enumerate(rows):
        then = [belief for belief in row.beliefs if belief[0] > known_at]
        if then:
            _, *times = min(then, key=lambda belief: belief[0])
            invalid[position], expired[position] = (FOREVER if at is None else to_micros(at) for at in times)
    return replace(columns, invalid=invalid, expired=expired)


class MemoryGraph:
    """The graph face: entities are the names in mentions and relations, equal by name key."""

    def __init__(self, rows: Sequence[MemoryRow], columns: Columns, *, owner: str | None) -> None:
        self._rows = rows
        self._columns = columns
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._mentions: dict[int, list[int]] = defaultdict(list)
        self._edges: list[Edge] = []
        for position, row in enumerate(rows):
            for name in row.mentions:
                self._mentions[self._number(name)].append(position)
            if row.relation is not None:
                subject, predicate, object_ = row.relation
                edge = Edge(
                    len(self._edges), self._number(subject), predicate, self._number(object_), position
                )
                self._edges.append(edge)
        self._owner = None if owner is None else self._numbers.get(name_key(owner))

    def _number(self, name: str) -> int:
        number = self._numbers.setdefault(name_key(name), len(self._names))
        if number == len(self._names):
            self._names.append(name)
        return number

    def successors(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Return pairs of episodes and what replaced a fact derived from them."""
        newest = {row.id: position for position, row in enumerate(self._rows)}
        pairs = set[tuple[int, int]]()
        for old in positions:
            for fact in self._rows:
                if self._rows[old].id in fact.sources and fact.superseded_by in newest:
                    new = newest[fact.superseded_by]
                    pairs.add((old, new))
                    pairs.update((old, newest[name]) for name in self._rows[new].sources if name in newest)
        return sorted(pairs)

    def find(self, names: Sequence[str]) -> dict[str, int]:
        """Return entity numbers by name key."""
        return {name: self._numbers[name] for name in names if name in self._numbers}

    def identify(self, who: str) -> dict[int, str]:
        """Return the ids of the entities with this id or name by number."""
        number = self._numbers.get(name_key(who))
        prefix, _, digits = who.partition("-")
        if prefix == "entity" and digits.isdecimal() and int(digits) < len(self._names):
            number = int(digits)
        return {} if number is None else {number: f"entity-{number}"}

    def root(self, entity: int) -> int:
        """Return the entity itself: nothing is merged here."""
        return entity

    def described(self, numbers: Sequence[int]) -> dict[int, Entity]:
        """Return entities by number."""
        wanted = set(numbers)
        return {
            number: entity for number, entity in self.entities(limit=len(self._names)) if number in wanted
        }

    def owner(self) -> int | None:
        """Return the number of the owner's entity."""
        return self._owner

    def mentions(self, entity: int, *, limit: int) -> I32:
        """Return positions of the items that mention *entity*, newest first."""
        return np.array(self._mentions.get(entity, [])[::-1][:limit], dtype=np.int32)

    def neighbours(
        self,
        entities: Sequence[int] | None,
        *,
        visibility: Visibility,
        limit: int,
        predicates: Sequence[str] | None = None,
    ) -> list[Edge]:
        """Return visible edges that touch *entities* (None: all edges), newest first; only of *predicates* if given."""
        seen = visible(believed(self._rows, self._columns, visibility), visibility)
        touching = [
            edge for edge in self._edges if entities is None or {edge.subject, edge.object} & set(entities)
        ]
        found = [
            edge
            for edge in touching
            if seen[edge.position] and (predicates is None or edge.predicate in predicates)
        ]
        return sorted(found, key=lambda edge: -edge.position)[:limit]

    def relations(self, edges: Sequence[Edge]) -> list[Relation]:
        """Return the edges with names."""
        return [self._relation(edge) for edge in edges]

    def _relation(self, edge: Edge) -> Relation:
        row = self._rows[edge.position]
        return Relation(
            subject=self._names[edge.subject],
            predicate=edge.predicate,
            object=self._names[edge.object],
            positive=True,
            item_id=row.id,
            valid_at=row.valid_at,
            invalid_at=row.invalid_at,
            created_at=row.stored_at,
            expired_at=row.expired_at,
            subject_id=f"entity-{edge.subject}",
            object_id=f"entity-{edge.object}",
        )

    def entities(
        self, *, limit: int, after: int = -1, within: Mask | None = None
    ) -> list[tuple[int, Entity]]:
        """Return entities by number; with *within*, those that rows of it mention or relate."""
        found: list[tuple[int, Entity]] = []
        for number in range(after + 1, len(self._names)):
            mentions = [p for p in self._mentions.get(number, ()) if within is None or within[p]]
            related = any(
                number in (edge.subject, edge.object) and (within is None or within[edge.position])
                for edge in self._edges
            )
            if within is None or mentions or related:
                name = self._names[number]
                found.append((number, Entity(f"entity-{number}", name, "", (), len(mentions))))
        return found[:limit]


class MemoryKeys:
    """The key-value face: entries of the rows that are current."""

    def __init__(self, rows: Sequence[MemoryRow], columns: Columns) -> None:
        current = (columns.flags & INDEXED > 0) & (columns.expired == np.iinfo(np.int64).max)
        self._entries = [
            KeyValue(key=row.entry[0], value=row.entry[1], slot=name_key(row.entry[1]), position=position)
            for position, row in enumerate(rows)
            if row.entry is not None and current[position]
        ]
        self._entries.sort(key=lambda entry: (entry.key, rows[entry.position].valid_at, entry.position))

    def get(self, key: str | None = None) -> list[KeyValue]:
        """Return the entries of *key*, or all."""
        return [entry for entry in self._entries if key is None or entry.key == key]

    def stated(self) -> list[KeyValue]:
        """Return all entries."""
        return self.get()

    def progress(self, task: str) -> str:
        """Return that the task was never begun."""
        del task
        return ""
