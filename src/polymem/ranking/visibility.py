"""Which versions a reader sees: the one rule, on columns. Engines translate it and are tested against it."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.ranking.arrays import I64, U8, Mask

__all__ = ["ARCHIVED", "FOREVER", "INDEXED", "REMOVED", "Present", "TimeColumns", "present", "visible"]

FOREVER: Final = int(np.iinfo(np.int64).max)
INDEXED: Final = 1
REMOVED: Final = 2
ARCHIVED: Final = 32


class TimeColumns(Protocol):
    """The columns that decide, by position; times are microseconds since 1970 UTC."""

    @property
    def flags(self) -> U8:
        """uint8[n], bits ``INDEXED`` and ``REMOVED`` among others."""
        ...

    @property
    def valid(self) -> I64:
        """int64[n], from when the row holds in the world."""
        ...

    @property
    def invalid(self) -> I64:
        """int64[n], until when it holds; ``FOREVER`` while open."""
        ...

    @property
    def created(self) -> I64:
        """int64[n], when it was stored."""
        ...

    @property
    def expired(self) -> I64:
        """int64[n], when its end became known; ``FOREVER`` while current."""
        ...

    @property
    def expires(self) -> I64:
        """int64[n], from when it is hidden; ``FOREVER`` for never."""
        ...


def visible(columns: TimeColumns, visibility: Visibility) -> Mask:
    """Return bool[n]: the rows that a reader sees.

    A row is visible when it is indexed and neither removed nor archived (unless ``archived`` is asked for), was stored by ``known_at``, its ``expires_at`` lies after
    ``now``, and either its end was not yet known at ``known_at`` or it still held at ``as_of``; with an explicit
    ``as_of`` it must also have begun by then. What ends as it begins never holds, not even if that lies ahead.
    """
    now = to_micros(visibility.now)
    known = now if visibility.known_at is None else to_micros(visibility.known_at)
    moment = now if visibility.as_of is None else to_micros(visibility.as_of)
    hiding = INDEXED | REMOVED if visibility.archived else INDEXED | REMOVED | ARCHIVED
    seen: Mask = (columns.flags & hiding) == INDEXED
    seen &= columns.created <= known
    seen &= columns.expires > now
    holds: Mask = columns.invalid > moment
    holds &= columns.invalid > columns.valid
    if not holds.all():
        holds |= (columns.expired > known) & (columns.expired != FOREVER)
        seen &= holds
    if visibility.as_of is not None:
        seen &= columns.valid <= moment
    return seen


@dataclass(frozen=True, slots=True)
class Present:
    """What a reader sees who asks about no other time than the present, and how long it stays so.

    Attributes:
        mask: bool[n], as :func:`visible` has it; read-only.
        since: The present at which it was found, microseconds.
        until: When the next row appears, ends or is hidden; ``FOREVER`` for never.
    """

    mask: Mask
    since: int
    until: int

    def holds(self, now: int) -> bool:
        """Tell whether the mask is right at *now*."""
        return self.since <= now < self.until


def present(columns: TimeColumns, visibility: Visibility) -> Present:
    """Return what is visible at the present of *visibility*, which names no other time."""
    now = to_micros(visibility.now)
    mask = visible(columns, visibility)
    mask.flags.writeable = False
    changes = (columns.created, columns.invalid, columns.expired, columns.expires)
    return Present(mask, now, min(_next_after(times, now) for times in changes))


def _next_after(times: I64, now: int) -> int:
    """Return the earliest of *times* that lies after *now*, ``FOREVER`` for none."""
    earliest = int(times.min(initial=FOREVER))
    if earliest > now:
        return earliest
    return int(times[times > now].min(initial=FOREVER))
