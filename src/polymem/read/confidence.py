"""Whether the hits of a search hold an answer, so that a caller can say that it does not know."""

from __future__ import annotations

import math
from collections.abc import Container, Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.ranking.bm25 import idf
from polymem.ranking.confidence import confidence, parts_of
from polymem.ranking.select import one_of
from polymem.read.arms import Scene
from polymem.read.pack import Packed
from polymem.read.signals import Ranked
from polymem.text.answering import asked_forms, could_answer, is_yes_or_no, without_asking
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["Confidence", "confide", "measures"]

_FAR: Final = 4.0
"""Those who are meant stand above or below others by no more than this, in log odds: beyond it nothing is surer."""
_SUREST: Final = 20.7
"""Log odds of a score that is one chance in a billion from 0 or 1."""
_AHEAD: Final = 10.0
"""The best row stands above the others by no more than this, in log odds."""
_USUAL_AHEAD: Final = 2.0
"""What is taken for it where there is no other row."""
_N_TOGETHER: Final = 3
_N_OTHERS: Final = 9
_USUAL_COSINE: Final = 0.43
"""Of the row in another language that is most alike, between those that answer and those that do not."""
_MOST_ABOVE: Final = 0.2
_HAN: Final = lazy("[\u3400-\u9fff]")
_WIDE: Final = frozenset(("order", "summary", "advice"))
"""Kinds of question that are answered by whatever is there of their topic."""


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
    parts = parts_of(found, passage=found["passage"] > 0)
    return Confidence(confidence(parts), parts, found)


def measures(scene: Scene, ranked: Ranked, best: Packed) -> dict[str, float]:
    """Return what tells whether the hits answer the question.

    Args:
        scene: What the faces say.
        ranked: The candidates.
        best: The best hit.

    Returns:
        best: Log odds of its score; at most -8 where the question has no words and shares nothing with the row.
        covered: Share of the question, by how rare its words are, that the best row has.
        lost: How rare the rarest word of the question is that the best row lacks, 0..1; 1 of a word that is nowhere, or
            where none was looked for.
        passage: 1 if the best row is a passage of a document, else 0.
        foreign: 1 if one of question and row is in Chinese and the other, which has words too, has no Chinese character,
            else 0: then no word can be covered.
        likest: Where that is so, how far the largest cosine of the first rows lies above what is usual then.

        and those of :func:`_of_turn` or :func:`_of_passage`.
    """
    row = int(ranked.positions[best.place])
    passage = scene.passages is not None and bool(scene.passages[row])
    first = [row]
    if passage:
        first += [other for other in ranked.positions[:_N_TOGETHER].tolist() if other != row]
    rows = scene.snapshot.texts.forward(first[:_N_TOGETHER])
    asked = _asked(scene)
    odds = _odds(ranked.scores[best.place : best.place + 1 + _N_OTHERS])
    covered = _covered(asked, rows[:1])
    sure = float(odds[0])
    if not covered and not _has_words(scene.asked):
        sure = min(sure, -2 * _FAR)
    found = {
        "best": sure,
        "covered": covered,
        "lost": _lost(scene, asked, rows[0]),
        "passage": float(passage),
        **_strange(scene, ranked, best.item.text),
    }
    if not passage:
        return found | _of_turn(scene, ranked, best, covered=covered)
    return found | _of_passage(odds, asked, together=_covered(asked, rows) - covered)


