"""What speaks for a turn of a conversation, or for what was derived from one."""

from __future__ import annotations

import numpy as np

from polymem.ports.faces import F32, I32
from polymem.ranking.bm25 import context_scores
from polymem.ranking.dates import date_match
from polymem.ranking.fusion import reciprocal_ranks, weighted
from polymem.ranking.neighbours import windows
from polymem.ranking.scoring import Weights, base_odds
from polymem.read.arms import Scene
from polymem.read.members import member_signals
from polymem.read.routes import route_signals

__all__ = ["turn_odds"]


def turn_odds(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    """Return what each signal adds to the log odds, float32[m], of the turns at *positions*.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, none of them a passage.
        weights: What the signals weigh.
    """
    signals = measure(scene, positions)
    if scene.plan.mode == "hybrid":
        signals |= route_signals(scene, positions)
        signals |= member_signals(scene, positions)
    table = {name: getattr(weights, name) for name in signals}
    odds = (reciprocal_ranks if weights.fusion == "rrf" else weighted)(signals, table)
    n_rows = scene.snapshot.texts.n_rows
    odds["base"] = np.full(positions.size, base_odds(n_rows, weights), dtype=np.float32)
    return odds


def measure(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return the raw signals float32[m] of the rows at *positions*; a signal that says nothing is left out."""
    columns, plan, matches = scene.columns, scene.plan, scene.matches
    signals: dict[str, F32] = {}
    if matches.positions.size:
        scale = np.float32(1.0 / np.sqrt(matches.weights.sum()))
        signals["own"] = scene.own[positions] * scale
        if plan.mode == "hybrid":
            said = context_scores(
                matches, columns.length, windows(positions, scene.near), mean_rows=scene.near.mean_rows
            )
            signals["context"] = said * scale
    if scene.blended is not None:
        signals["dense"] = (scene.blended[positions] - np.float32(scene.mean)) / np.float32(scene.spread)
    if scene.speakers:
        speaker = columns.speaker[positions]
        meant = speaker == scene.speakers[0]
        for other in scene.speakers[1:]:
            meant |= speaker == other
        signals["speaker"] = meant.astype(np.float32)
    if plan.spans and plan.mode in {"hybrid", "time"}:
        signals["date"] = date_match(columns.valid[positions], plan.spans)
    if scene.graph.positions.size:
        signals["graph"] = _graph(scene, positions)
    if scene.graph.keyed:
        keyed = scene.graph.keyed
        signals["key"] = np.array(
            [keyed.get(position, 0.0) for position in positions.tolist()], dtype=np.float32
        )
    return signals


def _graph(scene: Scene, positions: I32) -> F32:
    tied = scene.graph.positions
    place = np.minimum(tied.searchsorted(positions), tied.size - 1)
    return np.where(tied[place] == positions, scene.graph.strengths[place], np.float32(0))
