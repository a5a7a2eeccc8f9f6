"""Search: one job on one snapshot. plan → :mod:`arms` → :mod:`signals` → :mod:`pack`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from polymem.domain.document import Place
from polymem.domain.hit import Hit, Hits
from polymem.domain.item import Item
from polymem.domain.query import Selection
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.ports.faces import I32, SUPERSEDED, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.scoring import Weights
from polymem.read.arms import N_CANDIDATES, Scene, candidates, look
from polymem.read.confidence import confide
from polymem.read.graph import relations
from polymem.read.members import member_candidates
from polymem.read.pack import Packed, pack
from polymem.read.plan import QueryPlan
from polymem.read.routes import route_candidates
from polymem.read.routing import routed_candidates
from polymem.read.selecting import episodes_behind, left_out, narrows, present, select, sourced
from polymem.read.signals import Ranked, arrange, weigh
from polymem.read.succession import Pair, kept_order, overtaken, succession
from polymem.text.keys import is_passage

__all__ = ["DEFAULT_WEIGHTS", "Found", "find", "search"]

DEFAULT_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True)
class Found:
    """Hits, and what whoever orders them anew has to keep.

    Attributes:
        hits: Best first.
        kept: Places of pairs of hits: the first replaced what the second says, and stays above it.
    """

    hits: Hits
    kept: tuple[Pair, ...] = ()

    def named(self, search: str) -> Found:
        """Return the same with the name of the search on every hit."""
        hits = tuple(replace(hit, search=search) for hit in self.hits)
        return replace(self, hits=replace(self.hits, hits=hits))


def search(
    snapshot: Snapshot,
    plan: QueryPlan,
    selection: Selection,
    *,
    weights: Weights = DEFAULT_WEIGHTS,
    explain: bool = False,
) -> Hits:
    """Answer a question from one snapshot; see :func:`find`."""
    return find(snapshot, plan, selection, weights=weights, explain=explain).hits


def find(
    snapshot: Snapshot,
    plan: QueryPlan,
    selection: Selection,
    *,
    weights: Weights = DEFAULT_WEIGHTS,
    explain: bool = False,
    depth: int = 0,
) -> Found:
    """Answer a question from one snapshot.

    In hybrid mode any row that may be returned is, if there is nothing better: the number of hits is the lesser of
    ``plan.limit`` and the number of such rows, where an episode and the facts derived from it count as one.

    Args:
        snapshot: The partition at one instant.
        plan: The question.
        selection: Which rows may be returned.
        weights: What the signals weigh.
        explain: Fill ``signals`` of every hit and ``explanation``.
        depth: Return at least so many hits if there are, for whoever orders them anew.
    """
    selection = present(snapshot, selection)
    mask = select(snapshot, selection)
    if not mask.any():
        return Found(Hits(explanation=_nothing(snapshot, selection, mask) if explain else {}))
    scene = look(snapshot, plan, mask, selection.visibility)
    limit = max(plan.limit, depth)
    now = to_micros(selection.visibility.now)
    brought = _brought(scene, max(N_CANDIDATES, 4 * plan.limit))
    positions = _joined(brought)
    seen = selection.visibility
    pairs = succession(snapshot, positions, mask, as_of=seen.as_of) if seen.known_at is None else []
    if pairs:
        brought["successors"] = np.array(sorted({new for _, new in pairs}), dtype=np.int32)
        positions = _joined(brought)
    weighed = weigh(scene, positions, weights=weights, now=now)
    ranked = arrange(scene, weighed, pairs=pairs)
    if scene.graph.keyed and seen.known_at is None:
        more = overtaken(snapshot, ranked.positions, mask, scene.graph.keyed)
        if more:
            pairs += more
            ranked = arrange(scene, weighed, pairs=pairs)
    packed = pack(snapshot, ranked, mask, limit=limit, fold=_folds(selection))
    if plan.mode == "hybrid" and len(packed) < limit and ranked.positions.size < np.count_nonzero(mask):
        weighed = weigh(scene, np.flatnonzero(mask).astype(np.int32), weights=weights, now=now)
        ranked = arrange(scene, weighed, pairs=pairs)
        packed = pack(snapshot, ranked, mask, limit=limit, fold=_folds(selection))
    sure = confide(scene, ranked, packed)
    told: dict[str, object] = {"confidence": {"parts": sure.parts, "measures": sure.measures}}
    told["left_out"] = left_out(snapshot, selection, mask) | _made_room(packed) if explain else {}
    hits = Hits(
        hits=_hits(scene, packed, ranked, scope=selection.scope, explain=explain),
        relations=relations(
            snapshot, scene.graph, ranked.positions[: 4 * plan.limit].tolist(), scope=selection.scope
        ),
        explanation=_explanation(scene, brought, ranked) | told if explain else {},
        confidence=sure.value,
    )
    return Found(hits, _kept(packed, pairs))


def _brought(scene: Scene, n_wanted: int) -> dict[str, I32]:
    """Return the candidates of each arm and route, ascending."""
    found = candidates(scene, n_wanted)
    for more in (route_candidates, member_candidates, routed_candidates):
        found |= more(scene, n_wanted)
    return found


def _made_room(packed: list[Packed]) -> dict[str, int]:
    """Return how many rows stand behind a hit that they belong to or that says the same."""
    return {
        "folded": sum(len(found.folded) for found in packed),
        "repeated": sum(len(found.repeats) for found in packed),
    }


def _kept(packed: list[Packed], pairs: list[Pair]) -> tuple[Pair, ...]:
    """Return which hits stay above which others, by their places."""
    if not pairs:
        return ()
    behind = {at: n for n, found in enumerate(packed) for at in (found.position, *found.folded)}
    return kept_order(pairs, behind)


def _folds(selection: Selection) -> bool:
    """Tell whether an episode may stand for what was derived from it: not where episodes are not wanted."""
    return not selection.kinds or "episode" in selection.kinds


def _joined(brought: Mapping[str, I32]) -> I32:
    """Return the candidates of all arms, each once, ascending."""
    if not brought:
        return np.empty(0, dtype=np.int32)
    positions = np.concatenate(list(brought.values()))
    positions.sort()
    fresh = np.ones(positions.size, dtype=np.bool_)
    np.not_equal(positions[1:], positions[:-1], out=fresh[1:])
    return positions[fresh]


def _hits(
    scene: Scene, packed: list[Packed], ranked: Ranked, *, scope: Scope, explain: bool
) -> tuple[Hit, ...]:
    items = [found.item for found in packed]
    episodes = episodes_behind(scene.snapshot, scope, items)
    if narrows(scope):
        items = sourced(items, episodes)
    flags = scene.columns.flags
    places = _places(scene, items)
    return tuple(
        Hit(
            item=item,
            score=float(ranked.scores[found.place]),
            signals=ranked.signals(found.place) if explain else {},
            episodes=tuple(episodes[name] for name in item.episode_ids if name in episodes),
            superseded=scene.of_today and bool(flags[found.position] & SUPERSEDED),
            place=places.get(item.id),
        )
        for found, item in zip(packed, items, strict=True)
    )


def _places(scene: Scene, items: Sequence[Item]) -> Mapping[str, Place]:
    """Return where those of *items* that are chunks stand in their documents; conversations cost nothing."""
    passages = [item.id for item in items if is_passage(item.kind, item.role)]
    return scene.snapshot.documents.places(passages) if passages else {}


def _nothing(snapshot: Snapshot, selection: Selection, mask: Mask) -> dict[str, object]:
    return {
        "n_rows": snapshot.n,
        "n_visible": 0,
        "left_out": left_out(snapshot, selection, mask) | _made_room([]),
    }


def _explanation(scene: Scene, brought: Mapping[str, I32], ranked: Ranked) -> dict[str, object]:
    plan = scene.plan
    return {
        "plan": {
            "mode": plan.mode,
            "limit": plan.limit,
            "terms": list(plan.terms),
            "times": [(span.start, span.end, span.granularity) for span in plan.spans],
            "first_person": plan.first_person,
            "asks_when": plan.asks_when,
            "embedded": plan.vector is not None,
            "n_entities": scene.graph.n_entities,
            "n_speakers": len(scene.speakers),
        },
        "n_rows": int(scene.mask.size),
        "n_visible": int(np.count_nonzero(scene.mask)),
        "n_candidates": {name: int(positions.size) for name, positions in brought.items()},
        "n_ranked": int(ranked.positions.size),
    }
