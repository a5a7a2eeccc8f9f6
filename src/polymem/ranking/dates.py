"""How well a row's time fits the time that a question names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from polymem.domain.timespan import Granularity, Timespan, to_micros
from polymem.ranking.arrays import F32, I64

__all__ = ["date_match"]

_DAY: Final = np.float32(86_400e6)
REACH_DAYS: Final = 8.0
HALF_DAYS: Final = 1.5

GRADES: Final[Mapping[Granularity, float]] = {
    "minute": 1.0,
    "hour": 1.0,
    "part": 1.0,
    "day": 1.0,
    "weekend": 0.9,
    "week": 0.8,
    "month": 0.7,
    "range": 0.6,
    "season": 0.5,
    "year": 0.4,
}
"""What it is worth to lie in a span: the coarser the unit, the less it says."""


def date_match(valid: I64, spans: Sequence[Timespan]) -> F32:
    """Return float32[m] in 0..1: the best fit of each time with any of *spans*.

    Inside a span the fit is the grade of its unit; outside it falls to ``grade / (1 + days / 1.5)`` and to 0 past eight
    days, since people speak of things within days of their happening and name dates inexactly.

    Args:
        valid: int64[m], microseconds since 1970 UTC.
        spans: Times that the question names.
    """
    best = np.zeros(valid.size, dtype=np.float32)
    for span in spans:
        start, end = to_micros(span.start), to_micros(span.end)
        away = np.maximum(np.maximum(start - valid, valid - (end - 1)), 0).astype(np.float32) / _DAY
        fit = np.float32(GRADES[span.granularity]) / (1.0 + away / np.float32(HALF_DAYS))
        np.maximum(best, np.where(away <= REACH_DAYS, fit, np.float32(0)), out=best)
    return best
