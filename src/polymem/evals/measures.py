"""Figures of one question: how much of the evidence stands how far up."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["DEPTHS", "MEASURES", "auc", "figures"]

F64: TypeAlias = NDArray[np.float64]

DEPTHS: Final = (5, 10, 20)
MEASURES: Final = (*(f"R@{depth}" for depth in DEPTHS), "all@10", "nDCG@10", "MRR")
_DEEP: Final = 10


def figures(found: Sequence[str], evidence: AbstractSet[str]) -> tuple[float, ...]:
    """Return one number in 0..1 for each of ``MEASURES``.

    ``R@k`` is the share of the evidence among the first k, ``all@10`` is 1 where all of it is among the first ten,
    ``nDCG@10`` is the discounted gain of the first ten over that of the best order (Järvelin and Kekäläinen, 2002, with
    binary relevance), ``MRR`` one over the place of the first evidence, 0 where there is none.

    Args:
        found: Ids, best first, each once.
        evidence: Ids that answer the question, at least one.

    Example:
        >>> [round(value, 2) for value in figures(["b", "a", "c"], {"a"})]
        [1.0, 1.0, 1.0, 1.0, 0.63, 0.5]
    """
    places = [place for place, name in enumerate(found, start=1) if name in evidence]
    shares = [sum(place <= depth for place in places) / len(evidence) for depth in DEPTHS]
    gain = sum(1 / np.log2(place + 1) for place in places if place <= _DEEP)
    best = sum(1 / np.log2(place + 1) for place in range(1, min(len(evidence), _DEEP) + 1))
    whole = float(sum(place <= _DEEP for place in places) == len(evidence))
    return (*shares, whole, float(gain / best), 1 / places[0] if places else 0.0)


def auc(higher: F64, lower: F64) -> float:
    """Return how often one of *higher* lies above one of *lower*; ties count half.

    The area under the curve that shows hits against false alarms (Mann and Whitney, 1947).

    Args:
        higher: float64[m], scores that should be high; at least one.
        lower: float64[n], scores that should be low; at least one.

    Example:
        >>> auc(np.array([0.9, 0.4]), np.array([0.1, 0.4]))
        0.875
    """
    ordered = np.sort(lower)
    below = ordered.searchsorted(higher, side="left")
    not_above = ordered.searchsorted(higher, side="right")
    return float((below + not_above).mean() / (2 * lower.size))
