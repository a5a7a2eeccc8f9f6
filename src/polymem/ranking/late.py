"""Late interaction: how well each word of a question is met by some word of a row, by vectors of words.

One vector for a whole turn drowns the one word that answers; here every word of the question looks for its own best
match and the matches are summed by how rare the word is.

Source: Khattab and Zaharia, ColBERT (SIGIR 2020), section 3.3 (MaxSim), over static word vectors and weighted by idf.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.ranking.arrays import F32, I32, I64

__all__ = ["NOISE", "best_matches", "late_scores"]

NOISE: Final = 0.35
"""Two words less alike than this have nothing to do with one another."""
NEAR_SHARE: Final = 0.7
"""What it is worth that a neighbour says the word."""


def best_matches(asked: F32, words: F32, flat: I64, starts: I64) -> F32:
    """Return float32[q, r]: the largest cosine of each asked word with a word of each row, 0 below ``NOISE``.

    Args:
        asked: float32[q, dim], unit vectors of the question's words.
        words: float32[w, dim], of the distinct words of all rows.
        flat: int64[f], places in *words*, row after row; every row has at least one.
        starts: int64[r], where each row begins in *flat*.
    """
    if not starts.size:
        return np.zeros((len(asked), 0), dtype=np.float32)
    alike: F32 = asked @ words.T
    alike[alike <= NOISE] = 0.0
    best: F32 = np.maximum.reduceat(alike[:, flat], starts, axis=1)
    return best


def late_scores(matches: F32, weights: F32, windows: I32) -> tuple[F32, F32]:
    """Return float32[c] x 2 in 0..1: the share of the question that each row meets, and that it and its neighbours meet.

    Args:
        matches: float32[q, r], from :func:`best_matches`.
        weights: float32[q], how rare each asked word is.
        windows: int32[w, c], columns of *matches*: of the row itself, then of its neighbours; -1 where there is none.
    """
    total = float(weights.sum())
    if total <= 0 or not matches.shape[1]:
        nothing = np.zeros(windows.shape[1], dtype=np.float32)
        return nothing, nothing
    share = weights / np.float32(total)
    padded = np.concatenate([matches, np.zeros((len(matches), 1), dtype=np.float32)], axis=1)
    own = padded[:, windows[0]]
    around = padded[:, windows[1:]].max(axis=1, initial=0.0) * np.float32(NEAR_SHARE)
    return share @ own, share @ np.maximum(own, around)
