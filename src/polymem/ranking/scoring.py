"""What the signals weigh, and what is neutral unless it is known: importance, recency, being superseded."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from polymem.domain.slotted import dataclass
from polymem.errors import InputError
from polymem.ranking.arrays import F32, I64

__all__ = ["GROUPS", "TYPICAL_ROWS", "Weights", "base_odds", "importance_odds", "recency_odds", "score_of"]

TYPICAL_ROWS: Final = 600
"""A long chat; the scopes on which ``Weights.base`` was set are of this order."""
_DAY_US: Final = 86_400e6


@dataclass(frozen=True, slots=True)
class Weights:
    """How the signals of a row become one score.

    A score is ``1 / (1 + exp(-x))``, where x is the sum of all contributions: weights times signals, plus ``base``. The
    last three act as factors on the odds, so they shift what relevance decided and never replace it.

    Attributes:
        own: BM25 of the row's words, by the square root of the question's weight.
        context: BM25 of the words of five rows around it, likewise.
        session: BM25 of the row of the same run that fits best, likewise.
        dense: Cosine of the vector blended with its neighbours', in standard deviations of the scope.
        speaker: Whether the question means the one who speaks.
        alone: Cosine of the row's own vector, in standard deviations.
        part: Cosine with the sentence of the question that fits the row best, where there are several, likewise.
        date: How well the row's time fits a time that the question names.
        first_person: Whether the row speaks of its speaker, where several speak.
        reaction: Whether the row begins as a reaction to what was said.
        length: Logarithm of the row's length in terms, plus one.
        standing: How near a standing instruction stands to the question among all: 1, 1/2, 1/3 …
        choice: The same of stated preferences and choices, where advice is asked for.
        latest: How much of what is said about the subject is older than the row, where the latest is asked for.
        kind: How many of the kinds of things that the question asks for the row names, the rarer the more.
        form: The same of forms of an answer: a number, a span of time, a title, a past event.
        relative: Whether the row mentions somebody whom the question means by a relation alone: "my wife".
        reply: BM25 of the turn that the row replies to, if that asks something; less for a longer reply.
        reply_alike: Cosine of that turn's own vector, in standard deviations; likewise.
        graph: How closely the row is tied to entities that the question names.
        key: Whether the row states what the question asks about the one it means.
        passage_dense: Cosine of a passage with the question between those of the scope's passages, 0..1.
        passage_words: BM25 of a passage and its share of the question's words, likewise.
        trust: How far the words of the question may be trusted, by how much of it the best passage has, 0..1.
        titled: Whether the question has the title of a passage, by how rare it is.
        mentioned: Whether a passage mentions names that the question has.
        year: Whether a passage has a year of the question, or others only.
        story: Likeness of a passage to what the best have in common, where they tell one story.
        bridge: How strongly one of the best passages leads to a passage by a name that both have.
        passage_base: The same as ``base`` for passages of ordinary length.
        route: How well the title of a passage's long document fits what the question says of one.
        head: How much of the question stands in the head of a long passage.
        statement: Whether a long passage is the financial statement that holds what is asked about.
        base: Puts the score at 0.5 where the best row of a question is right about half of the time, in a scope of
            ``TYPICAL_ROWS`` rows.
        crowd: How much the odds fall as the scope grows: with its size to this power. Among few rows the words are
            less telling (there is less to tell them from), and any row is likelier to be the one.
        importance: Factor on the odds between a row of importance 1 and one of 0.5 is ``1 + importance``.
        recency: Factor on the odds between a row of this moment and a very old one is ``1 + recency``.
        half_life_days: Age at which half of that factor's exponent is gone.
        superseded: Factor on the odds of an episode whose facts were all closed.
        fusion: "sum", or "rrf" for reciprocal ranks of the same signals.
    """

    own: float = 0.65
    context: float = 1.0
    session: float = 0.2
    dense: float = 0.2
    alone: float = 0.4
    part: float = 0.7
    speaker: float = 1.3
    date: float = 5.5
    first_person: float = 0.9
    reaction: float = -0.3
    length: float = -0.3
    standing: float = 5.5
    choice: float = 2.7
    latest: float = 3.0
    kind: float = 1.7
    form: float = 2.4
    relative: float = 2.0
    reply: float = 0.4
    reply_alike: float = 0.5
    graph: float = 0.5
    key: float = 6.0
    passage_dense: float = 2.8
    passage_words: float = 2.8
    trust: float = 1.2
    titled: float = 2.8
    mentioned: float = 2.8
    year: float = 2.8
    story: float = 2.8
    bridge: float = 2.8
    passage_base: float = -6.2
    route: float = 6.0
    head: float = 0.4
    statement: float = 2.0
    base: float = -8.2
    crowd: float = 0.5
    importance: float = 0.2
    recency: float = 0.1
    half_life_days: float = 30.0
    superseded: float = 0.25
    fusion: Literal["sum", "rrf"] = "sum"

    def without(self, groups: Collection[str]) -> Weights:
        """Return the same weights with those of *groups* (keys of ``GROUPS``) at nought, to see what each is worth.

        Raises:
            InputError: A group is unknown.
        """
        unknown = sorted(set(groups) - GROUPS.keys())
        if unknown:
            raise InputError(
                f"unknown signals {', '.join(unknown)}; known are {', '.join(GROUPS)}", argument="without"
            )
        nought: dict[str, Any] = {name: 0.0 for group in groups for name in GROUPS[group]}
        return replace(self, **nought)


GROUPS: Final[Mapping[str, tuple[str, ...]]] = {
    "keyword": ("own", "context", "session", "passage_words"),
    "vector": ("dense", "alone", "part", "passage_dense"),
    "graph": ("graph", "key", "bridge"),
    "neighbours": ("context", "session"),
    "entities": ("speaker", "mentioned"),
    "time": ("date", "year"),
    "recency": ("recency",),
    "feedback": ("story",),
    "form": ("reaction", "length", "first_person"),
    "routes": ("standing", "choice", "latest"),
    "members": ("kind", "form", "relative", "reply", "reply_alike"),
    "titles": ("route", "head", "statement", "titled"),
}
"""Which weights each part of the ranking has."""


def base_odds(n_rows: int, weights: Weights) -> float:
    """Return the log odds of a row of which nothing is known, in a scope of *n_rows* indexed rows."""
    return weights.base - weights.crowd * math.log((n_rows + 1) / TYPICAL_ROWS)


def importance_odds(importance: F32, weights: Weights) -> F32:
    """Return float32[m]: log of the factor on the odds; 0 at importance 0.5."""
    odds: F32 = (importance - np.float32(0.5)) * np.float32(2 * np.log1p(weights.importance))
    return odds


def recency_odds(valid: I64, now: int, weights: Weights) -> F32:
    """Return float32[m]: log of the factor on the odds, halved every ``half_life_days``; the future counts as now."""
    days = np.maximum(now - valid, 0).astype(np.float32) / np.float32(_DAY_US)
    fresh = np.exp2(-days / np.float32(weights.half_life_days))
    odds: F32 = fresh * np.float32(np.log1p(weights.recency))
    return odds


def score_of(total: F32) -> NDArray[np.float64]:
    """Return float64[m] in 0..1: the logistic function of the contributions' sum."""
    return np.reciprocal(1.0 + np.exp(-np.clip(total.astype(np.float64), -36, 36)))
