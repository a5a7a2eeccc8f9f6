"""What the best passages have in common: several that tell of one event lead to the others that do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import chain
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, I64, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import gather, idf, own_scores
from polymem.ranking.titles import centre, min_max
from polymem.read.places import best_of
from polymem.text.tokenise import KEY_MARK

__all__ = ["beside", "story"]

N_ALIKE: Final = 4
HAD, APART = 0.5, 0.5
"""A passage that has more than the first share of the question's words, by how rare they are, and is less than the second share as like a
story as what is most like it, is no part of the story: notices of one form are alike, and would outdo the one passage that has all the words."""
N_COMMON: Final = 40
COMMON: Final = 1.0
LOOSE, TIGHT = 0.3, 0.6
"""Where the best passages are less alike than the one, they have nothing in common; from the other on they tell one story."""
FORM, SAME, LEVEL = 0.8, 0.9, 0.5
"""Where the best are more alike than the first, they are more and more of one form, as the articles of a contract are, which tells none apart: from
the second on all that has the third share of what they have in common gets alike."""


def story(snapshot: Snapshot, seed: F32, passages: Mask) -> F32 | None:
    """Return float32[n]: likeness to what the best passages have in common, if they tell one story.

    Source: Abdul-Jaleel et al., UMass at TREC 2004 (the relevance model RM3), with a gate by how alike the best are
    in the words that two of them have or more.
    """
    best = best_of(np.where(passages, seed, np.float32(-np.inf)), N_ALIKE)
    texts, n_rows = snapshot.texts, snapshot.texts.n_rows
    lists = [
        {term: count for term, count in row.items() if term[0] != KEY_MARK}
        for row in texts.forward(best.tolist())
    ]
    said = Counter(chain.from_iterable(lists))
    words = [term for term, n in said.items() if n > 1]
    if best.size < 2 or not words or float(seed[best[0]]) <= 0:
        return None
    texts.look_up(words)
    weights = idf(np.array([texts.postings(word).positions.size for word in words], dtype=np.int64), n_rows)
    table = np.array([[row.get(word, 0) for word in words] for row in lists], dtype=np.float32)
    table *= weights / np.maximum(snapshot.columns.length[best], 1)[:, None]
    unit = table / np.maximum(np.sqrt((table * table).sum(axis=1, keepdims=True)), np.float32(1e-9))
    alike = float(((unit @ unit.T).sum() - best.size) / (best.size * (best.size - 1)))
    gate = float(np.interp(alike, (LOOSE, TIGHT), (0.0, 1.0)))
    if gate == 0.0:
        return None
    share = seed[best] / seed[best[0]]
    shared = share @ table
    heavy: I64 = np.argsort(-shared, kind="stable")[:N_COMMON].astype(np.int64)
    heavy = heavy[shared[heavy] > 0]
    places: list[int] = heavy.tolist()
    matches = gather(
        [texts.postings(words[place]) for place in places],
        n_rows=n_rows,
        mean_length=max(float(snapshot.columns.length[passages].mean()), 1.0),
    )
    matches = replace(matches, weights=matches.weights * (shared[heavy] / shared[heavy[0]]))
    found = min_max(own_scores(matches, snapshot.columns.length))
    middle = centre(share[:, None] * snapshot.vectors.rows(best))
    if middle.any():
        found = found + min_max(snapshot.vectors.scan(middle))
    level = np.float32(np.interp(alike, (FORM, SAME), (1.0, LEVEL))) * found.max()
    return np.float32(gate * COMMON) * np.where(passages, np.minimum(found, level), np.float32(0))


def beside(common: F32, coverage: F32, seed: F32, *, whole: float) -> I32:
    """Return the position of the passage that has most of the question's words and is no part of the story, int32[<= 1].

    Args:
        common: float32[n], what :func:`story` gave.
        coverage: float32[n], summed weights of the question's words that each row has.
        seed: float32[n], what speaks for each passage of itself.
        whole: Weight of all words of the question.
    """
    had = np.where(np.isfinite(seed), coverage, np.float32(0))
    best = best_of(np.where(had == had.max(), seed, np.float32(-np.inf)), 1)
    apart: Mask = (had[best] >= HAD * whole) & (common[best] < APART * common.max())
    return best[apart]
