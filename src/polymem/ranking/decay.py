"""How strong a memory still is, from when it was stored and when it was of use: two curves, both within 0..1.

Times are days before the present, so that the curves know no clock: ``ages[0]`` of the storing (the oldest), then of each
use. Decay never touches what is stored; a policy may put away what has become weak.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

import numpy as np

from polymem.ranking.arrays import F64

__all__ = ["CURVES", "Curve", "CurveName", "act_r", "act_r_unused", "activation", "fsrs", "fsrs_unused"]

CurveName: TypeAlias = Literal["fsrs", "act-r"]
Curve: TypeAlias = Callable[[Sequence[float]], float]
"""Ages in days, oldest first, at least one → strength 0..1."""

# The default parameters of FSRS-6, by their number there.
_INITIAL_STABILITY: Final = 2.3065  # w2: days after which 9 of 10 memories hold, after a first "good" review
_W4, _W5, _W7, _W8, _W9, _W10 = 6.4133, 0.8334, 0.001, 1.8722, 0.1666, 0.796
_W17, _W18, _W19 = 0.5425, 0.0912, 0.0658
_DECAY: Final = -0.1542  # -w20
_FACTOR: Final = 0.9 ** (1 / _DECAY) - 1
_GOOD, _EASY = 3, 4
_LEAST_AGE: Final = 1 / 86_400
"""A second: what was of use this very moment would be infinitely strong."""


def fsrs(ages: Sequence[float]) -> float:
    """Return the share of such memories that would still be recalled: ``(1 + F·t/S)^-w20`` with ``F = 0.9^(-1/w20) - 1``.

    ``t`` are the days since the last use and ``S`` is the stability, in which the share falls to 0.9. The storing counts as
    a first review that went well, every use as one more: ``S' = S·(1 + e^w8·(11 - D)·S^-w9·(e^(w10·(1 - R)) - 1))``, which
    grows most where the memory was about to be lost. A use within a day of the last one changes next to nothing.

    Args:
        ages: Days since the storing and since each use, oldest first.

    Source:
        FSRS-6 with its default parameters: https://github.com/open-spaced-repetition/awesome-fsrs/wiki/The-Algorithm

    Example:
        >>> round(fsrs([2.3065]), 3), round(fsrs([30.0]), 3), round(fsrs([30.0, 1.0]), 3)
        (0.9, 0.668, 0.991)
    """
    stability, difficulty = _INITIAL_STABILITY, _first_difficulty(_GOOD)
    for before, age in pairwise(ages):
        gap = max(before - age, 0.0)
        if gap < 1:
            growth = max(math.exp(_W17 * _W18) * stability**-_W19, 1.0)
        else:
            lost = math.exp(_W10 * (1 - _recall(gap, stability))) - 1
            growth = 1 + math.exp(_W8) * (11 - difficulty) * stability**-_W9 * lost
        stability *= growth
        difficulty = min(max(_W7 * _first_difficulty(_EASY) + (1 - _W7) * difficulty, 1.0), 10.0)
    return _recall(max(ages[-1], 0.0), stability)


def _recall(days: float, stability: float) -> float:
    return float((1 + _FACTOR * days / stability) ** _DECAY)


def _first_difficulty(rating: int) -> float:
    return _W4 - math.exp(_W5 * (rating - 1)) + 1


def fsrs_unused(ages: F64) -> F64:
    """Return :func:`fsrs` of memories that were never used, float64[n], from their ages in days."""
    strengths: F64 = (1 + _FACTOR * np.maximum(ages, 0.0) / _INITIAL_STABILITY) ** _DECAY
    return strengths


def activation(ages: Sequence[float]) -> float:
    """Return the base-level activation ``ln Σ t^-0.5`` of ACT-R, over days.

    Source:
        J. R. Anderson, L. J. Schooler: Reflections of the environment in memory. Psychological Science 2 (1991).
    """
    return math.log(sum(max(age, _LEAST_AGE) ** -0.5 for age in ages))


def act_r(ages: Sequence[float]) -> float:
    """Return the chance of recall by ACT-R, ``1 / (1 + e^-A)``, A being the :func:`activation` (threshold 0, noise 1).

    Args:
        ages: Days since the storing and since each use, oldest first.

    Example:
        >>> act_r([1.0]), round(act_r([81.0]), 3), round(act_r([81.0, 1.0]), 3)
        (0.5, 0.1, 0.526)
    """
    return 1 / (1 + math.exp(-activation(ages)))


def act_r_unused(ages: F64) -> F64:
    """Return :func:`act_r` of memories that were never used, float64[n], from their ages in days."""
    strengths: F64 = 1 / (1 + np.sqrt(np.maximum(ages, _LEAST_AGE)))
    return strengths


CURVES: Final[Mapping[CurveName, tuple[Curve, Callable[[F64], F64]]]] = MappingProxyType(
    {"fsrs": (fsrs, fsrs_unused), "act-r": (act_r, act_r_unused)}
)
"""Each curve, and the same for many memories that were never used."""
