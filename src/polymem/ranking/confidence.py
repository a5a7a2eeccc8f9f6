"""How likely it is that hits hold the answer: a logistic model of a few measures, calibrated.

No score tells by itself that nothing was found: there is always a best row. What tells is how far it stands above the
usual and above the others, how much of the question it covers, whether it is of the form that the question asks for.

Source: Platt, Probabilistic Outputs for Support Vector Machines (1999), section 2, for a logistic function of scores as
a probability. ``benchmarks/fit_confidence.py`` fits the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

__all__ = ["PASSAGE", "TURN", "UNSURE", "confidence", "parts_of"]

TURN: Final[Mapping[str, float]] = {
    "base": -0.353,
    "best": 0.285,
    "checked": 1.337,
    "lost": -0.369,
    "foreign": 1.217,
    "likest": 5.241,
    "rival": 0.140,
    "outdone": 0.686,
    "wide": 0.520,
    "count": -1.392,
    "yes_or_no": 0.414,
    "fits": 0.610,
    "open": 0.648,
}
"""Weight of each measure of :func:`polymem.read.confidence.measures` where the best row is a turn; "base" is for all."""

PASSAGE: Final[Mapping[str, float]] = {
    "base": -6.586,
    "covered": 7.151,
    "lost": -1.216,
    "foreign": 4.292,
    "likest": 6.250,
    "asked": 0.921,
    "ahead": 0.457,
    "together": 5.442,
}
"""The same where it is a passage of a document."""

UNSURE: Final = 0.3
"""Below this confidence the answer is better said not to be known."""


def parts_of(measures: Mapping[str, float], *, passage: bool) -> dict[str, float]:
    """Return what each measure adds to the log odds that the hits hold an answer; "base" is the same for all.

    Args:
        measures: By name; those that have no weight for rows of this kind add nothing.
        passage: Whether the best row is a passage of a document.
    """
    weights = PASSAGE if passage else TURN
    return {name: weight * measures.get(name, 1.0) for name, weight in weights.items()}


def confidence(parts: Mapping[str, float]) -> float:
    """Return the probability 0..1 that belongs to the *parts* of its log odds.

    Example:
        >>> confidence({"base": 0.5, "best": -0.5})
        0.5
    """
    odds = math.fsum(parts.values())
    return 1.0 / (1.0 + math.exp(-min(max(odds, -36.0), 36.0)))
