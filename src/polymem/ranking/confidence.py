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
    "base": -0.167,
    "best": 0.228,
    "checked": 0.981,
    "lost": -0.471,
    "foreign": 1.068,
    "likest": 7.551,
    "rival": 0.198,
    "outdone": 0.563,
    "wide": 0.465,
    "count": -1.127,
    "yes_or_no": 0.474,
    "fits": 0.641,
    "open": 0.535,
}
"""Weight of each measure of :func:`polymem.read.confidence.measures` where the best row is a turn; "base" is for all."""

PASSAGE: Final[Mapping[str, float]] = {
    "base": -4.513,
    "covered": 5.868,
    "lost": -2.278,
    "foreign": 3.386,
    "likest": 6.614,
    "asked": 0.961,
    "ahead": 0.387,
    "together": 3.563,
}
"""The same where it is a passage of a document."""

UNSURE: Final = 0.3
"""Below this confidence an answer should say that there is none.

It refuses about one in twelve of the questions whose answer was found. Of those that nothing answers it catches, in chats,
half of the questions about the wrong person or another chat and a quarter of those whose evidence alone is gone; in
documents five in six of the questions about other things and half of those whose passage alone is gone. At 0.4 it is one
in five refused in chats and one in eight in documents, for two thirds, nine tenths and 45 to 60 of a hundred caught.
"""


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
