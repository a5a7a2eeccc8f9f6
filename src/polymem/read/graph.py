"""The graph arm: from the names in a question to entities, to the edges around them, to the rows behind both."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from typing import Final

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.predicates import KINSHIP, predicate_named
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, Edge, Mask
from polymem.ports.ledger import Snapshot
from polymem.read.kin import meant_relatives
from polymem.read.plan import QueryPlan, check_limit
from polymem.read.selecting import carries, present

__all__ = ["MAX_RELATIONS", "GraphView", "list_entities", "list_relations", "relations", "view_graph"]

MAX_RELATIONS: Final = 20
MAX_ENTITIES: Final = 8
MAX_MENTIONS: Final = 64
MAX_EDGES: Final = 64
MAX_FRONTIER: Final = 16
SECOND_HOP: Final = 0.4
"""What an edge is worth that touches no entity of the question, only a neighbour of one."""


@dataclass(frozen=True, slots=True)
class GraphView:
    """What the graph says about a question.

    Attributes:
        positions: int32[m], ascending, rows tied to the question's entities.
        strengths: float32[m], how closely; about 1 for a row that mentions one rare entity.
        near: Edges that touch an entity of the question, closest first.
        far: Edges of the second hop.
        own: Edges of the owner, where the asker speaks of himself.
        n_entities: How many entities the question names.
        relatives: Entities whom it means by a relation alone ("my wife").
        keyed: Facts that state what is asked about the one who is meant, by position, with their strength: 1 for the
            only one, less for one of many.
    """

    positions: I32
    strengths: F32
    near: tuple[Edge, ...] = ()
    far: tuple[Edge, ...] = ()
    own: tuple[Edge, ...] = ()
    n_entities: int = 0
    relatives: tuple[int, ...] = ()
    keyed: Mapping[int, float] = field(default_factory=dict[int, float])

    def at(self, positions: I32) -> F32:
        """Return float32[m]: how closely the rows at *positions* are tied to the question's entities."""
        if not self.positions.size:
            return np.zeros(positions.size, dtype=np.float32)
        place = np.minimum(self.positions.searchsorted(positions), self.positions.size - 1)
        return np.where(self.positions[place] == positions, self.strengths[place], np.float32(0))


_NOTHING: Final = GraphView(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32))


def view_graph(snapshot: Snapshot, plan: QueryPlan, visibility: Visibility, mask: Mask) -> GraphView:
    """Follow the names of *plan* two hops far, with bounded fan-out.

    Rows count by how rare their entity is, ``ln(1 + N / df) / ln(1 + N)``, since a hub says little; the owner is never
    walked through, being tied to everything.
    """
    if plan.mode not in {"hybrid", "graph"}:
        return _NOTHING
    graph = snapshot.graph
    owner = graph.owner() if plan.first_person else None
    found = graph.find(plan.names) if plan.names else {}
    entities = list(dict.fromkeys(found[name] for name in plan.names if name in found))[:MAX_ENTITIES]
    own = () if owner is None else tuple(graph.neighbours([owner], visibility=visibility, limit=MAX_EDGES))
    bases = entities if owner is None else [*entities, owner]
    relatives = meant_relatives(graph, plan, bases, visibility=visibility)
    entities = [*relatives, *entities]
    if not entities:
        keyed = _keyed(_details(snapshot, plan, visibility), mask)
        return GraphView(_NOTHING.positions, _NOTHING.strengths, own=own, keyed=keyed)
    near = graph.neighbours(entities, visibility=visibility, limit=MAX_EDGES)
    near.sort(key=lambda edge: _touched(edge, entities), reverse=True)
    far = _second_hop(snapshot, visibility, entities, near)
    positions, strengths = _strengths(snapshot, entities, near, far)
    seen = mask[positions] & (strengths > 0)
    keyed = _keyed(_stated(near, plan, relatives), mask)
    return GraphView(
        positions[seen],
        strengths[seen],
        near=tuple(near),
        far=tuple(far),
        own=own,
        n_entities=len(entities),
        relatives=tuple(relatives),
        keyed=keyed,
    )


def _stated(near: Iterable[Edge], plan: QueryPlan, relatives: Sequence[int]) -> list[tuple[str, int]]:
    """Return predicate and position of what the question asks; of "my wife" it asks about her, not about me."""
    return [
        (edge.predicate, edge.position)
        for edge in near
        if edge.predicate in plan.predicates
        and (not relatives or edge.predicate in KINSHIP or edge.subject in relatives)
    ]


def _details(snapshot: Snapshot, plan: QueryPlan, visibility: Visibility) -> list[tuple[str, int]]:
    """Return predicate and position of what the question asks about the owner, whom it means if it names nobody."""
    if visibility.as_of is not None or visibility.known_at is not None:
        owner = snapshot.graph.owner() if plan.predicates else None
        edges = (
            []
            if owner is None
            else snapshot.graph.neighbours([owner], visibility=visibility, limit=MAX_EDGES)
        )
        return [(edge.predicate, edge.position) for edge in edges if edge.predicate in plan.predicates]
    keys = {predicate_named(name).profile_key or name for name in plan.predicates}
    return [(key, entry.position) for key in sorted(keys) for entry in snapshot.keys.get(key)]


