"""The dates of a model's answer as spans of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from polymem.domain.timespan import Granularity, Timespan
from polymem.text.lazy import lazy

__all__ = ["period"]

FIRST_YEAR: Final = 1800
LAST_YEAR: Final = 2200
_DATE = lazy(
    r"(\d{4})(?:-(\d\d?)(?:-(\d\d?)(?:[T ](\d\d?):(\d\d)(?::\d\d(?:\.\d+)?)?)?)?)?(Z|[+-]\d\d:?\d\d)?"
)


def period(start: object, end: object, *, zone: tzinfo) -> Timespan | None:
    """Return from when to when a fact holds, both days included; None where that cannot be read.

    Args:
        start: ISO 8601, from a year to a minute.
        end: The same; None, "" or what cannot be read leaves the unit of *start*.
        zone: Where the dates are meant.

    Example:
        >>> span = period("2024-02", None, zone=UTC)
        >>> span.start.isoformat(), span.end.isoformat(), span.granularity
        ('2024-02-01T00:00:00+00:00', '2024-03-01T00:00:00+00:00', 'month')
    """
    first, last = _unit(start, zone), _unit(end, zone)
    if first is None:
        return None
    if last is None or last.end <= first.start or (last.start, last.end) == (first.start, first.end):
        return first
    return Timespan(first.start, last.end, "range", f"{first.text}/{last.text}")


def _unit(value: object, zone: tzinfo) -> Timespan | None:
    """Return the year, month, day or minute that *value* names."""
    found = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None or not FIRST_YEAR <= int(found[1]) <= LAST_YEAR:
        return None
    year = int(found[1])
    month, day, hour, minute = (None if part is None else int(part) for part in found.groups()[1:5])
    unit: Granularity
    try:
        start = datetime(year, month or 1, day or 1, hour or 0, minute or 0, tzinfo=zone)
        if month is None:
            unit, end = "year", start.replace(year=year + 1)
        elif day is None:
            unit, end = "month", (start + timedelta(days=32)).replace(day=1)
        elif hour is None:
            unit, end = "day", start + timedelta(days=1)
        else:
            unit, end = "minute", start + timedelta(minutes=1)
    except ValueError:
        return None
    return Timespan(start.astimezone(UTC), end.astimezone(UTC), unit, found[0])
