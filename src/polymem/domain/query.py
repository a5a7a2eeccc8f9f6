"""What a reader asks for."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from polymem.domain.filter import Filter
from polymem.domain.item import Kind
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass

Mode: TypeAlias = Literal["hybrid", "vector", "keyword", "graph", "time", "concat"]
MODES: tuple[Mode, ...] = ("hybrid", "vector", "keyword", "graph", "time", "concat")
"""All arms together, one arm alone, or what the vectors bring followed by what the graph brings."""
MAX_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Visibility:
    """Which versions a reader sees.

    A version is visible when it was stored by ``known_at``, is not deleted, its ``expires_at`` lies after ``now``, and
    either its end was not yet known at ``known_at`` or it still held at ``as_of``; with an explicit ``as_of`` it must
    also have begun by then. What ends as it begins never holds, not even if that lies ahead.

    Attributes:
        now: The reader's present.
        as_of: World time asked for; None for the present.
        known_at: System time asked for; None for the present.
        archived: Whether archived items are seen too.
    """

    now: datetime
    as_of: datetime | None = None
    known_at: datetime | None = None
    archived: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which rows of a scope are meant.

    Attributes:
        scope: The wall; rows must carry all of its ids.
        visibility: Which versions are seen.
        filters: A condition on the rows, or None.
        kinds: Kinds wanted; empty for all.
    """

    scope: Scope
    visibility: Visibility
    filters: Filter | None = None
    kinds: tuple[Kind, ...] = ()
