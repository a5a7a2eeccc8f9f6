"""The arms: what each of the four faces sees of a question, and the rows that it would bring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache
from typing import Final

import numpy as np

from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.ports.faces import EMBEDDED, F32, I32, INDEXED, Columns, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import Matches, gather, own_scores
from polymem.ranking.dates import REACH_DAYS, date_match
from polymem.ranking.fusion import shrunk_z
from polymem.ranking.neighbours import Neighbours, blend, windows
from polymem.ranking.select import top
from polymem.read.aliases import addressed
from polymem.read.foreign import Foreign, view_foreign
from polymem.read.graph import GraphView, view_graph
from polymem.read.kinship import kinship_scores
from polymem.read.pages import long_pages
from polymem.read.passage_view import PassageView, view_passages
from polymem.read.plan import QueryPlan
from polymem.text.keys import PASSAGE
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["Scene", "candidates", "forget_names", "look"]

N_STRONG: Final = 24
"""So many of the best by keywords bring their neighbours along."""
N_CANDIDATES: Final = 64
"""The least number of rows that an arm may bring."""
_OWN_NAMES: Final = ("user", "用户")
"""Speakers who are the asker, where roles stand for names."""
_COUNTED: Final = INDEXED | EMBEDDED


@dataclass(frozen=True, slots=True)
class Scene:
    """What the faces say about a question, before any row is chosen.

    Attributes:
        snapshot: The snapshot.
        columns: Its columns.
        plan: The question.
        mask: bool[n], rows that may be returned.
        near: Who is next to whom.
        matches: Occurrences of the question's terms.
        own: float32[n], BM25 of each row.
        cosines: float32[n], cosine of each row with the question, None without a vector.
        blended: float32[n], the same with neighbours.
        mean: Mean of ``blended`` over all rows of the partition that have a vector.
        spread: Its standard deviation.
        own_mean: Mean of ``cosines`` over all rows that have a vector.
        own_spread: Its standard deviation.
        speakers: Label numbers of the speakers whom the question means; empty for no preference.
        graph: What the graph says.
        kinship: float32[n] by signal, how well each row fits by the kinds of things that it names.
        asked: Terms of ``matches``: the question's without the names of speakers.
        passages: bool[n], rows that are passages of documents; None where there are none.
        documents: What the faces say of the passages but for pages of long documents; None where there are none, or the mode
            does not ask.
        pages: bool[n], rows that are pages of long documents; None where there are none.
        of_today: Whether the present is asked about; what was replaced since is not outdated in the past.
        foreign: What its words say of rows in another language; None where there are none. It is part of ``own``.
        kept: What a signal works out for the candidates and needs again for the ranking, by name.
    """

    snapshot: Snapshot
    columns: Columns
    plan: QueryPlan
    mask: Mask
    near: Neighbours
    matches: Matches
    own: F32
    cosines: F32 | None
    blended: F32 | None
    mean: float
    spread: float
    own_mean: float
    own_spread: float
    speakers: tuple[int, ...]
    graph: GraphView
    kinship: Mapping[str, F32] = field(default_factory=dict[str, F32])
    asked: tuple[str, ...] = ()
    passages: Mask | None = None
    documents: PassageView | None = None
    pages: Mask | None = None
    of_today: bool = True
    visibility: Visibility | None = None
    foreign: Foreign | None = None
    kept: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def worded(self) -> bool:
        """Whether any row has a word of the question, as it is or translated."""
        return self.foreign is not None or self.matches.positions.size > 0

    def seen(self) -> Mask:
        """Return bool[n]: the rows of the partition that can be seen then, of whatever run or agent, whatever is filtered out."""
        return self.mask if self.visibility is None else self.snapshot.visible(self.visibility)

    def alone(self, cosines: F32) -> F32:
        """Return some of ``cosines``, float32[m], in standard deviations from the mean of all."""
        return (cosines - np.float32(self.own_mean)) / np.float32(self.own_spread)


def look(snapshot: Snapshot, plan: QueryPlan, mask: Mask, visibility: Visibility) -> Scene:
    """Ask all faces that the mode of *plan* allows."""
    columns = snapshot.columns
    near = snapshot.rows.adjacent()
    speakers, asked = _speakers(snapshot, plan) if plan.mode == "hybrid" else ((), plan.terms)
    texts = snapshot.texts
    texts.look_up(asked)
    lists = [texts.postings(term) for term in asked] if plan.mode in {"hybrid", "keyword"} else []
    matches = gather(lists, n_rows=texts.n_rows, mean_length=texts.mean_length)
    own = own_scores(matches, columns.length)
    foreign = view_foreign(snapshot, plan, asked, matches)
    cosines = None
    if plan.vector is not None and plan.mode in {"hybrid", "vector"} and plan.vector.any():
        cosines = snapshot.vectors.scan(plan.vector)
    blended = None if cosines is None else blend(cosines, near)
    mean, spread = (0.0, 1.0) if blended is None else _moments(blended, snapshot)
    own_mean, own_spread = (0.0, 1.0) if cosines is None else _moments(cosines, snapshot)
    passages = _passages(snapshot)
    pages = long_pages(snapshot, passages)
    short = passages if passages is None or pages is None else passages & ~pages
    return Scene(
        snapshot=snapshot,
        columns=columns,
        plan=plan,
        mask=mask,
        near=near,
        matches=matches,
        own=own if foreign is None else foreign.over(own),
        cosines=cosines,
        blended=blended,
        mean=mean,
        spread=spread,
        own_mean=own_mean,
        own_spread=own_spread,
        speakers=speakers,
        graph=view_graph(snapshot, plan, visibility, mask),
        kinship=kinship_scores(snapshot, plan, float(matches.weights.sum())),
        asked=asked,
        passages=passages,
        documents=None
        if short is None or not short.any()
        else view_passages(snapshot, plan, short, cosines, shown=mask, foreign=foreign),
        pages=pages,
        of_today=visibility.as_of is None and visibility.known_at is None,
        visibility=visibility,
        foreign=foreign,
    )


def _passages(snapshot: Snapshot) -> Mask | None:
    marked = snapshot.texts.postings(PASSAGE).positions
    if not marked.size:
        return None
    mask = np.zeros(snapshot.n, dtype=np.bool_)
    mask[marked] = True
    return mask


def _moments(cosines: F32, snapshot: Snapshot) -> tuple[float, float]:
    """Return mean and deviation of *cosines* over all rows with a vector, so that no filter changes a score."""
    n_there = snapshot.vectors.n_rows
    seen = cosines
    if n_there < cosines.size:
        seen = np.where(snapshot.columns.flags & _COUNTED == _COUNTED, cosines, np.float32(0))
    return shrunk_z(float(seen.sum()), float(seen @ seen), n_there)


def _speakers(snapshot: Snapshot, plan: QueryPlan) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Return the speakers whom the question means, and its terms without their names.

    Naming all speakers tells nothing about who said it; a question in the first person means the user.
    """
    labels = snapshot.rows.labels()
    named = [name for name in labels if any(map(plan.named, _forms(name)))]
    asked = plan.terms
    called = _called(snapshot, plan, labels) if len(labels) > 1 else {}
    named += [name for name in labels if labels[name] in called.values() and name not in named]
    if named:
        said = {term for name in (*named, *called) for term in _name_terms(name)}
        asked = tuple(term for term in asked if term not in said) or asked
    elif plan.first_person:
        named = [name for name in _OWN_NAMES if name in labels]
    if len(named) == len(labels):
        return (), asked
    return tuple(labels[name] for name in named), asked


