"""What was believed at an earlier system time of rows whose times changed late: the read side of the table ``belief``."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import NamedTuple

from polymem.domain.query import Visibility
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.ports.faces import FOREVER, Columns


class Believed(NamedTuple):
    """The times of a row as they were believed to be, in microseconds; None for an open end."""

    rid: int
    valid: int
    invalid: int | None
    expired: int | None

    def holds(self, known: int, world: int, *, begun: bool) -> bool:
        """Tell whether the row was thought to hold; *begun*: it must have begun as well."""
        end_unknown = self.expired is not None and known < self.expired
        held = self.invalid is None or max(world, self.valid) < self.invalid
        return (end_unknown or held) and (not begun or self.valid <= world)


def believed(connection: sqlite3.Connection, no: int, known: int) -> list[Believed]:
    """Return the rows of a partition that had other times at *known*."""
    low = no << POSITION_BITS
    rows = connection.execute(
        "SELECT rid, valid_at, invalid_at, expired_at FROM belief WHERE rid BETWEEN ? AND ? AND until_at > ? "
        "ORDER BY until_at DESC",
        (low, low | POSITION_MASK, known),
    ).fetchall()
    return list({row[0]: Believed(*row) for row in rows}.values())


def over_beliefs(
    connection: sqlite3.Connection, no: int, seen: Visibility, *, rule: str, column: str, world: int
) -> str:
    """Return *rule*, a condition on times, with what was believed in its place for the rows that *column* names."""
    if seen.known_at is None:
        return rule
    known = to_micros(seen.known_at)
    rows = believed(connection, no, known)
    if not rows:
        return rule
    begun = seen.as_of is not None
    changed = ",".join(str(row.rid) for row in rows)
    held = ",".join(str(row.rid) for row in rows if row.holds(known, world, begun=begun))
    return f"CASE WHEN {column} IN ({changed}) THEN {column} IN ({held}) ELSE ({rule}) END"


def with_beliefs(connection: sqlite3.Connection, no: int, columns: Columns, seen: Visibility) -> Columns:
    """Return *columns* with the times that the rows were believed to have when *seen* asks for an earlier system time."""
    if seen.known_at is None:
        return columns
    rows = believed(connection, no, to_micros(seen.known_at))
    if not rows:
        return columns
    valid, invalid, expired = columns.valid.copy(), columns.invalid.copy(), columns.expired.copy()
    for row in rows:
        position = row.rid & POSITION_MASK
        valid[position] = row.valid
        invalid[position] = FOREVER if row.invalid is None else row.invalid
        expired[position] = FOREVER if row.expired is None else row.expired
    return replace(columns, valid=valid, invalid=invalid, expired=expired)
