"""What English time expressions mean: a resolver for each kind of wording, over tables of words."""

from __future__ import annotations

from datetime import date, timedelta

from polymem.text.times_calendar import (
    DAY,
    WEEK,
    Asked,
    Clock,
    Match,
    Reading,
    Span,
    between,
    dated,
    decade_span,
    group,
    midnight,
    month_near,
    month_span,
    months_span,
    relative,
    rolling,
    season_near,
    season_span,
    span_of,
    third_of,
    weekday,
    year_span,
    yearly,
)
from polymem.text.times_en_words import (
    BEFORE_FESTIVALS,
    BEFORE_PEOPLE,
    FIXED_FESTIVALS,
    HALVES,
    MONTH_NAMES,
    MONTHS,
    NOT_ONE_DAY,
    NUMBERS,
    ORDINALS,
    PARTS,
    PEOPLE,
    PREPOSITIONS,
    SEASONS,
    SIDES,
    THIRDS,
    UNITS,
    VAGUE,
    VERBS,
    WEEKDAYS,
    WORDS,
)


def word_before(match: Match) -> str:
    """Return the word in front of a match, "" at the beginning or after a sign; "the" is passed over."""
    words = match.string[max(0, match.start() - 16) : match.start()].split(" ")
    words = [word for word in words[:-1] if word] if words[-1] == "" else []
    if words and words[-1] == "the":
        words.pop()
    return words[-1] if words else ""


def year_of(match: Match) -> int | None:
    """Return the year of a match, if it names one."""
    year = group(match, "year")
    return int(year) if year else None


def capital(match: Match, asked: Asked, name: str) -> bool:
    """Tell whether the author wrote a group with a capital letter."""
    return asked.text[match.start(name)].isupper()


def iso(match: Match, asked: Asked) -> Reading:
    """Read 2023-05-07, 2023/5/7, 2023-05-07 15:30."""
    del asked
    clock = Clock(int(match["hour"]), int(match["minute"])) if match["hour"] else None
    return Reading(day=date(int(match["year"]), int(match["month"]), int(match["day"])), clock=clock)


def slashes(match: Match, asked: Asked) -> Reading | None:
    """Read 13/05/2023 and 05/13/2023; where both orders are possible, nothing."""
    del asked
    one, other = int(match["one"]), int(match["other"])
    if max(one, other) <= 12 and one != other:
        return None
    return Reading(day=date(int(match["year"]), min(one, other), max(one, other)))


def _month_sure(match: Match, asked: Asked) -> bool:
    """Tell whether the month beside a day number is one: "may 7" in small letters needs more."""
    if match["month"] not in VERBS | PEOPLE or capital(match, asked, "month"):
        return True
    return bool(match["ordinal"] or match["year"]) or word_before(match) in PREPOSITIONS | {"on"}


def day(match: Match, asked: Asked) -> Reading | None:
    """Read 7 May 2023, May 7th, Saturday, 7 May."""
    if not _month_sure(match, asked):
        return None
    return dated(asked, year_of(match), MONTHS[match["month"]], int(match["day"]))


def days(match: Match, asked: Asked) -> Reading | None:
    """Read May 3-5, 2023 and 3-5 May."""
    first = dated(asked, year_of(match), MONTHS[match["month"]], int(match["day"])).day
    if first is None or not _month_sure(match, asked):
        return None
    return Reading(Span(midnight(first), midnight(first.replace(day=int(match["to"]))) + DAY, "range"))


def months(match: Match, asked: Asked) -> Reading:
    """Read between May and July 2023."""
    one, other, year = MONTHS[match["month"]], MONTHS[match["to"]], year_of(match)
    last = month_span(year, other) if year else span_of(month_near(asked, other))
    first = int(match["from_year"]) if group(match, "from_year") else last.start.year - (one > other)
    return Reading(Span(month_span(first, one).start, last.end, "range"))


def years(match: Match, asked: Asked) -> Reading:
    """Read from 2019 to 2021."""
    del asked
    return Reading(Span(year_span(int(match["from_year"])).start, year_span(int(match["year"])).end, "range"))


def month(match: Match, asked: Asked) -> Reading | None:
    """Read May 2023, early May, in May, last May, September."""
    number, year = MONTHS[match["month"]], year_of(match)
    if year:
        return _third(match, Reading(month_span(year, number)))
    if not _month_alone_sure(match, asked):
        return None
    side = match["side"]
    return _third(match, month_near(asked, number, SIDES[side.split(" ")[-1]] if side else None))


