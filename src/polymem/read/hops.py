"""Walking the graph breadth first: k hops around an entity, paths between two; every step is bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import field
from typing import Final, TypeAlias

from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.ports.faces import Edge, GraphFace, Mask

__all__ = ["MAX_EDGES", "MAX_HOPS", "MAX_NODES", "Walk", "ball", "find_paths"]

MAX_HOPS: Final = 4
MAX_NODES: Final = 500
MAX_EDGES: Final = 2_000
MAX_OF_ONE: Final = 200
"""Edges of one entity that are followed, newest first: a hub says little and would fill the answer."""
MAX_READ: Final = 4_000
"""Edges read for a batch of entities at once; where there are more, each is asked for itself."""
MAX_WALKED: Final = 4_000
"""Entities that a search for paths looks at from either side."""
MAX_STEPS: Final = 50_000
"""Steps that a search for paths tries."""
_BATCH: Final = 64

Ways: TypeAlias = dict[int, list[tuple[int, Edge]]]
"""Where each entity leads to, and by which edge: one for each neighbour, the newest."""


@dataclass(slots=True)
class Walk:
    """How edges are found.

    Attributes:
        graph: The graph face.
        visibility: Which relations are seen.
        within: bool[n], rows whose relations count; None for all.
        predicates: Only these; None for all.
        truncated: Whether a limit has left something out so far.
    """

    graph: GraphFace
    visibility: Visibility
    within: Mask | None = None
    predicates: tuple[str, ...] | None = None
    truncated: bool = False

    def edges(self, entities: Sequence[int]) -> Iterator[Edge]:
        """Yield the edges that touch *entities*, at most ``MAX_OF_ONE`` of each, in batches newest first."""
        for start in range(0, len(entities), _BATCH):
            batch = entities[start : start + _BATCH]
            found = self._read(batch)
            if len(found) < MAX_READ:
                yield from self._fair(found, batch)
                continue
            # A hub among them has filled the answer; the others must not starve.
            for entity in batch:
                found = self._read([entity])
                self.truncated |= len(found) == MAX_READ
                yield from self._fair(found, [entity])

    def _read(self, entities: Sequence[int]) -> list[Edge]:
        return self.graph.neighbours(
            entities, visibility=self.visibility, limit=MAX_READ, predicates=self.predicates
        )

    def _fair(self, found: Sequence[Edge], entities: Sequence[int]) -> Iterator[Edge]:
        counts = dict.fromkeys(entities, 0)
        for edge in found:
            if self.within is not None and not self.within[edge.position]:
                continue
            touched = {edge.subject, edge.object} & counts.keys()
            for end in touched:
                counts[end] += 1
            if all(counts[end] > MAX_OF_ONE for end in touched):
                self.truncated = True
            else:
                yield edge


def ball(walk: Walk, start: int, *, hops: int, limit: int) -> tuple[list[int], list[Edge]]:
    """Return the entities at most *hops* relations away, nearest first, and the edges between them, newest first.

    A negated statement joins nobody; it is returned where both its ends were reached otherwise.

    Args:
        walk: How edges are found.
        start: Where to begin; the first of the entities.
        hops: How far.
        limit: Most entities.
    """
    nodes: dict[int, None] = {start: None}
    edges: dict[int, Edge] = {}
    frontier = [start]
    # One more round than hops: the edges between those that lie farthest.
    for hop in range(hops + 1):
        reached: list[int] = []
        for edge in walk.edges(frontier):
            edges[edge.number] = edge
            new = [end for end in (edge.subject, edge.object) if end not in nodes]
            if hop == hops or not edge.positive or not new:
                continue
            if len(nodes) + len(new) > limit:
                walk.truncated = True
                continue
            nodes.update(dict.fromkeys(new))
            reached += new
        frontier = reached
        if not frontier:
            break
    inner = [edge for edge in edges.values() if edge.subject in nodes and edge.object in nodes]
    inner.sort(key=lambda edge: -edge.number)
    walk.truncated |= len(inner) > MAX_EDGES
    return list(nodes), inner[:MAX_EDGES]


@dataclass(slots=True)
class _Search:
    """The ways that were found around both ends of a search."""

    walk: Walk
    ways: Ways = field(default_factory=dict[int, "list[tuple[int, Edge]]"])
    known: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    def spread(self, start: int, hops: int) -> dict[int, int]:
        """Walk *hops* far from *start*; return how far each entity lies."""
        distances = {start: 0}
        frontier = [start]
        for hop in range(1, hops + 1):
            reached: list[int] = []
            for edge in self.walk.edges(frontier):
                if not edge.positive:
                    continue
                self._learn(edge)
                for end in (edge.subject, edge.object):
                    if end not in distances:
                        distances[end] = hop
                        reached.append(end)
            if len(distances) > MAX_WALKED:
                self.walk.truncated |= hop < hops
                break
            frontier = reached
        return distances

    def _learn(self, edge: Edge) -> None:
        for here, there in ((edge.subject, edge.object), (edge.object, edge.subject)):
            newest = self.known.get((here, there), -1)
            if here != there and edge.number > newest:
                known = [way for way in self.ways.get(here, ()) if way[0] != there] if newest >= 0 else None
                ways = self.ways.setdefault(here, []) if known is None else known
                ways.append((there, edge))
                self.ways[here] = ways
                self.known[here, there] = edge.number


def find_paths(walk: Walk, source: int, target: int, *, max_hops: int, limit: int) -> list[tuple[Edge, ...]]:
    """Return paths without a repeated entity, shortest first, then along the newest relations.

    A path is told by its entities: of several relations between two of them the newest stands. Both ends are walked
    from, each half of the way, so that every edge of a path of *max_hops* is met.
    """
    search = _Search(walk)
    search.spread(source, (max_hops + 1) // 2)
    search.spread(target, max_hops // 2)
    for ways in search.ways.values():
        ways.sort(key=lambda way: -way[1].number)
    left = _distances(search.ways, target, max_hops)
    found: list[tuple[Edge, ...]] = []
    steps = 0
    for length in range(1, max_hops + 1):
        for path in _of_length(search.ways, source, target, length=length, left=left.get):
            steps += 1
            if path is not None:
                found.append(path)
            if len(found) > limit or steps > MAX_STEPS:
                walk.truncated = True
                return found[:limit]
    return found


def _distances(ways: Ways, target: int, most: int) -> dict[int, int]:
    """Return how far each entity is from *target* over the known ways."""
    distances, waiting = {target: 0}, deque([target])
    while waiting:
        here = waiting.popleft()
        if distances[here] < most:
            for there, _ in ways.get(here, ()):
                if there not in distances:
                    distances[there] = distances[here] + 1
                    waiting.append(there)
    return distances


def _of_length(
    ways: Ways, source: int, target: int, *, length: int, left: Callable[[int], int | None]
) -> Iterator[tuple[Edge, ...] | None]:
    """Yield the paths of exactly *length* edges, and None for every other step that was tried."""
    trail: list[Edge] = []
    visited = [source]
    stack = [iter(ways.get(source, ()))]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            visited.pop()
            if trail:
                trail.pop()
            continue
        there, edge = step
        rest = length - len(trail) - 1
        distance = left(there)
        if distance is None or distance > rest or there in visited:
            continue
        if there == target:
            yield (*trail, edge) if rest == 0 else None
            continue
        yield None
        if rest:
            trail.append(edge)
            visited.append(there)
            stack.append(iter(ways.get(there, ())))
