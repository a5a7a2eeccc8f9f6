"""The signals of candidates, and the score that they add up to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, I64, SUPERSEDED
from polymem.ranking.bm25 import context_scores
from polymem.ranking.dates import date_match
from polymem.ranking.fusion import reciprocal_ranks, weighted
from polymem.ranking.neighbours import windows
from polymem.ranking.scoring import Weights, base_odds, importance_odds, recency_odds, score_of
from polymem.ranking.select import order
from polymem.read.arms import Scene
from polymem.read.succession import Pair, lift

__all__ = ["Ranked", "measure", "rank"]

N_RESCORED: Final = 24


@dataclass(frozen=True, slots=True)
class Ranked:
    """Candidates from best to last.

    Attributes:
        positions: int32[m].
        scores: float64[m], 0..1.
        origin: int64[m], where each row stands in the arrays of ``contributions``.
        contributions: float32[m] by signal; they add up to the log odds of the score.
    """

    positions: I32
    scores: NDArray[np.float64]
    origin: I64
    contributions: Mapping[str, F32]

    def signals(self, place: int) -> dict[str, float]:
        """Return the contribution of each signal to the row at *place* in the ranking."""
        return {name: float(values[self.origin[place]]) for name, values in self.contributions.items()}


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


def rank(scene: Scene, positions: I32, *, weights: Weights, now: int, pairs: Sequence[Pair] = ()) -> Ranked:
    """Score the rows at *positions* and order them; ties go to the newer, then to the later position.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, each once.
        weights: What the signals weigh.
        now: The reader's present, microseconds.
        pairs: What replaced what; both parts are among *positions*.
    """
    signals = measure(scene, positions)
    table = {name: getattr(weights, name) for name in signals}
    contributions = (reciprocal_ranks if weights.fusion == "rrf" else weighted)(signals, table)
    columns = scene.columns
    contributions["base"] = np.full(
        positions.size, base_odds(scene.snapshot.texts.n_rows, weights), dtype=np.float32
    )
    contributions["importance"] = importance_odds(columns.importance[positions], weights)
    contributions["recency"] = recency_odds(columns.valid[positions], now, weights)
    outdated = columns.flags[positions] & SUPERSEDED
    if scene.of_today and outdated.any():
        contributions["superseded"] = (outdated > 0) * np.float32(math.log(weights.superseded))
    total = _total(contributions)
    if weights.fusion == "sum" and "dense" in contributions:
        total = _rescore(scene, positions, contributions, total=total, weights=weights)
    if pairs:
        contributions["replaces"] = lift(pairs, positions, total)
        total += contributions["replaces"]
    best = order(total, columns.valid[positions], positions)
    return Ranked(positions[best], score_of(total[best]), best, contributions)


def _total(contributions: Mapping[str, F32]) -> F32:
    total = np.zeros(next(iter(contributions.values())).size, dtype=np.float32)
    for values in contributions.values():
        total += values
    return total


def _rescore(
    scene: Scene, positions: I32, contributions: dict[str, F32], *, total: F32, weights: Weights
) -> F32:
    """Replace the int8 cosine of the best rows by the exact one; return the new total."""
    cosines, vector = scene.cosines, scene.plan.vector
    if cosines is None or vector is None:
        return total
    n_best = max(N_RESCORED, 2 * scene.plan.limit)
    best = total.argpartition(total.size - n_best)[-n_best:] if total.size > n_best else np.arange(total.size)
    rows = positions[best]
    error = scene.snapshot.vectors.exact(vector, rows) - cosines[rows]
    error *= scene.near.shrink[rows] * np.float32(weights.dense / scene.spread)
    contributions["dense"][best] += error
    total[best] += error
    return total
