"""Products of int8 vectors, and how float vectors become int8."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.ports.faces import F32

I8: TypeAlias = NDArray[np.int8]

_cdist: Callable[..., object] | None
_dot: Callable[..., object] | None
try:
    import simsimd  # noqa: TID251 - this is the one kernel function's module

    _cdist, _dot = simsimd.cdist, simsimd.dot
except ImportError:
    _cdist = _dot = None

_ROWS_PER_BLOCK: Final = 2_048
_EXACT_TERMS: Final = 1_024
"""So many products of two int8 sum up below 2**24, where float32 still holds every integer."""

_NOTHING: Final = 1e-30
"""A row whose largest value is below this is as good as zero; dividing by it could overflow."""


def dot_int8(query: I8, matrix: I8) -> F32:
    """Return float32[n]: products of int8[dim] with the rows of int8[n, dim] (C-contiguous), exact but for rounding."""
    if matrix.size == 0:
        return np.zeros(len(matrix), np.float32)
    if _cdist is None:
        return dot_numpy(query, matrix)
    # Its ``out=`` loses a reference to None with every call (6.5.16), which ends the process on Python 3.11.
    products: F32 = np.asarray(_cdist(query[None], matrix, "dot", out_dtype="float32"))[0]
    return products


def dot_numpy(query: I8, matrix: I8) -> F32:
    """Compute :func:`dot_int8` without simsimd: numpy has no fast int8 product, float32 by blocks is its best."""
    wide = query.astype(np.float32)
    out = np.empty(len(matrix), np.float32)
    for first in range(0, len(matrix), _ROWS_PER_BLOCK):
        block = matrix[first : first + _ROWS_PER_BLOCK].astype(np.float32)
        total = np.zeros(len(block), np.float64)
        for start in range(0, len(wide), _EXACT_TERMS):
            total += block[:, start : start + _EXACT_TERMS] @ wide[start : start + _EXACT_TERMS]
        out[first : first + len(block)] = total
    return out


def dot_pairs(rows: I8, others: I8) -> F32:
    """Return float32[n]: product of each row of int8[n, dim] with the same row of the other, exact but for rounding."""
    if rows.size == 0:
        return np.zeros(len(rows), np.float32)
    if _dot is None:
        wide: F32 = np.einsum("nd,nd->n", rows.astype(np.float64), others).astype(np.float32)
        return wide
    products: F32 = np.atleast_1d(np.asarray(_dot(rows, others))).astype(np.float32)
    return products


def narrow(query: F32) -> tuple[I8, np.float32]:
    """Return float32[dim] as int8[dim] with its scale, as :func:`quantise` does with many."""
    largest = max(query.max(), -query.min())
    if largest < _NOTHING:
        return np.zeros(query.shape, np.int8), np.float32(0)
    return np.rint(query * (np.float32(127) / largest)).astype(np.int8), largest * np.float32(1 / 127)


def quantise(vectors: F32) -> tuple[I8, F32]:
    """Return the rows of *vectors* as int8 with their scales: ``vectors ≈ int8 * scale``.

    Args:
        vectors: float32[n, dim], finite.

    Returns:
        int8[n, dim] within ±127 and float32[n]; a row of zeros has scale 0.
    """
    if vectors.size == 0:
        return np.zeros(vectors.shape, np.int8), np.zeros(len(vectors), np.float32)
    largest: F32 = np.abs(vectors).max(axis=1)
    scales = largest * np.float32(1 / 127)
    if largest.min() < _NOTHING:
        scales[largest < _NOTHING] = 0.0
        largest[largest < _NOTHING] = np.inf
    scaled = vectors * (np.float32(127) / largest)[:, None]
    np.rint(scaled, out=scaled)
    return scaled.astype(np.int8), scales
