"""How far a passage of a document fits a question: by its words and its vector, and by the names that it shares.

Of itself a passage has a likeness in 0..1, half by its vector and half by its words. The words are half BM25, half the
share of the question's weight that the passage covers; where even the best covers little, as when question and
passages are in two languages, the vectors decide.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32
from polymem.ranking.bm25 import Matches

__all__ = ["Likeness", "centre", "covered", "likeness", "min_max", "rarity", "stretch", "worded"]

FULL_TRUST: Final = 0.4
"""Where the best passage covers so much of the question, words count as much as vectors."""
WORDS: Final = 0.5
COVERAGE: Final = 0.5
"""Share of the coverage within the words."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How far passages fit a question of themselves.

    Attributes:
        dense: float32[p], what the vectors say; with ``words`` at most 1.
        words: float32[p], what the words say.
        trust: How far words are trusted, 0..1.
    """

    dense: F32
    words: F32
    trust: float

    @property
    def whole(self) -> F32:
        """float32[p] in 0..1: both together."""
        both: F32 = self.dense + self.words
        return both


def min_max(values: F32) -> F32:
    """Return float32[n] stretched to 0..1; zero where all are alike."""
    if not values.size:
        return values
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.zeros(values.size, dtype=np.float32)
    return (values - np.float32(low)) / np.float32(high - low)


def rarity(frequency: int, n_rows: int) -> float:
    """Return ``ln(1 + N/df) / ln(1 + N)`` in 0..1: how much it says that two passages share a name."""
    rows = max(n_rows, 2)
    return math.log1p(rows / max(frequency, 1)) / math.log1p(rows)


def covered(matches: Matches, n: int) -> F32:
    """Return float32[n]: summed weights of the question's terms that each row has; of a likely translation its share.

    Args:
        matches: Occurrences of the terms.
        n: Number of rows.
    """
    found = np.zeros(n, dtype=np.float32)
    had = matches.weights.repeat(matches.frequencies) * np.minimum(matches.counts, np.float32(1))
    np.add.at(found, matches.positions, had)
    return found


def worded(own: F32, coverage: F32, matches: Matches) -> F32:
    """Return float32[p] in 0..1: how far each passage has the words of the question; zero if none occurs.

    Args:
        own: float32[p], BM25.
        coverage: float32[p], from :func:`covered`.
        matches: Occurrences of the question's terms.
    """
    known = float(matches.weights[matches.frequencies > 0].sum())
    if known <= 0:
        return np.zeros(own.size, dtype=np.float32)
    words: F32 = np.float32(1 - COVERAGE) * min_max(own)
    words += np.float32(COVERAGE / known) * coverage
    return words


def likeness(cosines: F32 | None, own: F32, coverage: F32, matches: Matches) -> Likeness:
    """Return how far each passage fits the question of itself.

    Args:
        cosines: float32[p], cosine of each passage with the question, None without a vector.
        own: float32[p], BM25.
        coverage: float32[p], from :func:`covered`.
        matches: Occurrences of the question's terms; those that occur nowhere count as not covered.
    """
    words = worded(own, coverage, matches)
    full = float(matches.weights.sum())
    known = bool((matches.weights[matches.frequencies > 0] > 0).any())
    trust = min(1.0, float(coverage.max(initial=0.0)) / full / FULL_TRUST) if known else 0.0
    if cosines is None:
        return Likeness(np.zeros(own.size, dtype=np.float32), words, 1.0)
    share = WORDS * trust
    return Likeness(np.float32(1 - share) * min_max(cosines), np.float32(share) * words, trust)


def centre(vectors: F32) -> F32:
    """Return float32[dim]: the unit vector in the middle of float32[k, dim]; zero if they cancel out."""
    total: F32 = vectors.sum(axis=0)
    length = float(np.sqrt(total @ total))
    return total / np.float32(length) if length > 0 else total


def stretch(best: I32, scores: F32, *, power: float) -> F32:
    """Return float32[k]: how active each of the *best* is, ``(score / largest)`` to a power.

    Args:
        best: int32[k], places in *scores*, best first.
        scores: float32[p], at least 0.
        power: The larger, the fewer count.
    """
    largest = float(scores[best[0]]) if best.size else 0.0
    if largest <= 0:
        return np.zeros(best.size, dtype=np.float32)
    active: F32 = np.maximum(scores[best] / np.float32(largest), np.float32(0)) ** np.float32(power)
    return active
