"""What the best rows of a first pass have in common, to look for more of it.

Source: Abdul-Jaleel et al., UMass at TREC 2004: Novelty and HARD (the relevance model RM3), for terms; Rocchio (1971) for
vectors. The terms are weighted by their rarity, since a chat is too short to tell a topic from common words by counts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from polymem.ranking.arrays import F32
from polymem.ranking.bm25 import K1, B

__all__ = ["N_TERMS", "centre", "common_terms", "term_scores"]

N_TERMS: Final = 40
_LENGTH_PRIOR: Final = 10
"""Terms that are added to every row, so that a row of three words does not count as one that says nothing else."""
_DECAY: Final = 0.2
"""What the row at rank r counts: ``1 / (1 + 0.2 r)``."""


def common_terms(
    best: Sequence[Mapping[str, int]], lengths: Sequence[int], rarity: Callable[[str], float]
) -> dict[str, float]:
    """Return at most ``N_TERMS`` terms with their weights, the heaviest 1.

    Args:
        best: Terms of the best rows with their counts, best first.
        lengths: Their lengths in terms.
        rarity: Inverse document frequency of a term.
    """
    found: dict[str, float] = {}
    for rank, (row, length) in enumerate(zip(best, lengths, strict=True)):
        worth = 1 / ((length + _LENGTH_PRIOR) * (1 + _DECAY * rank))
        for term, count in row.items():
            found[term] = found.get(term, 0.0) + count * worth
    weighted = {term: share * rarity(term) for term, share in found.items()}
    kept = sorted(weighted, key=lambda term: (-weighted[term], term))[:N_TERMS]
    if not kept or weighted[kept[0]] <= 0:
        return {}
    return {term: weighted[term] / weighted[kept[0]] for term in kept}


def term_scores(
    rows: Sequence[Mapping[str, int]],
    lengths: Sequence[int],
    impacts: Mapping[str, float],
    *,
    mean_length: float,
) -> F32:
    """Return float32[r]: BM25 of each row for weighted terms.

    Args:
        rows: Terms of each row with their counts.
        lengths: Their lengths in terms.
        impacts: Weight times inverse document frequency of each term.
        mean_length: Mean length of the partition's rows.
    """
    scores = np.zeros(len(rows), dtype=np.float32)
    asked = impacts.keys()
    for place, (row, length) in enumerate(zip(rows, lengths, strict=True)):
        shared = asked & row.keys()
        if shared:
            damping = K1 * (1 - B + B * length / mean_length)
            scores[place] = sum(impacts[term] * row[term] / (row[term] + damping) for term in shared) * (
                K1 + 1
            )
    return scores


def centre(vectors: F32) -> F32:
    """Return float32[dim]: the unit vector in the middle of float32[n, dim]; zero if they cancel out."""
    if not len(vectors):
        return np.zeros(vectors.shape[1], dtype=np.float32)
    mean: F32 = vectors.mean(axis=0)
    length = float(np.sqrt(mean @ mean))
    return mean / np.float32(length) if length > 0 else mean
