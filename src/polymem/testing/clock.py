"""A clock that stands where it is put."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from polymem.domain.timespan import as_utc

__all__ = ["NOON", "FrozenClock"]

NOON: Final = datetime(2024, 5, 1, 12, tzinfo=UTC)
"""Where a clock stands that nobody has set."""


class FrozenClock:
    """Tells the time that it was set to; moves only when told to, in either direction.

    Args:
        start: Its first time; a naive one is taken as UTC.

    Example:
        >>> clock = FrozenClock()
        >>> clock.move(hours=-13)
        >>> clock.now().isoformat()
        '2024-04-30T23:00:00+00:00'
    """

    def __init__(self, start: datetime = NOON) -> None:
        self._now = as_utc(start, argument="start")

    def now(self) -> datetime:
        """Return the present as an aware UTC datetime."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Jump to *moment*."""
        self._now = as_utc(moment, argument="moment")

    def move(self, *, days: float = 0, hours: float = 0, seconds: float = 0, microseconds: int = 0) -> None:
        """Move by a span, which may be negative."""
        self._now += timedelta(days=days, hours=hours, seconds=seconds, microseconds=microseconds)
