"""Hits in the order that a reranker and the fused score give them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polymem.domain.hit import Hit, Hits
from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.errors import ModelError
from polymem.ports.faces import F32
from polymem.ports.reranker import Reranker, checked_scores
from polymem.ranking.blend import Blend, evidence, log_odds_of
from polymem.ranking.scoring import score_of
from polymem.read.search import Found
from polymem.read.succession import MARGIN, Pair
from polymem.text.indexed import title_of
from polymem.text.repetition import repeats, units

__all__ = ["Reranking", "reordered", "rerank", "scores_of", "text_of"]


@dataclass(frozen=True, slots=True)
class Reranking:
    """A reranker and how it is used.

    Attributes:
        reranker: Scores texts against the question.
        blend: How much it counts.
        depth: So many hits are read by it.
        skips: Whether a reranker that fails is passed over; its error is raised otherwise.
    """

    reranker: Reranker
    blend: Blend = Blend()
    depth: int = 30
    skips: bool = False


async def rerank(found: Found, query: str, how: Reranking, *, limit: int, explain: bool) -> Hits:
    """Read the first hits with a reranker and order all anew.

    Args:
        found: Hits by their fused scores, more than *limit* of them if there are.
        query: The question.
        how: The reranker.
        limit: How many hits are wanted.
        explain: Whether the hits have signals and the answer an explanation.

    Returns:
        At most *limit* hits. Where the reranker failed and is passed over, they are those of the fused scores, and the
        explanation says so whether or not it was asked for.

    Raises:
        ModelError: The reranker failed, and is not to be passed over.
    """
    told: dict[str, object] = {"model": how.reranker.name, "depth": min(how.depth, len(found.hits))}
    if not found.hits:
        return found.hits
    try:
        scores = await scores_of(found.hits.hits[: how.depth], query, how.reranker)
    except ModelError as error:
        if not how.skips:
            raise
        skipped = {"rerank": {"skipped": type(error).__name__, **told}}
        shown = _shown(found.hits.hits, limit=limit)
        return replace(found.hits, hits=shown, explanation={**found.hits.explanation, **skipped})
    hits = _shown(reordered(found, scores, how.blend, explain=explain), limit=limit)
    explanation = {**found.hits.explanation, "rerank": told} if explain else found.hits.explanation
    return replace(found.hits, hits=hits, explanation=explanation)


async def scores_of(hits: Sequence[Hit], query: str, reranker: Reranker) -> F32:
    """Return float32[m]: what the reranker says of *hits*, checked.

    Raises:
        ModelError: It failed, or said something else than the port promises.
    """
    texts = [text_of(hit.item) for hit in hits]
    return checked_scores(await reranker.score(query, texts), n=len(texts), reranker=reranker.name)


def text_of(item: Item) -> str:
    """Return what a reranker reads of an item: a passage below its title, a message after who said it."""
    title = title_of(item.kind, role=item.role, metadata=item.metadata)
    if title:
        return f"{title}\n{item.text}"
    return f"{item.speaker}: {item.text}" if item.kind == "episode" and item.speaker else item.text


def reordered(found: Found, scores: F32, blend: Blend, *, explain: bool) -> list[Hit]:
    """Return all hits by fused score and evidence together; what replaced another stays above it.

    Args:
        found: Hits by their fused scores.
        scores: float32[d], what the reranker says of the first *d*.
        blend: How much it counts.
        explain: Whether "rerank" joins the signals; the parts still add up to the log odds of the score.
    """
    odds = log_odds_of([hit.score for hit in found.hits])
    part = np.zeros(odds.size)
    part[: scores.size] = evidence(scores, blend)
    total = odds + part
    lifted = _lift(found.kept, total)
    blended = score_of((total + lifted).astype(np.float32))
    hits = [
        replace(hit, score=float(score), signals=_signals(hit, moved, rise) if explain else hit.signals)
        for hit, score, moved, rise in zip(found.hits, blended, part, lifted, strict=True)
    ]
    # Among equals the order of the fused scores stays; by log odds, for scores near 1 lie too close.
    return [hits[place] for place in np.argsort(-(total + lifted), kind="stable")]


def _lift(kept: Iterable[Pair], total: NDArray[np.float64]) -> F32:
    """Return float32[m]: what the first of each pair needs to stay above the second."""
    reached = total.copy()
    # From the last on, so that who is lifted above another has come to rest before others are lifted above it.
    for upper, lower in sorted(kept, reverse=True):
        reached[upper] = max(reached[upper], reached[lower] + MARGIN)
    return (reached - total).astype(np.float32)


def _signals(hit: Hit, moved: float, rise: float) -> dict[str, float]:
    signals = {**hit.signals, "rerank": float(moved)}
    if rise:
        signals["replaces"] = signals.get("replaces", 0.0) + float(rise)
    return signals


def _shown(hits: Sequence[Hit], *, limit: int) -> tuple[Hit, ...]:
    """Return the first *limit* hits; what repeats another comes in only where others do not suffice."""
    kept: list[tuple[frozenset[str], Item]] = []
    unlike: list[int] = []
    repeated: list[int] = []
    for place, hit in enumerate(hits):
        said = units(hit.item.text)
        if any(_same(hit.item, said, other, words) for words, other in kept):
            repeated.append(place)
        else:
            kept.append((said, hit.item))
            unlike.append(place)
    return tuple(hits[place] for place in sorted((unlike + repeated)[:limit]))


def _same(item: Item, said: frozenset[str], other: Item, words: frozenset[str]) -> bool:
    if (item.kind, item.speaker) != (other.kind, other.speaker):
        return False
    return item.text == other.text or repeats(said, words)
