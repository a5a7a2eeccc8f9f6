"""English time expressions: the wordings, in the order in which they claim words.

The patterns see folded text and ASCII word borders; a space in them stands for any short white space.
"""

from __future__ import annotations

import re
from typing import Final

from polymem.text import times_en_meaning as meaning
from polymem.text import times_en_words as words
from polymem.text.lazy import lazy
from polymem.text.times_calendar import Resolver, Rule

__all__ = ["RULES"]


def _alternatives(table: dict[str, int]) -> str:
    """Return the words of a table as alternatives, the longest first."""
    return "|".join(sorted(table, key=len, reverse=True))


_MONTH = _alternatives(words.MONTHS)
_WEEKDAY = _alternatives(words.WEEKDAYS)
_SEASON = _alternatives(words.SEASONS)
_NUMBER = rf"\d{{1,3}}|{_alternatives(words.NUMBERS)}"
_PART = "|".join(words.PARTS)
_SIDE = "this past|this coming|last|past|this|next|coming|upcoming"
_YEAR = r"(?:1[5-9]|20|21)\d\d"
_ORDINAL = "(?P<ordinal>st|nd|rd|th)?"
_DAY = rf"(?P<day>[0-3]?\d){_ORDINAL}"
_SAID_YEAR = rf"(?:(?:,|,? of)? ?(?P<year>{_YEAR})(?!\d|[-/:.]\d))?"
_WEEKDAY_FIRST = rf"(?:(?:{_WEEKDAY})\b,? (?:the )?)?"
_THIRD = r"(?:(?:the )?\b(?P<third>early|mid|late|beginning|start|middle|end)(?: of| in|-)? ?(?:the )?)?"
_TO = "[-\u2013\u2014]"
_AMOUNT = (
    rf"(?:(?:about|around|roughly|over|almost|nearly|exactly) )?"
    rf"(?:(?P<n>{_NUMBER})|(?:a |some )?(?P<vague>few|several|couple(?: of)?)) (?:more )?"
)
_UNITS = r"(?P<unit>(?:minute|min|hour|hr|day|night|week|weekend|month|year|decade)s?)\b"
# What counts things, so that the number before it is no year: "in 2000 houses" keeps to the commonest.
_NO_COUNT = (
    r"(?![-/.,:]?\d|[-/][a-z]|%| ?(?:people|persons?|men|women|students|words?|dollars?|euros?|pounds?|yuan|usd|rmb|"
    r"bucks|miles?|kms?|met(?:er|re)s?|feet|ft|kg|grams?|calories|steps|points?|times|pages?|pieces|users?|items?|"
    r"copies|votes|seats|units|bce?|square|hours?|minutes?|seconds?|days?|weeks?|months?|years?)\b)"
)
_FESTIVAL = (
    r"christmas(?: eve| day)?|xmas|boxing day|new year'?s eve|new year(?:'?s day|'s)?|halloween|"
    r"thanksgiving(?: day)?|valentine'?s(?: day)?"
)
_NO_THING = (
    r"(?! (?:trees?|presents?|gifts?|cards?|carols?|party|parties|resolutions?|songs?|movies?|decorations?|cookies|"
    r"costumes?|lights|markets?|sweaters?|music|stockings?|shopping|turkey)\b)"
)
_MONTH_WORDS = " ".join(words.MONTHS)
_WEEKDAY_WORDS = " ".join(words.WEEKDAYS)
_SEASON_WORDS = " ".join(words.SEASONS)
_SPANS = "week weekend month quarter year decade"
_SIDE_WORDS = "last past this next coming upcoming"
_THIRD_WORDS = "the early mid late beginning start middle end"
_AMOUNT_WORDS = (
    f"about around roughly over almost nearly exactly 0 {' '.join(words.NUMBERS)} a some few several couple"
)
_UNIT_WORDS = " ".join(f"{unit} {unit}s" for unit in words.UNITS)


def _rule(name: str, needs: str, pattern: str, resolve: Resolver, *, begins: str) -> Rule:
    """Return a rule.

    Args:
        name: What it reads.
        needs: Words, one of which a text must have, with spaces between them; "0" for any digit, a sign for itself
            beside any digit.
        pattern: The wording.
        resolve: What it means.
        begins: Every word with which the wording can begin, in the same form. A look at the first letter spares the
            pattern most places of a text, which halves its time.
    """
    first = "".join(sorted({word[0] for word in begins.split()})).replace("0", r"\d")
    spaced = pattern.replace(" ", r"\s{1,3}").replace(r"\s{1,3}?", r"\s{0,3}")
    return Rule(name, frozenset(needs.split()), lazy(f"(?=[{first}]){spaced}", re.ASCII), resolve)


