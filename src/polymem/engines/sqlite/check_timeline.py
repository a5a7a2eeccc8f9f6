"""The check that facts which compete hold when they should, and its repair."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator

from polymem.domain.scope import Partition
from polymem.domain.timespan import EPOCH
from polymem.engines.sqlite.merges import root
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.problem import Problem
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.timeline import ALIVE, Group, Timelines, group_of


def _opened(connection: sqlite3.Connection, no: int) -> PartitionWriter:
    key = connection.execute("SELECT tenant, kind, owner FROM partition WHERE no = ?", (no,)).fetchone()
    return PartitionWriter.open(connection, Partition(*key), now=EPOCH, actor="repair")


def check_timelines(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    """Yield that facts of a partition hold at other times than follow from what is stated."""
    n = len(crooked(_opened(connection, no)))
    if n:
        yield Problem("relation", "intervals are not those that follow from what is stated", n)


def straighten(connection: sqlite3.Connection, no: int) -> None:
    """Give facts that compete the intervals that follow from what is stated."""
    writer = _opened(connection, no)
    groups = crooked(writer)
    if groups:
        Timelines(writer).settle(groups, late=True)
        writer.finish()


def crooked(writer: PartitionWriter) -> list[Group]:
    """Return the groups whose stored intervals are not those that follow from what is stated."""
    timelines, low = Timelines(writer), writer.rid(0)
    rows = writer.connection.execute(
        "SELECT r.subject, r.predicate, r.slot, i.expired_at IS NOT NULL OR r.begins_at IS NOT r.valid_at FROM relation r "
        f"JOIN item i ON i.rid = r.fact WHERE r.rid BETWEEN ? AND ? AND {ALIVE}",
        (low, low | POSITION_MASK),
    ).fetchall()
    counts = Counter[Group]()
    for subject, predicate, slot, moved in rows:
        # What stands alone as it was stated has nothing to disagree with.
        counts[group_of(root(writer.connection, writer.no, subject), predicate, slot)] += 1 + bool(moved)
    return [group for group, n in counts.items() if n > 1 and timelines.disagrees(group)]
