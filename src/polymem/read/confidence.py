"""Whether the hits of a search hold an answer, so that a caller can say that it does not know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.confidence import confidence, parts_of
from polymem.ranking.late import best_matches
from polymem.read.arms import Scene
from polymem.read.pack import Packed
from polymem.read.signals import Ranked
from polymem.text.tokenise import KEY_MARK

__all__ = ["Confidence", "confide", "measures"]

N_READ: Final = 3
"""So many of the best rows are read."""
N_NEXT: Final = 4
"""The best stands above the mean of so many that come next."""
_FAR: Final = 8.0
"""Where there is nothing to compare with, or it is hopeless, the best stands no further above than this, in log odds."""


@dataclass(frozen=True, slots=True)
class Confidence:
    """How sure it is that hits hold an answer.

    Attributes:
        value: 0..1; see :class:`polymem.domain.hit.Hits`.
        parts: What each measure adds to its log odds.
        measures: The measures themselves.
    """

    value: float
    parts: dict[str, float]
    measures: dict[str, float]


def confide(scene: Scene, ranked: Ranked, packed: Sequence[Packed]) -> Confidence:
    """Tell how likely it is that the hits *packed* hold an answer.

    Args:
        scene: What the faces say.
        ranked: The candidates.
        packed: The hits, best first; without any, the answer is 0.
    """
    if not packed:
        return Confidence(0.0, {}, {})
    found = measures(scene, ranked, packed)
    parts = parts_of(found)
    return Confidence(confidence(parts), parts, found)


def measures(scene: Scene, ranked: Ranked, packed: Sequence[Packed]) -> dict[str, float]:
    """Return what tells whether the best of the hits answer the question.

    Returns:
        best: Log odds of the best hit's score.
        lead: How far it stands above the next one, in log odds.
        above: How far it stands above the mean of the next four.
        covered: Share of the question, by how rare its words are, that the best row has.
        covered_by_one: The same of that one of the three best rows that covers most.
        unheard: Share of the question's words, likewise, that occur nowhere in the scope.
        met: Share that the best row meets word by word, by vectors of words; 0 without them.
        by_whom: Whether those whom the question means say its words (1), or only others do (-1); 0 if it means nobody.
        by_others: The same where others say more of them, 0 elsewhere.
        asked: Logarithm of the number of words asked for, plus one.
        length: Logarithm of the length of the best row in terms, plus one.
        broad: 1 if the question asks for an order, a summary or advice, else 0.
    """
    odds = [_odds(float(ranked.scores[hit.place])) for hit in packed[: N_NEXT + 1]]
    following = odds[1:] or [odds[0] - _FAR]
    rows = [int(ranked.positions[hit.place]) for hit in packed[:N_READ]]
    words = [
        {term for term in row if not term.startswith(KEY_MARK)} for row in scene.snapshot.texts.forward(rows)
    ]
    shares = [_covered(scene, row) for row in words]
    by_whom = _by_whom(scene, ranked)
    return {
        "best": odds[0],
        "lead": min(odds[0] - following[0], _FAR),
        "above": min(odds[0] - sum(following) / len(following), _FAR),
        "covered": shares[0],
        "covered_by_one": max(shares),
        "unheard": _unheard(scene),
        "met": _met(scene, words[0]),
        "by_whom": by_whom,
        "by_others": min(by_whom, 0.0),
        "asked": math.log1p(len(scene.asked)),
        "length": math.log1p(len(words[0])),
        "broad": float(bool(scene.plan.kinds)),
    }


def _odds(score: float) -> float:
    inside = min(max(score, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def _covered(scene: Scene, words: set[str]) -> float:
    weights: list[float] = scene.matches.weights.tolist()
    if len(weights) != len(scene.asked):
        return 0.0
    total = sum(weights)
    return (
        sum(weight for term, weight in zip(scene.asked, weights, strict=True) if term in words) / total
        if total
        else 0.0
    )


def _unheard(scene: Scene) -> float:
    matches = scene.matches
    total = float(matches.weights.sum())
    return float(matches.weights[matches.frequencies == 0].sum()) / total if total else 0.0


def _met(scene: Scene, words: set[str]) -> float:
    lexicon, weights = scene.plan.lexicon, scene.matches.weights
    if lexicon is None or not words or not scene.asked or weights.size != len(scene.asked):
        return 0.0
    both = lexicon.words([*scene.asked, *sorted(words)])
    n = len(scene.asked)
    alike = best_matches(both[:n], both[n:], np.arange(len(words)), np.zeros(1, dtype=np.int64))[:, 0]
    return float(alike @ weights / weights.sum())


def _by_whom(scene: Scene, ranked: Ranked) -> float:
    """Return by how much those whom the question means say its words better than others do, -1..1."""
    if not scene.speakers:
        return 0.0
    own = scene.own[ranked.positions]
    meant = np.isin(scene.columns.speaker[ranked.positions], scene.speakers)
    ours = float(own[meant].max(initial=0.0))
    theirs = float(own[~meant].max(initial=0.0))
    most = max(ours, theirs)
    return (ours - theirs) / most if most else 0.0
