"""Whether the hits of a search hold an answer, so that a caller can say that it does not know."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.confidence import confidence, parts_of
from polymem.ranking.select import one_of
from polymem.read.arms import Scene
from polymem.read.pack import Packed
from polymem.read.signals import Ranked
from polymem.text.tokenise import KEY_MARK

__all__ = ["Confidence", "confide", "measures"]

_FAR: Final = 4.0
"""Those who are meant stand above or below others by no more than this, in log odds: beyond it nothing is surer."""
_USUAL_FOREIGN: Final = -3.0
"""Log odds of the best turn in another language that lie between those that answer and those that do not."""
_SUREST: Final = 20.7
"""Log odds of a score that is one chance in a billion from 0 or 1."""


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
    found = measures(scene, ranked, packed[0])
    parts = parts_of(found)
    return Confidence(confidence(parts), parts, found)


def measures(scene: Scene, ranked: Ranked, best: Packed) -> dict[str, float]:
    """Return what tells whether the hits answer the question.

    Args:
        scene: What the faces say.
        ranked: The candidates.
        best: The best hit.

    Returns:
        best: Log odds of its score, of a passage without what is taken off all passages alike ("unsure").
        covered: Share of the question, by how rare its words are, that the best row has.
        asked: Logarithm of the number of words asked for, plus one.
        rival: How far, in log odds, the best row of those whom the question names stands above the best of all others,
            where it counts for nothing who speaks; 0 if it names nobody. A question about the wrong person is answered
            by what somebody else said.
        outdone: The same where it is negative, else 0.
        passage: 1 if the best row is a passage of a document, else 0.
        passage_covered: ``covered`` of a passage; 0 of a turn, which says less of what it answers.
        foreign: 1 if one of question and row is in Chinese and the other, which has words too, has no Chinese character,
            else 0: then no word can be covered.
        foreign_turn: Of a turn of which that is true, how far ``best`` lies above what is usual of such, else 0.
    """
    score = float(ranked.scores[best.place])
    odds = min(max(math.log(score / (1 - score)), -_SUREST), _SUREST) if 0 < score < 1 else _SUREST
    position = int(ranked.positions[best.place])
    passage = scene.passages is not None and bool(scene.passages[position])
    # What gives way to turns is no less of an answer for it.
    odds -= ranked.signals(best.place).get("unsure", 0.0)
    rival = 0.0 if passage else _rival(scene, ranked)
    row = [term for term in scene.snapshot.texts.forward([position])[0] if not term.startswith(KEY_MARK)]
    covered = _covered(scene, row)
    foreign = _has_words(scene.asked) and _has_words(row) and _chinese(scene.asked) != _chinese(row)
    above = min(max(odds - _USUAL_FOREIGN, -_FAR), _FAR)
    return {
        "best": odds,
        "covered": covered,
        "asked": math.log1p(len(scene.asked)),
        "rival": rival,
        "outdone": min(rival, 0.0),
        "passage": float(passage),
        "passage_covered": covered * passage,
        "foreign": float(foreign),
        "foreign_turn": above if foreign and not passage else 0.0,
    }


def _covered(scene: Scene, row: Sequence[str]) -> float:
    weights: list[float] = scene.matches.weights.tolist()
    total = sum(weights)
    # No keywords were looked up where another arm alone was asked.
    if not total:
        return 0.0
    words = frozenset(row)
    return sum(weight for term, weight in zip(scene.asked, weights, strict=True) if term in words) / total


def _has_words(terms: Sequence[str]) -> bool:
    """Tell whether there is more than signs and symbols, which are of no language."""
    return any(term[0].isalpha() for term in terms)


def _chinese(terms: Sequence[str]) -> bool:
    return any("\u3400" <= term[0] <= "\u9fff" for term in terms)


def _rival(scene: Scene, ranked: Ranked) -> float:
    """Return by how much those whom the question names, and not only means, stand above others."""
    if not scene.speakers or len(scene.asked) == len(scene.plan.terms):
        return 0.0
    odds = sum((values for name, values in ranked.contributions.items() if name != "speaker"), np.float32(0))
    odds = np.asarray(odds)[ranked.origin]
    speaker = scene.columns.speaker[ranked.positions]
    meant = one_of(speaker, scene.speakers)
    if not meant.any() or meant.all():
        return _FAR if meant.any() else -_FAR
    return float(np.clip(odds[meant].max() - odds[~meant].max(), -_FAR, _FAR))