def _keyed(stated: Sequence[tuple[str, int]], mask: Mask) -> dict[int, float]:
    """Return the strength of each stated fact: one of many answers is worth less than the only one."""
    counts = Counter(name for name, _ in stated)
    return {position: counts[name] ** -0.5 for name, position in stated if mask[position]}


def _touched(edge: Edge, entities: Sequence[int]) -> int:
    return (edge.subject in entities) + (edge.object in entities)


def _second_hop(
    snapshot: Snapshot, visibility: Visibility, entities: Sequence[int], near: Iterable[Edge]
) -> list[Edge]:
    """Return the edges around the neighbours of *entities*, without those known already."""
    stops = {*entities, snapshot.graph.owner()}
    ends = dict.fromkeys(end for edge in near for end in (edge.subject, edge.object) if end not in stops)
    frontier = list(ends)[:MAX_FRONTIER]
    if not frontier:
        return []
    known = {edge.number for edge in near}
    found = snapshot.graph.neighbours(frontier, visibility=visibility, limit=MAX_EDGES)
    return [edge for edge in found if edge.number not in known]


def _strengths(
    snapshot: Snapshot, entities: Sequence[int], near: Sequence[Edge], far: Sequence[Edge]
) -> tuple[I32, F32]:
    """Return int32[m], ascending, and float32[m]: the rows tied to *entities*, and how closely."""
    n = snapshot.n
    mentions = [snapshot.graph.mentions(entity, limit=MAX_MENTIONS) for entity in entities]
    rarity = [math.log1p(n / max(rows.size, 1)) / math.log1p(n) for rows in mentions]
    edges = np.array([edge.position for edge in (*near, *far)], dtype=np.int32)
    positions = np.unique(np.concatenate([*mentions, edges]))
    strengths = np.zeros(positions.size, dtype=np.float32)
    for rows, worth in zip(mentions, rarity, strict=True):
        strengths[positions.searchsorted(rows)] += np.float32(worth)
    worth_of = dict(zip(entities, rarity, strict=True))
    ties = [sum(worth_of.get(end, 0.0) for end in {edge.subject, edge.object}) for edge in near]
    ties += [SECOND_HOP] * len(far)
    np.maximum.at(strengths, positions.searchsorted(edges), np.array(ties, dtype=np.float32))
    return positions, strengths


def relations(
    snapshot: Snapshot, view: GraphView, found: Sequence[int], *, scope: Scope
) -> tuple[Relation, ...]:
    """Return relations of the question's entities, then around them, then the asker's own among the rows *found*.

    Their facts carry all ids of *scope*.
    """
    rows = set(found)
    named = [*view.near, *(edge for edge in view.own if edge.position in rows), *view.far]
    chosen = _kept(named, carries(snapshot, scope))
    edges = list({edge.number: edge for edge in chosen}.values())[:MAX_RELATIONS]
    return tuple(snapshot.graph.relations(edges)) if edges else ()


def list_entities(snapshot: Snapshot, scope: Scope, *, limit: int) -> list[Entity]:
    """Return the entities of *scope*, in order of first mention in the partition.

    Of a scope narrower than the partition, these are the ones that its rows mention or relate, with the number of these
    rows; their names and types may be known from elsewhere.

    Raises:
        InputError: *limit* is out of range.
    """
    check_limit(limit)
    found = snapshot.graph.entities(limit=limit, within=carries(snapshot, scope))
    return [entity for _, entity in found]


def list_relations(
    snapshot: Snapshot,
    selection: Selection,
    *,
    entity: str | None = None,
    predicates: Sequence[str] | None = None,
    limit: int,
) -> list[Relation]:
    """Return visible relations, newest first, those whose facts carry all ids of the scope.

    Args:
        snapshot: The partition.
        selection: The scope, and which versions are seen.
        entity: Only relations of the entities with this id, name or alias; None for all.
        predicates: Only these; None for all.
        limit: At most so many.

    Raises:
        InputError: *limit* is out of range.
    """
    check_limit(limit)
    graph = snapshot.graph
    numbers: list[int] | None = None
    if entity is not None:
        numbers = list(dict.fromkeys(map(graph.root, graph.identify(entity))))
    within = carries(snapshot, selection.scope)
    wanted = limit if within is None else snapshot.n
    edges = graph.neighbours(
        numbers, visibility=present(snapshot, selection).visibility, limit=wanted, predicates=predicates
    )
    return graph.relations(_kept(edges, within)[:limit])


def _kept(edges: Sequence[Edge], within: Mask | None) -> list[Edge]:
    return [edge for edge in edges if within is None or within[edge.position]]
