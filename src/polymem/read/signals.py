"""The signals of candidates, and the score that they add up to."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, I64, SUPERSEDED
from polymem.ranking.scoring import Weights, importance_odds, recency_odds, score_of
from polymem.ranking.select import order
from polymem.read.arms import Scene
from polymem.read.passages import passage_odds
from polymem.read.routes import exchange
from polymem.read.succession import Pair, lift
from polymem.read.turns import turn_odds

__all__ = ["Ranked", "Weighed", "arrange", "weigh"]

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


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for each candidate, before what replaced what is looked at.

    Attributes:
        positions: int32[m], candidates.
        contributions: float32[m] by signal.
        total: float32[m], their sum: log odds.
    """

    positions: I32
    contributions: Mapping[str, F32]
    total: F32


def weigh(scene: Scene, positions: I32, *, weights: Weights, now: int) -> Weighed:
    """Measure the signals of the rows at *positions* and weigh them; the dear part of a search, done once.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, each once.
        weights: What the signals weigh.
        now: The reader's present, microseconds.
    """
    contributions = _odds(scene, positions, weights)
    columns = scene.columns
    contributions["importance"] = importance_odds(columns.importance[positions], weights)
    contributions["recency"] = recency_odds(columns.valid[positions], now, weights)
    outdated = columns.flags[positions] & SUPERSEDED
    if scene.of_today and outdated.any():
        contributions["superseded"] = (outdated > 0) * np.float32(math.log(weights.superseded))
    total = _total(contributions)
    if weights.fusion == "sum" and "dense" in contributions:
        total = _rescore(scene, positions, contributions, total=total, weights=weights)
    lifted = exchange(scene, positions, total)
    if lifted is not None:
        contributions["exchange"] = lifted
        total += lifted
    return Weighed(positions, contributions, total)


def arrange(scene: Scene, weighed: Weighed, *, pairs: Sequence[Pair] = ()) -> Ranked:
    """Order what was weighed; ties go to the newer, then to the later position.

    Args:
        scene: What the faces say.
        weighed: The candidates.
        pairs: What replaced what; both parts are among the candidates.
    """
    positions, total, contributions = weighed.positions, weighed.total, weighed.contributions
    if pairs:
        lifted = lift(pairs, positions, total)
        contributions = {**contributions, "replaces": lifted}
        total = total + lifted
    best = order(total, scene.columns.valid[positions], positions)
    return Ranked(positions[best], score_of(total[best]), best, contributions)


def _odds(scene: Scene, positions: I32, weights: Weights) -> dict[str, F32]:
    """Return what each signal adds to the log odds, float32[m]: turns and passages have signals of their own."""
    passages = scene.passages[positions] if scene.passages is not None else None
    if passages is None or not passages.any():
        return turn_odds(scene, positions, weights)
    if passages.all():
        return passage_odds(scene, positions, weights)
    odds: dict[str, F32] = {}
    for part, measured in ((~passages, turn_odds), (passages, passage_odds)):
        for name, values in measured(scene, positions[part], weights).items():
            whole = odds.setdefault(name, np.zeros(positions.size, dtype=np.float32))
            whole[part] = values
    return odds


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
