"""Two arms set one after the other, as the HybridRAG paper joins them: the baseline for what is fused.

Source: Sarmah et al., HybridRAG (arXiv 2408.04948), section 3: the context found by vectors, then that found in the graph.
"""

from __future__ import annotations

from dataclasses import replace

from polymem.domain.hit import Hit, Hits
from polymem.domain.query import Selection
from polymem.ports.ledger import Snapshot
from polymem.ranking.scoring import Weights
from polymem.read.plan import QueryPlan
from polymem.read.search import Found, find

__all__ = ["concatenated"]


def concatenated(
    snapshot: Snapshot,
    plan: QueryPlan,
    selection: Selection,
    *,
    weights: Weights,
    explain: bool = False,
    depth: int = 0,
) -> Found:
    """Return half of the hits by vectors, best first, then those by the graph, best first; no item twice.

    Nothing is ranked anew: scores of one half do not compare with those of the other. What the graph does not bring,
    vectors do. The arguments are those of :func:`polymem.read.search.find`.
    """
    limit = max(plan.limit, depth)
    parts = [
        find(
            snapshot, replace(plan, mode=mode, limit=limit), selection, weights=weights, explain=explain
        ).hits
        for mode in ("vector", "graph")
    ]
    near, linked = parts
    n_near = max(limit - limit // 2, limit - len(linked))
    chosen: dict[str, Hit] = {}
    for hit in (*near[:n_near], *linked, *near[n_near:]):
        chosen.setdefault(hit.item.id, hit)
    told = {"plan": {"mode": plan.mode}, "parts": [part.explanation for part in parts]} if explain else {}
    return Found(
        Hits(
            hits=tuple(chosen.values())[:limit],
            relations=linked.relations,
            explanation=told,
            confidence=near.confidence,
        )
    )
