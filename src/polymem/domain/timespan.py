"""Instants and half-open spans of time, always aware and in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.errors import InputError

Granularity: TypeAlias = Literal[
    "minute", "hour", "part", "day", "week", "weekend", "month", "season", "year", "range"
]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Timespan:
    """A half-open span ``[start, end)``.

    Attributes:
        start: First instant inside, aware UTC.
        end: First instant after, aware UTC.
        granularity: The unit in which the text spoke.
        text: The words that were read, for display.
        offset: Where in the text they begin and end, in characters.
    """

    start: datetime
    end: datetime
    granularity: Granularity
    text: str = ""
    offset: tuple[int, int] = (0, 0)

    def contains(self, instant: datetime) -> bool:
        """Tell whether *instant* lies inside."""
        return self.start <= instant < self.end


def as_utc(value: object, *, argument: str) -> datetime:
    """Return *value* as an aware UTC datetime.

    A naive datetime is taken as UTC; a ``date`` as its first instant; a number as seconds since 1970 (Unix time);
    a string as ISO 8601.

    Raises:
        InputError: It is of another type, malformed, or outside the years 1 to 9999.

    Example:
        >>> as_utc("2024-05-01", argument="timestamp").isoformat()
        '2024-05-01T00:00:00+00:00'
    """
    try:
        if isinstance(value, datetime):
            moment = value
        elif isinstance(value, date):
            moment = datetime.combine(value, time())
        elif isinstance(value, (int, float)) and not isinstance(value, bool):
            moment = EPOCH + timedelta(seconds=value)
        elif isinstance(value, str):
            moment = datetime.fromisoformat(value.strip())
        else:
            raise InputError(
                f"{argument} must be a datetime, a date, Unix seconds or ISO 8601 text, not {type(value).__name__}",
                argument=argument,
            )
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{argument} is not a usable time; give one like 2024-06-30 or 2024-06-30T09:15+02:00, of the years 1 to 9999",
            argument=argument,
        ) from error


def to_micros(moment: datetime) -> int:
    """Return microseconds since 1970 UTC, the form in which engines store time."""
    return (moment - EPOCH) // MICROSECOND


@lru_cache(maxsize=1_024)  # the rows of one call, and many that are read together, share a few times
def from_micros(micros: int) -> datetime:
    """Return the instant that :func:`to_micros` encoded."""
    return EPOCH + timedelta(microseconds=micros)
