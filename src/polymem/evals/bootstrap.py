"""Intervals by resampling: Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13 (percentiles)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.evals.measures import auc

__all__ = ["LEAST_GROUPS", "N_DRAWS", "auc_draws", "bounds", "mean_draws", "numbered"]

F64: TypeAlias = NDArray[np.float64]
I64: TypeAlias = NDArray[np.int64]

N_DRAWS: Final = 1_000
LEAST_GROUPS: Final = 5
"""Of fewer conversations, resampling them says nothing."""


def mean_draws(values: F64, *, seed: int, groups: I64 | None = None) -> F64:
    """Return float64[N_DRAWS, m]: means of resampled rows.

    Args:
        values: float64[n, m], a row for each question.
        seed: Of the random numbers; the same one draws the same questions.
        groups: int64[n], which conversation each question is of, from 0 on without gaps; whole conversations are then
            drawn. None to draw questions.
    """
    random = np.random.default_rng(seed)
    if groups is None:
        sums, sizes = values, np.ones(len(values))
    else:
        n_groups = int(groups.max()) + 1
        sums = np.zeros((n_groups, values.shape[1]))
        np.add.at(sums, groups, values)
        sizes = np.bincount(groups, minlength=n_groups).astype(np.float64)
    n = len(sums)
    counts = random.multinomial(n, np.full(n, 1 / n), size=N_DRAWS).astype(np.float64)
    return (counts @ sums) / (counts @ sizes)[:, None]


def auc_draws(higher: F64, lower: F64, *, seed: int) -> F64:
    """Return float64[N_DRAWS]: :func:`~.measures.auc` of resampled questions of both sides."""
    random = np.random.default_rng(seed)
    return np.array(
        [
            auc(
                higher[random.integers(0, higher.size, higher.size)],
                lower[random.integers(0, lower.size, lower.size)],
            )
            for _ in range(N_DRAWS)
        ]
    )


def bounds(draws: F64) -> F64:
    """Return float64[2, ...]: the ends of the interval that holds 95 % of the draws (along the first axis)."""
    return np.asarray(np.percentile(draws, [2.5, 97.5], axis=0), dtype=np.float64)


def numbered(names: Sequence[str]) -> I64:
    """Return int64[n]: the same number for the same name, from 0 on without gaps."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(name, len(numbers)) for name in names], dtype=np.int64)
