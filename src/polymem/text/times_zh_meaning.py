"""What Chinese time expressions mean: a resolver for each kind of wording, over tables of words."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.times_calendar import (
    DAY,
    Asked,
    Clock,
    Match,
    Reading,
    Resolver,
    Span,
    Unit,
    add_months,
    between,
    dated,
    decade_span,
    group,
    midnight,
    month_near,
    month_span,
    months_span,
    moved,
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
from polymem.text.times_lunar import LUNAR_FESTIVALS
from polymem.text.times_zh_words import (
    DAYS,
    DIGITS,
    FIXED_FESTIVALS,
    HALVES,
    NIGHT,
    PARTS,
    SEASONS,
    SIDES,
    THIRDS,
    UNITS,
    VAGUE,
    WEEKDAYS,
    WHOLES,
    YEARS,
)

_TO: Final = ("到", "至", "-", "~")
_WEEKDAY_AND_TO: Final = lazy("[周期拜][一二三四五六日天][到至~-]")


def number(text: str) -> int:
    """Return the value of digits or of a Chinese numeral up to 999.

    Example:
        >>> number("15"), number("十五"), number("二十"), number("二〇二三"), number("一百零五")
        (15, 15, 20, 2023, 105)
    """
    if text.isdecimal():
        return int(text)
    if not set(text) & set("十百廿"):
        return int("".join(str(DIGITS[character]) for character in text))
    total = pending = 0
    for character in text.replace("廿", "二十"):
        if character in "十百":
            total += (pending or 1) * (10 if character == "十" else 100)
            pending = 0
        else:
            pending = DIGITS[character]
    return total + pending


def year_of(match: Match, asked: Asked) -> int | None:
    """Return the year that a match names: 2023年, 98年, 去年."""
    if said := group(match, "year"):
        return number(said)
    if short := group(match, "short"):
        year = asked.today.year // 100 * 100 + int(short)
        return year if year <= asked.today.year + _SHORT_YEARS_AHEAD else year - 100
    rel = group(match, "rel") or group(match, "short_rel")
    return asked.today.year + YEARS[rel] if rel else None


_SHORT_YEARS_AHEAD: Final = 10
"""How far a year of two digits may lie ahead."""
_LUNAR: Final = lazy(
    f"(?:[农阴旧夏]历|闰)[的0-9{''.join(DIGITS)}十廿初正腊去今明前后大年月日号到至、~\\s-]*$"
)


def solar(resolve: Resolver) -> Resolver:
    """Return *resolve* without the dates of the lunar calendar, of which only festivals are known: 农历八月十五."""

    def read(match: Match, asked: Asked) -> Reading | None:
        return None if _LUNAR.search(match.string[: match.start()][-20:]) else resolve(match, asked)

    return read


def _third(match: Match, found: Reading) -> Reading:
    """Return the third of a span that 初, 中, 底 and the like name, or the whole."""
    third = group(match, "third")
    if not third or found.span is None:
        return found
    return Reading(third_of(found.span, THIRDS[third[0]]), yearless=found.yearless)


def day(match: Match, asked: Asked) -> Reading:
    """Read 2023年5月7日, 五月七号."""
    return dated(asked, year_of(match, asked), number(match["month"]), number(match["day"]))


def days(match: Match, asked: Asked) -> Reading:
    """Read 5月3日到5日."""
    first = day(match, asked).day
    if first is None:
        raise ValueError("no day")
    return Reading(Span(midnight(first), midnight(first.replace(day=number(match["to"]))) + DAY, "range"))


def day_of_month(match: Match, asked: Asked) -> Reading:
    """Read 上个月五号."""
    month = add_months(asked.today.replace(day=1), SIDES[match["side"]])
    return Reading(day=month.replace(day=number(match["day"])))


def month(match: Match, asked: Asked) -> Reading:
    """Read 2023年5月, 五月初, 去年三月."""
    year, named = year_of(match, asked), number(match["month"])
    return _third(match, month_near(asked, named) if year is None else Reading(month_span(year, named)))


def months(match: Match, asked: Asked) -> Reading:
    """Read 2023年5月到7月."""
    year, one, other = year_of(match, asked), number(match["month"]), number(match["to"])
    if year is None:
        year = span_of(month_near(asked, other)).start.year - (one > other)
    last = month_span(year + (one > other), other)
    return Reading(Span(month_span(year, one).start, last.end, "range"))


def month_beside(match: Match, asked: Asked) -> Reading:
    """Read 上个月, 下月初."""
    return _third(match, relative(asked, "month", SIDES[match["side"]]))


def year(match: Match, asked: Asked) -> Reading | None:
    """Read 2023年, 去年年底; 初 and 底 of a year are its first and last three months."""
    named = year_of(match, asked)
    if named is None:
        return None
    third = group(match, "third")
    if third[:1] in {"初", "底", "末"}:
        return Reading(months_span(named, 1 if third == "初" else 10, n_months=3))
    return _third(match, Reading(year_span(named)))


def half_year(match: Match, asked: Asked) -> Reading:
    """Read 今年上半年."""
    named = year_of(match, asked)
    first = 1 if match["half"] == "上" else 7
    return Reading(months_span(asked.today.year if named is None else named, first, n_months=6))


def quarter(match: Match, asked: Asked) -> Reading:
    """Read 2023年第二季度."""
    first = 3 * number(match["n"]) - 2
    named = year_of(match, asked)
    return Reading(months_span(named or span_of(month_near(asked, first)).start.year, first, n_months=3))


def season(match: Match, asked: Asked) -> Reading:
    """Read 去年夏天, 今春."""
    named = year_of(match, asked)
    return Reading(season_span(asked.today.year if named is None else named, SEASONS[match["season"]]))


def season_beside(match: Match, asked: Asked) -> Reading:
    """Read 上个夏天."""
    return Reading(season_near(asked, SEASONS[match["season"]], SIDES[match["side"]]))


def decade(match: Match, asked: Asked) -> Reading:
    """Read 90年代, 上世纪八十年代, 2010年代: two digits alone mean the latest such decade that has begun."""
    digits, century = number(match["decade"]), group(match, "century")
    if digits < 100:
        if century:
            this = asked.today.year // 100 + 1
            digits += 100 * ((this - 1 if century[0] == "上" else number(century)) - 1)
        else:
            this = asked.today.year // 100 * 100
            digits += this if this + digits <= asked.today.year else this - 100
    return _third(match, Reading(decade_span(digits)))


def named_day(match: Match, asked: Asked) -> Reading:
    """Read 昨天, 大后天."""
    return Reading(day=asked.today + DAYS[match["name"][:-1]] * DAY)


def day_part(match: Match, asked: Asked) -> Reading:
    """Read 今晚, 昨夜, 明早."""
    part = PARTS["早上"] if match["part"] == "早" else NIGHT
    return Reading(day=asked.today + DAYS[match["name"]] * DAY, part=part)


def this_day(match: Match, asked: Asked) -> Reading:
    """Read 去年今天, 上个月的今天."""
    if match["rel"]:
        return Reading(day=moved(asked.today, "year", YEARS[match["rel"]]))
    return Reading(day=moved(asked.today, UNITS[match["unit"]], SIDES[match["side"]]))


def weekend(match: Match, asked: Asked) -> Reading:
    """Read 上周末, 这个周末."""
    return relative(asked, "weekend", SIDES[match["side"]])


def week(match: Match, asked: Asked) -> Reading:
    """Read 上周, 这个星期, 下下周."""
    return relative(asked, "week", SIDES[match["side"]])


def weekday_named(match: Match, asked: Asked) -> Reading | None:
    """Read 上周六, 下个星期五, 周三; every such day is none, nor is 周一到周五."""
    side = match["side"]
    before = match.string[max(0, match.start() - 3) : match.start()]
    behind = match.string[match.end() : match.end() + 1]
    if match["every"] or (not side and (behind in _TO or _WEEKDAY_AND_TO.search(before))):
        return None
    return weekday(asked, WEEKDAYS[match["weekday"] or match["weekday2"]], SIDES[side] if side else None)


def _amount(match: Match) -> tuple[Unit, int, int]:
    """Return the unit and how many, as a range, in a unit small enough for halves: 一年半 is 18 months."""
    word, name = match["n"], match["unit"]
    if name == "月" and not match["each"] and word != "半":
        raise ValueError("三月 is a month, not a number of months")
    unit = UNITS[name]
    if word in VAGUE:
        return (unit, *VAGUE[word])
    if (word == "半" or match["half"] or match["plus"]) and unit not in HALVES:
        raise ValueError("half a day has no place")
    if word == "半":
        finer, n = HALVES[unit]
        return finer, n, n
    if len(word) == 2 and set(word) <= set("一二三四五六七八九"):  # 三四天: three or four
        return unit, number(word[0]), number(word[1])
    n = number(word)
    if match["half"] or match["plus"]:
        finer, extra = HALVES[unit]
        n = n * WHOLES[unit] + extra
        unit = finer
    return unit, n, n


def _away(match: Match, asked: Asked, sign: int) -> Reading:
    """Return the unit that lies the amount of a match from now."""
    unit, low, high = _amount(match)
    return relative(asked, unit, sign * low) if low == high else between(asked, unit, sign * low, sign * high)


def ago(match: Match, asked: Asked) -> Reading:
    """Read 三天前, 两个星期以前, 半年前, 几天前."""
    return _away(match, asked, -1)


def ahead(match: Match, asked: Asked) -> Reading:
    """Read 三天后, 过两个月."""
    return _away(match, asked, 1)


def few_ago(match: Match, asked: Asked) -> Reading:
    """Read 前几天, 前两年."""
    return between(asked, UNITS[match["unit"]], -2, -6)


def some_units(match: Match, asked: Asked) -> Reading:
    """Read 最近三个月, 过去两年, 未来一周: the longest that a vague number may mean."""
    unit, _, n = _amount(match)
    return rolling(asked, unit, n if match["side"] in {"未来", "接下来", "今后"} else -n)


def these_units(match: Match, asked: Asked) -> Reading:
    """Read 这几天, 这两年."""
    return rolling(asked, UNITS[match["unit"]], -2 if match["n"] == "两" else -6)


def _festival_day(name: str, when: int) -> date:
    """Return the day of a festival in a year; the lunar ones are known for the years of their table."""
    if name[:2] in FIXED_FESTIVALS:
        return date(when, *FIXED_FESTIVALS[name[:2]])
    if name[:2] == "感恩":  # the fourth Thursday of November, as in the United States
        first = date(when, 11, 1)
        return first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    if when not in LUNAR_FESTIVALS:
        raise ValueError("a lunar festival outside the table")
    new_year, dragon_boat, mid_autumn = LUNAR_FESTIVALS[when]
    offset = {"除夕": -1, "春节": 0, "元宵": 14}.get(name[:2])
    if offset is not None:
        return date(when, *new_year) + offset * DAY
    return date(when, *(dragon_boat if name[:2] == "端午" else mid_autumn))


def festival(match: Match, asked: Asked) -> Reading:
    """Read 去年国庆, 中秋节, 双十一."""
    return yearly(asked, lambda when: _festival_day(match["festival"], when), year=year_of(match, asked))


def part(match: Match, asked: Asked) -> Reading:
    """Read a part of the day, which means something beside a day or an hour only."""
    del asked
    return Reading(part=PARTS[match["part"]])


def clock(match: Match, asked: Asked) -> Reading | None:
    """Read 三点半, 15点20分, 八点钟; 三点 alone may be three points."""
    del asked
    hour = number(match["hour"])
    minute = number(match["minute"]) if match["minute"] else None
    if group(match, "past"):
        minute = 30
    elif quarters := group(match, "quarters"):
        minute = 15 * number(quarters)
    if hour > 24 or (minute is not None and minute > 59):
        return None
    return Reading(
        clock=Clock(hour, minute, sure=minute is not None, twelve=1 <= hour <= 12 and match["hour"][0] != "0")
    )
