"""A closer look at the best rows of a first pass: word by word, and at what they have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, I64
from polymem.ranking.bm25 import idf
from polymem.ranking.feedback import centre, common_terms, term_scores
from polymem.ranking.late import best_matches, late_scores
from polymem.ranking.neighbours import NEIGHBOUR_SHARE, windows
from polymem.read.arms import Scene
from polymem.read.words import WordVectors
from polymem.text.tokenise import KEY_MARK

__all__ = ["blended_at", "closer_look"]

N_CLOSE: Final = 160
"""So many rows are looked at closely."""
N_TERM_ROWS: Final = 10
N_VECTOR_ROWS: Final = 5
"""So many of the best speak for what is meant, by their words and by their vectors."""


def closer_look(scene: Scene, positions: I32, first: F32) -> dict[str, F32]:
    """Return raw signals float32[m] of the rows at *positions*; 0 for those that are not among the best.

    Args:
        scene: What the faces say.
        positions: int32[m].
        first: float32[m], log odds of the first pass.
    """
    places = _best(first, positions)
    rows = positions[places]
    window = windows(rows, scene.near)
    there = np.unique(window[window >= 0]).astype(np.int32)
    lists = [_words(found) for found in scene.snapshot.texts.forward(there.tolist())]
    close = there.searchsorted(rows)
    found = {"common": _common(scene, rows, [lists[place] for place in close.tolist()])}
    if scene.cosines is not None:
        found["alike"] = _alike(scene, rows)
    if scene.plan.lexicon is not None and scene.asked:
        columns = np.where(window >= 0, there.searchsorted(window), -1).astype(np.int32)
        found["words"], found["words_around"] = _late(scene, scene.plan.lexicon, lists, columns)
    whole: dict[str, F32] = {}
    for name, values in found.items():
        whole[name] = np.zeros(positions.size, dtype=np.float32)
        whole[name][places] = values
    return whole


def _best(first: F32, positions: I32) -> I64:
    """Return the places of the best rows, best first; ties go to the earlier position."""
    places = np.lexsort((positions, -first))
    return places[:N_CLOSE].astype(np.int64)


def _words(row: Mapping[str, int]) -> dict[str, int]:
    return {term: count for term, count in row.items() if not term.startswith(KEY_MARK)}


def _common(scene: Scene, rows: I32, lists: Sequence[Mapping[str, int]]) -> F32:
    """Return float32[r]: BM25 of each row for the terms that the best have in common."""
    texts = scene.snapshot.texts
    lengths: list[int] = scene.columns.length[rows].tolist()
    best = lists[:N_TERM_ROWS]
    terms = sorted({term for row in best for term in row})
    if not terms:
        return np.zeros(rows.size, dtype=np.float32)
    frequencies = np.array([texts.postings(term).positions.size for term in terms], dtype=np.int64)
    rarity = dict(zip(terms, idf(frequencies, texts.n_rows).tolist(), strict=True))
    shared = common_terms(best, lengths[:N_TERM_ROWS], rarity.__getitem__)
    impacts = {term: weight * rarity[term] for term, weight in shared.items()}
    return term_scores(lists, lengths, impacts, mean_length=texts.mean_length)


def _alike(scene: Scene, rows: I32) -> F32:
    """Return float32[r]: likeness to the middle of the best rows' vectors, in deviations of the question's own."""
    window = windows(rows[:N_VECTOR_ROWS], scene.near)[:3]
    vectors = scene.snapshot.vectors.rows(np.where(window >= 0, window, 0).astype(np.int32).ravel())
    vectors = vectors.reshape(3, window.shape[1], -1) * (window >= 0)[:, :, None].astype(np.float32)
    mixed: F32 = vectors[0] + np.float32(NEIGHBOUR_SHARE) * (vectors[1] + vectors[2])
    mixed *= scene.near.shrink[window[0]][:, None]
    middle = centre(mixed)
    found = blended_at(scene, middle[None], rows)[0]
    return (found - np.float32(scene.mean)) / np.float32(scene.spread)


def blended_at(scene: Scene, queries: F32, positions: I32) -> F32:
    """Return float32[k, m]: cosine of each query with each row's vector blended with its neighbours'.

    Args:
        scene: What the faces say.
        queries: float32[k, dim], unit vectors.
        positions: int32[m].
    """
    window = windows(positions, scene.near)[:3]
    absent = window < 0
    cells = np.where(absent, 0, window).astype(np.int32).ravel()
    found = scene.snapshot.vectors.near(queries, cells).reshape(len(queries), 3, positions.size)
    found *= ~absent
    mixed: F32 = found[:, 0] + np.float32(NEIGHBOUR_SHARE) * (found[:, 1] + found[:, 2])
    mixed *= scene.near.shrink[positions]
    return mixed


def _late(
    scene: Scene, vectors: WordVectors, lists: Sequence[Mapping[str, int]], columns: I32
) -> tuple[F32, F32]:
    """Return float32[r] x 2: how well each row, and each with its neighbours, meets the question word by word."""
    places: dict[str, int] = {}
    flat: list[int] = []
    starts: list[int] = []
    kept: list[int] = []
    for number, row in enumerate(lists):
        if row:
            kept.append(number)
            starts.append(len(flat))
            flat += [places.setdefault(term, len(places)) for term in row]
    matches = np.zeros((len(scene.asked), len(lists)), dtype=np.float32)
    if kept:
        both = vectors.words([*scene.asked, *places])
        asked, words = both[: len(scene.asked)], both[len(scene.asked) :]
        matches[:, kept] = best_matches(
            asked, words, np.array(flat, dtype=np.int64), np.array(starts, dtype=np.int64)
        )
    return late_scores(matches, scene.matches.weights, columns)
