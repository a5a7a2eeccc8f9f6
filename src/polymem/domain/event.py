"""The append-only history of a scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias, cast

from polymem.domain.scope import Partition
from polymem.domain.slotted import dataclass
from polymem.errors import InputError

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
        n: Length of the partition's chain of events right after it.
        status: "complete" once the bytes are gone from the write-ahead log too, else "pending"; a later write empties the
            log, and so does ``verify_erasure``.
        dry_run: True when nothing was done.
        link: The chain's hash at ``n``, hex.
    """

    tombstone_id: str
    erased: tuple[str, ...]
    counts: dict[str, int]
    n: int
    status: Literal["complete", "pending"]
    dry_run: bool = False
    link: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the receipt as plain JSON."""
        return {
            "tombstone_id": self.tombstone_id,
            "erased": list(self.erased),
            "counts": dict(self.counts),
            "n": self.n,
            "status": self.status,
            "dry_run": self.dry_run,
            "link": self.link,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Receipt:
        """Return the receipt that :meth:`to_dict` gave.

        Raises:
            InputError: It is not one.
        """
        checks: tuple[tuple[str, Callable[[Any], bool]], ...] = (
            ("tombstone_id", lambda value: isinstance(value, str)),
            ("erased", _are_texts),
            ("counts", lambda value: isinstance(value, Mapping)),
            ("n", _is_whole),
            ("status", lambda value: value in {"complete", "pending"}),
            ("dry_run", lambda value: isinstance(value, bool)),
            ("link", lambda value: isinstance(value, str)),
        )
        for name, fits in checks:
            if not fits(values.get(name)):
                raise InputError(f"this is no receipt: {name} is missing or wrong", argument="receipt")
        return cls(
            values["tombstone_id"],
            tuple(values["erased"]),
            dict(values["counts"]),
            values["n"],
            values["status"],
            dry_run=values["dry_run"],
            link=values["link"],
        )


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The end of a partition's chain of events; kept elsewhere, it shows later whether the history was cut or rewritten.

    Attributes:
        n: Number of events.
        link: The chain's hash after the last of them, hex; "" for none.
    """

    n: int
    link: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What an erasure left; no content.

    Attributes:
        id: Its id, which is in the reason of each of its events.
        partition: Whose memory it was.
        at: When the erasure began (system time).
        first_event: The first event that can be of it.
        last_event: The last one.
        n_items: How many items went.
        counts: Rows removed by face.
    """

    id: str
    partition: Partition
    at: datetime
    first_event: int
    last_event: int
    n_items: int
    counts: Mapping[str, int]


def _are_texts(value: object) -> bool:
    given = cast("list[object]", value) if isinstance(value, list | tuple) else None
    return given is not None and all(isinstance(each, str) for each in given)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
