"""Which items were closed because another says the same, see :class:`polymem.domain.change.MergeItems`."""

from __future__ import annotations

from typing import Final

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.faces import REMOVED

_MERGE, _SUPERSEDE, _RESTORE = (EVENT_NAMES.index(name) for name in ("MERGE", "SUPERSEDE", "RESTORE"))
_IS_DUPLICATE: Final = (
    f"(SELECT v.name FROM event v WHERE v.item = g.id AND v.name IN ({_MERGE}, {_SUPERSEDE}, {_RESTORE}) "
    f"ORDER BY v.n DESC LIMIT 1) = {_MERGE}"
)
"""Of an item ``g`` that is superseded: what closed it last was a merge."""

WHOLE: Final = ", ".join(str(KINDS.index(kind)) for kind in ("summary", "profile"))
"""Kinds that stand or fall with each of their episodes: their words are of all of them at once."""

GAINED: Final = (
    "EXISTS (SELECT 1 FROM item g JOIN source t ON t.rid = g.rid AND t.episode = {episode} WHERE g.superseded_by = {item} "
    f"AND {_IS_DUPLICATE})"
)
"""Whether an item rests on an episode because a duplicate does, which has words of its own; with two names to fill in."""

OWN_OTHERS: Final = (
    "(SELECT count(*) FROM source o WHERE o.rid = s.rid AND o.episode <> s.episode AND NOT "
    f"{GAINED.format(episode='o.episode', item='i.id')}) * (i.kind NOT IN ({WHOLE}))"
)
"""Of an item ``i`` with a source ``s``: how many other episodes say it in its own words; duplicates have words of theirs."""


def duplicates_of(writer: PartitionWriter, item: bytes) -> list[bytes]:
    """Return the ids of the items that were closed because *item* says the same, and are not removed."""
    low = writer.rid(0)
    writer.flush_events()
    rows = writer.connection.execute(
        "SELECT g.id FROM item g WHERE g.superseded_by = ? AND g.rid BETWEEN ? AND ? AND g.flags & ? = 0 "
        f"AND {_IS_DUPLICATE} ORDER BY g.rid",
        (item, low, low | POSITION_MASK, REMOVED),
    )
    return list(dict.fromkeys(key for (key,) in rows))
