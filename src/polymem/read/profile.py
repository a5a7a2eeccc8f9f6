"""What is known about the owner of a scope, by key."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

from polymem.domain.profile import PROFILE_KEYS, SINGLE_KEYS, about_of, key_order, profile_place
from polymem.domain.query import Selection
from polymem.domain.slotted import dataclass
from polymem.ports.faces import KeyValue
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import select
from polymem.text.statement_rules import slot_of

__all__ = ["PROFILE_KEYS", "Detail", "ProfileValue", "read_profile"]

UNCONFIRMED: Final = "unconfirmed"
"""The key of what is not believed yet; a profile does not show it."""
MAX_DETAILS: Final = 100_000
"""Relations of the owner that a look at another time takes in."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing known.

    Attributes:
        value: For display.
        item_id: The fact that states it.
        since: From when it holds.
        about: What it is about, where the key does not say it: "sister" of a person, "colour" of a favourite, "language" of
            an instruction; "" elsewhere.
    """

    value: str
    item_id: str
    since: datetime
    about: str = ""

    def __str__(self) -> str:
        """Return the value, behind what it is about."""
        return f"{self.about}: {self.value}" if self.about else self.value


ProfileValue: TypeAlias = Detail | tuple[Detail, ...]
"""One detail where a person has one at a time (name, residence), else all of them, oldest first."""


def read_profile(snapshot: Snapshot, selection: Selection | None = None) -> dict[str, ProfileValue]:
    """Return what is known about the owner, in the order of :data:`PROFILE_KEYS`.

    Args:
        snapshot: The partition.
        selection: Only details whose fact is among these rows, as of their time; None for all current ones.
    """
    if selection is None:
        entries = snapshot.keys.get()
    else:
        seen = selection.visibility
        another_time = seen.as_of is not None or seen.known_at is not None or seen.archived
        entries = stated_entries(snapshot, selection) if another_time else snapshot.keys.get()
        mask = select(snapshot, selection)
        entries = [entry for entry in entries if mask[entry.position]]
    items = snapshot.rows.items([entry.position for entry in entries])
    details: dict[str, list[Detail]] = {}
    for entry, item in zip(entries, items, strict=True):
        about = about_of(entry.key, entry.slot)
        details.setdefault(entry.key, []).append(Detail(entry.value, item.id, item.valid_at, about))
    return {
        key: details[key][-1] if key in SINGLE_KEYS else tuple(details[key])
        for key in sorted(details, key=key_order)
        if key != UNCONFIRMED
    }


def stated_entries(snapshot: Snapshot, selection: Selection) -> list[KeyValue]:
    """Return the entries of a profile as the graph states them at the time of *selection*, by key and time.

    The key-value face holds the present alone; it is the same, as long as nothing is lost.
    """
    owner = snapshot.graph.owner()
    if owner is None:
        return []
    edges = snapshot.graph.neighbours([owner], visibility=selection.visibility, limit=MAX_DETAILS)
    edges = [edge for edge in edges if edge.subject == owner]
    found: dict[tuple[str, str], KeyValue] = {}
    pairs = sorted(
        zip(edges, snapshot.graph.relations(edges), strict=True),
        key=lambda pair: (pair[1].valid_at, pair[0].number),
    )
    for edge, relation in pairs:
        if relation.positive:
            slot = slot_of(relation.object, predicate=edge.predicate)
            key, place = profile_place(edge.predicate, slot)
            found[key, place] = KeyValue(key, relation.object, place, edge.position)
    return list(found.values())