def _month_alone_sure(match: Match, asked: Asked) -> bool:
    """Tell a month without day and year from a verb or a person: "in May", not "may", "April", "this may"."""
    word, before = match["month"], word_before(match)
    if match["third"]:
        return True
    if match["side"]:
        return word not in VERBS | PEOPLE or capital(match, asked, "month")
    if word in PEOPLE:
        following = asked.text[match.end() : match.end() + 2]
        return before in BEFORE_PEOPLE and not (following[:1] == " " and following[1:].isupper())
    return before in PREPOSITIONS or (word in MONTH_NAMES and word not in VERBS)


def _third(match: Match, found: Reading) -> Reading:
    """Return the third of a span that "early" and the like name, or the whole."""
    third = group(match, "third")
    if not third or found.span is None:
        return found
    return Reading(third_of(found.span, THIRDS[third]), yearless=found.yearless)


def year(match: Match, asked: Asked) -> Reading | None:
    """Read in 2021, late 2022; a bare number is none."""
    del asked
    if not (match["third"] or match["named"] or word_before(match) in PREPOSITIONS - {"of"}):
        return None
    return _third(match, Reading(year_span(int(match["year"]))))


def season(match: Match, asked: Asked) -> Reading:
    """Read last summer, winter 2021, the spring of 2020."""
    first, said = SEASONS[match["season"]], year_of(match)
    if said:
        return _third(match, Reading(season_span(said, first)))
    return _third(match, Reading(season_near(asked, first, SIDES[match["side"].split(" ")[-1]])))


def quarter(match: Match, asked: Asked) -> Reading:
    """Read Q2 2023, the second quarter of 2023, in Q2."""
    word = match["n"]
    first = 3 * (ORDINALS[word] if word in ORDINALS else int(word)) - 2
    said = year_of(match) or span_of(month_near(asked, first)).start.year
    return Reading(months_span(said, first, n_months=3))


def decade(match: Match, asked: Asked) -> Reading:
    """Read the 1990s, the '90s, the early 90s: two digits mean the latest such decade that has begun."""
    digits = int(group(match, "decade") or match["short"])
    if digits < 100:
        century = asked.today.year // 100 * 100
        digits += century if century + digits <= asked.today.year else century - 100
    return _third(match, Reading(decade_span(digits)))


def named_day(match: Match, asked: Asked) -> Reading:
    """Read today, the day before yesterday, tomorrow."""
    offset = {"today": 0, "yesterday": -1, "tomorrow": 1}[match["name"]]
    shift = {"before": -1, "after": 1}.get(group(match, "shift"), 0)
    return Reading(day=asked.today + (offset + shift) * DAY)


def this_part(match: Match, asked: Asked) -> Reading:
    """Read tonight, last night, this morning."""
    if group(match, "tonight"):
        return Reading(day=asked.today, part=PARTS["night"])
    return Reading(day=asked.today - DAY * (match["side"] == "last"), part=PARTS[match["part"]])


def one_weekday(match: Match, asked: Asked) -> Reading | None:
    """Read last Saturday, next Friday, this Monday, on Tuesday.

    "Last" is the latest before today, "next" lies in the next week (Monday to Sunday), "this" in the current one.
    """
    word, side = match["weekday"], (match["side"] or "").removeprefix("this ")
    if word in WORDS and not (capital(match, asked, "weekday") and (side or word_before(match) == "on")):
        return None
    if not side and word_before(match) in NOT_ONE_DAY:
        return None
    if side in {"this", "next"}:
        return weekday(asked, WEEKDAYS[word], 1 if side == "next" else 0)
    if side:
        asked = asked._replace(prefer="past" if SIDES[side] < 0 else "future")
    return weekday(asked, WEEKDAYS[word], None)


def weekday_of_week(match: Match, asked: Asked) -> Reading | None:
    """Read Monday of last week, Friday next week, last week Tuesday."""
    if match["weekday"] in WORDS and not capital(match, asked, "weekday"):
        return None
    return weekday(asked, WEEKDAYS[match["weekday"]], SIDES[match["side"]])


def weekday_weeks_away(match: Match, asked: Asked) -> Reading | None:
    """Read Tuesday in two weeks, Monday three weeks ago: that day of the week so far away."""
    if match["weekday"] in WORDS and not capital(match, asked, "weekday"):
        return None
    n, _ = _amount(match)
    return weekday(asked, WEEKDAYS[match["weekday"]], -n if match["ago"] else n)


