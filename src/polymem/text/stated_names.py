"""Further names that a text gives to what it speaks of: "also known as", 又叫, a name in parentheses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from polymem.domain.statement import Mention
from polymem.text.lazy import lazy
from polymem.text.names import alike, is_acronym
from polymem.text.normalise import name_key

__all__ = ["with_stated_names"]

_CUE: Final = lazy(r"\(|（|also known as|a\.?k\.?a\.?|better known as|又叫|又称|也叫|简称|外号|小名")
# What follows a name at once. In parentheses after a name anything may stand, so that only what is alike is taken there.
_AFTER: Final = lazy(
    r"\s?[(（](?P<short>(?:简称|又称|也叫|又叫|aka |a\.k\.a\. |also known as )\s?)?[“\"「]?(?P<inside>[^()（）“”\"「」,，;；]{2,40})[”\"」]?[)）]"
    r"|,? (?:also known as|a\.?k\.?a\.?|better known as) (?P<also>[A-Z][\w’'-]*(?: [A-Z][\w’'-]*){0,3})"
    r"|[，,]?(?:又叫|又称|也叫|简称|外号叫?|小名叫?)[“\"「]?(?P<han>[\u4e00-\u9fff]{2,8}?)[”\"」]?(?=[，。！？；,.!?;\s]|$)"
)


def with_stated_names(mentions: list[Mention], text: str) -> list[Mention]:
    """Return the mentions with the further names that *text* gives them right where it names them.

    Example:
        >>> [m.aliases for m in with_stated_names([Mention("Robert", "person", (0, 6))], "Robert, also known as Bob, left.")]
        [('Bob',)]
        >>> [m.aliases for m in with_stated_names([Mention("北京大学", "organisation", (0, 4))], "北京大学（北大）很大")]
        [('北大',)]
        >>> [m.aliases for m in with_stated_names([Mention("Anna", "person", (0, 4))], "Anna (my sister) left.")]
        [()]
    """
    if not mentions or _CUE.search(text) is None:
        return mentions
    return [replace(each, aliases=each.aliases + _stated(each, text)) for each in mentions]


def _stated(mention: Mention, text: str) -> tuple[str, ...]:
    match = _AFTER.match(text, mention.offset[1])
    if match is None or text[slice(*mention.offset)] != mention.name:
        return ()
    name = _name_in(match, mention.name)
    return (name,) if name and name_key(name) != name_key(mention.name) else ()


def _name_in(match: re.Match[str], name: str) -> str:
    inside = match["inside"]
    if inside is None:
        return (match["also"] or match["han"] or "").strip()
    # "(北大)" after 北京大学, "(WHO)" after its words: what stands in parentheses without a word for it has to be alike.
    fits = match["short"] or is_acronym(inside, name) or alike(name, inside) in {"known", "short"}
    return inside.strip() if fits else ""
