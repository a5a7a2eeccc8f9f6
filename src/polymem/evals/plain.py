"""Plain rankings to stand beside: BM25, and half BM25 and half cosine. They know of nothing but the texts.

Sources: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond (2009), with k1 = 1.5 and b = 0.75;
Bruch, Gai and Ingber (arXiv 2210.11934), section 3, for the convex combination of min-max normalised scores.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.evals.cases import Row
from polymem.text.tokenise import terms

__all__ = ["PlainIndex", "min_max", "plain_text"]

F32: TypeAlias = NDArray[np.float32]

K1: Final = 1.5
B: Final = 0.75


def plain_text(row: Row) -> str:
    """Return a row as a plain index holds it: "speaker: text", or title and text."""
    if row.speaker:
        return f"{row.speaker}: {row.text}"
    return f"{row.title} {row.text}".strip()


class PlainIndex:
    """Postings of some rows, and their vectors.

    Args:
        rows: What is searched.
        vectors: float32[n, dim] of unit length, None for keywords alone.
    """

    def __init__(self, rows: Sequence[Row], vectors: F32 | None = None) -> None:
        self._vectors = vectors
        found: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        self._lengths = np.zeros(len(rows), dtype=np.float32)
        for place, row in enumerate(rows):
            words = terms(plain_text(row))
            self._lengths[place] = len(words)
            for word, n in Counter(words).items():
                found[word].append((place, n))
        self._postings = {word: np.array(places, dtype=np.int32) for word, places in found.items()}
        self._mean = float(self._lengths.mean()) if rows else 1.0

    def bm25(self, question: str) -> F32:
        """Return float32[n]: BM25 of every row."""
        n = self._lengths.size
        scores = np.zeros(n, dtype=np.float32)
        for word in dict.fromkeys(terms(question)):
            posting = self._postings.get(word)
            if posting is None:
                continue
            places, counts = posting[:, 0], posting[:, 1].astype(np.float32)
            idf = np.log1p((n - places.size + 0.5) / (places.size + 0.5))
            damping = K1 * (1 - B + B * self._lengths[places] / max(self._mean, 1e-9))
            scores[places] += np.float32(idf) * counts * np.float32(K1 + 1) / (counts + damping)
        return scores

    def hybrid(self, question: str, vector: F32) -> F32:
        """Return float32[n]: half the cosine with *vector* (float32[dim]) and half BM25, each brought to 0..1."""
        if self._vectors is None:
            raise ValueError("an index without vectors has no hybrid ranking")
        half = np.float32(0.5)
        mixed = half * min_max(self._vectors @ vector) + half * min_max(self.bm25(question))
        return np.asarray(mixed, dtype=np.float32)


def min_max(values: F32) -> F32:
    """Return *values* (float32[n]) moved and stretched to 0..1; all 0 where they do not differ."""
    if not values.size:
        return values
    low, high = values.min(), values.max()
    if low == high:
        return np.zeros_like(values)
    return np.asarray((values - low) / (high - low), dtype=np.float32)