def _called(snapshot: Snapshot, plan: QueryPlan, labels: Mapping[str, int]) -> dict[str, int]:
    """Return the words of the question by which speakers are addressed, other than their names."""
    own = {form for name in labels for form in _forms(name)}
    return addressed(snapshot, [name for name in plan.names if " " not in name and name not in own])


@lru_cache(maxsize=4_096)
def _forms(name: str) -> tuple[str, ...]:
    """Return a speaker's name as a question may have it: whole, or the first word."""
    whole = fold(name).strip()
    return tuple(dict.fromkeys(form for form in (whole, whole.partition(" ")[0]) if len(form) > 1))


@lru_cache(maxsize=4_096)
def _name_terms(name: str) -> frozenset[str]:
    return frozenset(terms(name))


def forget_names() -> None:
    """Keep no speaker's name: it may be of somebody whose words were erased."""
    _forms.cache_clear()
    _name_terms.cache_clear()


def candidates(scene: Scene, n_wanted: int) -> dict[str, I32]:
    """Return the rows that each arm brings, ascending.

    Args:
        scene: What the faces say.
        n_wanted: At most so many from each arm.
    """
    found: dict[str, I32] = {}
    if scene.blended is not None:
        found["vector"] = top(scene.blended, n_wanted, among=scene.mask)
    if scene.worded:
        found["keyword"] = top(scene.own, n_wanted, among=scene.mask, above=0.0)
        if scene.plan.mode == "hybrid":
            found["neighbours"] = _around(scene, found["keyword"])
    if scene.documents is not None and scene.passages is not None:
        found["passages"] = top(scene.documents.total, n_wanted, among=scene.mask & scene.passages, above=0.0)
    if scene.graph.positions.size:
        found["graph"] = scene.graph.positions
    if scene.graph.keyed:
        found["keys"] = np.fromiter(sorted(scene.graph.keyed), dtype=np.int32)
    if scene.plan.spans and scene.plan.mode in {"hybrid", "time"}:
        found["time"] = _in_time(scene, n_wanted)
    return found


def _around(scene: Scene, strong: I32) -> I32:
    """Return the neighbours of the strongest keyword rows, as far as they may be returned."""
    if strong.size > N_STRONG:
        strong = strong[top(scene.own[strong], N_STRONG)]
    near = windows(strong, scene.near)[1:].ravel()
    near = near[near >= 0]
    return near[scene.mask[near]]


def _in_time(scene: Scene, n_wanted: int) -> I32:
    """Return rows in or near the times that the question names, the best fitting."""
    valid = scene.columns.valid
    reach = int(REACH_DAYS * 86_400e6)
    near = np.zeros(valid.size, dtype=np.bool_)
    for span in scene.plan.spans:
        near |= (valid >= to_micros(span.start) - reach) & (valid <= to_micros(span.end) + reach)
    positions = np.flatnonzero(near & scene.mask).astype(np.int32)
    if positions.size > n_wanted:
        positions = positions[top(date_match(valid[positions], scene.plan.spans), n_wanted)]
    return positions
