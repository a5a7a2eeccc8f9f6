"""Whom a question means by a relation alone: "my wife", Kate's husband, 我老婆."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.domain.predicates import KINSHIP
from polymem.domain.query import Visibility
from polymem.ports.faces import GraphFace
from polymem.read.plan import QueryPlan

__all__ = ["meant_relatives"]

MAX_RELATIVES: Final = 4
MAX_TIES: Final = 16
_MUTUAL: Final = frozenset(
    ["partner", "sibling", "cousin", "friend", "colleague", "classmate", "roommate", "neighbour"]
)
"""Who is that of somebody has him as the same."""


def meant_relatives(
    graph: GraphFace, plan: QueryPlan, bases: Sequence[int], *, visibility: Visibility
) -> list[int]:
    """Return entity numbers of those who stand to *bases* as the question says, latest stated first.

    Args:
        graph: The graph face.
        plan: The question; of ``predicates`` those between two people count.
        bases: Entity numbers of those whom it names, and of the asker, if it speaks of him.
        visibility: Which relations are seen.
    """
    kin = tuple(sorted(plan.predicates & KINSHIP))
    if not kin or not bases:
        return []
    ties = graph.neighbours(bases, visibility=visibility, limit=MAX_TIES, predicates=kin)
    found: dict[int, None] = {}
    for tie in ties:
        if tie.positive and tie.subject in bases:
            found[tie.object] = None
        elif tie.positive and tie.predicate in _MUTUAL:
            found[tie.subject] = None
    return [entity for entity in found if entity not in bases][:MAX_RELATIVES]
