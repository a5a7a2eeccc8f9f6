"""How much one scope may hold, and take in."""

from __future__ import annotations

from polymem.domain.slotted import dataclass

__all__ = ["Quotas"]


@dataclass(frozen=True, slots=True)
class Quotas:
    """Limits of one partition (a user's memory, say); None for no limit.

    Attributes:
        items: Most items that can be searched: messages, facts and their versions, without what was deleted, archived or
            erased.
        terms: Most index terms of them all, about the number of words.
        per_day: Most messages taken in one day, UTC.
    """

    items: int | None = None
    terms: int | None = None
    per_day: int | None = None

    @property
    def any(self) -> bool:
        """Whether there is any limit."""
        return (self.items, self.terms, self.per_day) != (None, None, None)
