"""Which documents a question means, by what their titles name, and which of their pages, by the heads of these."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, Literal

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, Mask, TextFace
from polymem.ranking.bm25 import idf
from polymem.ranking.routing import MIN_PASSAGES, TitleMatch, fits
from polymem.ranking.select import top
from polymem.read.arms import Scene
from polymem.text.asking_documents import AskedDocuments, asked_documents
from polymem.text.keys_title import (
    BEGINNING,
    HEAD,
    INITIALS,
    LONG_PAGE,
    MAX_BEGINNING,
    MIN_BEGINNING,
    NAME,
    NAME_WORD,
    PART,
    STATEMENT,
)
from polymem.text.statements_of_account import asked_statements

__all__ = ["route_signal", "routed_candidates", "routing_signals"]

ROUTED: Final = frozenset(("hybrid", "vector", "graph"))
"""Modes in which a question that names a document narrows what is found."""
_MAX_DOCUMENTS: Final = 48
_INITIALS_SHARE: Final = 0.8
_BEGUN_SHARE: Final = 0.6
_PARTIAL: Final = frozenset(("q1", "q2", "q3", "q4", "6k", "8k", "10q", "earnings", "季度", "季报", "半年报"))
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


@dataclass(frozen=True, slots=True)
class _PageView:
    """float32[n] what of the question stands in heads, None for nothing, what all of it would be, and bool[n] the statements asked for."""

    heads: F32 | None
    full: np.float32
    stated: Mask


_NO_ROWS: Final = np.empty(0, dtype=np.int32)
_NOWHERE: Final = _Route(_NO_ROWS, np.empty(0, dtype=np.float32))


def routed_candidates(scene: Scene, n_wanted: int) -> dict[str, I32]:
    """Return the rows of the documents that a question means, ascending: the best by words and heads.

    Args:
        scene: What the faces say.
        n_wanted: How many at most.
    """
    if scene.passages is None or scene.plan.mode not in ROUTED:
        return {}
    route = _route(scene)
    allowed = scene.mask[route.rows]
    rows, fits = route.rows[allowed], route.fits[allowed]
    if not rows.size:
        return {}
    if rows.size > n_wanted:
        scale = np.float32(1.0 / np.sqrt(max(float(scene.matches.weights.sum()), 1.0)))
        good: F32 = (fits * np.float32(8.0) + scene.own[rows] * scale).astype(np.float32)
        if scene.cosines is not None and scene.plan.mode == "vector":
            good += scene.cosines[rows]
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
    if scene.plan.mode not in ROUTED:
        return {}
    signals = _pages(scene, positions)
    route = route_signal(scene, positions)
    if route is not None:
        signals["route"] = route
    return signals


def route_signal(scene: Scene, positions: I32) -> F32 | None:
    """Return the signal "route" alone, see :func:`routing_signals`; None where it says nothing."""
    if scene.plan.mode not in ROUTED:
        return None
    route = _route(scene)
    return route.at(positions) if route.rows.size else None


def _pages(scene: Scene, positions: I32) -> dict[str, F32]:
    """Return the signals of long passages."""
    texts = scene.snapshot.texts
    if scene.plan.mode != "hybrid" or not texts.postings(LONG_PAGE).positions.size:
        return {}
    signals: dict[str, F32] = {}
    said = _page_view(scene)
    if said.heads is not None:
        signals["head"] = said.heads[positions] / said.full
    pages = said.stated[positions]
    if pages.any():
        signals["statement"] = pages.astype(np.float32)
    return signals


def _page_view(scene: Scene) -> _PageView:
    """Return what heads and statements say of all rows; they are looked at once in a search."""
    known = scene.kept.get("pages")
    if isinstance(known, _PageView):
        return known
    texts = scene.snapshot.texts
    there = texts.look_up([HEAD + term for term in scene.asked])
    lists = [there[key].positions if (key := HEAD + term) in there else _NO_ROWS for term in scene.asked]
    frequencies = np.array([rows.size for rows in lists], dtype=np.int64)
    heads, full = None, np.float32(1)
    if frequencies.any():
        weights = idf(frequencies, texts.n_rows)
        heads = np.zeros(scene.mask.size, dtype=np.float32)
        for rows, weight in zip(lists, weights, strict=True):
            heads[rows] += weight
        full = np.float32(np.sqrt(weights[frequencies > 0].sum()))
    kinds = asked_statements(scene.plan.text)
    stated = _flags(texts, (STATEMENT + kind for kind in kinds), scene.mask.size)
    found = scene.kept["pages"] = _PageView(heads, full, stated)
    return found


def _route(scene: Scene) -> _Route:
    """Return the documents that the question means; they are looked for once in a search."""
    known = scene.kept.get("route")
    if not isinstance(known, _Route):
        known = scene.kept["route"] = _meant(scene)
    return known


def _meant(scene: Scene) -> _Route:
    """Look for the documents that the question means."""
    texts, speaker = scene.snapshot.texts, scene.columns.speaker
    asked = asked_documents(scene.plan.text)
    keys = [
        *(BEGINNING + name[:MAX_BEGINNING] for name in asked.first),
        *(NAME_WORD + name for name in asked.first),
        *(INITIALS + name for name in asked.initials),
    ]
    there = texts.look_up(keys)
    found = [there[key].positions for key in dict.fromkeys(keys) if key in there]
    if not found:
        return _NOWHERE
    rows = np.unique(np.concatenate(found))
    documents, first, which, sizes = np.unique(
        speaker[rows], return_index=True, return_inverse=True, return_counts=True
    )
    # Of many whose names begin alike those are looked at that most of the question's words brought.
    long_ones = np.flatnonzero(sizes >= MIN_PASSAGES)
    if long_ones.size > _MAX_DOCUMENTS:
        votes = np.zeros(documents.size, dtype=np.int64)
        for each in found:
            votes[np.unique(which[rows.searchsorted(each)])] += 1
        long_ones = long_ones[np.argsort(-votes[long_ones], kind="stable")[:_MAX_DOCUMENTS]]
    if not long_ones.size:
        return _NOWHERE
    lists = texts.keys(rows[first[long_ones]].tolist())
    values = fits([_match(asked, each) for each in lists], asks_quarter=bool(asked.quarters))
    by_document = np.zeros(documents.size, dtype=np.float32)
    by_document[long_ones] = values
    kept = by_document[which] > 0
    return _Route(rows[kept].astype(np.int32), by_document[which[kept]])


def _match(asked: AskedDocuments, keys: Iterable[str]) -> TitleMatch:
    """Return what of the title of a row with these *keys* the question names."""
    names, initials, words, parts = list[str](), set[str](), list[str](), set[str]()
    for key in keys:
        if key.startswith(NAME):
            names.append(key[len(NAME) :])
        elif key.startswith(NAME_WORD):
            words.append(key[len(NAME_WORD) :])
        elif key.startswith(INITIALS):
            initials.add(key[len(INITIALS) :])
        elif key.startswith(PART):
            parts.add(key[len(PART) :])
    named = max((_share(asked, name, _words_of(name, words, names)) for name in names), default=0.0)
    share = max(named, 0.0 if initials.isdisjoint(asked.initials) else _INITIALS_SHARE)
    return _match_title(asked, share, parts)


def _words_of(name: str, words: Collection[str], names: Collection[str]) -> Collection[str]:
    """Return which of the *words* of all names of a document are those of *name*."""
    return words if len(names) == 1 else [word for word in words if word in name]


def _match_title(asked: AskedDocuments, share: float, parts: Collection[str]) -> TitleMatch:
    """Return what of a title a question names, of whose name it names this *share*; *parts* follow the name."""
    latest = max(asked.years, default=0)
    years = {int(part) for part in parts if len(part) == 4 and part.isdecimal()}
    year: Literal["latest", "older", "following", ""] = ""
    if latest in years:
        year = "latest"
    elif years & set(asked.years):
        year = "older"
    elif latest + 1 in years:
        year = "following"
    return TitleMatch(
        share=share,
        year=year,
        quarter=any(f"q{quarter}" in parts for quarter in asked.quarters),
        partial=not _PARTIAL.isdisjoint(parts),
        n_parts=len(asked.parts.intersection(parts)),
    )


def _share(asked: AskedDocuments, name: str, words: Collection[str]) -> float:
    """Return how much of a name, written together or in *words* where it has several, is named, 0..1."""
    if name in asked.names:
        return 1.0
    if words:
        return sum(word in asked.names for word in words) / len(words)
    begun = (len(each) for each in asked.names if len(each) >= MIN_BEGINNING and name.startswith(each))
    length = max(begun, default=0)
    return _BEGUN_SHARE + (1 - _BEGUN_SHARE) * length / len(name) if length else 0.0


def _flags(texts: TextFace, keys: Iterable[str], n: int) -> Mask:
    """Return bool[n]: which rows have one of *keys*."""
    found = np.zeros(n, dtype=np.bool_)
    for key in keys:
        found[texts.postings(key).positions] = True
    return found
