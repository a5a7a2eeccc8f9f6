"""What the verbs of the graph answer with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, overload

from polymem.domain.entity import Entity, Relation
from polymem.domain.slotted import dataclass
from polymem.read.graph_forms import dot, graphml, networkx_graph

__all__ = ["Paths", "Subgraph"]


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Entities with the relations between them.

    Attributes:
        entities: Nearest first, where they were found from one of them; else in order of first mention.
        relations: Newest first; the ends of each are among the entities.
        truncated: Whether a limit left something out.
    """

    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    truncated: bool = False

    def to_networkx(self) -> Any:
        """Return it as a ``networkx.MultiDiGraph``: nodes by id, times as datetimes (None while open).

        Raises:
            MissingExtraError: networkx is not installed: ``pip install "polymem[graph]"``.
        """
        return networkx_graph(self.entities, self.relations)

    def to_graphml(self) -> str:
        """Return it in GraphML, with all four times as ISO 8601; an open time is left out."""
        return graphml(self.entities, self.relations)

    def to_dot(self) -> str:
        """Return it in the DOT language of Graphviz; what has ended is dashed."""
        return dot(self.relations, self.entities)

    def to_json(self) -> str:
        """Return it as JSON: ``{"entities": […], "relations": […], "truncated": …}``, times as ISO 8601."""
        return json.dumps(asdict(self), ensure_ascii=False, default=_plain)


@dataclass(frozen=True, slots=True)
class Paths(Sequence[tuple[Relation, ...]]):
    """Ways from one entity to another, shortest first.

    Attributes:
        paths: Each is a chain of relations; two that follow one another share an entity, whichever way they point.
        truncated: Whether a limit may have hidden further ones.
    """

    paths: tuple[tuple[Relation, ...], ...] = ()
    truncated: bool = False

    @overload
    def __getitem__(self, index: int) -> tuple[Relation, ...]: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[tuple[Relation, ...], ...]: ...
    def __getitem__(self, index: int | slice) -> tuple[Relation, ...] | tuple[tuple[Relation, ...], ...]:
        return self.paths[index]

    def __len__(self) -> int:
        return len(self.paths)

    def __iter__(self) -> Iterator[tuple[Relation, ...]]:
        return iter(self.paths)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
