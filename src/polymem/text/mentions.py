"""Find the names in a message: people, places, organisations, titles. Precision comes before coverage."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from polymem.domain.statement import Mention
from polymem.text.lazy import lazy
from polymem.text.normalise import fold_aligned, name_key
from polymem.text.recalled import without_recalled
from polymem.text.statement_rules import word_set
from polymem.text.statements_en_words import COMMON_CAPITALISED, FIRST_NAMES, LANGUAGES, TRAITS
from polymem.text.statements_en_words import PLACES as EN_PLACES
from polymem.text.statements_zh_names import NAME, NAME_BEGINS
from polymem.text.statements_zh_words import FAMILY, NOT_A_NAME
from polymem.text.statements_zh_words import PLACES as ZH_PLACES

__all__ = ["MAX_CHARS", "find_mentions"]

MAX_CHARS: Final = 20_000
"""Names are looked for in the beginning of a longer text only."""

# It begins with one set of characters, which the search then skips all others by.
_CAPITAL: Final = r"[A-ZÀ-ÞŁŠŽ](?:[\w’'-]*\w|(?<=[A-Z])\.(?=\s[A-Z]))"
_ENGLISH = lazy(
    rf"(?:{_CAPITAL})(?:(?:\s(?:of|the|de|la|von|van|der|du|del|and the|of the)){{0,2}}\s(?:{_CAPITAL}|\d{{4}}(?!\d)))*"
)
_INNER_END = lazy(r"\s(?:of|the|de|la|von|van|der|du|del|and the|of the)$")
_LEADING_INNER = lazy(r"^(?:(?:of|the|de|la|von|van|der|du|del|and)\s)+")
_ALWAYS_COMMON: Final = word_set(
    "The A An I My Your His Her Our Their Its It He She We They You This That And But Or So If When Mr Mrs Ms Dr I'm In On At Is Are To"
)
_OPENS_NAMES: Final = word_set(
    "New Old Lord God North South East West Big Saint Little Great Black White Red Blue Golden"
)
_SENTENCE_START = lazy(
    r"(?:^|(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)\.|[!?:;\n。！？：；“\"(\[*>—–-]|[\U0001f300-\U0001faff])\s*$"
)
_CALENDAR: Final = word_set(
    "Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August September October"
    " November December Mon Tue Tues Wed Thu Thurs Fri Sat Sun Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Christmas Easter"
)
_ORGANISATION = lazy(
    r"\b(?:Inc|Corp|Ltd|LLC|GmbH|Company|University|College|School|Institute|Hospital|Bank|Foundation|Association|Agency|Museum|Studio|Studios|Club|Church)\b"
)
_HANDLE = lazy(r"(?<![\w@.])@[A-Za-z][\w-]{1,30}")
_TITLE = lazy(r"《([^《》\n]{1,40})》|“([A-Z][^“”\n]{1,40})”|\"([A-Z][^\"\n]{1,40})\"|「([^「」\n]{1,20})」")

_HAN = lazy("[\u4e00-\u9fff]{2}")
_ZH_PLACE = lazy("|".join(sorted(ZH_PLACES, key=len, reverse=True)))
_ZH_ORGANISATION_END = lazy("大学|学院|中学|小学|医院|公司|银行|集团|博物馆|图书馆|研究|出版社")
_ZH_ORGANISATION = lazy(
    f"(?:{'|'.join(sorted(ZH_PLACES, key=len, reverse=True))})[\u4e00-\u9fff]{{0,8}}?(?:大学|学院|中学|小学|医院|公司|银行|集团|博物馆|图书馆|研究院|研究所|出版社)"
    "|(?<![\u4e00-\u9fff])[\u4e00-\u9fff]{2,6}(?:大学|集团|银行)(?=[\\s，。！？,.!?]|$)"
)
# What stands before a name, and what stands after it; one of the two is needed, a surname alone proves nothing.
_ZH_LEADS: Final = f"朋友|同事|同学|室友|老师|医生|老板|{'|'.join(FAMILY)}|叫|名叫|是|和|跟|与|找|见到?|给|见到了|遇到了?|认识|问|请|约|、"
_ZH_LEADS_BEGIN: Final = "".join({lead[0] for lead in _ZH_LEADS.split("|")})
# A set tells for most characters that none of the many alternatives begins with them.
_ZH_BEFORE: Final = f"(?=[{_ZH_LEADS_BEGIN}])(?:{_ZH_LEADS})"
_ZH_AFTER: Final = "(?:说|告诉|喜欢|讨厌|住在?|在[^，。]{1,8}(?:工作|上班|读书)|是我|对我|和我|跟我|给我|带我|约我|问我|请我|来自|今年|的(?:生日|年龄|职业|爱好|老家|家|电话|邮箱|公司|妹妹|姐姐|哥哥|弟弟|妈妈|爸爸|老婆|老公|儿子|女儿|孩子|朋友)|一起|都|也|昨天|今天|明天|刚|已经|结婚|生日|叫|会|把|去|来|养)"
_ZH_PERSON = lazy(
    f"(?=[{NAME_BEGINS}{_ZH_LEADS_BEGIN}])"
    f"(?:(?<![\u4e00-\u9fff])(?P<first>{NAME})(?={_ZH_AFTER})"
    f"|{_ZH_BEFORE}(?P<after>{NAME})(?={_ZH_AFTER}|[在看吃打玩买聊见做有是从到学]|[，。！？、,.!?\\s”）)]|$)"
    "|(?<![\u4e00-\u9fff])(?P<short>[小老阿][\u4e00-\u9fff])(?=[，,：:！!。.\\s]|$))"
)
_NAME_SIGN = lazy(
    "[小老阿]|朋友|同事|同学|室友|叫|说|喜欢|工作|上班|的|和|跟|是我|老师|医生|告诉|一起|问|今年|见|遇到|认识|给|请|约|找|、"
)


def find_mentions(text: str) -> list[Mention]:
    """Return the names in *text*, each name once, in order of their first place; what is marked as recalled names nobody.

    Example:
        >>> [(m.name, m.type) for m in find_mentions("Yesterday I met Anna Lee in Berlin.")]
        [('Anna Lee', 'person'), ('Berlin', 'place')]
        >>> [(m.name, m.type) for m in find_mentions("我和李明在上海看了《活着》")]
        [('李明', 'person'), ('上海', 'place'), ('活着', 'thing')]
    """
    text = without_recalled(text)[:MAX_CHARS]
    found: list[Mention] = []
    if not text.isascii() or '"' in text:
        found += _titles(text)
    if not text.isascii() and _HAN.search(text):
        found += _chinese(text)
    if not text.islower():
        found += _english(text)
    if "@" in text:
        found += (Mention(match[0], "person", match.span()) for match in _HANDLE.finditer(text))
    return _once(found)


def _once(found: list[Mention]) -> list[Mention]:
    """Return each name once, the longer one where two overlap, in order of place."""
    kept: list[Mention] = []
    seen: set[str] = set()
    end = 0
    for mention in sorted(found, key=lambda m: (m.offset[0], -m.offset[1])):
        key = name_key(mention.name)
        if mention.offset[0] < end:
            continue
        end = mention.offset[1]
        if key and key not in seen:
            seen.add(key)
            kept.append(mention)
    return kept


def _titles(text: str) -> Iterator[Mention]:
    """Find quoted titles."""
    for match in _TITLE.finditer(text):
        title = next(group for group in match.groups() if group is not None)
        start = match.start() + 1
        # A sentence in quotation marks is speech, not a title.
        if (
            match[1]
            or match[4]
            or (title[-1] not in ".!?," and sum(map(str.isupper, title)) >= (title.count(" ") + 1) / 2)
        ):
            yield Mention(title, "thing", (start, start + len(title)))


def _english(text: str) -> Iterator[Mention]:
    """Find capitalised names."""
    for match in _ENGLISH.finditer(text):
        start, end = match.span()
        name = match[0]
        while name and _is_common(name, text, start):
            _, _, rest = name.partition(" ")
            name = _LEADING_INNER.sub("", rest)
            start = end - len(name)
        name = _INNER_END.sub("", name)
        for ending in ("'s", "’s"):
            name = name.removesuffix(ending)
        if len(name) > 1 and not (name.isupper() and len(name) > 5):
            yield Mention(name, _english_type(name), (start, start + len(name)))


def _is_common(name: str, text: str, start: int) -> bool:
    """Tell whether the first word of *name* is capitalised for another reason than being part of a name."""
    first, _, rest = name.partition(" ")
    word = first.partition("'")[0].partition("’")[0]
    if word in _ALWAYS_COMMON or word in _CALENDAR:
        return True
    if word in FIRST_NAMES or word.lower() in EN_PLACES:
        return False
    opens = _SENTENCE_START.search(text, max(0, start - 5), start) is not None
    if rest:
        return opens and word in COMMON_CAPITALISED and word not in _OPENS_NAMES
    if word in COMMON_CAPITALISED or word.lower() in TRAITS or word.lower() in LANGUAGES:
        return True
    # The first word of a sentence is capitalised whatever it is.
    return opens and not (word.isupper() and len(word) > 1)


def _english_type(name: str) -> str:
    """Return the type of an English name, "" where nothing tells."""
    if name.split(maxsplit=1)[0] in FIRST_NAMES:
        return "person"
    if name.lower() in EN_PLACES:
        return "place"
    return "organisation" if _ORGANISATION.search(name) else ""


def _chinese(text: str) -> Iterator[Mention]:
    """Find names of people, places and organisations in Chinese text."""
    folded = fold_aligned(text)
    if _ZH_ORGANISATION_END.search(folded):
        yield from _matches(_ZH_ORGANISATION, "organisation", folded, text)
    yield from _matches(_ZH_PLACE, "place", folded, text)
    if not _NAME_SIGN.search(folded):
        return
    for match in _ZH_PERSON.finditer(folded):
        group = match.lastgroup or ""
        name = match[group]
        if (
            name not in NOT_A_NAME
            and name[:2] not in NOT_A_NAME
            and name not in FAMILY
            and not _ZH_PLACE.match(name)
        ):
            yield Mention(text[slice(*match.span(group))], "person", match.span(group))


def _matches(pattern: re.Pattern[str], kind: str, folded: str, text: str) -> Iterator[Mention]:
    """Find all places where *pattern* matches the folded text, as they are written."""
    for match in pattern.finditer(folded):
        yield Mention(text[slice(*match.span())], kind, match.span())
