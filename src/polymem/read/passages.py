"""What speaks for a passage of a document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32
from polymem.ranking.fusion import reciprocal_ranks, weighted
from polymem.ranking.scoring import Weights, base_odds
from polymem.read.arms import Scene
from polymem.read.passage_view import PassageView
from polymem.read.routing import route_signal, routing_signals

__all__ = ["passage_odds"]

_LED: Final = ("story", "bridge")
"""Signals that start from the best passages, whatever these are: they tell which passage it is, if it is one at all. The fewer
words of the question the best have, the less do these count against turns: "unsure" takes it off all passages alike."""


def passage_odds(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    """Return what each signal adds to the log odds, float32[m], of the passages at *positions*.

    A long page is one of a few hundred alike: title and head tell more of it than its words and vector, and what it
    mentions says nothing. What else speaks for a turn says less of it than it costs.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, all of them passages.
        weights: What the signals weigh.
    """
    view = scene.documents
    long = np.zeros(positions.size, dtype=np.bool_) if scene.pages is None else scene.pages[positions]
    if view is None or long.all():
        return _pages(scene, positions, weights)
    if not long.any():
        return _short(scene, view, positions, weights)
    odds: dict[str, F32] = {}
    for part, found in (
        (long, _pages(scene, positions[long], weights)),
        (~long, _short(scene, view, positions[~long], weights)),
    ):
        for name, values in found.items():
            whole = odds.setdefault(name, np.zeros(positions.size, dtype=np.float32))
            whole[part] = values
    return odds


def _pages(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    signals = routing_signals(scene, positions)
    if scene.plan.mode == "graph" and scene.graph.positions.size:
        signals["graph"] = scene.graph.at(positions)
    if scene.worded:
        signals["own"] = scene.own[positions] * np.float32(1.0 / np.sqrt(scene.matches.weights.sum()))
    if scene.cosines is not None:
        signals["alone"] = (scene.cosines[positions] - np.float32(scene.mean)) / np.float32(scene.spread)
    odds = _fused(signals, weights)
    odds["base"] = np.full(positions.size, base_odds(scene.snapshot.texts.n_rows, weights), dtype=np.float32)
    return odds


def _short(scene: Scene, view: PassageView, positions: I32, weights: Weights) -> dict[str, F32]:
    signals = {name: values[positions] for name, values in view.signals.items()}
    signals["passage_dense"] = view.likeness.dense[positions]
    signals["passage_words"] = view.likeness.words[positions]
    signals["trust"] = view.trust[positions]
    route = route_signal(scene, positions)
    if route is not None:
        signals["titled"] = np.maximum(signals.get("titled", np.float32(0)), route)
    odds = _fused(signals, weights)
    most = sum(
        getattr(weights, name) * float(view.signals[name].max()) for name in _LED if name in view.signals
    )
    if most and weights.fusion == "sum":
        odds["unsure"] = (view.trust[positions] - 1) * np.float32(most)
    odds["base"] = np.full(positions.size, weights.passage_base, dtype=np.float32)
    return odds


def _fused(signals: Mapping[str, F32], weights: Weights) -> dict[str, F32]:
    table = {name: getattr(weights, name) for name in signals}
    return (reciprocal_ranks if weights.fusion == "rrf" else weighted)(signals, table)
