"""People, places, employers: English converters from captured words to objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.statement_rules import phrase_set, word_set
from polymem.text.statements_en_things import EDGES, trimmed

__all__ = ["EMPLOYERS", "given_name", "left", "nickname", "organisation", "person_name", "place", "undivided"]

_NAME_WORD = r"[A-ZÀ-Þ][\w'’.-]*"

_PROPER = lazy(
    rf"(?:the )?{_NAME_WORD}(?:(?:,? (?:of|de|la|the|and|&|du|von|van|for)(?: the)?)? {_NAME_WORD}|, {_NAME_WORD})*"
)

_HAN_NAME = lazy("[\u4e00-\u9fff]{2,4}$")

_LATIN_NAME = lazy(rf"{_NAME_WORD}(?: {_NAME_WORD}){{0,2}}$")

_LOWER_NAME = lazy(r"[a-z]{2,15}(?: [a-z]{2,15})?$")


def person_name(raw: str) -> Sequence[str]:
    """Return a name of one to three words; in lower case only if no word of it is a common one.

    Example:
        >>> person_name("Anna Lee"), person_name("john"), person_name("hard to pronounce")
        (['Anna Lee'], ['john'], [])
    """
    text = re.split(r"[,(]| and | but ", raw.strip(EDGES))[0].strip(EDGES)
    if _HAN_NAME.match(text):
        return [text]
    if _LATIN_NAME.match(text):
        return [text] if text.split()[0] not in words.COMMON_CAPITALISED else []
    if _LOWER_NAME.match(text) and not words.NOT_A_NAME.intersection(text.split()):
        return [text] if " " not in text or text.split()[0].title() in words.FIRST_NAMES else []
    return []


def given_name(raw: str) -> Sequence[str]:
    """Return a name that begins with a known first name, or is written in Chinese.

    For places where many other words may stand: "I'm Anna", but not "I'm Canadian".

    Example:
        >>> given_name("Anna"), given_name("Canadian")
        (['Anna'], [])
    """
    found = person_name(raw)
    first = found[0].split()[0] if found else ""
    known = first.title() in words.FIRST_NAMES and first.lower() not in words.TRAITS
    return found if known or _HAN_NAME.match(first) else []


def nickname(raw: str) -> Sequence[str]:
    """Return a name in capitals, or a known first name.

    Example:
        >>> nickname("Bob"), nickname("bob"), nickname("instinct"), nickname("ASAP")
        (['Bob'], ['bob'], [], [])
    """
    found = person_name(raw)
    if not found or found[0].lower() in _ABBREVIATIONS:
        return []
    return found if found[0][0].isupper() or found[0].split()[0].title() in words.FIRST_NAMES else []


_ABBREVIATIONS: Final = word_set("asap eod cob eta afk brb atm tba tbd rsvp diy lol crazy old-fashioned")


_SETTLEMENT = lazy(
    r"(?:an?|the)\s+((?:[\w-]+ ){0,3}(?:city|town|village|suburbs?|countryside|farm|island|mountains)(?: (?:in|near|of|outside) (?:the )?[A-Z]\w+)?)$"
)


def place(raw: str) -> Sequence[str]:
    """Return a place.

    Example:
        >>> place("New York, USA now"), place("a small town"), place("fear"), place("paris")
        (['New York, USA'], ['small town'], [], ['paris'])
    """
    text = trimmed(raw)
    if text.removeprefix("the ").removesuffix(" department").lower() in _DEPARTMENTS or _UNDECIDED.search(
        text
    ):
        return []
    if text.lower() in _TOOLS:
        return []
    proper = _PROPER.match(text)
    if proper and (
        proper.end() == len(text) or text[proper.end() :].lstrip(" ,").split(" ")[0] in _AFTER_PLACE
    ):
        name = re.sub(r" and (?:[A-Z]\w*|I)$", "", proper[0].rstrip(".'"))
        return [name] if name.split()[0] not in {"I", "My"} else []
    settled = _SETTLEMENT.match(text)
    if settled:
        return [settled[1]]
    return [text] if text.lower() in words.PLACES else []


_DEPARTMENTS: Final = phrase_set(
    "it|hr|pr|qa|r&d|marketing|sales|finance|accounting|legal|support|customer support|customer service|engineering|operations"
    "|procurement|logistics|purchasing|admin|administration|management|product|design|human resources|payroll|billing|security"
    "|tech support|communications"
)
"""Where in a company somebody is; no places."""

_TOOLS: Final = phrase_set(
    "zoom|slack|teams|microsoft teams|discord|notion|mac|macos|windows|linux|ubuntu|android|ios|iphone|gmail|outlook|whatsapp|telegram|signal"
    "|spotify|github|gitlab|mastodon|bluesky|firefox|chrome|python|rust|java|javascript|excel|word|powerpoint|photoshop|figma|jira|sap|salesforce|sql|tableau|latex|blender|autocad|postgres|aws|azure"
)
"""What one moves to, and works in, without leaving the house."""

_UNDECIDED = lazy(r"\b(?:or|either|neither|nor|and/or)\b")
"""What names no single thing."""

_AFTER_PLACE: Final = word_set("with and as for to because now but near by where on at until in from alone")

_WORKPLACE = lazy(
    r"(?:an?|the|my)\s+((?:[\w'-]+ ){0,3}(?:company|startup|start-up|firm|bank|agency|hospital|school|university|college|"
    r"clinic|shop|store|bakery|restaurant|cafe|café|bar|hotel|library|museum|factory|lab|laboratory|office|studio|gym|zoo|"
    r"farm|pharmacy|supermarket|airport|charity|non-?profit|ngo|government|church|salon|garage|kindergarten|newspaper|"
    r"magazine|publisher|brewery|bookstore|bookshop|law firm|post office|nursing home|daycare|shelter|police|army|navy))\b"
)

EMPLOYERS: Final = word_set(
    "google amazon microsoft apple facebook meta netflix tesla ibm intel oracle samsung sony nvidia openai huawei tencent"
    " alibaba bytedance uber airbnb spotify adobe siemens boeing airbus nasa ikea starbucks walmart mit harvard stanford"
)


def organisation(raw: str) -> Sequence[str]:
    """Return an employer or school.

    Example:
        >>> organisation("Siemens in Munich"), organisation("a small bakery"), organisation("home")
        (['Siemens'], ['small bakery'], [])
    """
    text = trimmed(raw)
    if _UNDECIDED.search(text):
        return []
    proper = _PROPER.match(text)
    if proper:
        name = re.sub(r"^the |,.*| and (?:I|[A-Z]\w* [a-z]).*", "", proper[0]).rstrip(".'")
        return [name] if not words.COMMON_CAPITALISED.intersection(name.split()[:1]) else []
    general = _WORKPLACE.match(text)
    if general:
        return [general[1]]
    first = text.split(" ")[0].lower()
    return [first] if first in EMPLOYERS else []


def undivided(raw: str) -> Sequence[str]:
    """Return an employer or school of which no part is named.

    Example:
        >>> undivided("Siemens"), undivided("Siemens headquarters")
        (['Siemens'], [])
    """
    return [] if _PART_OF.search(raw) else organisation(raw)


_PART_OF = lazy(
    r"\s(?:headquarters|hq|campus|site|store|branch|office|building|directly|itself)\b", re.IGNORECASE
)


def left(raw: str) -> Sequence[str]:
    """Return an employer that somebody left; one leaves cities and people too.

    Example:
        >>> left("Philips"), left("London"), left("Emma")
        (['Philips'], [], [])
    """
    found = organisation(raw)
    known = found and (found[0].lower() in words.PLACES or found[0].split()[0] in words.FIRST_NAMES)
    return [] if known else found
