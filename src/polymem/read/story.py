"""What the best passages have in common: several that tell of one event lead to the others that do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from itertools import chain
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, I64, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import gather, idf, own_scores
from polymem.ranking.titles import centre, min_max
from polymem.text.tokenise import KEY_MARK

__all__ = ["best_of", "story"]

N_ALIKE: Final = 4
N_SEEN: Final = 16
TELLING, LEAST_TELLING, KIN = 0.5, 0.2, 0.15
"""Of so many of the best, one that has less of the question's words, by how rare they are, than the first share of what the best has, is of the
story only if it shares with that one the third share of its words beside those; below the second share it is of none. Many notices of
one form are alike, and each has but the commonest word of the question: they would outdo the one passage that has them all."""
N_COMMON: Final = 40
COMMON: Final = 1.0
LOOSE, TIGHT = 0.3, 0.6
"""Where the best passages are less alike than the one, they have nothing in common; from the other on they tell one story."""


def best_of(values: F32, n_wanted: int) -> I32:
    """Return int32[<= n_wanted], best first: places of the largest finite *values*; ties go to the earlier."""
    count = min(n_wanted, values.size)
    places = np.argpartition(-values, count - 1)[:count]
    places = places[np.lexsort((places, -values[places]))]
    return places[np.isfinite(values[places])].astype(np.int32)


def _tellers(
    snapshot: Snapshot, seed: F32, passages: Mask, *, coverage: F32, asked: frozenset[str]
) -> tuple[I32, list[dict[str, int]]]:
    """Return the best passages that may tell a story, int32[<= N_ALIKE], and their words with counts."""
    had = np.where(passages, coverage, np.float32(0))
    most = np.float32(had.max(initial=0.0))
    able = passages & (had >= np.float32(LEAST_TELLING) * most)
    seen = best_of(np.where(able, seed, np.float32(-np.inf)), N_SEEN)
    if not seen.size:
        return seen, []
    first = int(np.flatnonzero(had == most)[seed[had == most].argmax()])
    leader, *lists = (
        {term: count for term, count in row.items() if term[0] != KEY_MARK}
        for row in snapshot.texts.forward([first, *seen.tolist()])
    )
    enough = had[seen] >= np.float32(TELLING) * most
    kept = [
        place
        for place, row in enumerate(lists)
        if enough[place] or len((row.keys() & leader.keys()) - asked) >= KIN * min(len(row), len(leader))
    ][:N_ALIKE]
    return seen[kept], [lists[place] for place in kept]


def story(
    snapshot: Snapshot, seed: F32, passages: Mask, *, coverage: F32, asked: Collection[str]
) -> F32 | None:
    """Return float32[n]: likeness to what the best passages have in common, if they tell one story.

    Args:
        snapshot: The partition.
        seed: float32[n], what speaks for each passage of itself.
        passages: bool[n], which rows can be of the story.
        coverage: float32[n], summed weights of the question's words that each row has.
        asked: Those words.

    Source: Abdul-Jaleel et al., UMass at TREC 2004 (the relevance model RM3), with a gate by how alike the best are
    in the words that two of them have or more.
    """
    texts, n_rows = snapshot.texts, snapshot.texts.n_rows
    best, lists = _tellers(snapshot, seed, passages, coverage=coverage, asked=frozenset(asked))
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
    gate = min(1.0, max(0.0, (alike - LOOSE) / (TIGHT - LOOSE)))
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
    return np.float32(gate * COMMON) * np.where(passages, found, np.float32(0))