def weeks_from_weekday(match: Match, asked: Asked) -> Reading | None:
    """Read a week from Monday: counted from the next such day, unless the weekday says which one."""
    if match["weekday"] in WORDS and not capital(match, asked, "weekday"):
        return None
    n, _ = _amount(match)
    back = match["from"] == "before"
    one = one_weekday(match, asked if back else asked._replace(prefer="future"))
    return None if one is None or one.day is None else Reading(day=one.day + n * WEEK * (-1 if back else 1))


def unit(match: Match, asked: Asked) -> Reading:
    """Read last week, this month, late next year; "the past month" is the month up to today."""
    named, side = UNITS[match["unit"]], match["side"]
    if side == "past" and named != "weekend":
        return rolling(asked, named, -1)
    return _third(match, relative(asked, named, SIDES[side.split(" ")[-1]]))


def unit_beyond(match: Match, asked: Asked) -> Reading:
    """Read the week before last, the month after next."""
    return relative(asked, UNITS[match["unit"]], -2 if match["beyond"] == "before last" else 2)


def weekend(match: Match, asked: Asked) -> Reading:
    """Read over the weekend: the one in progress, else the nearest on the preferred side."""
    del match
    behind = asked.prefer == "past" and asked.today.weekday() < 5
    return relative(asked, "weekend", -1 if behind else 0)


def _amount(match: Match) -> tuple[int, int]:
    """Return how many units, as a range: (3, 3) for "three", (2, 6) for "a few"."""
    vague = group(match, "vague")
    if vague:
        return VAGUE[vague.split(" ")[0]]
    word = match["n"]
    n = int(word) if word.isdigit() else NUMBERS[word]
    return n, n


def away(match: Match, asked: Asked) -> Reading | None:
    """Read two weeks ago, in three days, a few days ago; not "for the first time in three years"."""
    if group(match, "ahead") == "in" and word_before(match) == "time":
        return None
    named, (low, high) = UNITS[match["unit"].removesuffix("s")], _amount(match)
    sign = 1 if group(match, "ahead") else -1
    if low == high:
        return relative(asked, named, sign * low)
    return between(asked, named, sign * low, sign * high)


def half_away(match: Match, asked: Asked) -> Reading:
    """Read half an hour ago, in half a year."""
    named, n = HALVES[UNITS[match["unit"]]]
    return relative(asked, named, n if group(match, "ahead") else -n)


def some_units(match: Match, asked: Asked) -> Reading:
    """Read the last few months, the next two weeks: the longest that a vague number may mean."""
    _, n = _amount(match)
    return rolling(asked, UNITS[match["unit"].removesuffix("s")], n * (SIDES[match["side"]] or 1))


def other_day(match: Match, asked: Asked) -> Reading:
    """Read the other day: a few days ago."""
    del match
    return between(asked, "day", -2, -6)


def _festival_day(name: str, said: int) -> date:
    """Return the day of a festival in a year."""
    if name.startswith("thanksgiving"):  # the fourth Thursday of November, as in the United States
        first = date(said, 11, 1)
        return first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    key = max((key for key in FIXED_FESTIVALS if name.startswith(key)), key=len)
    return date(said, *FIXED_FESTIVALS[key])


def festival(match: Match, asked: Asked) -> Reading | None:
    """Read Christmas Eve, last Thanksgiving, at Halloween; a festival alone may be a tree or a wish."""
    name, side, said = " ".join(match["festival"].split()), match["side"], year_of(match)
    exact = name.endswith((" eve", " day"))
    if not (exact or side or said or word_before(match) in BEFORE_FESTIVALS):
        return None
    return yearly(
        asked,
        lambda when: _festival_day(name, when),
        year=said,
        side=SIDES[side.split(" ")[-1]] if side else None,
    )


def clock(match: Match, asked: Asked) -> Reading | None:
    """Read 3 pm, 3:15 p.m., at 15:30, 5 o'clock."""
    del asked
    hour, minute, half = int(match["hour"]), group(match, "minute"), group(match, "half")
    if hour > 23 or (half and not 1 <= hour <= 12):
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    before = match.string[max(0, match.start() - 4) : match.start()]
    sure = bool(half) or bool(minute and "比" not in before and word_before(match) in BEFORE_FESTIVALS | {""})
    twelve = not half and 1 <= hour <= 12 and match["hour"][0] != "0"
    return Reading(clock=Clock(hour, int(minute) if minute else None, sure=sure, twelve=twelve))


def part(match: Match, asked: Asked) -> Reading:
    """Read a part of the day, which means something beside a day or an hour only."""
    del asked
    return Reading(part=PARTS[match["part"]])
