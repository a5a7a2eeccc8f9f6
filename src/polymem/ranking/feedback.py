"""What the best rows of a first pass have in common, to look for more of it. Source: Rocchio (1971)."""

from __future__ import annotations

import numpy as np

from polymem.ranking.arrays import F32

__all__ = ["centre"]


def centre(vectors: F32) -> F32:
    """Return float32[dim]: the unit vector in the middle of float32[n, dim]; zero if they cancel out."""
    if not len(vectors):
        return np.zeros(int(vectors.shape[1]), dtype=np.float32)
    mean: F32 = vectors.mean(axis=0)
    length = float(np.sqrt(mean @ mean))
    unit: F32 = mean / np.float32(length) if length > 0 else mean
    return unit
