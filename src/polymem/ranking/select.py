"""The largest few of many."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.ranking.arrays import F32, I32, I64, Mask

__all__ = ["order", "top"]

BLOCK: Final = 64
_WORTH_BLOCKS: Final = 32_768


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
    values = scores if among is None else np.where(among, scores, np.float32(-np.inf))
    positions: I32 | None = None
    if values.size >= _WORTH_BLOCKS and values.size > BLOCK * n_wanted * 2:
        positions = _blocks(values, n_wanted)
        values = values[positions]
    if values.size > n_wanted:
        kept = np.argpartition(values, values.size - n_wanted)[values.size - n_wanted :]
        kept.sort()
        values = values[kept]
        positions = kept.astype(np.int32) if positions is None else positions[kept]
    elif positions is None:
        positions = np.arange(values.size, dtype=np.int32)
    return positions[values > above]


def _blocks(values: F32, n_wanted: int) -> I32:
    """Return int32[m], ascending: the positions of the blocks that can hold the largest *n_wanted* values."""
    n_whole = values.size // BLOCK
    maxima = values[: n_whole * BLOCK].reshape(n_whole, BLOCK).max(axis=1)
    blocks = np.argpartition(maxima, n_whole - n_wanted)[n_whole - n_wanted :]
    blocks.sort()
    inside = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
    tail = np.arange(n_whole * BLOCK, values.size)
    return np.concatenate([inside, tail]).astype(np.int32)


def order(scores: F32, valid: I64, positions: I32) -> I64:
    """Return int64[m]: the places of *scores* from best to last; ties go to the newer, then to the later position."""
    return np.lexsort((-positions, -valid, -scores)).astype(np.int64)
