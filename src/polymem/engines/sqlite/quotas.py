"""Keep a partition within its quotas, inside the write transaction, so that no race can pass them."""

from __future__ import annotations

from datetime import UTC
from typing import Final, NamedTuple

from polymem.domain.batch import Batch
from polymem.domain.quota import Quotas
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.errors import QuotaError

__all__ = ["PER_DAY", "Held", "check", "held"]

PER_DAY: Final = "quota.per_day"
"""The task under which the messages of the day are counted; it has no content, so an erasure leaves it."""


class Held(NamedTuple):
    """What a partition held before a batch."""

    items: int
    terms: int


def held(writer: PartitionWriter) -> Held:
    """Return what the partition holds."""
    return Held(writer.n_indexed, writer.n_terms)


def check(writer: PartitionWriter, quotas: Quotas, batch: Batch, *, before: Held) -> None:
    """Refuse a batch that leaves the partition with more than it may hold; one that makes it smaller always passes.

    Raises:
        QuotaError: ``error.quota`` and ``error.limit`` say what.
    """
    for quota, limit, now, then in (
        ("items", quotas.items, writer.n_indexed, before.items),
        ("terms", quotas.terms, writer.n_terms, before.terms),
    ):
        if limit is not None and now > limit and now > then:
            raise QuotaError(
                f"this scope may hold {limit} {quota}; forget or archive some", quota=quota, limit=limit
            )
    if quotas.per_day is not None:
        _count_day(writer, quotas.per_day, sum(draft.kind == "episode" for draft in batch.drafts))


def _count_day(writer: PartitionWriter, limit: int, n: int) -> None:
    """Count the messages of the day; the day is that of the partition's own time, which never runs backwards."""
    if not n:
        return
    day = from_micros(writer.at).astimezone(UTC).date().isoformat()
    row = writer.connection.execute(
        "SELECT state FROM progress WHERE partition = ? AND task = ?", (writer.no, PER_DAY)
    ).fetchone()
    known_day, _, count = (row[0] if row else "").partition(" ")
    total = n + (int(count) if known_day == day and count.isdecimal() else 0)
    if total > limit:
        raise QuotaError(f"this scope takes {limit} messages a day", quota="per_day", limit=limit)
    writer.connection.execute(
        "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)",
        (writer.no, PER_DAY, f"{day} {total}", writer.at),
    )
