"""From ranked rows to hits: what shares provenance is one, and what repeats another word for word makes room."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field
from typing import Final

from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.ports.faces import Mask
from polymem.ports.ledger import Snapshot
from polymem.read.signals import Ranked

__all__ = ["Packed", "pack"]

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
    """

    item: Item
    position: int
    place: int
    episode_ids: tuple[str, ...]
    folded: list[int] = field(default_factory=list[int])


def pack(snapshot: Snapshot, ranked: Ranked, mask: Mask, *, limit: int, fold: bool) -> list[Packed]:
    """Return at most *limit* hits in order of score.

    A derived item, but for a summary, is folded into an episode that it comes from, if that may be returned; the better score of the two
    counts. Among rows with the same words, kind and speaker the best comes first, and the others only where there are
    not enough different ones.

    Args:
        snapshot: The snapshot.
        ranked: Candidates from best to last.
        mask: bool[n], rows that may be returned.
        limit: How many hits at most.
        fold: Whether episodes may stand for what was derived from them.
    """
    groups: dict[str, Packed] = {}
    texts: set[tuple[str, str, str]] = set()
    repeats: list[Packed] = []
    unlike = 0
    for place, position, item in _hydrated(snapshot, ranked, first=limit + 1):
        group = _group(snapshot, mask, position, item) if fold else (item, position)
        key = group[0].id
        if key in groups:
            if position != groups[key].position:
                groups[key].folded.append(position)
            continue
        if unlike == limit:
            break
        found = Packed(group[0], group[1], place, group[0].episode_ids)
        if group[1] != position:
            found.folded.append(position)
        groups[key] = found
        words = (group[0].text, group[0].kind, group[0].speaker)
        if words in texts:
            repeats.append(found)
        else:
            texts.add(words)
            unlike += 1
    kept = list(groups.values())
    spare = len(kept) - limit
    dropped = {found.item.id for found in repeats[len(repeats) - spare :]} if spare > 0 else frozenset[str]()
    return [found for found in kept if found.item.id not in dropped]


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
