"""What the faces say of the passages of documents, worked out once in a search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, Mask, Postings
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import Matches, gather, own_scores
from polymem.ranking.titles import Likeness, covered, likeness, rarity
from polymem.read.bridge import N_ANCHORS, bridge
from polymem.read.clauses import turned_away, with_clauses
from polymem.read.few import MAX_FEW, few_names
from polymem.read.foreign import Foreign
from polymem.read.foreign_sentences import with_sentences
from polymem.read.naming import Names, Place, named
from polymem.read.places import best_of, lifted
from polymem.read.plan import QueryPlan
from polymem.read.sides import AskedFor, by_sides
from polymem.read.story import beside, story
from polymem.text.asking_zh import QUESTION_WORDS
from polymem.text.keys_passage import DAY, YEAR
from polymem.text.language import is_chinese
from polymem.text.lazy import lazy
from polymem.text.sides import sides
from polymem.text.tokenise import terms

__all__ = ["PassageView", "view_passages"]

NAMED: Final = 1.0
PHRASES: Final = 0.2
YEARS: Final = 0.1
DERIVED: Final = 0.2
DAYS: Final = 0.45
"""What it counts, where likeness counts 1, that the question has the title, the names and the years of a passage, or a name of
it that is no title, and that a passage has a day where the question asks when."""
EXPLAINED: Final = 0.5
"""Share of their weight that words of a title keep which the question has: that passage is found, and others are sought."""
AT_HOME: Final = 0.3
"""Where a passage in the language of the question has more than this share of its words, by how rare they are, passages in the other language
are not read sentence by sentence, which would take as long as all the rest of the search."""
N_FIRM: Final = 8
FIRM: Final = 0.7
"""Of the eight passages that names alone put first the first to which they lead so firmly has one of ten places, be it the last:
nothing that the graph finds is lost for what other words say."""
MAX_MENTIONS: Final = 50
FEW_AMONG: Final = 16
"""Where so many times as many other rows are, as beside the pages of long documents, names are sought in the passages alone."""
_WORDED: Final = frozenset(("hybrid", "keyword"))
"""Modes in which shared words count; in "hybrid" and "vector" likeness does."""
_LINKED: Final = frozenset(("hybrid", "graph"))
"""Modes in which names count, and where they lead."""
_YEAR: Final = lazy(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class PassageView:
    """What speaks for each row as a passage; 0 for a row that is none.

    Attributes:
        likeness: What the vectors and the words of each passage say, float32[n] each.
        signals: float32[n] by name: "titled", "mentioned", "year", "story", "bridge"; those that say nothing are left out.
        total: float32[n], all together; what brings candidates.
        trust: float32[n], how far words are trusted: for foreign rows the translated ones.
    """

    likeness: Likeness
    signals: dict[str, F32]
    total: F32
    trust: F32


@dataclass(frozen=True, slots=True)
class _Asked:
    """The question, as far as passages go: terms, occurrences in passages, how much of them each has, names, language."""

    terms: list[str]
    matches: Matches
    coverage: F32
    titles: dict[str, float]
    names: list[str]
    in_chinese: bool
    has_titled: bool


def view_passages(
    snapshot: Snapshot,
    plan: QueryPlan,
    passages: Mask,
    cosines: F32 | None,
    *,
    shown: Mask,
    foreign: Foreign | None = None,
) -> PassageView | None:
    """Look at the passages of a partition; None where the mode of *plan* asks for times alone.

    Args:
        snapshot: The partition.
        plan: The question.
        passages: bool[n], which rows are passages.
        cosines: float32[n], cosine of each row with the question, None without a vector.
        shown: bool[n], which rows may be returned; no other leads to any.
        foreign: What the words of the question say of rows in another language.
    """
    if plan.mode == "time":
        return None
    rows = np.flatnonzero(passages).astype(np.int32)
    few = plan.mode in _LINKED and rows.size <= min(MAX_FEW, snapshot.n // FEW_AMONG)
    names = few_names(snapshot, rows) if few else Names(snapshot.texts, rows.size)
    asked = _asked(snapshot, plan, names, rows)
    alone = cosines
    if cosines is not None and plan.mode == "hybrid":
        cosines = turned_away(snapshot, plan, names, rows, titles=asked.titles, cosines=cosines, shown=shown)
        cosines = with_clauses(snapshot, plan, rows, cosines, known=asked.titles)
    own = own_scores(asked.matches, snapshot.columns.length)
    fits = _likeness(snapshot, asked, rows, cosines, own=own)
    if not asked.has_titled:
        asked_for = AskedFor(asked.terms, asked.matches, rows, own, asked.coverage)
        fits = by_sides(
            fits, sides(plan.text), asked_for, snapshot.columns.length, vectors=cosines is not None
        )
    trust = np.full(snapshot.n, fits.trust, dtype=np.float32)
    if foreign is not None and foreign.mask[rows].any():
        words = _translated(snapshot, asked, own, foreign)
        fits = _with_foreign(fits, rows, cosines, words=words, foreign=foreign, trust=trust)
        if cosines is not None and alone is not None and not _at_home(asked, foreign):
            among = foreign.mask & passages & shown
            mixed = with_sentences(snapshot, plan, rows, cosines, alone=alone, fits=fits.whole, among=among)
            if mixed is not None:
                fits = _with_foreign(fits, rows, mixed, words=words, foreign=foreign, trust=trust)
    signals: dict[str, F32] = {}
    if plan.mode in _LINKED:
        told = passages & shown
        same = told if foreign is None else told & ~foreign.mask
        signals = _signals(snapshot, plan, names, asked=asked, fits=fits, passages=told, same=same)
    total = fits.whole
    for values in signals.values():
        total = total + values
    return PassageView(fits, signals, total, trust)


def _asked(snapshot: Snapshot, plan: QueryPlan, names: Names, rows: I32) -> _Asked:
    """Return terms and names of the question; only passages count in the statistics."""
    found = list(dict.fromkeys(terms(QUESTION_WORDS.sub(" ", plan.text)))) or list(plan.terms)
    lists = [snapshot.texts.postings(term) for term in found] if plan.mode in _WORDED else []
    if rows.size < snapshot.texts.n_rows:
        lists = [_within(postings, rows) for postings in lists]
    mean = float(snapshot.columns.length[rows].mean()) if rows.size else 1.0
    matches = gather(lists, n_rows=rows.size, mean_length=max(mean, 1.0))
    if plan.mode not in _LINKED:
        return _Asked(
            found, matches, covered(matches, snapshot.n), {}, [], in_chinese=False, has_titled=False
        )
    titles, mentioned = named(names, plan.text)
    homes = [name for name in titles if names.place(name).leads_home]
    at_home = {term for name in homes for term in terms(name)}
    if lists and at_home and not at_home.issuperset(found):
        kept = [EXPLAINED if term in at_home else 1.0 for term in found]
        matches = replace(matches, weights=matches.weights * np.array(kept, dtype=np.float32))
    return _Asked(
        found, matches, covered(matches, snapshot.n), titles, mentioned, is_chinese(plan.text), bool(homes)
    )


def _within(postings: Postings, rows: I32) -> Postings:
    """Return the postings of the rows that are passages."""
    place = np.minimum(rows.searchsorted(postings.positions), rows.size - 1)
    kept = rows[place] == postings.positions
    return replace(postings, positions=postings.positions[kept], counts=postings.counts[kept])


def _likeness(snapshot: Snapshot, asked: _Asked, rows: I32, cosines: F32 | None, *, own: F32) -> Likeness:
    coverage = asked.coverage
    if rows.size == snapshot.n:
        return likeness(cosines, own, coverage, asked.matches)
    found = likeness(None if cosines is None else cosines[rows], own[rows], coverage[rows], asked.matches)
    dense, words = np.zeros(snapshot.n, dtype=np.float32), np.zeros(snapshot.n, dtype=np.float32)
    dense[rows], words[rows] = found.dense, found.words
    return Likeness(dense, words, found.trust)


def _translated(snapshot: Snapshot, asked: _Asked, own: F32, foreign: Foreign) -> tuple[F32, F32]:
    """Return float32[n] each: BM25 and coverage by the translated words.

    The scores of the words as they are (*own*) set the measure with them, so that a poor translation is not taken for the best
    there is.
    """
    full = float(asked.matches.weights.sum())
    share = float(foreign.matches.weights.sum()) / full if full > 0 else 0.0
    coverage = np.where(foreign.mask, covered(foreign.matches, snapshot.n), np.float32(0))
    return np.where(foreign.mask, foreign.own, own * np.float32(share)), coverage


def _at_home(asked: _Asked, foreign: Foreign) -> bool:
    """Tell whether a passage in the language of the question has so many of its words that no sentence need be read elsewhere."""
    coverage = np.where(foreign.mask, np.float32(0), asked.coverage)
    return float(coverage.max(initial=0.0)) > AT_HOME * float(asked.matches.weights.sum())


def _with_foreign(
    fits: Likeness,
    rows: I32,
    cosines: F32 | None,
    *,
    words: tuple[F32, F32],
    foreign: Foreign,
    trust: F32,
) -> Likeness:
    """Return *fits* with what the translated *words* say of foreign rows; how far they are trusted is written into *trust*.

    Passages in the language of the question keep what they have.
    """
    own, coverage = words
    found = likeness(None if cosines is None else cosines[rows], own[rows], coverage[rows], foreign.matches)
    here = foreign.mask[rows]
    trust[rows[here]] = found.trust
    dense, said = fits.dense.copy(), fits.words.copy()
    dense[rows[here]], said[rows[here]] = found.dense[here], found.words[here]
    return Likeness(dense, said, fits.trust)


def _signals(
    snapshot: Snapshot,
    plan: QueryPlan,
    names: Names,
    *,
    asked: _Asked,
    fits: Likeness,
    passages: Mask,
    same: Mask,
) -> dict[str, F32]:
    """Return what names and years say, and what the best of the *passages* lead to: those that may be returned.

    Only those in the language of the question (*same*) tell a story: translated words find the right passage among the first
    but seldom first, and what the first have in common then leads astray.
    """
    signals: dict[str, F32] = {}
    whole = seed = fits.whole
    titled = asked.has_titled
    found = {
        "year": _years(snapshot, plan.text),
        "titled": _titled(names, asked, snapshot.n),
        "mentioned": _mentioned(names, asked, snapshot.n),
    }
    signals |= {name: values for name, values in found.items() if values is not None}
    for values in signals.values():
        seed = seed + values
    if not titled and plan.mode == "hybrid":
        common = story(snapshot, seed, same)
        if common is not None:
            signals["story"] = common
            seed = seed + common
    anchors = best_of(np.where(passages, seed, np.float32(-np.inf)), N_ANCHORS)
    keys = _keys(snapshot, anchors)
    reached = bridge(names, keys, seed, anchors, fits=whole, asked=asked.titles, is_story="story" in signals)
    if titled and plan.mode == "hybrid":
        reached = reached + _kept(
            snapshot, names, asked, named=seed - whole, total=seed + reached, among=passages
        )
    if "story" in signals:
        own = np.where(same, seed, np.float32(-np.inf))
        apart = beside(signals["story"], asked.coverage, own, whole=float(asked.matches.weights.sum()))
        signals["story"] = signals["story"] + lifted(apart, seed + reached, passages)
    if reached.any():
        signals["bridge"] = reached
    if plan.asks_when and not titled:
        # What is asked of a passage that is named by its title may stand in another; and what has a day leads nowhere better.
        signals["year"] = signals.get("year", np.float32(0)) + _days(snapshot)
    return signals


def _keys(snapshot: Snapshot, anchors: I32) -> dict[int, Sequence[str]]:
    """Return the keys of the rows at *anchors* by position."""
    places: list[int] = anchors.tolist()
    return dict(zip(places, snapshot.texts.keys(places), strict=True))


def _kept(snapshot: Snapshot, names: Names, asked: _Asked, *, named: F32, total: F32, among: Mask) -> F32:
    """Return float32[n]: what the passages to which names lead firmly lack of the last of the first places.

    Args:
        snapshot: The partition.
        names: Names of the passages.
        asked: The question.
        named: float32[n], what the names of the question say.
        total: float32[n], all that speaks for each passage.
        among: bool[n], which rows may have a place.
    """
    out = np.float32(-np.inf)
    anchors = best_of(np.where(among, named, out), N_ANCHORS)
    led = bridge(
        names, _keys(snapshot, anchors), named, anchors, fits=np.zeros_like(named), asked=asked.titles
    )
    firm = best_of(np.where(among, named + led, out), N_FIRM)
    firm = firm[led[firm] >= FIRM]
    return lifted(firm, total, among)


def _titled(names: Names, asked: _Asked, n: int) -> F32 | None:
    """Return float32[n]: whether the question has the title of a passage, by how rare it is."""
    found = np.zeros(n, dtype=np.float32)
    for name, worth in asked.titles.items():
        place = names.place(name)
        if place.leads_home:
            found[place.homes] = np.maximum(found[place.homes], np.float32(NAMED * worth))
        elif place.derived.size:
            found[place.derived] = np.maximum(found[place.derived], np.float32(DERIVED * worth))
    return found if found.any() else None


def _mentioned(names: Names, asked: _Asked, n: int) -> F32 | None:
    """Return float32[n]: how many names of the question a passage mentions, by how rare they are; at most one counts.

    In a Chinese question none does: its names are rare words, the pairs of their characters, and count as such already.
    """
    found = np.zeros(n, dtype=np.float32)
    if asked.in_chinese:
        return None
    for name in asked.names:
        place: Place = names.place(name)
        if 0 < place.mentions.size <= MAX_MENTIONS:
            found[place.mentions] += np.float32(rarity(place.mentions.size, names.n_passages))
    return np.float32(PHRASES) * np.minimum(found, np.float32(1)) if found.any() else None


def _years(snapshot: Snapshot, question: str) -> F32 | None:
    """Return float32[n]: whether a passage has a year of the question, or only others."""
    asked = dict.fromkeys(_YEAR.findall(question))
    if not asked:
        return None
    found = np.zeros(snapshot.n, dtype=np.float32)
    found[snapshot.texts.postings(YEAR).positions] = np.float32(-YEARS)
    for year in asked:
        found[snapshot.texts.postings(year).positions] = np.float32(YEARS)
    return found


def _days(snapshot: Snapshot) -> F32:
    """Return float32[n]: whether a passage names a day."""
    found = np.zeros(snapshot.n, dtype=np.float32)
    found[snapshot.texts.postings(DAY).positions] = np.float32(DAYS)
    return found
