"""Calendar arithmetic that the time rules of every language share.

All of it is in naive local time; :mod:`polymem.text.times` converts to UTC. A function may raise ``ValueError`` or
``OverflowError`` where the calendar has no such date (31 April, the year 10000): the caller takes that as "not a time".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, NamedTuple, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.domain.timespan import Granularity

Prefer: TypeAlias = Literal["past", "future"]
Unit: TypeAlias = Literal[
    "minute", "hour", "day", "week", "weekend", "month", "quarter", "season", "year", "decade"
]

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
MIDNIGHT: Final = time()


class Span(NamedTuple):
    """A half-open span of local time."""

    start: datetime
    end: datetime
    granularity: Granularity


class Part(NamedTuple):
    """A part of the day, in hours from midnight; ``end`` beyond 24 reaches into the next morning."""

    start: int
    end: int


class Clock(NamedTuple):
    """A time of the day.

    Attributes:
        hour: 0 to 24.
        minute: None if only the hour was said.
        sure: False for wordings that mean a time only beside a day or a part of one ("三点", "5 o'clock").
        twelve: True if the hour may be one of the afternoon.
    """

    hour: int
    minute: int | None = None
    sure: bool = True
    twelve: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What one rule read: a span, or a day, a part of a day and a clock time in any combination.

    Attributes:
        yearless: The day or month was named without its year.
        weekless: The weekday was named without its week.
    """

    span: Span | None = None
    day: date | None = None
    part: Part | None = None
    clock: Clock | None = None
    yearless: bool = False
    weekless: bool = False


class Asked(NamedTuple):
    """The circumstances under which a text is read.

    Attributes:
        now: The message's own time, local and naive.
        prefer: Where to look for what may lie on either side of now.
        text: The text as written, at the same offsets as the folded text that the rules see.
    """

    now: datetime
    prefer: Prefer
    text: str

    @property
    def today(self) -> date:
        """The local date of the message."""
        return self.now.date()


Match: TypeAlias = re.Match[str]
Resolver: TypeAlias = Callable[[Match, Asked], Reading | None]


class Rule(NamedTuple):
    """One wording.

    Attributes:
        name: What it reads.
        needs: Words (English), wordings (Chinese), "0" (any digit) or signs beside a digit; a text must have one.
        pattern: Applied to the folded text.
        resolve: From the match to its meaning; None rejects the match.
    """

    name: str
    needs: frozenset[str]
    pattern: re.Pattern[str]
    resolve: Resolver


def midnight(day: date) -> datetime:
    """Return the first instant of *day*."""
    return datetime.combine(day, MIDNIGHT)


def day_span(day: date) -> Span:
    """Return the span of *day*."""
    return Span(midnight(day), midnight(day) + DAY, "day")


def days_span(first: date, last: date) -> Span:
    """Return the range from *first* to *last*, both included."""
    return Span(midnight(first), midnight(last) + DAY, "range")


def week_span(day: date) -> Span:
    """Return the week, Monday to Sunday, that holds *day*."""
    start = midnight(day) - timedelta(days=day.weekday())
    return Span(start, start + WEEK, "week")


def weekend_span(day: date) -> Span:
    """Return the weekend, Saturday 00:00 to Monday 00:00, of the week that holds *day*."""
    end = week_span(day).end
    return Span(end - 2 * DAY, end, "weekend")


def days_in(year: int, month: int) -> int:
    """Return the length of a month; :mod:`calendar` would bring :mod:`locale` into every start."""
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in {4, 6, 9, 11} else 31


def add_months(day: date, months: int) -> date:
    """Return *day* moved by calendar months; the 31st becomes the last day of a shorter month."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, days_in(year, month0 + 1)))


def month_span(year: int, month: int) -> Span:
    """Return a month."""
    first = date(year, month, 1)
    return Span(midnight(first), midnight(add_months(first, 1)), "month")


def months_span(year: int, month: int, *, n_months: int, granularity: Granularity = "range") -> Span:
    """Return *n_months* months from the given one on."""
    first = date(year, month, 1)
    return Span(midnight(first), midnight(add_months(first, n_months)), granularity)


def year_span(year: int) -> Span:
    """Return a year."""
    return Span(midnight(date(year, 1, 1)), midnight(date(year + 1, 1, 1)), "year")


def decade_span(year: int) -> Span:
    """Return the ten years from *year* on."""
    return Span(midnight(date(year, 1, 1)), midnight(date(year + 10, 1, 1)), "range")


def season_span(year: int, first_month: int) -> Span:
    """Return a meteorological season of the northern hemisphere; winter lasts from December into the next year."""
    return months_span(year, first_month, n_months=3, granularity="season")


def third_of(span: Span, which: str) -> Span:
    """Return the "early", "mid" or "late" third: of a month from the 1st, 11th and 21st, of longer spans by months."""
    days = (span.end - span.start).days
    if days <= 31:
        length = 10 if days > 7 else 2
        cuts = [
            span.start,
            span.start + length * DAY,
            span.start + (days - length if days < 28 else 20) * DAY,
            span.end,
        ]
    else:
        months = round(days / 30.44 / 3)
        cuts = [midnight(add_months(span.start.date(), n * months)) for n in range(3)] + [span.end]
    n = ("early", "mid", "late").index(which)
    return Span(cuts[n], cuts[n + 1], "range")


def unit_span(day: date, unit: Unit) -> Span:
    """Return the calendar unit that holds *day*."""
    match unit:
        case "week":
            return week_span(day)
        case "weekend":
            return weekend_span(day)
        case "month":
            return month_span(day.year, day.month)
        case "quarter":
            return months_span(day.year, (day.month - 1) // 3 * 3 + 1, n_months=3)
        case "year":
            return year_span(day.year)
        case "decade":
            return decade_span(day.year // 10 * 10)
        case _:
            return day_span(day)


def moved(day: date, unit: Unit, n: int) -> date:
    """Return *day* moved by *n* units."""
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120}
    if unit in months:
        return add_months(day, n * months[unit])
    return day + n * (WEEK if unit in {"week", "weekend"} else DAY)


def relative(asked: Asked, unit: Unit, n: int) -> Reading:
    """Return the unit that lies *n* units from now: an instant's minute or hour, a day, or a calendar unit."""
    if unit in {"minute", "hour"}:
        step = timedelta(minutes=1) if unit == "minute" else timedelta(hours=1)
        start = (asked.now + n * step).replace(second=0, microsecond=0)
        start = start.replace(minute=0) if unit == "hour" else start
        return Reading(Span(start, start + step, "minute" if unit == "minute" else "hour"))
    day = moved(asked.today, unit, n)
    return Reading(day=day) if unit == "day" else Reading(unit_span(day, unit))


