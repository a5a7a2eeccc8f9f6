"""Which documents a question may mean: names written together, years, quarters and days, and kinds of report."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.text.keys_title import MIN_BEGINNING
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_WORDS

__all__ = ["AskedDocuments", "asked_documents"]

MAX_NAMES: Final = 160
_MAX_WORDS: Final = 64
_MAX_TOGETHER: Final = 4
_MAX_HAN: Final = 10
_MAX_INITIALS: Final = 5
_WORD: Final = lazy("[A-Za-z0-9]+")
_HAN: Final = lazy("[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_POSSESSIVE: Final = lazy(r"['\u2019]s\b")
_TIME: Final = lazy(
    r"(?:fy|cy)?(?P<year>(?:19|20)\d\d)(?:q(?P<q>[1-4]))?|(?:fy|cy)(?P<short>\d\d)"
    r"|q(?P<q2>[1-4])(?:fy|cy)?(?P<year2>(?:19|20)\d\d)?|(?P<q3>[1-4])q(?:(?:fy|cy)?(?P<short2>\d\d))?"
    r"|h(?P<half>[12])(?:fy|cy)?(?P<year3>(?:19|20)\d\d)?"
)
_CHINESE_TIME: Final = lazy(r"(?P<year>(?:19|20)\d\d)年|第?(?P<q>[一二三四1-4])季度|(?P<half>[上下])半年")
_ORDINALS: Final = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4}
_HAN_NUMBERS: Final = {"一": 1, "二": 2, "三": 3, "四": 4}
_MONTHS: Final = {
    name: n
    for n, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_DAY: Final = lazy(r"(\d{1,2})(?:st|nd|rd|th)?")


@dataclass(frozen=True, slots=True)
class AskedDocuments:
    """What a question says of a document.

    Attributes:
        names: Words of it written together that may be a name, or the beginning of one.
        first: What a name may begin with: the single words of ``names``, with the next where one is too short to tell.
        initials: What may be the initials of a name.
        years: In order of naming.
        quarters: 1 to 4; a half of a year means its last one.
        parts: What else may stand in a title: kinds of report, days and months with two digits.
    """

    names: frozenset[str]
    first: tuple[str, ...]
    initials: tuple[str, ...]
    years: tuple[int, ...]
    quarters: tuple[int, ...]
    parts: frozenset[str]


def asked_documents(question: str) -> AskedDocuments:
    """Return what a question says of a document.

    Where it writes names with capitals, words without one begin none.

    Example:
        >>> asked = asked_documents("What was Acme Water's revenue in Q2 of FY23?")
        >>> "acmewater" in asked.names, asked.first, asked.years, asked.quarters
        (True, ('acme', 'water', 'q2of', 'q2', 'fy23'), (2023,), (2,))
    """
    words = _WORD.findall(_POSSESSIVE.sub("", question))[:_MAX_WORDS]
    low = [word.lower() for word in words]
    cased = any(word[0].isupper() and word != "I" for word in words[1:])
    starts = [
        (word[0].isupper() or word[0].isdigit() or not cased) and key not in STOP_WORDS
        for word, key in zip(words, low, strict=True)
    ]
    names: dict[str, None] = {}
    first: dict[str, None] = {}
    for n in (place for place, begins in enumerate(starts) if begins):
        together = ["".join(low[n : n + size]) for size in range(1, _MAX_TOGETHER + 1)]
        names |= dict.fromkeys(together)
        first[together[0] if len(together[0]) >= MIN_BEGINNING else together[1]] = None
        first[together[0]] = None
    years, quarters = _times(low)
    _add_chinese(question, names, first, years=years, quarters=quarters)
    return AskedDocuments(
        names=frozenset(names),
        first=tuple(first)[:MAX_NAMES],
        initials=_initials(words),
        years=tuple(dict.fromkeys(years)),
        quarters=tuple(dict.fromkeys(quarters)),
        parts=_parts(words, low),
    )


def _initials(words: list[str]) -> tuple[str, ...]:
    """Return short words of capitals, and pairs of single capitals (R&D), in lower case."""
    short = [
        word.lower()
        for word in words
        if word.isupper() and word.isalpha() and 2 <= len(word) <= _MAX_INITIALS
    ]
    pairs = [(a + b).lower() for a, b in pairwise(words) if len(a) == len(b) == 1 and (a + b).isupper()]
    return tuple(dict.fromkeys(short + pairs))


def _times(low: list[str]) -> tuple[list[int], list[int]]:
    years: list[int] = []
    quarters: list[int] = []
    for word, after in zip(low, [*low, ""][1:], strict=True):
        found = _TIME.fullmatch(word)
        if found is not None:
            at = found.groupdict()
            years += [int(at[name]) for name in ("year", "year2", "year3") if at[name]]
            years += [2000 + int(at[name]) for name in ("short", "short2") if at[name]]
            quarters += [int(at[name]) for name in ("q", "q2", "q3") if at[name]]
            quarters += [2 * int(at["half"])] if at["half"] else []
        elif word in {"fy", "cy"} and len(after) == 2 and after.isdecimal():
            years.append(2000 + int(after))
        elif after == "quarter" and word in _ORDINALS:
            quarters.append(_ORDINALS[word])
    return years, quarters


def _add_chinese(
    question: str, names: dict[str, None], first: dict[str, None], *, years: list[int], quarters: list[int]
) -> None:
    """Add the parts of Han runs that may be names, and the times that are named in Chinese."""
    if question.isascii():
        return
    folded = fold(question)
    for found in _CHINESE_TIME.finditer(folded):
        year, quarter, half = found.group("year", "q", "half")
        years += [int(year)] if year else []
        quarters += [_HAN_NUMBERS.get(quarter) or int(quarter)] if quarter else []
        quarters += [2 if half == "上" else 4] if half else []
    for run in _HAN.findall(folded):
        for size in range(min(_MAX_HAN, len(run)), 1, -1):
            names |= dict.fromkeys(run[start : start + size] for start in range(len(run) - size + 1))
        for size in (MIN_BEGINNING, 2):
            first |= dict.fromkeys(run[start : start + size] for start in range(len(run) - size + 1))


def _parts(words: list[str], low: list[str]) -> frozenset[str]:
    """Return pairs of words written together (10-K), words, and months and days with two digits."""
    parts = dict.fromkeys(a + b for a, b in pairwise(low) if a[0].isdigit() and len(b) == 1)
    # Without its capital "may" is no month.
    months = [_MONTHS[word.lower()] for word in words if word[0].isupper() and word.lower() in _MONTHS]
    if months:
        days = [int(found.group(1)) for word in low if (found := _DAY.fullmatch(word))]
        parts |= dict.fromkeys(f"{n:02}" for n in (*months, *days) if n)
    plain = (word for word in low if word not in STOP_WORDS and _TIME.fullmatch(word) is None)
    return frozenset(parts | dict.fromkeys(plain))
