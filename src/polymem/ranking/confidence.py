"""How likely it is that hits hold the answer: a logistic model of a few measures, calibrated.

No score tells by itself that nothing was found: there is always a best row. What tells is how far it stands above the
usual, how far above the others, and how much of the question it covers.

Source: Platt, Probabilistic Outputs for Support Vector Machines (1999), section 2, for a logistic function of scores as
a probability. ``benchmarks/fit_confidence.py`` fits the weights.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

__all__ = ["BIAS", "UNSURE", "WEIGHTS", "confidence", "parts_of"]

BIAS: Final = -1.537
WEIGHTS: Final[Mapping[str, float]] = {
    "best": 0.146,
    "covered": 1.882,
    "asked": 0.352,
    "rival": 0.382,
    "outdone": 0.245,
    "passage": -2.266,
    "passage_covered": 4.495,
    "foreign": 2.612,
    "foreign_turn": 0.8,
}
"""Weight of each measure of :func:`polymem.read.confidence.measures`.

``foreign_turn`` is from short notes of our own, asked in the other language: no set has conversations of that kind.
"""

UNSURE: Final = 0.3
"""Below this confidence an answer should say that there is none."""


def parts_of(measures: Mapping[str, float]) -> dict[str, float]:
    """Return what each measure adds to the log odds that the hits hold an answer; "base" is the same for all."""
    return {"base": BIAS} | {name: weight * measures[name] for name, weight in WEIGHTS.items()}


def confidence(parts: Mapping[str, float]) -> float:
    """Return the probability 0..1 that belongs to the *parts* of its log odds.

    Example:
        >>> confidence({"base": 0.5, "best": -0.5})
        0.5
    """
    odds = math.fsum(parts.values())
    return 1.0 / (1.0 + math.exp(-min(max(odds, -36.0), 36.0)))
