"""Put together what the time rules read: a day with an hour, two ends of a range, an open end."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final, NamedTuple, ParamSpec

from polymem.text.lazy import lazy
from polymem.text.times_calendar import (
    DAY,
    WEEK,
    Asked,
    Clock,
    Part,
    Reading,
    Span,
    add_months,
    day_span,
    midnight,
    month_span,
)

__all__ = ["Found", "Placed", "join"]

_P = ParamSpec("_P")

OPEN_YEARS: Final = 10
"""How far "before X" and "until X" reach into the past, and "after X" into the future."""

_GAP = lazy(
    r"\s{0,2}(?:,\s{0,2})?(?:(?:at|on|in|of|from|around|about|@)(?:\s(?:the|around|about))?\s{1,2}|the\s|的|大概|大约|差不多|从)?"
    r"\s{0,2}"
)
_MAX_GAP: Final = 16
_HABIT_CHARS: Final = 60
_OPENER = lazy(r"(?:\b(?:between|from)(?:\s{1,2}the)?\s{1,2}|[从自由])$")
_CLOSED_BY = lazy(r"\s{0,2}(?:(?:and|to|until|till|through|up to)(?:\s{1,2}the)?\s|[-–—~]|到|至|直到)\s{0,2}")
_SIGN = lazy(r"\s{0,2}(?:(?:to|until|through)(?:\s{1,2}the)?\s|[-–—~到至])\s{0,2}")
_HABIT = lazy(
    r"\b(?:every|each|usually|always|daily|weekdays|weekends|normally|typically)\b|每|通常|一般|平时|总是"
)

_BEFORE = lazy(
    r"(?:\b(?P<counted>\w+s|day|night|week|month|year)\s)?\b(?P<word>since|until|till|before|after)\s{1,2}(?:the\s|early\s)?$|"
    r"(?P<zh>直到|自从|(?<![来独亲各])自)$",
    re.ASCII,
)
_BEHIND = lazy(
    r"(?P<since>以来|起(?![来床飞码初点身诉])|(?P<began>开始))|(?P<before>以前|之前|前(?![往面后夕台者天]))|"
    r"(?P<after>以后|之后|后(?![来面悔续台者天]))|(?P<until>为止)"
)


class Found(NamedTuple):
    """A reading and where its words stand."""

    begin: int
    stop: int
    reading: Reading


class Placed(NamedTuple):
    """A span and where its words stand."""

    begin: int
    stop: int
    span: Span


def join(found: Iterable[Found], folded: str, asked: Asked) -> list[Placed]:
    """Return the spans that the readings, in order of their place and without overlap, make together."""
    placed: list[Placed] = []
    queue = deque(_with_hours(found, folded))
    while queue:
        one = queue.popleft()
        pair = _possibly(_range, one, queue[0], folded, asked) if queue else None
        if pair is not None:
            queue.popleft()
        made = pair or _possibly(_alone, one, folded, asked)
        if made is not None and made.span.start < made.span.end:
            placed.append(made)
    return placed


def _possibly(make: Callable[_P, Placed | None], *args: _P.args, **kwargs: _P.kwargs) -> Placed | None:
    """Return what *make* makes, None where that lies outside the calendar."""
    try:
        return make(*args, **kwargs)
    except (ValueError, OverflowError):
        return None


def _alone(one: Found, folded: str, asked: Asked) -> Placed | None:
    """Return the span of one reading, with its end opened by a word beside it."""
    around = folded[max(0, one.begin - _HABIT_CHARS) : one.stop + _HABIT_CHARS]
    if one.reading.day is None and one.reading.clock is not None and _HABIT.search(around):
        return None
    span = _realised(_to_come(one, folded, asked), asked)
    reach = WEEK if one.reading.weekless else None
    return None if span is None else _opened(Placed(one.begin, one.stop, span), folded, asked, reach=reach)


_UNTIL = lazy(r"\b(?:until|till)\s{1,2}(?:the\s|early\s)?$|直到$", re.ASCII)
_IT_WAS = lazy("[^,.!?，。！？]{0,12}(?:才|终于|了)")
"""After 直到周五: it is over."""
_PAST_TENSE = lazy(
    r"\b(?:was|were|had|did|went|slept|kept|spent|(?<!is )(?<!are )(?<!am )(?<!be )(?<!'s )(?<!'re )(?<!'m )\w\w+[^e\W]ed)\b[^.!?]*$",
    re.ASCII,
)


def _to_come(one: Found, folded: str, asked: Asked) -> Reading:
    """Return the reading in "until Friday" or "until June" as the one to come, unless the verb is in the past."""
    reading = one.reading
    if not (reading.weekless or reading.yearless) or asked.prefer == "future":
        return reading
    before = folded[max(0, one.begin - _HABIT_CHARS) : one.begin]
    if not _UNTIL.search(before) or _PAST_TENSE.search(before) or _IT_WAS.match(folded, one.stop):
        return reading
    if reading.weekless and reading.day is not None:
        return replace(reading, day=reading.day + WEEK) if reading.day < asked.today else reading
    span = _realised(reading, asked)
    if span is None or span.end > asked.now:
        return reading
    return _in_year(reading, span.start.year + 1)


def _with_hours(found: Iterable[Found], folded: str) -> list[Found]:
    """Join neighbours such as "yesterday", "afternoon" and "at 3" to one reading."""
    joined: list[Found] = []
    for one in found:
        if joined and one.begin - joined[-1].stop <= _MAX_GAP:
            last = joined[-1]
            both = _both(last.reading, one.reading)
            if both is not None and _GAP.fullmatch(folded, last.stop, one.begin):
                joined[-1] = Found(last.begin, one.stop, both)
                continue
        joined.append(one)
    return joined


def _both(one: Reading, other: Reading) -> Reading | None:
    """Return two readings as one if they speak of different things: the day, its part, the hour."""
    if one.span or other.span:
        return None
    if (one.day and other.day) or (one.part and other.part) or (one.clock and other.clock):
        return None
    return Reading(
        day=one.day or other.day,
        part=one.part or other.part,
        clock=one.clock or other.clock,
        yearless=one.yearless or other.yearless,
        weekless=one.weekless or other.weekless,
    )


def _realised(reading: Reading, asked: Asked) -> Span | None:
    """Return the span of a reading; a part of the day alone is none."""
    if reading.span is not None:
        return reading.span
    if reading.day is None:
        if reading.clock is None or not (reading.clock.sure or reading.part):
            return None
        reading = replace(reading, day=asked.today)
    if reading.day is None:
        return None
    start = midnight(reading.day)
    if reading.clock is not None:
        hour, minute = _hour(reading.clock, reading.part), reading.clock.minute
        at = start + timedelta(hours=hour, minutes=minute or 0)
        if minute is None:
            return Span(at, at + timedelta(hours=1), "hour")
        return Span(at, at + timedelta(minutes=1), "minute")
    if reading.part is not None:
        return Span(
            start + timedelta(hours=reading.part.start), start + timedelta(hours=reading.part.end), "part"
        )
    return day_span(reading.day)


def _hour(clock: Clock, part: Part | None) -> int:
    """Return the hour on 24, from the part of the day or, without one, taking 1 to 6 for the afternoon."""
    hour = clock.hour
    if not clock.twelve:
        return hour
    if part is None:
        return hour + 12 if hour <= 6 else hour
    if hour == 12 and (part.start < 11 or part.end > 24):
        return 24 if part.end > 24 else 0
    if part.end > 24:  # the small hours after an evening belong to the next date
        return hour + 12 if hour >= 5 else hour + 24
    return hour + 12 if hour + 12 < part.end else hour


def _range(one: Found, other: Found, folded: str, asked: Asked) -> Placed | None:
    """Return the range that two neighbours make: "from May 3 to May 7", 下午三点到五点."""
    if other.begin - one.stop > _MAX_GAP:
        return None
    opened = _OPENER.search(folded, max(0, one.begin - 16), one.begin)
    if not (_CLOSED_BY if opened else _SIGN).fullmatch(folded, one.stop, other.begin):
        return None
    first, last = _completed(one.reading, other.reading)
    start, end = _realised(first, asked), _realised(last, asked)
    if start is None or end is None or start.start >= end.end:
        return None
    if not opened and start.granularity != end.granularity:
        return None
    return Placed(one.begin, other.stop, Span(start.start, end.end, "range"))


def _completed(one: Reading, other: Reading) -> tuple[Reading, Reading]:
    """Give each end of a range what only the other said: the year, the day, the part of the day."""
    if one.yearless and not other.yearless and (year := _year(other)):
        one = _in_year(one, year, latest=other)
    elif other.yearless and not one.yearless and (year := _year(one)):
        other = _in_year(other, year, earliest=one)
    if other.weekless and other.day and one.day and other.day < one.day:
        other = replace(other, day=one.day + (other.day - one.day) % WEEK)
    if one.clock and other.clock:
        day, part = one.day or other.day, one.part or other.part
        one = replace(one, day=one.day or day, part=one.part or part, clock=one.clock._replace(sure=True))
        other = replace(
            other, day=other.day or day, part=other.part or part, clock=other.clock._replace(sure=True)
        )
    return one, other


def _year(reading: Reading) -> int | None:
    """Return the year in which a reading begins."""
    if reading.day is not None:
        return reading.day.year
    return None if reading.span is None else reading.span.start.year


def _in_year(
    reading: Reading, year: int, *, latest: Reading | None = None, earliest: Reading | None = None
) -> Reading:
    """Return a day or month in another year: the one said, or the neighbour that keeps the range in order."""
    for candidate in (year, year - 1 if latest else year + 1):
        if reading.day is not None:
            moved = Reading(day=reading.day.replace(year=candidate))
        elif reading.span is not None and reading.span.granularity == "month":
            moved = Reading(month_span(candidate, reading.span.start.month))
        else:
            return reading
        start, other = _start(moved), _start(latest or earliest or moved)
        if start <= other if latest else start >= other:
            return moved
    return reading


def _start(reading: Reading) -> tuple[int, int, int]:
    """Return where a day or a span begins, for comparing."""
    day = reading.day or (reading.span.start.date() if reading.span else None)
    return (day.year, day.month, day.day) if day else (0, 0, 0)


_WORDS: Final = {"till": "until", "直到": "until", "自从": "since", "自": "since"}
_SAYS_SINCE: Final = frozenset(("since", "began", "after"))
"""What may close 自从…: 以来, 起, 开始, 之后."""


def _opened(one: Placed, folded: str, asked: Asked, *, reach: timedelta | None = None) -> Placed:
    """Return the span with an end opened by a word beside it: since, until, before, after, 以前, 以后, 以来.

    *reach* is how far the open end lies; None for what :func:`_open` takes by itself.
    """
    before = _BEFORE.search(folded, max(0, one.begin - 24), one.begin)
    if before and not before["counted"]:
        word, begin = (
            _WORDS.get(before["zh"] or before["word"], before["word"]),
            before.start(before.lastgroup or 0),
        )
        stop = one.stop
        if word == "since" and (too := _BEHIND.match(folded, stop)) and too.lastgroup in _SAYS_SINCE:
            stop = too.end()
        return Placed(begin, stop, _open(one.span, word, asked, reach=reach))
    if before and before["word"] in {"before", "after"}:
        if before["counted"] == "day" and one.span.granularity == "day":
            shift = DAY if before["word"] == "after" else -DAY
            return Placed(before.start(), one.stop, Span(one.span.start + shift, one.span.end + shift, "day"))
        return one
    behind = _BEHIND.match(folded, one.stop)
    # "去年开始学琴" names the beginning, "从去年开始" all that came after it.
    if (
        behind
        and behind.lastgroup
        and (not behind["began"] or _OPENER.search(folded, max(0, one.begin - 16), one.begin))
    ):
        return Placed(one.begin, behind.end(), _open(one.span, behind.lastgroup, asked, reach=reach))
    return one


def _open(span: Span, word: str, asked: Asked, *, reach: timedelta | None) -> Span:
    """Return the half of time that *word* names; within a day it ends with the day."""
    now = asked.now
    if span.granularity in {"minute", "hour", "part"}:
        day = midnight(span.start.date())
        first, last = day, day + DAY
    elif reach is not None:
        first, last = span.start - reach, now if span.start < now else span.end + reach
    else:
        first = midnight(add_months(span.start.date(), -12 * OPEN_YEARS))
        last = now if span.start < now else midnight(add_months(span.end.date(), 12 * OPEN_YEARS))
    if word == "since":
        return Span(span.start, now, "range") if span.start < now else span
    if word == "until":
        return Span(min(now, span.start) if span.end > now else first, span.end, "range")
    if word == "before":
        return Span(first, span.start, "range") if first < span.start else span
    return Span(span.end, last, "range") if span.end < last else span