def _odds(scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds of *scores*, bounded."""
    least = 1 / (1 + math.exp(_SUREST))
    bounded = np.minimum(np.maximum(scores, least), 1 - least)
    odds: NDArray[np.float64] = np.log(bounded / (1 - bounded))
    return odds


def _asked(scene: Scene) -> dict[str, float]:
    """Return the words of the question that an answer might have, with what each weighs."""
    weights: list[float] = scene.matches.weights.tolist()
    # No keywords were looked up where another arm alone was asked.
    asked = dict(zip(scene.asked, weights, strict=True)) if weights else {}
    wanted = frozenset(terms(without_asking(scene.plan.asked)))
    return {term: weight for term, weight in asked.items() if term in wanted} or asked


def _covered(asked: Mapping[str, float], rows: Sequence[Container[str]]) -> float:
    """Return the share of what is *asked* that at least one of *rows* has."""
    total = sum(asked.values())
    if not total:
        return 0.0
    return sum(weight for term, weight in asked.items() if any(term in row for row in rows)) / total


def _lost(scene: Scene, asked: Mapping[str, float], row: Container[str]) -> float:
    if not asked:
        return 1.0
    missing = max((weight for term, weight in asked.items() if term not in row), default=0.0)
    return missing / float(idf(np.zeros(1, dtype=np.int64), scene.matches.n_rows)[0])


def _strange(scene: Scene, ranked: Ranked, text: str) -> dict[str, float]:
    """Return whether question and hit are in two languages, and what their vectors say then."""
    chinese = any("\u3400" <= term[0] <= "\u9fff" for term in scene.asked)
    # Signs and symbols are of no language.
    foreign = (
        _has_words(scene.asked)
        and chinese != (not text.isascii() and _HAN.search(text) is not None)
        and any(map(str.isalpha, text))
    )
    likest = 0.0
    if foreign and scene.cosines is not None:
        cosine = float(scene.cosines[ranked.positions[: 1 + _N_OTHERS]].max())
        likest = min(max(cosine - _USUAL_COSINE, -_MOST_ABOVE), _MOST_ABOVE)
    return {"foreign": float(foreign), "likest": likest}


def _of_passage(
    odds: NDArray[np.float64], asked: Mapping[str, float], *, together: float
) -> dict[str, float]:
    """Return what tells of a passage alone.

    Returns:
        asked: Logarithm of the number of words asked for, plus one.
        ahead: How far, in log odds, the best row stands above the mean of the next nine.
        together: Share of the question that the first three rows have and the best alone has not.
    """
    ahead = float(odds[0] - odds[1:].mean()) if odds.size > 1 else _USUAL_AHEAD
    return {"asked": math.log1p(len(asked)), "ahead": min(ahead, _AHEAD), "together": together}


def _of_turn(scene: Scene, ranked: Ranked, best: Packed, *, covered: float) -> dict[str, float]:
    """Return what tells of a turn alone.

    Returns:
        rival: How far, in log odds, the best row of those whom the question names stands above the best of all others,
            where it counts for nothing who speaks; 0 if it names nobody. A question about the wrong person is answered
            by what somebody else said.
        outdone: The same where it is negative, else 0.
        wide: 1 if an order, a summary or advice is asked for, else 0.
        count: 1 if a number of things is asked for, else 0.
        yes_or_no: 1 if the question can be answered by yes or no, else 0.
        fits: 1 if a number, a time or a name is asked for and the best hit has one, else 0.
        open: 1 if the question has words and is none of these, so that the form of its answer cannot be checked, else 0.
        checked: ``covered`` of any other question, else 0: that all is there of which an open question speaks does not
            tell that its answer is.
    """
    question = scene.plan.text
    folded = fold(question)
    rival = _rival(scene, ranked)
    forms = asked_forms(folded)
    wide = bool(scene.plan.kinds & _WIDE)
    yes_or_no = is_yes_or_no(folded)
    fits = bool(forms) and could_answer(best.item.text, forms, question)
    is_open = not (forms or wide or yes_or_no) and _has_words(scene.asked)
    return {
        "rival": rival,
        "outdone": min(rival, 0.0),
        "wide": float(wide),
        "count": float("count" in scene.plan.kinds),
        "yes_or_no": float(yes_or_no),
        "fits": float(fits),
        "open": float(is_open),
        "checked": covered * (not is_open),
    }


def _has_words(terms: Sequence[str]) -> bool:
    return any(term[0].isalpha() for term in terms)


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
