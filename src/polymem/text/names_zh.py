"""Names in running Chinese text, which has no capitals and no spaces: people, organisations, places, foreign names.

A name is taken where two signs agree: a surname and what stands beside it ("导演张…执导"), a kind at the end ("…大学") and a boundary
before it, or characters that foreign names are written with. Precision comes before coverage: a wrong name leads astray,
and one that is passed over costs only what it would have led to. Every text is read once, so that the time grows with its length alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from polymem.text import names_zh_words as words
from polymem.text.lazy import lazy
from polymem.text.normalise import fold_aligned
from polymem.text.statement_rules import word_set
from polymem.text.statements_zh_words import PLACES

__all__ = ["MAX_CHARS", "chinese_names"]

MAX_CHARS: Final = 2_000
"""Names are looked for in the beginning of a longer text only."""
MAX_NAME: Final = 14
"""A longer run before a kind is no name but a clause."""
MAX_BARE: Final = 7
"""Without a place at its beginning a name has at most so many characters before its kind."""

_HAN: Final = "\u3400-\u9fff"
_ALL_HAN: Final = lazy(f"[{_HAN}]+")
_IN_HAN: Final = lazy(f"[{_HAN}]")


def _either(alternatives: str) -> str:
    """Return the pattern of one of the *alternatives*, the longest first, that looks at the first character of each only once.

    Where a pattern begins with it a search passes over what no alternative begins with.
    """
    endings: dict[str, list[str]] = {}
    for one in sorted(set(alternatives.split("|")), key=lambda each: (-len(each), each)):
        endings.setdefault(one[0], []).append(one[1:])
    listed = [f"{first}(?:{'|'.join(rest)})" for first, rest in sorted(endings.items())]
    return f"(?:{'|'.join(listed)})"


def _any(alternatives: str) -> str:
    """Return what :func:`_either` does, for the middle of a pattern: most characters are told by one look at a set."""
    return f"(?=[{''.join(sorted({one[0] for one in alternatives.split('|')}))}]){_either(alternatives)}"


_KINDS: Final = lazy(f"(?P<kind>{_either(words.ORGANISATIONS)})(?![生制派化业界法])")
_BREAK: Final = lazy(
    f"{_any(words.WHOLE)}|(?P<cut>{_any(words.BREAK_WORDS)}|\\d+[年月日号时分个家名次届所万亿位]|[^{_HAN}a-z0-9&·]|[{''.join(sorted(words.BREAKS))}])"
)
_GENERIC: Final = lazy(f"(?:{_any(words.GENERIC)})+")
_COMMON_BEGINNINGS: Final = word_set("大同 大理 中山 开封 包头 东北 江南 北美 蒙古 保定 延安 海口 罗马 金华")
"""Places whose names are, or begin, other words too."""
_PLACE: Final = lazy(_either("|".join(set(PLACES) - _COMMON_BEGINNINGS)))
_HOME: Final = lazy(
    _either("|".join((*PLACES, *word_set("国家 中央 全国 亚洲 欧洲 世界 华东 华北 华南 西南 西北"))))
)
_BODY: Final = lazy(_either(words.BODIES))
_REGION: Final = lazy(
    f"[{_HAN}]{{1,4}}?(?:省(?![略钱心电油去察事])|市(?![场民值盈面井售况占])|县|区(?![域块别分间])|镇(?![静定压痛])|乡(?![村亲土镇])|州|旗(?![下舰帜袍])|村)"
)
_TOWN: Final = lazy(
    f"(?:(?<![{_HAN}])|(?<=[在于到从的和与及往]))[{_HAN}]{{2,3}}[{words.TOWNS}](?=[的是在与和位为上]|[^{_HAN}]|$)"
)
# Each begins with one set of characters, which the search then skips all others by.
_BOUNDARY: Final = lazy(f"[\x00-\u33ff\ua000-\U0010ffff在于到从往](?=[{_HAN}])")
_MAY_BE_TOWN: Final = lazy(f"[{words.TOWNS}](?:[是的在与和位为上]|[^{_HAN}]|$)")
_SURNAME: Final = lazy(f"[{''.join(sorted(words.ONE_SURNAMES | {name[0] for name in words.LONG_SURNAMES}))}]")
_DOES: Final = lazy(f"{_any(words.DOINGS)}|{_any(words.RANKS)}")
_SOUNDS: Final = "".join(sorted(words.SOUNDS))
_DOTS: Final = "·・•‧"
_FOREIGN: Final = lazy(f"[{_SOUNDS}]{{2,8}}(?:[{_DOTS}][{_SOUNDS}a-z.]{{1,9}}){{0,3}}")
_MIXED: Final = lazy(
    r"(?<![A-Za-z0-9.])(?:[a-z]{1,2}[A-Z][A-Za-z]{1,12}(?: ?\d{1,3}(?![\d年月日%.,])(?: ?(?:Pro|Max|Plus|Ultra|Mini)(?![A-Za-z])){0,2})?|[2-6]G|[48]K)(?![A-Za-z0-9])"
)
# Two such characters stand in all that _MIXED finds, and in few texts; to look for them takes a tenth of its time.
_MAY_BE_MIXED: Final = lazy("[a-z2-68][A-Z]")
_FOLLOWS: Final = frozenset("的和与及在是为将对向从把被也都就又还则却曾已正并于到由跟或等")
"""Behind a name may stand these."""
_PRECEDES: Final = frozenset("的和与及由对向据跟给为是让请被把在将经即叫")
"""Before a name may stand these."""
_LONGEST_ROLE: Final = max(map(len, words.ROLES))
_ROLE_ENDS: Final = frozenset(role[-1] for role in words.ROLES)
_IS: Final = frozenset(" :是叫即为")
"""Between what somebody is and his name may stand one of these."""
_LISTED: Final = frozenset("(（、")
_SUFFIXES: Final = frozenset("省市县区")
_NO_SUFFIXES: Final = word_set("市场 市民 市值 市盈 区域 区块 区别")
_NUMBERS: Final = frozenset("年月日个一二两三四五六七八九十几数百千万亿0123456789第首")
_FEW: Final = frozenset("各本该某贵我多")
_UNSURE: Final = frozenset("州旗乡区")
_SIZES: Final = frozenset("各全老新旧整大小两本该多贫偏边远副正开收入进出")
_COMPANIES: Final = ("公司", "集团", "学校", "工厂", "中心")
_ALONE, _SIGNED = 1, 2
"""What stands beside a name leaves room for one, or says that it is one."""


def chinese_names(text: str) -> list[str]:
    """Return the names in the Chinese of *text*, folded, each once; middle dots stay.

    Example:
        >>> chinese_names("导演张艺谋毕业于北京电影学院，林晓雯女士在深圳市南山区上班。")
        ['张艺谋', '林晓雯', '北京电影学院', '北京', '深圳', '深圳市', '南山区']
        >>> chinese_names("约翰·肯尼迪访问了国家发改委。"), chinese_names("She met Ann.")
        (['国家发改委', '约翰·肯尼迪'], [])
    """
    raw = text[:MAX_CHARS]
    if raw.isascii() or not _IN_HAN.search(raw):
        return []
    folded = fold_aligned(raw)
    people = list(_people(folded))
    found = [*people, *_organisations(folded, frozenset(people)), *_places(folded)]
    found += [match[0] for match in _BODY.finditer(folded)]
    found += _foreign(folded)
    if _MAY_BE_MIXED.search(raw):
        found += [match[0].lower() for match in _MIXED.finditer(raw)]
    return list(dict.fromkeys(found))


def _left(text: str, start: int) -> int:
    """Return what stands before a name that would begin at *start*: 0 for what leaves no room for one."""
    end = start
    if end and text[end - 1] in _IS:
        end -= 1
    if (
        end
        and text[end - 1] in _ROLE_ENDS
        and any(text[end - size : end] in words.ROLES for size in range(1, min(_LONGEST_ROLE, end) + 1))
    ):
        return _SIGNED
    if not start or text[start - 1] in _PRECEDES or not _IN_HAN.match(text, start - 1):
        return _ALONE
    return 0


def _right(text: str, end: int) -> int:
    """Return what stands behind a name that would end at *end*."""
    if _DOES.match(text, end):
        return _SIGNED
    return _ALONE if end >= len(text) or text[end] in _FOLLOWS or not _IN_HAN.match(text, end) else 0


def _people(text: str) -> Iterator[str]:
    """Yield names of people: a surname and one or two characters, with a sign beside them."""
    done = 0
    for match in _SURNAME.finditer(text):
        start = match.start()
        if start < done:
            continue
        left = _left(text, start)
        if not left:
            continue
        name = _person(text, start, left)
        if name:
            done = start + len(name)
            yield name


def _person(text: str, start: int, left: int) -> str:
    """Return the name of a person that begins at *start*, "" for none."""
    n_surname = 2 if text[start : start + 2] in words.LONG_SURNAMES else 1
    if n_surname == 1 and text[start] not in words.ONE_SURNAMES:
        return ""
    if text[start : start + 2] in words.NO_PERSON or text[start : start + 3] in words.NO_PERSON:
        return ""
    best, name = 0.0, ""
    for n_given in (2, 1):
        end = start + n_surname + n_given
        given = text[start + n_surname : end]
        if len(given) < n_given or not words.NEVER_GIVEN.isdisjoint(given) or not _ALL_HAN.fullmatch(given):
            continue
        usual = (given[-1] in words.GIVEN) + (
            n_given == 2 and (given[0] in words.GIVEN or given[0] in "以可")
        )
        right = _right(text, end)
        if not _is_person(text, start, end, left=left, right=right, usual=usual, n_given=n_given):
            continue
        score = right + usual / (2 * n_given)
        if score > best:
            best, name = score, text[start:end]
    return name


def _is_person(text: str, start: int, end: int, *, left: int, right: int, usual: int, n_given: int) -> bool:
    """Tell whether the signs beside what may be a name are enough."""
    if left == _SIGNED and right:
        return usual > 0
    if left == _SIGNED:
        return n_given == 2 and usual == 2
    if right == _SIGNED:
        return usual == n_given or (
            n_given == 2 and usual > 0 and not (start and _IN_HAN.match(text, start - 1))
        )
    if not right or usual < n_given or n_given < 2:
        return False
    is_first = not start or not _IN_HAN.match(text, start - 1)
    return is_first or text[end : end + 1] in _LISTED or text.count(text[start:end]) > 1


def _organisations(text: str, people: frozenset[str]) -> Iterator[str]:
    """Yield names that end with their kind, from a boundary on: 北京大学, and 北京大学第一医院 as well."""
    before = name = ""
    done = 0
    for match in _KINDS.finditer(text):
        start, end = match.span("kind")
        first = max(done, start - MAX_NAME)
        cut = _cut(text, first, start)
        if cut < 0 and first == done and name and start - done <= MAX_BARE:
            name += text[done:end]  # a part of what was just named
        else:
            name = _named(text, max(cut, first), start, end, is_bounded=cut >= 0 or _is_edge(text, first))
            before = text[max(cut, first) : start]
            if before in people:
                name = ""
        done = end
        if name:
            yield name


def _is_edge(text: str, place: int) -> bool:
    """Tell whether no word goes on across *place*."""
    return not place or not (_IN_HAN.match(text, place - 1) or text[place - 1].isalnum())


def _cut(text: str, first: int, stop: int) -> int:
    """Return where the last break between two places ends, -1 for none."""
    last = -1
    for match in _BREAK.finditer(text, first, stop):
        if match["cut"]:
            last = match.end()
    return last


def _named(text: str, first: int, start: int, end: int, *, is_bounded: bool) -> str:
    """Return the name of the kind that stands from *start* to *end*, "" if what stands before it is none."""
    home = _HOME.search(text, first, start)
    kind = text[start:end]
    if home is not None and (home.end() < start or not kind.endswith(_COMPANIES)):
        rest = text[home.end() : start]
        if not (kind.endswith(_COMPANIES) and _GENERIC.fullmatch(rest)) or home.start() > first:
            first, is_bounded = home.start(), True
            return text[first:end] if rest or not kind.endswith(_COMPANIES) else ""
    before = text[first:start]
    if before[:1] in _NUMBERS or before[:1] in _FEW:
        return ""
    if not is_bounded or not 2 <= len(before) <= MAX_BARE or _GENERIC.fullmatch(before):
        return ""
    return "" if text[first:end] in words.NO_ORGANISATION else text[first:end]


def _places(text: str) -> Iterator[str]:
    """Yield well-known places, administered ones in a chain (广东省深圳市南山区), and natural ones between boundaries."""
    chained: dict[int, bool] = {match.end(): False for match in _BOUNDARY.finditer(text)}
    if _IN_HAN.match(text):
        chained[0] = False
    for match in _PLACE.finditer(text):
        yield match[0]
        end = match.end()
        if text[end : end + 1] in _SUFFIXES and text[end : end + 2] not in _NO_SUFFIXES:
            end += 1
            yield text[match.start() : end]
        chained[end] = True
    seen = 0
    for begin in sorted(chained):
        place, is_chain = begin, chained[begin]
        while place >= seen and (region := _REGION.match(text, place)) is not None:
            if not _is_region(region[0], is_chain=is_chain):
                break
            yield region[0]
            place = seen = region.end()
            is_chain = True
    towns = _TOWN.finditer(text) if _MAY_BE_TOWN.search(text) else ()
    for town in (match[0] for match in towns):
        if town not in words.NO_PLACE and town[-2:] not in words.NO_PLACE and _cut(town, 0, len(town)) < 0:
            yield town


def _is_region(name: str, *, is_chain: bool) -> bool:
    """Tell whether what ends like an administered place is one; 南山区 is, behind 深圳市."""
    if len(name) < 3 or name in words.NO_PLACE or _cut(name, 0, len(name) - 1) >= 0 or name[0] in _NUMBERS:
        return False
    if not is_chain and (name[-1] in _UNSURE or name[-2] in _NUMBERS or name[-2] in _SIZES):
        return False
    inner = _PLACE.search(name, 1)
    if inner is not None and inner.end() == len(name) - 1:
        return False  # what stands before 江西省 is another word
    return name[-2:] not in words.NO_PLACE or (is_chain and len(name) == 3 and name[0] not in _SIZES)


def _foreign(text: str) -> Iterator[str]:
    """Yield foreign names: with middle dots, or with a sign beside them."""
    for match in _FOREIGN.finditer(text):
        name = _trimmed(text, *match.span())
        while name and (name[-1] in words.NO_SOUND or name[-1] in f"{_DOTS}."):
            name = name[:-1]
        if len(name) < 3:
            continue
        if any(dot in name for dot in _DOTS):
            yield name
        elif sum(character in words.STRONG_SOUNDS for character in name) >= 2 and len(name) <= 6:
            start = text.index(name, match.start())
            if _left(text, start) and _right(text, start + len(name)):
                yield name


def _trimmed(text: str, start: int, end: int) -> str:
    """Return a foreign name without what stands around it and is written with such characters too: 总理…, …生于."""
    if start and (text[start - 1 : start + 1] in words.ROLES or text[start] == "年"):
        start += 1
    done = _DOES.search(text, start + 2, end + 1)
    return text[start : min(end, done.start()) if done is not None else end]
