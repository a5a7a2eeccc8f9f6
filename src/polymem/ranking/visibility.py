"""Which versions a reader sees: the one rule, on columns. Engines translate it and are tested against it."""

from __future__ import annotations

from typing import Final, Protocol

import numpy as np

from polymem.domain.query import Visibility
from polymem.domain.timespan import to_micros
from polymem.ranking.arrays import I64, U8, Mask

__all__ = ["FOREVER", "INDEXED", "REMOVED", "TimeColumns", "visible"]

FOREVER: Final = int(np.iinfo(np.int64).max)
INDEXED: Final = 1
REMOVED: Final = 2


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

    A row is visible when it is indexed and not removed, was stored by ``known_at``, its ``expires_at`` lies after
    ``now``, and either its end was not yet known at ``known_at`` or it still held at ``as_of``; with an explicit
    ``as_of`` it must also have begun by then.
    """
    now = to_micros(visibility.now)
    known = now if visibility.known_at is None else to_micros(visibility.known_at)
    moment = now if visibility.as_of is None else to_micros(visibility.as_of)
    seen: Mask = (columns.flags & (INDEXED | REMOVED)) == INDEXED
    seen &= columns.created <= known
    seen &= columns.expires > now
    holds: Mask = columns.invalid > moment
    if not holds.all():
        holds |= (columns.expired > known) & (columns.expired != FOREVER)
        seen &= holds
    if visibility.as_of is not None:
        seen &= columns.valid <= moment
    return seen
