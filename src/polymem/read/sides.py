"""What the words say of passages where a question asks for several things at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, Mask
from polymem.ranking.bm25 import Matches, own_scores
from polymem.ranking.titles import WORDS, Likeness, covered, worded
from polymem.text.asking_zh import QUESTION_WORDS
from polymem.text.tokenise import terms

__all__ = ["AskedFor", "by_sides"]

SIDES: Final = 0.7
"""Share of the words that the side which fits a passage best has; the whole question has the rest."""


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What the words of a question are in passages.

    Attributes:
        terms: Terms of the question.
        matches: Their occurrences in passages.
        rows: int32[p], positions of the passages, ascending.
        own: float32[n], BM25 of each row by all terms.
        coverage: float32[n], summed weights of the terms that each row has.
    """

    terms: Sequence[str]
    matches: Matches
    rows: I32
    own: F32
    coverage: F32


def by_sides(
    fits: Likeness, sides: Sequence[str], asked: AskedFor, lengths: I32, *, vectors: bool
) -> Likeness:
    """Return *fits*, the words by the side of the question that fits each passage best; as they are where there is one side.

    A passage that has all words of one side is as good as the best of another, whichever has the rarer words.

    Args:
        fits: How far passages fit the whole question.
        sides: The question once for each side, see :func:`polymem.text.sides.sides`.
        asked: What the words of the whole question are in passages.
        lengths: int32[n], terms of each row.
        vectors: Whether vectors count beside words.

    Source: a question as a set of aspects, each with a likeness of its own: Santos et al., xQuAD (WWW 2010), section 3. Here
        a passage counts by its best aspect; to take from an aspect that others of the first places have measured worse.
    """
    matches, n = asked.matches, lengths.size
    if not sides or not matches.positions.size:
        return fits
    at = slice(None) if asked.rows.size == n else asked.rows
    best = np.zeros(asked.rows.size, dtype=np.float32)
    for side in sides:
        had = frozenset(terms(QUESTION_WORDS.sub(" ", side)))
        others = np.array([term not in had for term in asked.terms], dtype=np.bool_)
        if not others.any():
            return fits
        left_out = _some(matches, others)
        kept = replace(matches, weights=np.where(others, np.float32(0), matches.weights))
        own = (asked.own - own_scores(left_out, lengths))[at]
        np.maximum(best, worded(own, (asked.coverage - covered(left_out, n))[at], kept), out=best)
    words = fits.words.copy()
    weight = SIDES * WORDS * fits.trust if vectors else SIDES
    words[at] = np.float32(1 - SIDES) * words[at] + np.float32(weight) * best
    return replace(fits, words=words)


def _some(matches: Matches, wanted: Mask) -> Matches:
    """Return the occurrences of the *wanted* terms, bool[t]."""
    kept = wanted.repeat(matches.frequencies)
    return replace(
        matches,
        positions=matches.positions[kept],
        counts=matches.counts[kept],
        frequencies=matches.frequencies[wanted],
        weights=matches.weights[wanted],
    )
