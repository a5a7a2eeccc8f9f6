"""What a whole memory has to answer, in plain dicts: the oracle of the state machine.

Written from the public promises; shares nothing with the code under test. It knows messages (episodes); what is derived
from them is up to an extractor, and is checked against the messages it names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

__all__ = ["Kept", "Oracle"]


@dataclass
class Kept:
    """One message that was added, with everything that happened to it."""

    id: str
    user: str
    run: str | None
    texts: list[str]
    metadata: Mapping[str, Any]
    place: int
    first_at: datetime
    expires_at: datetime | None = None
    state: str = "kept"
    events: list[str] = field(default_factory=lambda: ["ADD"])

    @property
    def text(self) -> str:
        """The newest words."""
        return self.texts[-1]


class Oracle:
    """All users' messages by id."""

    def __init__(self) -> None:
        self.kept: dict[str, Kept] = {}
        self.last_at: dict[str, datetime] = {}

    def present(self, user: str, now: datetime) -> datetime:
        """Return the user's present: never before the last write."""
        return max(now, self.last_at.get(user, now))

    def write(self, user: str, now: datetime) -> datetime:
        """Note a write: what has expired by now is gone for good. Return its time."""
        self.last_at[user] = at = self.present(user, now)
        for one in self.kept.values():
            if (
                one.user == user
                and one.state == "kept"
                and one.expires_at is not None
                and one.expires_at <= at
            ):
                one.state = "expired"
                one.events.append("EXPIRE")
        return at

    def add(
        self, item_id: str, *, user: str, run: str | None, text: str, metadata: Mapping[str, Any]
    ) -> Kept:
        """Note an added message."""
        one = Kept(item_id, user, run, [text], metadata, len(self.kept), self.last_at[user])
        self.kept[item_id] = one
        return one

    def visible(
        self, user: str, now: datetime, *, run: str | None = None, where: Callable[[Kept], bool] | None = None
    ) -> list[Kept]:
        """Return the messages that a reader sees, newest first."""
        present = self.present(user, now)
        found = [
            one
            for one in self.kept.values()
            if one.user == user
            and one.state == "kept"
            and (one.expires_at is None or one.expires_at > present)
            and run in {None, one.run}
            and (where is None or where(one))
        ]
        return sorted(found, key=lambda one: (one.first_at, one.place), reverse=True)

    def sees(self, item_id: str, now: datetime) -> bool:
        """Tell whether a message is visible to its owner."""
        one = self.kept[item_id]
        return one in self.visible(one.user, now)
