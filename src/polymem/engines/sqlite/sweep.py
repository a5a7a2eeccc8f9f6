"""What has expired goes with the next write."""

from __future__ import annotations

from typing import Final

from polymem.domain.scope import Scope
from polymem.engines.sqlite.mark import versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import NEWEST, Remover
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.faces import REMOVED

SWEEP_ROWS: Final = 256
"""Items that one write sweeps at most, so that no write waits for a flood of expiries."""


def sweep(writer: PartitionWriter) -> list[str]:
    """Remove items whose ``expires_at`` has passed at the time of this write, a few at once; return their public ids."""
    now = writer.at
    if writer.next_expiry is None or writer.next_expiry > now:
        return []
    low = writer.rid(0)
    due = writer.connection.execute(
        "SELECT i.id FROM item i WHERE i.rid BETWEEN ? AND ? AND i.expires_at <= ? AND i.flags & ? = 0 "
        f"AND {NEWEST} ORDER BY i.expires_at, i.rid LIMIT ?",
        (low, low | POSITION_MASK, now, REMOVED, SWEEP_ROWS),
    ).fetchall()
    remover = Remover(writer, Scope(tenant=writer.partition.tenant))
    actor, writer.actor = writer.actor, "sweep"
    for (key,) in due:
        rows = versions_of(writer, key)
        if not rows[0].flags & REMOVED:
            remover.take(rows, how="expire", reason="expires_at")
    remover.drop_orphans()
    writer.actor = actor
    (writer.next_expiry,) = writer.connection.execute(
        f"SELECT min(i.expires_at) FROM item i WHERE i.rid BETWEEN ? AND ? AND i.flags & ? = 0 AND {NEWEST}",
        (low, low | POSITION_MASK, REMOVED),
    ).fetchone()
    return remover.removed
