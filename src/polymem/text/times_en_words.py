"""The words of English time expressions and what they stand for."""

from __future__ import annotations

from typing import Final

from polymem.text.times_calendar import Part, Unit

# fmt: off
MONTH_NAMES: Final = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)
WEEKDAY_NAMES: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS: Final = (
    {name[:3]: n for n, name in enumerate(MONTH_NAMES, 1)}
    | {name: n for n, name in enumerate(MONTH_NAMES, 1)}
    | {"sept": 9}
)
WEEKDAYS: Final = (
    {name[:3]: n for n, name in enumerate(WEEKDAY_NAMES)}
    | {name: n for n, name in enumerate(WEEKDAY_NAMES)}
    | {"tues": 1, "thur": 3, "thurs": 3}
)
SEASONS: Final = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
PARTS: Final = {
    "morning": Part(5, 12), "noon": Part(12, 13), "lunchtime": Part(11, 14), "afternoon": Part(12, 18),
    "evening": Part(18, 24), "night": Part(18, 30),
}
NUMBERS: Final = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30,
}
VAGUE: Final = {"couple": (2, 3), "few": (2, 6), "several": (3, 8)}
"""What an uncertain number may mean, in units."""
SIDES: Final = {"last": -1, "past": -1, "this": 0, "next": 1, "coming": 1, "upcoming": 1}
THIRDS: Final = {
    "early": "early", "beginning": "early", "start": "early", "mid": "mid", "middle": "mid", "late": "late",
    "end": "late",
}
ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}
UNITS: Final[dict[str, Unit]] = {
    "min": "minute", "minute": "minute", "hr": "hour", "hour": "hour", "day": "day", "night": "day", "week": "week",
    "weekend": "weekend", "month": "month", "quarter": "quarter", "year": "year", "decade": "decade",
}
HALVES: Final[dict[Unit, tuple[Unit, int]]] = {"hour": ("minute", 30), "year": ("month", 6), "decade": ("year", 5)}
FIXED_FESTIVALS: Final = {
    "christmas eve": (12, 24), "christmas": (12, 25), "xmas": (12, 25), "boxing day": (12, 26),
    "new year's eve": (12, 31), "new years eve": (12, 31), "new year": (1, 1), "valentine": (2, 14),
    "halloween": (10, 31),
}
# fmt: on

# Verbs and an adjective; names of people; words that their abbreviations spell.
VERBS: Final = frozenset({"may", "march", "mar", "august", "sept"})
PEOPLE: Final = frozenset({"april", "june", "jan", "august"})
WORDS: Final = frozenset({"sat", "sun", "wed", "mon"})
PREPOSITIONS: Final = frozenset(
    {
        "in",
        "during",
        "since",
        "until",
        "till",
        "through",
        "of",
        "by",
        "before",
        "after",
        "around",
        "from",
        "between",
    }
)
BEFORE_PEOPLE: Final = frozenset({"in", "during", "since", "until", "till", "through", "of"})
BEFORE_FESTIVALS: Final = PREPOSITIONS | {"at", "on", "for", "over", "to", "about"}
NOT_ONE_DAY: Final = frozenset(
    {
        "every",
        "each",
        "most",
        "any",
        "a",
        "some",
        "other",
        "alternate",
        "one",
        "black",
        "good",
        "ash",
        "all",
        "per",
    }
)
