"""The largest few of many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.ranking.arrays import F32, I32, I64, Mask

__all__ = ["one_of", "order", "top"]

BLOCK: Final = 64


def top(scores: F32, n_wanted: int, *, among: Mask | None = None, above: float = -np.inf) -> I32:
    """Return int32[<= n_wanted], ascending: positions of the largest *scores* that exceed *above*.

    Long arrays are first reduced to the maxima of blocks of 64: the largest k lie in the k blocks with the largest
    maxima, and reading an array once is ten times cheaper than partitioning it.

    Args:
        scores: float32[n].
        n_wanted: How many.
        among: bool[n], rows that may be returned; None for all.
        above: Scores up to this are left out.
    """
    values = scores if among is None or among.all() else np.where(among, scores, np.float32(-np.inf))
    if values.size > 2 * BLOCK * n_wanted:
        positions = _blocks(values, n_wanted)
        values = values[positions]
        positions = positions[values > above]
        values = scores[positions]
    else:
        positions = np.flatnonzero(values > above).astype(np.int32)
        values = values[positions]
    if positions.size > n_wanted:
        kept = values.argpartition(values.size - n_wanted)[values.size - n_wanted :]
        positions = positions[kept]
        positions.sort()
    return positions


def _blocks(values: F32, n_wanted: int) -> I32:
    """Return int32[m], ascending: the positions of the blocks that can hold the largest *n_wanted* values.

    A block is every n/64th value, so that maxima are taken over whole rows of a matrix, several at a time.
    """
    n_blocks = values.size // BLOCK
    maxima = values[: n_blocks * BLOCK].reshape(BLOCK, n_blocks).max(axis=0)
    blocks = maxima.argpartition(n_blocks - n_wanted)[n_blocks - n_wanted :]
    blocks.sort()
    inside = (np.arange(BLOCK)[:, None] * n_blocks + blocks).ravel()
    tail = np.arange(n_blocks * BLOCK, values.size)
    return np.concatenate([inside, tail]).astype(np.int32)


def one_of(values: I32, numbers: Sequence[int]) -> Mask:
    """Return bool[m]: which of int32[m] is one of a few *numbers*."""
    found = np.zeros(values.size, dtype=np.bool_)
    for number in numbers:
        found |= values == number
    return found


def order(scores: F32, valid: I64, positions: I32) -> I64:
    """Return int64[m]: the places of *scores* from best to last; ties go to the newer, then to the later position."""
    best = np.argsort(-scores, kind="stable")
    ordered = scores[best]
    if (ordered[1:] < ordered[:-1]).all():
        return best.astype(np.int64)
    return np.lexsort((-positions, -valid, -scores)).astype(np.int64)
