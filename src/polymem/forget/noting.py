"""Uses that searches note: gathered in the process and written with a later write, never by the search itself."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from polymem.domain.scope import Partition

__all__ = ["NotedUses"]

MANY: Final = 64
"""So many waiting uses are written with the next write."""
OLD_S: Final = 60.0
"""So are those that have waited this long."""
MOST: Final = 4_096
"""So many items at most are kept waiting; further ones are not noted, since a use is a hint and no memory."""


class NotedUses:
    """What was shown and is not yet written down, by owner; of several uses of an item in that time the last counts."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._waiting: dict[Partition, dict[str, datetime]] = {}
        self._n = 0
        self._since: datetime | None = None

    def note(self, partition: Partition, item_ids: Iterable[str], *, at: datetime) -> None:
        """Note that items of *partition* were shown."""
        with self._gate:
            for item_id in item_ids:
                known = self._waiting.setdefault(partition, {})
                if item_id not in known:
                    if self._n >= MOST:
                        return
                    self._n += 1
                known[item_id] = at
                self._since = self._since or at

    def due(self, now: datetime) -> bool:
        """Tell whether it is time to write them."""
        since = self._since
        return self._n >= MANY or (since is not None and (now - since).total_seconds() >= OLD_S)

    def take(self) -> list[tuple[Partition, dict[datetime, list[str]]]]:
        """Return what waits, by owner and time, and wait for nothing any more."""
        with self._gate:
            waiting, self._waiting, self._n, self._since = self._waiting, {}, 0, None
        taken: list[tuple[Partition, dict[datetime, list[str]]]] = []
        for partition, uses in waiting.items():
            by_time: dict[datetime, list[str]] = {}
            for item_id, at in uses.items():
                by_time.setdefault(at, []).append(item_id)
            taken.append((partition, by_time))
        return taken
