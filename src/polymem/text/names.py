"""How two names are alike: by spelling, titles, initials, abbreviation. Being alike proves nothing by itself."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy
from polymem.text.names_known import known_as
from polymem.text.normalise import name_key
from polymem.text.statement_rules import word_set
from polymem.text.statements_zh_words import SURNAMES

__all__ = ["Alike", "NameParts", "alike", "forget_parts", "is_acronym", "parts_of", "search_keys"]

Alike: TypeAlias = Literal[
    "spelling", "known", "title", "surname", "initials", "part", "acronym", "short", ""
]
"""How two names are alike: one name spelled differently; one well-known thing; one with a title; a title or 小 with the surname of
the other; initials; first name of the other; acronym; Chinese short form."""

_TITLES: Final = {
    title: kind
    for kind, titles in (
        ("m", "mr mister sir lord 先生 叔叔 哥 大哥 爷爷 伯伯 叔"),
        ("f", "mrs ms miss madam lady 女士 太太 小姐 阿姨 姐 大姐 奶奶 姨"),
        (
            "",
            "dr doctor prof professor rev captain judge president 老师 医生 大夫 教授 博士 经理 总 总监 师傅 律师 主任 院长 校长 工 同学",
        ),
    )
    for title in titles.split()
}
_LATIN_TITLE: Final = lazy(
    r"^(?:mr|mister|sir|lord|mrs|ms|miss|madam|lady|dr|doctor|prof|professor|rev|captain|judge|president)\.?\s+"
)
_HAN_TITLE: Final = lazy(
    "(?:先生|叔叔|大哥|爷爷|伯伯|女士|太太|小姐|阿姨|大姐|奶奶|老师|医生|大夫|教授|博士|经理|总监|师傅|律师|主任|院长|校长|同学|哥|叔|姐|姨|总|工)$"
)
_HAN: Final = lazy("[\u3400-\u4dbf\u4e00-\u9fff]")
_SUFFIX: Final = lazy(r",?\s+(jr|junior|sr|senior|ii|iii|iv|the elder|the younger)\.?$")
_SUFFIXES: Final = {"junior": "jr", "senior": "sr", "the younger": "jr", "the elder": "sr"}
_POSSESSIVE: Final = lazy(r"(?:'s|s')$|的$")
_SMALL_WORDS: Final = word_set("of and the for in on de la du des von van")
_LONG_SURNAMES: Final = frozenset(
    ["欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "司徒", "东方", "独孤", "南宫"]
)
_ORGANISATION_END: Final = lazy(
    "(大学|学院|学校|中学|小学|医院|银行|公司|集团|研究院|研究所|科学院|委员会|协会|组织|联盟|出版社|博物馆|图书馆)$"
)
_BARE: Final = lazy(r"[^\w]+")


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart.

    Attributes:
        key: Its name key.
        bare: The key without diacritics, possessive, article, signs and title.
        words: The words of ``bare``.
        title: "m", "f" or "" by the title, None for none.
        suffix: "jr", "sr", "ii" …, "" for none.
        surname: Of a Chinese name of a person, "" where it has none.
        loose: Whether it is a surname with a title or 小, 老, 阿 alone.
        han: Whether it is written in Chinese.
    """

    key: str
    bare: str
    words: tuple[str, ...]
    title: str | None
    suffix: str
    surname: str
    loose: bool
    han: bool


@lru_cache(maxsize=4_096)
def parts_of(name: str) -> NameParts:
    """Take a name apart.

    Example:
        >>> parts_of("Dr. José Núñez Jr.").bare, parts_of("王老师").surname, parts_of("小王").loose
        ('jose nunez', '王', True)
    """
    key = name_key(name)
    han = _HAN.search(key) is not None
    rest = _POSSESSIVE.sub("", key) or key
    return _han_parts(key, rest) if han else _latin_parts(key, rest)


def forget_parts() -> None:
    """Keep no name: it may be one that was erased."""
    parts_of.cache_clear()


def _latin_parts(key: str, rest: str) -> NameParts:
    rest = "".join(c for c in unicodedata.normalize("NFD", rest) if unicodedata.category(c) != "Mn")
    found = _SUFFIX.search(rest)
    suffix = ""
    if found is not None:
        suffix = _SUFFIXES.get(found[1], found[1])
        rest = rest[: found.start()]
    title: str | None = None
    while (match := _LATIN_TITLE.match(rest)) is not None:
        word = match[0].strip(" .")
        title = _TITLES.get(word, "") or title or ""
        rest = rest[match.end() :]
    words = tuple(word for word in _BARE.split(rest) if word)
    if len(words) > 1 and words[0] == "the":
        words = words[1:]
    loose = title is not None and len(words) == 1
    return NameParts(key, " ".join(words), words, title, suffix, "", loose, han=False)


