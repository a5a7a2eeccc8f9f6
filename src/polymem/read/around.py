"""What lies around an entity, between two of them, and in a whole scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

import numpy as np

from polymem.domain.entity import Entity, Relation
from polymem.domain.predicates import predicate_named
from polymem.domain.query import MAX_LIMIT, Selection
from polymem.errors import InputError, NotFoundError
from polymem.ports.faces import Edge, Mask
from polymem.ports.ledger import Snapshot
from polymem.read.graph import list_relations
from polymem.read.hops import MAX_HOPS, MAX_NODES, Walk, ball, find_paths
from polymem.read.plan import check_limit
from polymem.read.selecting import carries, present, select
from polymem.read.subgraph import Paths, Subgraph

__all__ = ["around", "between", "check_predicates", "one_entity", "whole"]


def around(
    snapshot: Snapshot,
    selection: Selection,
    who: str,
    *,
    hops: int,
    limit: int,
    predicates: tuple[str, ...] | None = None,
) -> Subgraph:
    """Return what lies at most *hops* relations away from an entity, given by id or name.

    Raises:
        InputError: A number is out of range, or several entities bear the name.
        NotFoundError: The scope has no such entity.
    """
    _check(hops, most=MAX_HOPS, argument="hops")
    _check(limit, most=MAX_NODES, argument="limit")
    walk = _walk(snapshot, selection, predicates)
    start = one_entity(snapshot, who, within=walk.within, argument="entity")
    numbers, edges = ball(walk, start, hops=hops, limit=limit)
    described = _described(snapshot, numbers, walk.within)
    return Subgraph(described, tuple(snapshot.graph.relations(edges)), walk.truncated)


def between(
    snapshot: Snapshot, selection: Selection, source: str, target: str, *, max_hops: int, limit: int
) -> Paths:
    """Return paths from one entity to another, each given by id or name; negated relations are no way.

    Raises:
        InputError: A number is out of range, or several entities bear a name.
        NotFoundError: The scope has no such entity.
    """
    _check(max_hops, most=MAX_HOPS, argument="max_hops")
    check_limit(limit)
    walk = _walk(snapshot, selection, None)
    first = one_entity(snapshot, source, within=walk.within, argument="source")
    last = one_entity(snapshot, target, within=walk.within, argument="target")
    if first == last:
        raise InputError("source and target are the same entity", argument="target")
    found = find_paths(walk, first, last, max_hops=max_hops, limit=limit)
    edges = {edge.number: edge for path in found for edge in path}
    relations = dict(zip(edges, snapshot.graph.relations(list(edges.values())), strict=True))
    return Paths(tuple(_chain(path, relations) for path in found), walk.truncated)


def _chain(path: Sequence[Edge], relations: dict[int, Relation]) -> tuple[Relation, ...]:
    return tuple(relations[edge.number] for edge in path)


def whole(snapshot: Snapshot, selection: Selection, *, limit: int) -> Subgraph:
    """Return the entities that visible rows of a scope name, those without relations too, and its newest relations.

    Raises:
        InputError: *limit* is out of range.
    """
    check_limit(limit)
    relations = list_relations(snapshot, selection, limit=min(limit + 1, MAX_LIMIT))
    # What was put away, or was not said yet at the time that is asked about, names nobody.
    seen = select(snapshot, selection)
    entities = [entity for _, entity in snapshot.graph.entities(limit=MAX_LIMIT, within=seen)]
    # At the highest limit there is no telling whether there are more; then it is said that there may be.
    truncated = len(relations) > limit or len(relations) == MAX_LIMIT or len(entities) == MAX_LIMIT
    return Subgraph(tuple(entities), tuple(relations[:limit]), truncated)


def one_entity(
    snapshot: Snapshot, who: str, *, within: Mask | None = None, argument: str, merged: bool = False
) -> int:
    """Return the number of the one entity that *who*, an id or a name, means.

    A name that the owner bears means the owner.

    Args:
        snapshot: The partition.
        who: An id, a name or an alias.
        within: bool[n], rows of which one has to mention or relate the entity; None for all.
        argument: What the caller named it.
        merged: Whether an entity that was merged into another is meant itself, not who speaks for it.

    Raises:
        InputError: Several entities bear the name.
        NotFoundError: None does.
    """
    graph = snapshot.graph
    numbers = graph.identify(who)
    found = list(numbers) if merged else list(dict.fromkeys(map(graph.root, numbers)))
    if within is not None:
        found = [number for number in found if _occurs(snapshot, number, within)]
    if merged:
        found = [number for number in found if graph.root(number) != number] or found
    if not found:
        raise NotFoundError("no such entity in this scope", argument=argument)
    owner = graph.owner()
    if len(found) > 1 and owner not in found:
        raise InputError(
            f"{len(found)} entities bear this name; give the id of one", argument=argument, n=len(found)
        )
    return owner if owner is not None and owner in found else found[0]


def check_predicates(value: object) -> tuple[str, ...] | None:
    """Return the predicates that a caller named, None for all.

    Raises:
        InputError: One cannot be a predicate.
    """
    if value is None:
        return None
    listed = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else ()
    given = (value,) if isinstance(value, str) else listed
    names = [name for name in given if isinstance(name, str)]
    if not names or len(names) < len(given):
        raise InputError("predicates must be a predicate or a list of them", argument="predicates")
    for name in names:
        try:
            predicate_named(name)
        except ValueError:
            raise InputError("not a predicate", argument="predicates") from None
    return tuple(dict.fromkeys(names))


def _walk(snapshot: Snapshot, selection: Selection, predicates: tuple[str, ...] | None) -> Walk:
    visibility = present(snapshot, selection).visibility
    return Walk(snapshot.graph, visibility, carries(snapshot, selection.scope), predicates)


def _described(snapshot: Snapshot, numbers: Sequence[int], within: Mask | None) -> tuple[Entity, ...]:
    described = snapshot.graph.described(numbers)
    found = [(number, described[number]) for number in numbers if number in described]
    if within is None:
        return tuple(entity for _, entity in found)
    counts = [
        int(np.count_nonzero(within[snapshot.graph.mentions(number, limit=snapshot.n)]))
        for number, _ in found
    ]
    return tuple(replace(entity, n_mentions=count) for (_, entity), count in zip(found, counts, strict=True))


def _occurs(snapshot: Snapshot, entity: int, within: Mask) -> bool:
    """Tell whether a row of *within* mentions the entity, or relates it; the latter implies the former but for the owner."""
    if entity == snapshot.graph.owner():
        return True
    return bool(within[snapshot.graph.mentions(entity, limit=snapshot.n)].any())


def _check(value: object, *, most: int, argument: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= most:
        raise InputError(f"{argument} must be a whole number from 1 to {most}", argument=argument)
