"""Signals to one number: a weighted sum, or reciprocal ranks.

Source: Bruch, Gai and Ingber, An Analysis of Fusion Functions for Hybrid Retrieval (arXiv 2210.11934), which finds
convex combinations of normalised scores better than reciprocal rank fusion in and out of domain; Cormack, Clarke and
Büttcher, Reciprocal Rank Fusion (SIGIR 2009).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from polymem.ranking.arrays import F32

__all__ = ["RRF_K", "reciprocal_ranks", "shrunk_z", "weighted"]

RRF_K: Final = 10
"""Sixty, the customary value, flattens the differences that matter among the first ten."""
_RRF_SCALE: Final = 6.0
"""The best possible reciprocal rank counts like six standard deviations of a signal."""

_PRIOR_ROWS: Final = 8
_PRIOR_MEAN: Final = 0.2
_PRIOR_SPREAD: Final = 0.09


def weighted(signals: Mapping[str, F32], weights: Mapping[str, float]) -> dict[str, F32]:
    """Return the contribution float32[m] of each signal that has a weight."""
    return {name: values * np.float32(weights[name]) for name, values in signals.items() if weights.get(name)}


def reciprocal_ranks(signals: Mapping[str, F32], weights: Mapping[str, float]) -> dict[str, F32]:
    """Return contributions by rank: ``w (k + 1) / (k + rank)``, scaled; rows without the signal get 0.

    Equal values share the best of their ranks, so the order of rows does not matter.
    """
    contributions: dict[str, F32] = {}
    for name, values in signals.items():
        if weights.get(name):
            ordered = np.sort(-values)
            rank = np.searchsorted(ordered, -values, side="left") + 1
            share = (RRF_K + 1) / (RRF_K + rank) * _RRF_SCALE * weights[name]
            contributions[name] = np.where(values > 0, share, 0.0).astype(np.float32)
    return contributions


def shrunk_z(total: float, squares: float, n_values: int) -> tuple[float, float]:
    """Return mean and standard deviation of cosines, drawn towards typical ones where there are few.

    Eight imagined rows of mean 0.2 and deviation 0.09 stand beside the real ones, so that in a scope of two rows the
    better one is not by definition one deviation above the mean. The mean moves all rows of a search alike, the
    deviation decides how much vectors say.

    Args:
        total: Sum of the values.
        squares: Sum of their squares.
        n_values: How many there are.
    """
    n = n_values + _PRIOR_ROWS
    mean = (total + _PRIOR_ROWS * _PRIOR_MEAN) / n
    square = (squares + _PRIOR_ROWS * (_PRIOR_MEAN**2 + _PRIOR_SPREAD**2)) / n
    return mean, math.sqrt(max(square - mean * mean, 1e-6))