def _han_parts(key: str, rest: str) -> NameParts:
    rest = _BARE.sub("", rest)
    title: str | None = None
    found = _HAN_TITLE.search(rest)
    if found is not None and 0 < found.start() <= 4 and _ORGANISATION_END.search(rest) is None:
        surname = _surname(rest)
        if surname:
            title = _TITLES.get(found[0], "")
            rest = rest[: found.start()]
    surname = _surname(rest)
    loose = title is not None and rest == surname
    if len(rest) in (2, 3) and rest[0] in "小老阿" and rest[1:] == _surname(rest[1:]):
        surname, loose = rest[1:], True
    return NameParts(key, rest, (rest,), title, "", surname, loose, han=True)


def _surname(text: str) -> str:
    if text[:2] in _LONG_SURNAMES:
        return text[:2]
    return text[:1] if text[:1] in SURNAMES else ""


def search_keys(name: str) -> set[str]:
    """Return keys of which two names share one if they can be alike in any way, so that not every pair is compared."""
    parts = parts_of(name)
    keys = {f"b {parts.bare.replace(' ', '')}"}
    known = known_as(parts.key)
    if known is not None:
        keys.add(f"k {known[0]}")
    if parts.han:
        keys.update({f"s {parts.surname}"} if parts.surname else ())
        if len(parts.bare) >= 2:
            keys.add(f"h {parts.bare[0]}")
    elif parts.words:
        keys.update({f"w {parts.words[0]}", f"w {parts.words[-1]}"})
        initials = _initials(parts)
        keys.add(f"a {initials if len(initials) > 1 else parts.bare}")
    return keys


def alike(one: str, other: str) -> Alike:
    """Return how two names with different keys can mean the same, "" where they cannot.

    Example:
        >>> alike("José", "Jose"), alike("J. Smith", "John Smith"), alike("北大", "北京大学"), alike("北大荒", "北大")
        ('spelling', 'initials', 'known', '')
        >>> alike("John Smith Jr", "John Smith Sr"), alike("王老师", "王伟"), alike("Mr. Lee", "Mrs. Lee")
        ('', 'surname', '')
    """
    a, b = parts_of(one), parts_of(other)
    known, same = known_as(a.key), known_as(b.key)
    if known is not None and same is not None:
        return "known" if known == same else ""
    if a.loose and b.loose:
        # Who says both 小王 and 王总, or both Dr. and Mr. Lee, means two people.
        return ""
    if a.suffix != b.suffix or (a.title and b.title and a.title != b.title):
        return ""
    if not a.bare or not b.bare:
        return ""
    if _squeezed(a) == _squeezed(b):
        return (
            "spelling"
            if a.title is None and b.title is None
            else "title"
            if not (a.loose or b.loose)
            else "surname"
        )
    if a.han != b.han or known is not None or same is not None:
        # A well-known thing has the names of the table; to be MIT by its initials is not enough.
        return ""
    return _han_alike(a, b) if a.han else _latin_alike(a, b)


def _squeezed(parts: NameParts) -> str:
    # "e-mail" and "email", "New York" and "Newyork"; digits keep their places.
    return parts.bare.replace(" ", "") if not re.search(r"\d", parts.bare) else parts.bare


def _latin_alike(a: NameParts, b: NameParts) -> Alike:
    if not a.words or not b.words:
        return ""
    short, long = sorted((a, b), key=lambda parts: (len(parts.words), len(parts.bare)))
    if len(short.words) == 1 and len(long.words) > 1:
        word = short.words[0]
        if short.loose:
            return "surname" if word == long.words[-1] else ""
        if word == _initials(long) and len(word) > 1:
            return "acronym"
        return "part" if word == long.words[0] and len(word) > 1 else ""
    if len(short.words) == len(long.words) and len(long.words) > 1 and short.words[-1:] == long.words[-1:]:
        pairs = zip(short.words[:-1], long.words[:-1], strict=True)
        if all(x == y or (x[0] == y[0] and 1 in (len(x), len(y))) for x, y in pairs):
            return "initials"
    if len(short.words) == 2 and len(long.words) == 3 and short.words[0] == long.words[0]:
        middle_left_out = short.words[1] == long.words[2] and len(long.words[1]) == 1
        return "initials" if middle_left_out else ""
    return ""


def is_acronym(short: str, name: str) -> bool:
    """Tell whether *short* is made of the initials of *name*."""
    word = parts_of(short).bare
    return len(word) > 1 and word == _initials(parts_of(name))


def _initials(parts: NameParts) -> str:
    return "".join(word[0] for word in parts.words if word not in _SMALL_WORDS)


def _han_alike(a: NameParts, b: NameParts) -> Alike:
    if (a.loose or b.loose) and a.surname == b.surname != "":
        longer = max(len(a.bare), len(b.bare))
        return "surname" if a.loose != b.loose and longer <= 3 + (len(a.surname) > 1) else ""
    short, long = sorted((a.bare, b.bare), key=len)
    if 2 <= len(short) < len(long) and _is_short_form(short, long):
        return "short"
    return ""


def _is_short_form(short: str, long: str) -> bool:
    """Tell whether *short* is made of first characters of an organisation's parts, its kind included: 北师大, 人大附中."""
    end = _ORGANISATION_END.search(long)
    if end is None or short[0] != long[0] or short[-1] not in end[0]:
        return False
    place = 0
    for character in short[:-1]:
        place = long.find(character, place, end.start()) + 1
        if not place:
            return False
    return True