def between(asked: Asked, unit: Unit, first: int, last: int) -> Reading:
    """Return the range from *first* to *last* units from now, of which one may be several."""
    one, other = (span_of(relative(asked, unit, n)) for n in sorted((first, last)))
    return Reading(Span(one.start, other.end, "range"))


def rolling(asked: Asked, unit: Unit, n: int) -> Reading:
    """Return the last (n < 0) or next (n > 0) *n* units, today included."""
    if unit in {"minute", "hour"}:
        step = timedelta(minutes=n) if unit == "minute" else timedelta(hours=n)
        return Reading(Span(min(asked.now, asked.now + step), max(asked.now, asked.now + step), "range"))
    return Reading(days_span(*sorted((asked.today, moved(asked.today, unit, n)))))


def weekday(asked: Asked, index: int, weeks: int | None) -> Reading:
    """Return the day with that weekday (Monday is 0) of the week *weeks* from now, or the nearest one (None)."""
    today = asked.today
    if weeks is not None:
        return Reading(day=today + timedelta(days=index - today.weekday() + 7 * weeks))
    ahead = (index - today.weekday() - 1) % 7 + 1
    back = (today.weekday() - index - 1) % 7 + 1
    return Reading(
        day=today + timedelta(days=ahead) if asked.prefer == "future" else today - timedelta(days=back),
        weekless=True,
    )


def dated(asked: Asked, year: int | None, month: int, day: int) -> Reading:
    """Return a day; without its year the nearest one on the preferred side, today included."""
    if year is not None:
        return Reading(day=date(year, month, day))
    today = asked.today
    # Eight years reach the next 29 February from anywhere, the turn of a century included.
    step = 1 if asked.prefer == "future" else -1
    for candidate in range(today.year, today.year + 9 * step, step):
        if day <= days_in(candidate, month):
            found = date(candidate, month, day)
            if (found >= today) if step > 0 else (found <= today):
                return Reading(day=found, yearless=True)
    raise ValueError("no such day near now")


def month_near(asked: Asked, month: int, side: int | None = None) -> Reading:
    """Return the nearest month of that number.

    Args:
        asked: The circumstances.
        month: 1 to 12.
        side: -1 the last before this month, 1 the next after it, 0 the one of this year, None as preferred, this
            month included.
    """
    today = asked.today
    year = today.year
    if side is None:
        year -= asked.prefer == "past" and month > today.month
        year += asked.prefer == "future" and month < today.month
    else:
        year -= side < 0 and month >= today.month
        year += side > 0 and month <= today.month
    return Reading(month_span(year, month), yearless=True)


def season_near(asked: Asked, first_month: int, side: int) -> Span:
    """Return the last season that has ended (-1), the next to begin (1), or the one meant by "this" (0)."""
    year = asked.today.year
    candidates = [season_span(y, first_month) for y in (year - 2, year - 1, year, year + 1) if y > 0]
    if side < 0:
        return max(span for span in candidates if span.end <= asked.now)
    if side > 0:
        return min(span for span in candidates if span.start > asked.now)
    if first_month == 12 and asked.today.month <= 6:
        return candidates[-3]
    return candidates[-2]


def yearly(
    asked: Asked, on: Callable[[int], date], *, year: int | None = None, side: int | None = None
) -> Reading:
    """Return a day that comes once a year, such as a festival.

    Args:
        asked: The circumstances.
        on: From a year to the day.
        year: The year that was said.
        side: -1 the last, 1 the next, 0 the one of this year, None as preferred, today included.
    """
    today = asked.today
    if year is not None or side == 0:
        return Reading(day=on(today.year if year is None else year))
    step = side or (1 if asked.prefer == "future" else -1)
    for candidate in (today.year, today.year + step):
        found = on(candidate)
        if (found == today and side is None) or (found > today if step > 0 else found < today):
            return Reading(day=found)
    raise ValueError("no such day near now")


def span_of(reading: Reading) -> Span:
    """Return the span of a reading that has a span or a day."""
    if reading.span is not None:
        return reading.span
    if reading.day is None:
        raise ValueError("a reading without a day")
    return day_span(reading.day)


def group(match: Match, name: str) -> str:
    """Return a named group, "" where the pattern lacks it or it took no part."""
    return match.groupdict().get(name) or ""
