"""What a reranker says, as evidence beside the fused score: never in its place.

Read as log odds, the fused score and the reranker's evidence add up, as two tests of one thing do. The evidence is bounded: what is so
far behind that all signals together would have to be wrong stays behind, whatever one model says of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, Mask

__all__ = [
    "LIMIT",
    "MIN_EXAMPLES",
    "WEIGHTS",
    "Blend",
    "Example",
    "Fitted",
    "evidence",
    "fit_blend",
    "log_odds_of",
]

LIMIT: Final = 3.0
"""Evidence of more log odds than this counts as this."""
MIN_EXAMPLES: Final = 5
"""Fewer questions say nothing of a reranker."""
WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Among these a fit chooses."""
N_STEPS: Final = 60
_CERTAIN: Final = 1e-15
_SPREAD: Final = 1e-6

F64 = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Blend:
    """How much a reranker counts.

    With `scale` and `offset`, evidence is ``scale * score + offset`` (the form of Platt, "Probabilistic Outputs for Support
    Vector Machines", 1999). Without them it is the score's distance from the mean of its list in standard deviations.

    Attributes:
        weight: Share of the evidence that counts, 0..1.
        scale: Log odds for one unit of the reranker's score; None where it was not calibrated.
        offset: Log odds of a score of 0; None likewise.
    """

    weight: float = 0.5
    scale: float | None = None
    offset: float | None = None


def evidence(scores: F32, blend: Blend) -> F32:
    """Return float32[m]: the log odds that each hit gains or loses, at most ``weight * LIMIT``.

    It grows with the score. Where all scores are equal and nothing is calibrated, it is 0.

    Args:
        scores: float32[m], what the reranker said.
        blend: How much it counts.

    Example:
        >>> evidence(np.array([4, 0, 0, 0], np.float32), Blend()).round(2).tolist()
        [0.8700000047683716, -0.28999999165534973, -0.28999999165534973, -0.28999999165534973]
    """
    values = scores.astype(np.float64)
    if blend.scale is not None:
        values = blend.scale * values + (blend.offset or 0.0)
    elif values.size:
        spread = values.std()
        values -= values.mean()
        values = values / spread if spread > _SPREAD else np.zeros_like(values)
    return (blend.weight * np.clip(values, -LIMIT, LIMIT)).astype(np.float32)


def log_odds_of(scores: Sequence[float]) -> F64:
    """Return float64[m]: the log odds behind scores of 0..1."""
    values = np.clip(np.array(scores, dtype=np.float64), _CERTAIN, 1 - _CERTAIN)
    return np.log(values) - np.log1p(-values)


@dataclass(frozen=True, slots=True)
class Example:
    """One question with the hits that were found.

    Attributes:
        odds: float64[m], log odds of the fused score.
        scores: float32[m], what the reranker said.
        useful: bool[m], which of them helped.
    """

    odds: F64
    scores: F32
    useful: Mask

    @property
    def tells(self) -> bool:
        """Whether it tells useful hits from others."""
        return bool(self.useful.any() and not self.useful.all())


@dataclass(frozen=True, slots=True)
class Fitted:
    """What examples say of a reranker.

    Attributes:
        blend: Scale, offset and weight; a weight of 0 says that it does not pay.
        n_queries: Questions that were fitted on.
        loss_without: Mean loss of the fused score alone, see :func:`fit_blend`.
        loss_with: The same with the reranker, each question by a fit on the others.
    """

    blend: Blend
    n_queries: int
    loss_without: float
    loss_with: float

    @property
    def settings(self) -> dict[str, dict[str, float | None]]:
        """The settings that hold it."""
        return {
            "reranker": {
                "scale": self.blend.scale,
                "offset": self.blend.offset,
                "weight": self.blend.weight,
            }
        }


def fit_blend(examples: Sequence[Example]) -> Fitted | None:
    """Return how much a reranker should count, None where fewer than ``MIN_EXAMPLES`` examples tell hits apart.

    The scale is that of a conditional logit: the odds among the hits of one question are those of the fused score times
    ``exp(scale * score)``; the loss is minus the mean log probability of the useful hits (McFadden, "Conditional Logit
    Analysis", 1974, with the fused odds as a fixed term). It is convex in the scale, and a scale below 0 is never used. The offset
    makes the evidence 0 for the mean hit, so that scores keep their meaning. The weight is the one of ``WEIGHTS`` with the least loss on questions
    left out one at a time, the least such weight.

    Args:
        examples: Questions with their hits; those in which all or no hits are useful are passed over.
    """
    told = [example for example in examples if example.tells]
    if len(told) < MIN_EXAMPLES:
        return None
    table = _table(told)
    kept = np.ones(len(told), dtype=np.bool_)
    held_out = np.zeros(len(WEIGHTS))
    for n, example in enumerate(told):
        kept[n] = False
        blend = _blend(table, kept)
        kept[n] = True
        held_out += [_loss(example, blend, weight) for weight in WEIGHTS]
    held_out /= len(told)
    best = int(np.argmin(held_out.round(6)))
    blend = _blend(table, kept)
    return Fitted(
        Blend(WEIGHTS[best], blend.scale, blend.offset), len(told), float(held_out[0]), float(held_out[best])
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """Examples side by side, the shorter ones filled up with hits that cannot be drawn.

    Attributes:
        odds: float64[q, m], minus infinity where there is no hit.
        scores: float64[q, m].
        useful: float64[q], mean score of the useful hits.
    """

    odds: F64
    scores: F64
    useful: F64


def _table(examples: Sequence[Example]) -> _Table:
    counts = [example.odds.size for example in examples]
    odds = np.full((len(counts), max(counts)), -np.inf)
    scores = np.zeros_like(odds)
    for row, example in enumerate(examples):
        odds[row, : counts[row]] = example.odds
        scores[row, : counts[row]] = example.scores
    means = [example.scores[example.useful].astype(np.float64).mean() for example in examples]
    return _Table(odds, scores, np.array(means))


def _blend(table: _Table, kept: Mask) -> Blend:
    """Fit scale and offset on the examples that are *kept*.

    One standard deviation of the scores is taken to be worth about one log odd, give or take.
    """
    odds, scores, useful = table.odds[kept], table.scores[kept], table.useful[kept]
    there = np.isfinite(odds)
    spread = max(float(scores[there].std()), _SPREAD)
    low, high = 0.0, 10.0 / spread
    for _ in range(N_STEPS):
        middle = (low + high) / 2
        shares = _shares(odds + middle * scores)
        # The derivative of the loss by the scale grows with the scale.
        slope = middle * spread**2 + float(np.einsum("qm,qm->q", shares, scores).sum() - useful.sum())
        low, high = (low, middle) if slope > 0 else (middle, high)
    scale = (low + high) / 2 if high > 1e-9 / spread else 0.0
    return Blend(1.0, scale, -scale * float(scores[there].mean()))


def _loss(example: Example, blend: Blend, weight: float) -> float:
    moved = evidence(example.scores, Blend(weight, blend.scale, blend.offset))
    shares = _shares(example.odds + moved)
    return float(-np.log(np.maximum(shares[example.useful], _CERTAIN)).mean())


def _shares(odds: F64) -> F64:
    """Return float64[…, m]: probabilities that are as the odds are, 1 in each row."""
    powers: F64 = np.exp(odds - odds.max(axis=-1, keepdims=True))
    powers /= powers.sum(axis=-1, keepdims=True)
    return powers
