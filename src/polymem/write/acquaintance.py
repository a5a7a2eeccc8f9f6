"""What is known of entities beside their names: types, aliases, neighbours, contexts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.predicates import predicate_named
from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros
from polymem.ports.faces import EMBEDDED, F32, I32, INDEXED, Edge
from polymem.ports.ledger import Snapshot

__all__ = ["MAX_ROWS", "Person", "people"]

MAX_ROWS: Final = 64
"""Rows of an entity that are looked at, newest first."""
_HUB: Final = 0.2
"""Whoever is a neighbour of more than this share of all entities is no evidence."""


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of an entity, whoever or whatever it is.

    Attributes:
        name: Its name.
        type: "person", "place" …, "" when unknown.
        aliases: Further names that were stated.
        neighbours: What it is related to or named together with: numbers of entities, with the predicate of a relation.
        single: What it has one of at a time, by predicate ("lives_in" → the slot).
        context: Mean of the unit vectors of the rows that mention it; None where there is none.
    """

    name: str
    type: str = ""
    aliases: tuple[str, ...] = ()
    neighbours: frozenset[tuple[str, int]] = frozenset()
    single: Mapping[str, int] | None = None
    context: F32 | None = None


def people(snapshot: Snapshot, entities: Mapping[int, Entity], *, n_entities: int) -> dict[int, Person]:
    """Return what is known of *entities*, by number; *n_entities* are all there are."""
    rows = {number: snapshot.graph.mentions(number, limit=MAX_ROWS) for number in entities}
    edges = _edges(snapshot, sorted(entities))
    near = _neighbours(snapshot, entities, edges, n_entities=n_entities)
    contexts = _contexts(snapshot, rows)
    return {
        number: Person(
            entity.name,
            entity.type,
            entity.aliases + _stated_names(snapshot, number, edges[number]),
            frozenset(near[number]),
            _single(number, edges[number]),
            contexts.get(number),
        )
        for number, entity in entities.items()
    }


def _edges(snapshot: Snapshot, numbers: Sequence[int]) -> dict[int, list[Edge]]:
    """Return the current edges of each entity."""
    seen = Visibility(now=from_micros(snapshot.last_at))
    found: dict[int, list[Edge]] = {number: [] for number in numbers}
    for start in range(0, len(numbers), 64):
        for edge in snapshot.graph.neighbours(
            numbers[start : start + 64], visibility=seen, limit=64 * MAX_ROWS
        ):
            for end in {edge.subject, edge.object} & found.keys():
                if edge not in found[end]:
                    found[end].append(edge)
    return found


def _neighbours(
    snapshot: Snapshot,
    entities: Mapping[int, Entity],
    edges: Mapping[int, Sequence[Edge]],
    *,
    n_entities: int,
) -> dict[int, set[tuple[str, int]]]:
    """Return what each entity is related to; the owner and hubs, which are near to everybody, say nothing."""
    near: dict[int, set[tuple[str, int]]] = {number: set() for number in entities}
    owner = snapshot.graph.owner()
    degree: dict[int, set[int]] = defaultdict(set)
    for number in entities:
        for edge in edges[number]:
            if edge.positive:
                other = edge.object if edge.subject == number else edge.subject
                way = edge.predicate if edge.subject == number else f"~{edge.predicate}"
                near[number].add((way, other))
                degree[other].add(number)
    most = max(4.0, _HUB * n_entities)
    hubs = {number for number, ends in degree.items() if len(ends) > most} | {owner}
    return {
        number: {(way, other) for way, other in found if other not in hubs} for number, found in near.items()
    }


def _stated_names(snapshot: Snapshot, number: int, edges: Iterable[Edge]) -> tuple[str, ...]:
    """Return what an entity was said to be called."""
    names = [
        edge
        for edge in edges
        if edge.subject == number and edge.positive and edge.predicate in {"name", "nickname"}
    ]
    relations: list[Relation] = snapshot.graph.relations(names)
    return tuple(relation.object for relation in relations)


def _single(number: int, edges: Iterable[Edge]) -> dict[str, int]:
    return {
        edge.predicate: edge.object
        for edge in edges
        if edge.subject == number and edge.positive and predicate_named(edge.predicate).functional
    }


def _contexts(snapshot: Snapshot, rows: Mapping[int, I32]) -> dict[int, F32]:
    """Return the mean direction of the rows that mention each entity, for those that have any with a vector."""
    flags = snapshot.columns.flags
    usable = {
        n: found[flags[found] & (INDEXED | EMBEDDED) == INDEXED | EMBEDDED] for n, found in rows.items()
    }
    wanted = np.unique(np.concatenate([*usable.values(), np.empty(0, np.int32)])).astype(np.int32)
    if not wanted.size or not snapshot.vectors.n_rows:
        return {}
    vectors = snapshot.vectors.rows(wanted)
    out: dict[int, F32] = {}
    for number, found in usable.items():
        mean: F32 = vectors[wanted.searchsorted(found)].sum(axis=0)
        length = float(np.linalg.norm(mean))
        if length > 0:
            out[number] = (mean / length).astype(np.float32)
    return out
