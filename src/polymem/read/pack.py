"""From ranked rows to hits: what shares provenance is one, and what repeats another makes room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field, replace
from typing import Final

from polymem.domain.hit import Hits
from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.errors import InputError
from polymem.ports.faces import Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.budget import MAX_BUDGET, estimate_tokens, fitting
from polymem.read.signals import Ranked
from polymem.text.repetition import repeats, units

__all__ = ["Packed", "check_budget", "pack", "within_budget"]

N_LOOKED_AT: Final = 16
"""Of so many messages that say the same, those stored last, the one said last is shown."""


@dataclass(frozen=True, slots=True)
class Packed:
    """One hit to be.

    Attributes:
        item: The item that stands for the group.
        position: Its row.
        place: Place of the group's best row in the ranking; its score is the group's.
        episode_ids: Episodes behind the item.
        folded: Positions of the other rows of the group.
        repeats: Positions of items that were left out because they say the same.
    """

    item: Item
    position: int
    place: int
    episode_ids: tuple[str, ...]
    folded: list[int] = field(default_factory=list[int])
    repeats: list[int] = field(default_factory=list[int])


def pack(snapshot: Snapshot, ranked: Ranked, mask: Mask, *, limit: int, fold: bool) -> list[Packed]:
    """Return at most *limit* hits in order of score.

    A derived item, but for a summary, is folded into an episode that it comes from, if that may be returned; the better score of the two
    counts. Among rows that say the same (:mod:`polymem.text.repetition`) and are of one kind and speaker the best comes first,
    and the others only where there are not enough different ones.

    Args:
        snapshot: The snapshot.
        ranked: Candidates from best to last.
        mask: bool[n], rows that may be returned.
        limit: How many hits at most.
        fold: Whether episodes may stand for what was derived from them.
    """
    groups: dict[str, Packed] = {}
    unlike = _Unlike()
    repeated: list[tuple[Packed, Packed]] = []
    for place, position, item in _hydrated(snapshot, ranked, first=limit + 1):
        group = _group(snapshot, mask, position, item) if fold else (item, position)
        key = group[0].id
        if key in groups:
            if position != groups[key].position:
                groups[key].folded.append(position)
            continue
        if unlike.n_kept == limit:
            break
        found = Packed(group[0], group[1], place, group[0].episode_ids)
        if group[1] != position:
            found.folded.append(position)
        groups[key] = found
        better = unlike.add(found)
        if better is not None:
            repeated.append((better, found))
    spare = len(groups) - limit
    if spare > 0:
        for better, found in repeated[len(repeated) - spare :]:
            better.repeats.extend((found.position, *found.folded))
            del groups[found.item.id]
    return list(groups.values())


@dataclass(slots=True)
class _Unlike:
    """Hits that say different things.

    Attributes:
        kept: What each says, and the hit, by kind and speaker.
        n_kept: How many these are.
    """

    kept: dict[tuple[str, str | None], list[tuple[frozenset[str], Packed]]] = field(
        default_factory=dict[tuple[str, "str | None"], "list[tuple[frozenset[str], Packed]]"]
    )
    n_kept: int = 0

    def add(self, found: Packed) -> Packed | None:
        """Keep *found*, or return the hit that it repeats."""
        item, said = found.item, units(found.item.text)
        same = self.kept.setdefault((item.kind, item.speaker), [])
        for words, other in same:
            if item.text == other.item.text or repeats(said, words):
                return other
        same.append((said, found))
        self.n_kept += 1
        return None


def _hydrated(snapshot: Snapshot, ranked: Ranked, *, first: int) -> Iterator[tuple[int, int, Item]]:
    """Yield place, position and item of the ranked rows: most often the *first* will do, others are read as needed."""
    positions: Sequence[int] = ranked.positions.tolist()
    start, stop = 0, first
    while start < len(positions):
        part = positions[start:stop]
        yield from zip(range(start, stop), part, snapshot.rows.items(part), strict=False)
        start, stop = stop, stop + first // 4 + 2


def _group(snapshot: Snapshot, mask: Mask, position: int, item: Item) -> tuple[Item, int]:
    """Return the episode that stands for *item*, of those that may be returned the one said last, or the item itself."""
    # A summary is of all of its session; no one message says the same.
    if item.kind in {"episode", "summary"}:
        return item, position
    newest = -1
    valid = snapshot.columns.valid
    seen = 0
    # Stored last is said last, but for news that came late.
    for name in reversed(item.episode_ids):
        place = snapshot.rows.position(name)
        if place is not None and mask[place]:
            newest = place if newest < 0 or valid[place] > valid[newest] else newest
            seen += 1
            if seen == N_LOOKED_AT:
                break
    return (item, position) if newest < 0 else (snapshot.rows.items([newest])[0], newest)


def check_budget(budget_tokens: object) -> int:
    """Return *budget_tokens* if it is a whole number from 1 to ``MAX_BUDGET``.

    Raises:
        InputError: It is not.
    """
    if (
        isinstance(budget_tokens, bool)
        or not isinstance(budget_tokens, int)
        or not 1 <= budget_tokens <= MAX_BUDGET
    ):
        raise InputError(
            f"budget_tokens must be a whole number from 1 to {MAX_BUDGET}", argument="budget_tokens"
        )
    return budget_tokens


def within_budget(hits: Hits, budget_tokens: int | None) -> Hits:
    """Return the hits whose texts fit into *budget_tokens* together, from the best on; one that does not fit is passed over.

    None is no bound. Where there is an explanation, ``explanation["left_out"]["over_budget"]`` tells how many were.
    """
    if budget_tokens is None:
        return hits
    places = fitting([estimate_tokens(hit.item.text) for hit in hits], budget_tokens)
    explanation = dict(hits.explanation)
    left_out = explanation.get("left_out")
    if isinstance(left_out, dict):
        explanation["left_out"] = {**left_out, "over_budget": len(hits) - len(places)}
    return replace(hits, hits=tuple(hits[place] for place in places), explanation=explanation)
