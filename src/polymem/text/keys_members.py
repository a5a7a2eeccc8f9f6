"""Keys of what a turn names: kinds of things, and forms that an answer has.

A question seldom says the word that answers it: what sports → "I went surfing", how long → "for six years", which book →
a title in quotation marks. Kinds are told by :mod:`.kinship`; of the forms, numbers and spans of time as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.text.kinship import asked_kinds_of_things, kinds_of_things
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import KEY_MARK, terms

__all__ = ["FORMS", "asked_member_keys", "member_keys"]

_KIND: Final = f"{KEY_MARK}k:"
_NUMBER: Final = f"{_KIND}number"
_TITLE: Final = f"{_KIND}title"
_PAST: Final = f"{_KIND}past"
FORMS: Final = frozenset([f"{_KIND}duration", _NUMBER, _PAST, _TITLE])
"""Keys of the forms of an answer; the others are of kinds of things."""

_DIGIT = lazy("[0-9]")
_HAS_TITLE = lazy(r"[\"“《「『][^\"”》」』]{2,60}[\"”》」』]|\b(?:called|named)\b|叫做?|名为")
_TITLE_HINTS: Final = ('"', "“", "《", "「", "『", "called", "named", "叫", "名为")
_ASKS_TITLE = lazy(
    r"\b(?:books?|movies?|films?|songs?|shows?|series|games?|novels?|albums?|titles?|named?|names|called|authors?)\b"
    r"|书|电影|歌|剧|叫什么|名字|名称|主题"
)
# What somebody did or what happened to them; Chinese has no tense.
_TELLS_PAST = lazy(
    r"\b(?:i|we|my \w+|he|she|they)(?:'ve| have|'s| has| had| just| recently| also| finally)* "
    r"(?:\w+ed|went|got|took|made|saw|had|bought|found|met|did|won|lost|ran|read|wrote|began|gave|told|came|left|been|gone|done"
    r"|seen|was|were|felt|brought|chose|built|held|kept|spent|taught|caught|fell|grew|hung|heard|sang|swam|threw|wore|ate|drank"
    r"|drove|flew|rode|slept|spoke)\b"
)
_ASKS_PAST = lazy(r"\b(?:did|was|were|has|have|had|done|been)\b")


def member_keys(text: str, words: Sequence[str] | None = None) -> tuple[str, ...]:
    """Return the keys of what *text* names, each once, in a fixed order.

    Example:
        >>> member_keys("My cello is called Ole.")
        ('=k:instrument', '=k:music', '=k:title')
        >>> member_keys("我们吃了火锅")
        ('=k:food',)
    """
    found = terms(text) if words is None else words
    keys = [f"{_KIND}{name}" for name in sorted(kinds_of_things(found))]
    folded = fold(text)
    if _NUMBER not in keys and _DIGIT.search(folded) and any("0" <= term[0] <= "9" for term in found):
        keys.append(_NUMBER)
    if any(map(folded.__contains__, _TITLE_HINTS)) and _HAS_TITLE.search(folded):
        keys.append(_TITLE)
    if _TELLS_PAST.search(folded):
        keys.append(_PAST)
    return tuple(keys)


def asked_member_keys(question: str) -> tuple[str, ...]:
    """Return the keys of rows that may hold what *question* asks for, each once, in a fixed order.

    Example:
        >>> asked_member_keys("How long has she had the violin?")
        ('=k:duration', '=k:past')
        >>> asked_member_keys("她会什么乐器？")
        ('=k:instrument',)
    """
    folded = fold(question)
    keys = [f"{_KIND}{name}" for name in sorted(asked_kinds_of_things(question))]
    if _ASKS_TITLE.search(folded):
        keys.append(_TITLE)
    if _ASKS_PAST.search(folded):
        keys.append(_PAST)
    return tuple(keys)
