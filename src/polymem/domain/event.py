"""The append-only history of a scope."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from polymem.domain.slotted import dataclass

EventName: TypeAlias = Literal[
    "ADD",
    "UPDATE",
    "SUPERSEDE",
    "EXPIRE",
    "DELETE",
    "ERASE",
    "REPEAT",
    "RESTORE",
    "ARCHIVE",
    "MERGE",
    "SPLIT",
]
EVENT_NAMES: tuple[EventName, ...] = (
    "ADD",
    "UPDATE",
    "SUPERSEDE",
    "EXPIRE",
    "DELETE",
    "ERASE",
    "REPEAT",
    "RESTORE",
    "ARCHIVE",
    "MERGE",
    "SPLIT",
)
"""Every event; the place in this tuple is the code under which engines store it, so only append."""


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the history.

    Attributes:
        n: Place in the partition's chain, 1, 2, …
        item_id: The item it concerns.
        name: What happened.
        at: When (system time, never decreasing within a partition).
        actor: Who asked for it ("user", "rules", "sweep" …).
        reason: Why, in a word or two.
        old_text: Text before, None for an addition or after erasure.
        new_text: Text after, None for a removal or after erasure.
        old_version: Version before, 0 for none.
        new_version: Version after, 0 for none.
        link: The chain's hash after this event, hex.
    """

    n: int
    item_id: str
    name: EventName
    at: datetime
    actor: str
    reason: str
    old_text: str | None
    new_text: str | None
    old_version: int
    new_version: int
    link: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of an erasure.

    Attributes:
        tombstone_id: Id of the content-free tombstone.
        erased: Ids of the items that are gone.
        counts: Rows removed by face ("items", "episodes", "vectors", "postings", "relations", "keys", …).
        n: Position of the last ERASE event in the partition's chain.
        status: "complete" once the bytes are gone from the write-ahead log too, else "pending".
        dry_run: True when nothing was done.
    """

    tombstone_id: str
    erased: tuple[str, ...]
    counts: dict[str, int]
    n: int
    status: Literal["complete", "pending"]
    dry_run: bool = False
