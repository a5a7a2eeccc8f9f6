"""Which documents a question means, by what their titles name, and which of their pages, by the heads of these."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, Mask, TextFace
from polymem.ranking.bm25 import idf
from polymem.ranking.routing import MIN_PASSAGES, Named, fit, name_share
from polymem.ranking.select import top
from polymem.read.arms import Scene
from polymem.text.asking_documents import MAX_NAMES, AskedDocuments, asked_documents
from polymem.text.keys_title import (
    HEAD,
    INITIALS,
    LONG_PAGE,
    MAX_PREFIX,
    MIN_PREFIX,
    N_NAME_WORDS,
    NAME,
    NAME_WORD,
    PART,
    PREFIX,
    STATEMENT,
)
from polymem.text.statements_of_account import asked_statements

__all__ = ["routed_candidates", "routing_signals"]

_MAX_NAME_WORDS: Final = 8
_PARTIAL: Final = ("q1", "q2", "q3", "q4", "8k", "10q", "6k", "earnings", "季度", "季报", "半年报")
"""Parts of titles of reports on a part of the year or on an event."""


@dataclass(frozen=True, slots=True)
class _Route:
    """int32[r] rows of the documents that are meant, ascending, and float32[r] how well their titles fit."""

    rows: I32
    fits: F32

    def at(self, positions: I32) -> F32:
        """Return float32[m]: how well the titles of the rows at *positions* fit."""
        if not self.rows.size:
            return np.zeros(positions.size, dtype=np.float32)
        place = np.minimum(self.rows.searchsorted(positions), self.rows.size - 1)
        return np.where(self.rows[place] == positions, self.fits[place], np.float32(0))


def routed_candidates(scene: Scene, n_wanted: int) -> dict[str, I32]:
    """Return the rows of the documents that a question means, ascending: the best by words and heads.

    Args:
        scene: What the faces say.
        n_wanted: How many at most.
    """
    if scene.passages is None or scene.plan.mode != "hybrid":
        return {}
    route = _route(scene)
    allowed = scene.mask[route.rows]
    rows, fits = route.rows[allowed], route.fits[allowed]
    if not rows.size:
        return {}
    if rows.size > n_wanted:
        scale = np.float32(1.0 / np.sqrt(max(float(scene.matches.weights.sum()), 1.0)))
        good = fits * np.float32(8.0) + scene.own[rows] * scale
        for values in _pages(scene, rows).values():
            good += values
        rows = rows[top(good, n_wanted)]
    return {"routed": rows}


def routing_signals(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return what titles and heads of long documents say of the passages at *positions*, raw signals float32[m].

    "route": how well the title of a passage's document fits what the question says of one, 0..1, for documents of
    ``MIN_PASSAGES`` passages and more. "head": how much of the question stands in the head of a long passage. "statement":
    whether a long passage is the financial statement on which what is asked about stands. Signals that say nothing are
    left out.

    Args:
        scene: What the faces say.
        positions: int32[m], candidates, all of them passages.
    """
    if scene.plan.mode != "hybrid":
        return {}
    signals = _pages(scene, positions)
    route = _route(scene)
    if route.rows.size:
        signals["route"] = route.at(positions)
    return signals


def _pages(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return the signals of long passages."""
    texts = scene.snapshot.texts
    if not texts.postings(LONG_PAGE).positions.size:
        return {}
    signals: dict[str, F32] = {}
    lists = [texts.postings(HEAD + term).positions for term in scene.asked]
    frequencies = np.array([rows.size for rows in lists], dtype=np.int64)
    if frequencies.any():
        weights = idf(frequencies, texts.n_rows)
        heads = np.zeros(scene.mask.size, dtype=np.float32)
        for rows, weight in zip(lists, weights, strict=True):
            heads[rows] += weight
        signals["head"] = heads[positions] / np.float32(np.sqrt(weights[frequencies > 0].sum()))
    kinds = asked_statements(scene.plan.text)
    pages = _flags(texts, (STATEMENT + kind for kind in kinds), scene.mask.size)[positions]
    if pages.any():
        signals["statement"] = pages.astype(np.float32)
    return signals


def _route(scene: Scene) -> _Route:
    """Return the documents that the question means."""
    texts, n = scene.snapshot.texts, scene.mask.size
    asked = asked_documents(scene.plan.text)
    whole = _flags(texts, (NAME + name for name in asked.names), n)
    initials = _flags(texts, (INITIALS + name for name in asked.beginnings), n)
    beginning = _flags(
        texts,
        (PREFIX + name[:MAX_PREFIX] for name in asked.beginnings if len(name) >= MIN_PREFIX),
        n,
    )
    words = _counts(texts, (NAME_WORD + word for word in asked.words if word in asked.names), n)
    rows = np.flatnonzero(whole | initials | beginning | (words > 0)).astype(np.int32)
    rows = _of_long_documents(scene.columns.speaker, rows)
    if not rows.size:
        return _Route(rows, np.empty(0, dtype=np.float32))
    n_words = np.zeros(n, dtype=np.int32)
    for size in range(1, _MAX_NAME_WORDS + 1):
        n_words[texts.postings(f"{N_NAME_WORDS}{size}").positions] = size
    share = name_share(
        whole=whole[rows],
        words=words[rows],
        n_words=n_words[rows],
        initials=initials[rows],
        beginning=beginning[rows],
    )
    return _Route(rows, fit(_named(texts, asked, rows, share, n), asks_quarter=bool(asked.quarters)))


def _named(texts: TextFace, asked: AskedDocuments, rows: I32, share: F32, n: int) -> Named:
    """Return what else of the titles of *rows* is named."""

    def parts(names: Iterable[str]) -> Mask:
        return _flags(texts, (PART + name for name in names), n)[rows]

    latest = max(asked.years, default=0)
    return Named(
        share=share,
        latest=parts([str(latest)] if latest else []),
        older=parts(str(year) for year in asked.years if year != latest),
        following=parts([str(latest + 1)] if latest else []),
        quarter=parts(f"q{quarter}" for quarter in asked.quarters),
        partial=parts(_PARTIAL),
        n_parts=_counts(texts, (PART + part for part in asked.parts), n)[rows],
    )


def _flags(texts: TextFace, keys: Iterable[str], n: int) -> Mask:
    """Return bool[n]: which rows have one of *keys*."""
    found = np.zeros(n, dtype=np.bool_)
    for key in dict.fromkeys(keys):
        found[texts.postings(key).positions] = True
    return found


def _counts(texts: TextFace, keys: Iterable[str], n: int) -> I32:
    """Return int32[n]: how many of *keys* each row has."""
    found = np.zeros(n, dtype=np.int32)
    for key in list(dict.fromkeys(keys))[:MAX_NAMES]:
        found[texts.postings(key).positions] += 1
    return found


def _of_long_documents(speaker: I32, rows: I32) -> I32:
    """Return those of *rows*, all the rows of some titles, whose documents have ``MIN_PASSAGES`` of them or more."""
    if not rows.size:
        return rows
    _, which, sizes = np.unique(speaker[rows], return_inverse=True, return_counts=True)
    return rows[sizes[which] >= MIN_PASSAGES]