RULES: Final = (
    # 2023-05-07, 2023/5/7, 2023-05-07T15:30
    _rule(
        "iso date",
        "- / .",
        r"(?<![\d.:/-])(?P<year>[12]\d{3})(?P<sign>[-/.])(?P<month>[01]?\d)(?P=sign)(?P<day>[0-3]?\d)"
        r"(?:(?:t| )(?P<hour>[01]?\d|2[0-3]):(?P<minute>[0-5]\d)(?::\d\d)?)?(?![\d-]|[./:]\d)",
        meaning.iso,
        begins="0",
    ),
    # 13/05/2023
    _rule(
        "date with slashes",
        "/",
        rf"(?<![\d./-])(?P<one>[0-3]?\d)/(?P<other>[0-3]?\d)/(?P<year>{_YEAR})(?![\d/-]|\.\d)",
        meaning.slashes,
        begins="0",
    ),
    # May 3-5, 2023; May 3rd to 5th
    _rule(
        "days of a month",
        _MONTH_WORDS,
        rf"\b(?P<month>{_MONTH})\b\.? {_DAY}(?: ?{_TO} ?| to )(?P<to>[0-3]?\d)(?:st|nd|rd|th)?(?![\d:%]){_SAID_YEAR}",
        meaning.days,
        begins=_MONTH_WORDS,
    ),
    # 3-5 May 2023
    _rule(
        "days of a month, day first",
        _MONTH_WORDS,
        rf"(?<![\d.,:/$-]){_DAY}(?: ?{_TO} ?| to )(?P<to>[0-3]?\d)(?:st|nd|rd|th)? (?:of )?(?P<month>{_MONTH})\b(?:\.(?= ?[\d,]))?"
        rf"{_SAID_YEAR}",
        meaning.days,
        begins="0",
    ),
    # Saturday, 7 May 2023; the 7th of May
    _rule(
        "day, month",
        _MONTH_WORDS,
        rf"(?:\b{_WEEKDAY_FIRST}(?:the )?)?(?<![\d.,:/$-]){_DAY}(?: of)? (?P<month>{_MONTH})\b(?:\.(?= ?[\d,]))?{_SAID_YEAR}",
        meaning.day,
        begins=f"{_WEEKDAY_WORDS} the 0",
    ),
    # between May and July 2023; from March 2022 to June
    _rule(
        "months",
        _MONTH_WORDS,
        rf"\b(?:between|from) (?P<month>{_MONTH})\b(?:,? (?P<from_year>{_YEAR}))? ?(?:and|to|until|till|through|{_TO}) ?"
        rf"(?P<to>{_MONTH})\b(?! \d\d?\b){_SAID_YEAR}",
        meaning.months,
        begins="between from",
    ),
    # May-July 2023
    _rule(
        "months with a dash",
        _MONTH_WORDS,
        rf"\b(?P<month>{_MONTH})\b ?(?:{_TO}|to|through) ?(?P<to>{_MONTH}),? (?P<year>{_YEAR})\b",
        meaning.months,
        begins=_MONTH_WORDS,
    ),
    # May 7th, 2023; Sat, May 7
    _rule(
        "month, day",
        _MONTH_WORDS,
        rf"\b{_WEEKDAY_FIRST}(?P<month>{_MONTH})\b(?:\.(?= ?[\d,]))? (?:the )?{_DAY}(?![\d%]|[:.,]\d| ?[ap]\.?m\b){_SAID_YEAR}",
        meaning.day,
        begins=f"{_WEEKDAY_WORDS} {_MONTH_WORDS}",
    ),
    # May 2023; early May; in May; last May; September
    _rule(
        "month",
        _MONTH_WORDS,
        rf"\b{_THIRD}(?:\b(?P<side>{_SIDE}) )?\b(?P<month>{_MONTH})\b(?!'[a-rt-z])(?:\.?,?(?: of)? (?P<year>{_YEAR})"
        r"(?!\d|[-/:.]\d))?",
        meaning.month,
        begins=f"{_THIRD_WORDS} {_SIDE_WORDS} {_MONTH_WORDS}",
    ),
    # Q2 2023; 2nd quarter of 2023
    _rule(
        "quarter",
        "q",
        rf"\bq(?P<n>[1-4])(?:,| of|-|/)? ?(?:fy)?(?P<year>{_YEAR})\b",
        meaning.quarter,
        begins="q",
    ),
    _rule("year, quarter", "q", rf"\b(?P<year>{_YEAR})[ -]?q(?P<n>[1-4])\b", meaning.quarter, begins="0"),
    _rule(
        "in a quarter",
        "q",
        r"\b(?:in|during|for|since|until|by) q(?P<n>[1-4])\b",
        meaning.quarter,
        begins="in during for since until by",
    ),
    _rule(
        "quarter in words",
        "quarter",
        rf"\b(?:the )?(?P<n>first|second|third|fourth|1st|2nd|3rd|4th) quarter (?:of|in) (?P<year>{_YEAR})\b",
        meaning.quarter,
        begins="the first second third fourth 0",
    ),
    # the summer of 2021; last winter
    _rule(
        "season of a year",
        _SEASON_WORDS,
        rf"\b{_THIRD}\b(?P<season>{_SEASON})(?: of| in)? (?P<year>{_YEAR}){_NO_COUNT}",
        meaning.season,
        begins=f"{_THIRD_WORDS} {_SEASON_WORDS}",
    ),
    _rule(
        "season",
        _SEASON_WORDS,
        rf"\b{_THIRD}\b(?P<side>{_SIDE}) (?P<season>{_SEASON})\b(?! (?:apart|down|behind|asleep|in love))",
        meaning.season,
        begins=f"{_THIRD_WORDS} {_SIDE_WORDS}",
    ),
    # last Christmas; New Year's Eve; Halloween 2022
    _rule(
        "festival",
        "christmas xmas boxing year years halloween thanksgiving valentine valentines",
        rf"\b(?:(?P<side>{_SIDE}) )?(?P<festival>{_FESTIVAL})\b(?:(?: of| in)? (?P<year>{_YEAR})\b)?{_NO_THING}",
        meaning.festival,
        begins=f"{_SIDE_WORDS} christmas xmas boxing new halloween thanksgiving valentine",
    ),
    # the 1990s; the early 90s
    _rule(
        "decade",
        "0s 0's",
        rf"\b{_THIRD}\b(?P<decade>(?:1[5-9]|20)\d0)'?s\b",
        meaning.decade,
        begins=f"{_THIRD_WORDS} 0",
    ),
    _rule(
        "short decade",
        "0s 0's",
        r"\b(?:the )(?:(?P<third>early|mid|late)[ -])?'?(?P<short>[2-9]0)'?s\b(?! (?:degrees|f)\b)",
        meaning.decade,
        begins="the",
    ),
    # from 2019 to 2021; in 2021; late 2022
    _rule(
        "years",
        "0",
        rf"\b(?:between|from|in|during) (?P<from_year>{_YEAR}) ?(?:and|to|until|till|through|{_TO}) ?(?P<year>{_YEAR}){_NO_COUNT}",
        meaning.years,
        begins="between from in during",
    ),
    _rule(
        "year",
        "0",
        rf"\b{_THIRD}(?:(?:the )?(?P<named>year) )?(?P<year>{_YEAR}){_NO_COUNT}",
        meaning.year,
        begins=f"{_THIRD_WORDS} year 0",
    ),
    # two weeks from now; a week from today
    _rule(
        "from now",
        "now today",
        rf"\b{_AMOUNT}{_UNITS} (?P<ahead>from (?:now|today))\b",
        meaning.away,
        begins=_AMOUNT_WORDS,
    ),
    # the day before yesterday; today
    _rule(
        "named day",
        "today yesterday tomorrow",
        r"\b(?:(?:the )?day (?P<shift>before|after) )?(?P<name>today|yesterday|tomorrow)\b",
        meaning.named_day,
        begins="the day today yesterday tomorrow",
    ),
    # tonight; last night; this morning
    _rule(
        "part of today",
        f"tonight {' '.join(words.PARTS)}",
        rf"\b(?:(?P<tonight>tonight)|(?:earlier )?(?P<side>last|this) (?P<part>{_PART}))\b",
        meaning.this_part,
        begins="tonight earlier last this",
    ),
    # the other day
    _rule("the other day", "day night", r"\bthe other (?:day|night)\b", meaning.other_day, begins="the"),
    # Friday next week; Monday of last week; last week on Tuesday
    _rule(
        "weekday of a week",
        "week",
        rf"\b(?P<weekday>{_WEEKDAY})\b,?(?: of)? (?P<side>last|this|next) week\b",
        meaning.weekday_of_week,
        begins=_WEEKDAY_WORDS,
    ),
    _rule(
        "week, weekday",
        "week",
        rf"\b(?P<side>last|this|next) week,?(?: on)? (?P<weekday>{_WEEKDAY})\b",
        meaning.weekday_of_week,
        begins="last this next",
    ),
    # Tuesday in two weeks; Monday three weeks ago; a week from Monday
    _rule(
        "weekday, weeks away",
        "week weeks",
        rf"\b(?P<weekday>{_WEEKDAY}),? (?:(?P<ahead>in) )?(?P<n>{_NUMBER}) weeks?(?(ahead)| (?P<ago>ago))\b",
        meaning.weekday_weeks_away,
        begins=_WEEKDAY_WORDS,
    ),
    _rule(
        "weeks from a weekday",
        "week weeks",
        rf"\b(?P<n>{_NUMBER}) weeks? (?P<from>from|after|before) (?:(?P<side>last|this|next) )?(?P<weekday>{_WEEKDAY})\b",
        meaning.weeks_from_weekday,
        begins=f"0 {' '.join(words.NUMBERS)}",
    ),
    # last Saturday; on Tuesday
    _rule(
        "weekday",
        _WEEKDAY_WORDS,
        rf"\b(?:(?P<side>{_SIDE}) )?(?P<weekday>{_WEEKDAY})\b(?!-| (?:school|roast|times|post|best)\b)",
        meaning.one_weekday,
        begins=f"{_SIDE_WORDS} {_WEEKDAY_WORDS}",
    ),
    # the last few months; the next two weeks
    _rule(
        "some units",
        _UNIT_WORDS,
        rf"\b(?:the )?(?P<side>last|past|next|coming) {_AMOUNT}{_UNITS}",
        meaning.some_units,
        begins="the last past next coming",
    ),
    # two weeks ago; in three days
    _rule(
        "half a unit ago",
        "ago",
        r"\bhalf an? (?P<unit>hour|year|decade) ago\b",
        meaning.half_away,
        begins="half",
    ),
    _rule("ago", "ago", rf"\b{_AMOUNT}{_UNITS} ago\b", meaning.away, begins=_AMOUNT_WORDS),
    _rule(
        "in half a unit",
        "half",
        r"\b(?P<ahead>in) half an? (?P<unit>hour|year|decade)\b",
        meaning.half_away,
        begins="in",
    ),
    _rule(
        "in some units",
        _UNIT_WORDS,
        rf"\b(?P<ahead>in) (?!an? (?:minute|min|day|night)\b){_AMOUNT}{_UNITS}(?! (?:of|ago)\b|-)",
        meaning.away,
        begins="in",
    ),
    # the week before last; last week; over the weekend
    _rule(
        "unit beyond",
        _SPANS,
        r"\bthe (?P<unit>week|weekend|month|year) (?P<beyond>before last|after next)\b",
        meaning.unit_beyond,
        begins="the",
    ),
    _rule(
        "unit",
        _SPANS,
        rf"\b{_THIRD}(?:\bthe )?\b(?P<side>{_SIDE}) (?P<unit>week|weekend|month|quarter|year|decade)\b(?! of\b)",
        meaning.unit,
        begins=f"{_THIRD_WORDS} {_SIDE_WORDS}",
    ),
    _rule(
        "the weekend",
        "weekend",
        r"\b(?:over|at|on|during|for) the weekend\b",
        meaning.weekend,
        begins="over at on during for",
    ),
    # 3 pm; at 15:30; at 8; 5 o'clock
    _rule(
        "clock with am or pm",
        "am pm m",
        r"(?<![\d.:/$-])(?P<hour>\d{1,2})(?:[:.](?P<minute>[0-5]\d))? ?(?P<half>[ap])(?:m\b|\.m\.)",
        meaning.clock,
        begins="0",
    ),
    _rule(
        "clock",
        ":",
        r"(?<![\d.:/$-])(?P<hour>\d{1,2}):(?P<minute>[0-5]\d)(?::[0-5]\d)?(?![\d:%]|[./-]\d)",
        meaning.clock,
        begins="0",
    ),
    _rule("o'clock", "clock", r"(?<![\d.:/$-])(?P<hour>\d{1,2}) ?o'?clock\b", meaning.clock, begins="0"),
    _rule(
        "at an hour", "at", r"\bat (?P<hour>1?\d)\b(?![:.%-]?\d|%| ?[ap]\.?m\b)", meaning.clock, begins="at"
    ),
    # morning, beside a day
    _rule(
        "part",
        " ".join(words.PARTS),
        rf"\b(?:in the |at |during the )?(?:(?:early|late) )?(?P<part>{_PART})\b",
        meaning.part,
        begins=f"in at during early late {' '.join(words.PARTS)}",
    ),
)
