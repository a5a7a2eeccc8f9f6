"""The check that facts which compete hold when they should, and its repair."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from polymem.domain.scope import Partition
from polymem.domain.timespan import EPOCH
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.problem import Problem
from polymem.engines.sqlite.timeline import Timelines, crooked


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
