"""What is known about the owner of a scope, by key."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

from polymem.domain.predicates import PREDICATES
from polymem.domain.query import Selection
from polymem.domain.slotted import dataclass
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import select

__all__ = ["PROFILE_KEYS", "Detail", "ProfileValue", "read_profile"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing known.

    Attributes:
        value: For display.
        item_id: The fact that states it.
        since: From when it holds.
    """

    value: str
    item_id: str
    since: datetime

    def __str__(self) -> str:
        """Return the value."""
        return self.value


ProfileValue: TypeAlias = Detail | tuple[Detail, ...]
"""One detail where a person has one at a time (name, residence), else all of them, oldest first."""

PROFILE_KEYS: Final = {predicate.profile_key for predicate in PREDICATES.values()}
_SINGLE: Final = PROFILE_KEYS - {
    predicate.profile_key for predicate in PREDICATES.values() if not predicate.functional
}


def read_profile(snapshot: Snapshot, selection: Selection | None = None) -> dict[str, ProfileValue]:
    """Return what is currently known about the owner, in order of key.

    Args:
        snapshot: The partition.
        selection: Only details whose fact is among these rows; None for all current ones.
    """
    entries = snapshot.keys.get()
    if selection is not None:
        mask = select(snapshot, selection)
        entries = [entry for entry in entries if mask[entry.position]]
    items = snapshot.rows.items([entry.position for entry in entries])
    details: dict[str, list[Detail]] = {}
    for entry, item in zip(entries, items, strict=True):
        details.setdefault(entry.key, []).append(Detail(entry.value, item.id, item.valid_at))
    return {key: found[-1] if key in _SINGLE else tuple(found) for key, found in sorted(details.items())}
