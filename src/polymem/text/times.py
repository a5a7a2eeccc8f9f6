"""Find time expressions in English and Chinese text and resolve them to half-open spans.

What words mean, where people differ:

- A week begins on Monday; a weekend lasts from Saturday 00:00 to Monday 00:00; seasons are the meteorological ones of
  the northern hemisphere, and a winter belongs to the year of its December.
- "Last Saturday" is the latest before today; "next Friday" and 下周五 lie in the next week, 上周五 in the last one.
- "Last month" is a calendar month; "the last three months" and 最近三个月 end today.
- A day or month without a year, or a weekday alone, is the nearest on the preferred side, today included for dates;
  the end of "from Monday to Friday" follows its beginning, and "a week from Monday" counts from the next one.
- "A few" is two to six; "early", "mid" and "late" are thirds; 2-digit decades are the latest that have begun,
  and 23年5月 lies at most ten years ahead.
- Night and 晚上 last from 18:00 to 06:00, evening to midnight, morning from 05:00, afternoon from 12:00 to 18:00.
- "Since X" ends now; "until X" begins now if X is to come; "before X" begins ten years before X (of an hour: with the
  day; of a weekday alone: a week), "after X" ends now if X is past. "Until Friday" and "until June" are to come unless
  the verb before them is in the past, or behind 直到周五 a 才 or 了.
- What may be something else (the verb "may", 一天 as a duration, a bare number) is left alone, and so are dates of the
  Chinese calendar other than festivals (农历八月十五).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from operator import attrgetter

from polymem.domain.timespan import Timespan
from polymem.text import times_en, times_zh
from polymem.text.normalise import fold_aligned
from polymem.text.times_calendar import Asked, Prefer, Rule, Span
from polymem.text.times_join import Found, join

__all__ = ["find_times"]

_RULES: tuple[Rule, ...] = times_en.RULES + times_zh.RULES
# Which rules a word may fire ("0": any digit), which a sign, and which wordings begin with a Chinese character.
_BY_WORD: dict[bytes, list[int]] = {}
_BY_SIGN: dict[str, list[int]] = {}
_BY_CHARACTER: dict[str, dict[str, list[int]]] = {}
for _index, _one in enumerate(_RULES):
    for _need in _one.needs:
        if _need.isascii() and not (_need.isalpha() or _need == "0"):
            _BY_SIGN.setdefault(_need, []).append(_index)
        elif _need.isascii():
            _BY_WORD.setdefault(_need.encode(), []).append(_index)
        else:
            _BY_CHARACTER.setdefault(_need[0], {}).setdefault(_need, []).append(_index)
_WORDS = frozenset(_BY_WORD)
_CHARACTERS = frozenset(_BY_CHARACTER)
_DIGITS = b"0123456789"
_LETTERS_ALONE = bytes(byte if chr(byte) in "abcdefghijklmnopqrstuvwxyz" else 32 for byte in range(256))
_IMPOSSIBLE = (ValueError, OverflowError)


def find_times(text: str, *, now: datetime, zone: tzinfo = UTC, prefer: Prefer = "past") -> list[Timespan]:
    """Return the time expressions of *text*, in order, without overlap, resolved against *now*.

    Args:
        text: English, Chinese or both.
        now: When the text was written; a naive value is taken as UTC.
        zone: Where the author is; gives "today" and 今天 their meaning.
        prefer: Where a weekday or a date without its year lies when the text does not tell.

    Returns:
        Spans in UTC whose ``offset`` and ``text`` point into *text*. Nothing outside the years 1 to 9999.

    Example:
        >>> now = datetime(2023, 5, 10, 12, tzinfo=UTC)
        >>> for span in find_times("We met last Saturday, 上个月 we did not.", now=now):
        ...     print(span.start.date(), span.end.date(), span.granularity, span.text)
        2023-05-06 2023-05-07 day last Saturday
        2023-04-01 2023-05-01 month 上个月
    """
    folded = fold_aligned(text)
    rules = _rules_for(folded)
    if not rules:
        return []
    try:
        local = (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(zone).replace(tzinfo=None)
    except _IMPOSSIBLE:
        return []
    asked = Asked(local.replace(fold=0), prefer, text)
    found = sorted(_readings(sorted(rules), folded, asked), key=attrgetter("begin"))
    return list(_resolved(found, folded, asked, zone))


def _rules_for(folded: str) -> set[int]:
    """Return the rules of which a text has a needed word, wording or digit: none, for most texts."""
    # Bytes, because bytes.translate and split find the words five times faster than a pattern does.
    raw = folded.encode("utf-8", "surrogatepass")
    rules: set[int] = set()
    for word in _WORDS.intersection(raw.translate(_LETTERS_ALONE).split()):
        rules.update(_BY_WORD[word])
    if len(raw.translate(None, _DIGITS)) < len(raw):
        rules.update(_BY_WORD[b"0"])
        for sign, indexes in _BY_SIGN.items():
            if sign in folded:
                rules.update(indexes)
    if len(raw) > len(folded):
        for character in _CHARACTERS.intersection(folded):
            for wording, indexes in _BY_CHARACTER[character].items():
                if wording in folded:
                    rules.update(indexes)
    return rules


def _readings(rules: list[int], folded: str, asked: Asked) -> Iterator[Found]:
    """Apply the rules in their order; what one has read, later ones do not see."""
    taken = bytearray(len(folded))
    for index in rules:
        rule = _RULES[index]
        for match in rule.pattern.finditer(folded):
            begin, stop = match.span()
            if taken.find(1, begin, stop) >= 0:
                continue
            try:
                reading = rule.resolve(match, asked)
            except _IMPOSSIBLE:
                continue
            if reading is not None:
                taken[begin:stop] = b"\x01" * (stop - begin)
                yield Found(begin, stop, reading)


def _resolved(found: list[Found], folded: str, asked: Asked, zone: tzinfo) -> Iterator[Timespan]:
    """Join the readings and convert them to UTC."""
    for begin, stop, span in join(found, folded, asked):
        words = asked.text[begin:stop]
        lead = len(words) - len(words.lstrip())
        try:
            start, end = _utc(span, zone)
        except _IMPOSSIBLE:
            continue
        yield Timespan(
            start, end, span.granularity, words.strip(), (begin + lead, begin + len(words.rstrip()))
        )


def _utc(span: Span, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return a local span in UTC; where clocks are changed inside it, its length in minutes is kept."""
    start = span.start.replace(tzinfo=zone).astimezone(UTC)
    end = span.end.replace(tzinfo=zone).astimezone(UTC)
    return start, end if start < end else start + (span.end - span.start)
