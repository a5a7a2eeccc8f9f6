"""Figures, dates, nouns and deeds: English converters from captured words to objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.numerals import NUMERALS
from polymem.text.statement_rules import UNREAD, phrase_set, word_set
from polymem.text.statements_en_things import AND, ARTICLE, EDGES, FREQUENCY, listed, points_away, trimmed

__all__ = [
    "belongings",
    "birthdate",
    "deed",
    "doing",
    "languages",
    "number",
    "occupation",
    "pet",
    "possession",
    "role",
    "routine",
    "trait",
    "wish",
]


def number(raw: str) -> Sequence[str]:
    """Return a person's age in figures.

    Example:
        >>> number("34"), number("thirty-two"), number("late")
        (['34'], ['32'], [])
    """
    text = raw.lower().strip(EDGES)
    if text.isdecimal():
        return [str(int(text))] if int(text) <= 120 else []
    parts = re.split(r"[\s-]", text)
    if not all(part in NUMERALS for part in parts) or len(parts) > 2:
        return []
    return [str(sum(int(NUMERALS[part]) for part in parts))]


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"

# "the twelfth", "twenty-first"
_ORDINAL = (
    r"(?:(?:twenty|thirty)[\s-])?(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|thirteenth"
    r"|fourteenth|fifteenth|sixteenth|seventeenth|eighteenth|nineteenth|twentieth|thirtieth)"
)
_DAY = rf"(?:\d{{1,2}}(?:st|nd|rd|th)?|{_ORDINAL})"
_DATE = lazy(
    rf"(?:the )?(?:{_MONTH} (?:the )?{_DAY}(?:,? \d{{4}})?|{_DAY} (?:of )?{_MONTH}(?:,? \d{{4}})?"
    rf"|\d{{4}}-\d\d?-\d\d?|\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?|(?:19|20)\d\d|{_MONTH} (?:19|20)\d\d)$",
    re.IGNORECASE,
)


def birthdate(raw: str) -> Sequence[str]:
    """Return a date as written.

    Example:
        >>> birthdate("March 14th, 1990"), birthdate("soon")
        (['March 14th, 1990'], [])
    """
    text = raw.strip(EDGES)
    return [re.sub("^the ", "", text)] if _DATE.match(text) else []


_AFTER_NOUN = lazy(
    r"\s+(?:at|for|in|with|from|who|by|on|and|based|working|living|now|here|specializing)\b.*|,.*",
    re.IGNORECASE,
)


def _noun_of(known: Collection[str]) -> Callable[[str], Sequence[str]]:
    """Return a converter for "a (quality) noun" with the noun among *known*, unless it is a judgement."""

    def read(raw: str) -> Sequence[str]:
        text = _AFTER_NOUN.sub("", trimmed(raw)).strip(EDGES)
        noun = re.sub(r"^\d+[ -]years?[ -]old ", "", ARTICLE.sub("", text))
        parts = noun.lower().split()
        if (
            not 1 <= len(parts) <= 4
            or parts[-1] not in known
            or parts[0] in {"been", "had", "to"}
            or words.EVALUATIVE.intersection(parts)
            or "or" in parts
        ):
            return []
        return [] if points_away(noun) else [noun]

    return read


occupation: Final = _noun_of(words.OCCUPATIONS)

possession: Final = _noun_of(words.BELONGINGS)

_class: Final = _noun_of(words.TRAITS)

_KINDS_OF_PERSON: Final = phrase_set(
    "morning person|night owl|early bird|cat person|dog person|only child|people person|single mom|single mother|single dad"
    "|single parent|beach person|coffee person|tea person|stay-at-home mom|stay-at-home dad"
)

_OF_TRAITS: Final = word_set(
    "strict devout practicing practising lifelong college university grad graduate medical law phd nursing exchange international"
    " high master's doctoral first-year second-year native half part identical competitive professional single stay-at-home"
)


def trait(raw: str) -> Sequence[str]:
    """Return what somebody is for good: a belief, a diet, a nationality, a kind of person."""
    text = ARTICLE.sub("", trimmed(raw))
    if text.lower() in _KINDS_OF_PERSON:
        return [text]
    return [text for text in _class(raw) if text.lower().split(" ")[0] in _OF_TRAITS or " " not in text]


def role(raw: str) -> Sequence[str]:
    """Return a unique role, as in "peter is the spiderman"."""
    text = trimmed(raw)
    parts = text.lower().split()
    return (
        [text]
        if 1 <= len(parts) <= 4 and not words.EVALUATIVE.intersection(parts) and not points_away(text)
        else []
    )


_COUNTED = lazy(
    r"(?:(?:an?|two|three|four|five|six|\d+)\s+)?(?:[\w-]+\s+){0,2}(?P<noun>[a-z]+)$", re.IGNORECASE
)


_HOW_MANY = lazy(r"^(?:one|two|three|four|five|six|seven|eight|nine|ten|\d+) ", re.IGNORECASE)
"""How many there are is a statement of its own."""


def _singular(noun: str) -> str:
    """Return the singular of a regular plural."""
    noun = noun.lower()
    for ending, instead in (("ies", "y"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if noun.endswith(ending) and noun[: -len(ending)] + instead in words.PETS:
            return noun[: -len(ending)] + instead
    return noun


def pet(raw: str) -> Sequence[str]:
    """Return pets without a name.

    Example:
        >>> pet("two cats"), pet("an old dog"), pet("a hot dog stand")
        (['cats'], ['old dog'], [])
    """
    found = [
        item
        for item in listed(trimmed(raw))
        if (m := _COUNTED.match(item)) and _singular(m["noun"]) in words.PETS
    ]
    return [
        _HOW_MANY.sub("", ARTICLE.sub("", item))
        for item in found
        if "hot dog" not in item and not item.startswith(("had ", "no "))
    ]


def belongings(raw: str) -> Sequence[str]:
    """Return the possessions in a list."""
    return [_HOW_MANY.sub("", thing) for item in listed(trimmed(raw)) for thing in possession(item)]


def languages(raw: str) -> Sequence[str]:
    """Return the languages in a list.

    Example:
        >>> languages("fluent Dutch and a little Polish"), languages("my mind")
        (['Dutch', 'Polish'], [])
    """
    found = [item.rsplit(" ", 1)[-1].strip(EDGES) for item in AND.split(trimmed(raw))]
    return [item.capitalize() for item in found if item.lower() in words.LANGUAGES]


_VAGUE_DEED = lazy(
    r"^(?:try|say|ask|tell|know|see|be|think|thank|do|get|have|need|let|give|miss|sleep|bed|keep|check|talk|discuss|know|"
    r"mention|share|point|add|hear|understand|make sure|make it|love|like|go(?:$| out$| back| now| home| to (?:bed|sleep))|say|take a break|look|show|help|use|"
    r"find out|explain|stop|start by|end up|come|remember|wait|call|leave|lose|die|cry|enjoy|continue|feel|try|put|send)\b",
    re.IGNORECASE,
)


def doing(raw: str) -> Sequence[str]:
    """Return a deed that says something by itself."""
    text = trimmed(raw)
    parts = text.split()
    if not 2 <= len(parts) <= 12 or _VAGUE_DEED.match(text) or UNREAD in text:
        return []
    return (
        []
        if {
            "it",
            "that",
            "this",
            "them",
            "her",
            "him",
            "us",
            "you",
            "your",
            "something",
            "things",
        }.intersection(text.lower().split())
        else [text]
    )


_WISHES = lazy(
    r"^(?:become|be an? |learn|visit|travel|buy|move|study|own|start (?:a|an|my)\b|have (?:a|kids|children)|go to [A-Z]|run a|get a"
    r" (?:dog|cat|puppy|kitten|job|degree|tattoo)|quit|adopt|publish|write a|retire|open (?:a|my)|climb|build a|master|lose \d+|save)",
)


def wish(raw: str) -> Sequence[str]:
    """Return a lasting wish, not a passing one."""
    text = trimmed(raw)
    if not _WISHES.match(text) or not 2 <= len(text.split()) <= 12:
        return []
    return (
        []
        if {"it", "that", "this", "you", "your", "more", "something"}.intersection(text.lower().split())
        else [text]
    )


def routine(raw: str) -> Sequence[str]:
    """Return a habit with how often it is done, which is half of what it says."""
    text = raw.strip(EDGES)
    parts = text.lower().split()
    vague = {"it", "that", "this", "them", "you", "your", "not", "like", "feel", "make"}
    return (
        []
        if re.match(rf"go(?:es)? {FREQUENCY}", text)
        or not 2 <= len(parts) <= 12
        or vague.intersection(parts)
        or UNREAD in text
        else [text]
    )


_WITHOUT_OBJECT = lazy(
    r"(?:got|bought|found|had|made|took|gave|sent|received) (?:in|at|on|from|for|with)\b", re.IGNORECASE
)


def deed(raw: str) -> Sequence[str]:
    """Return what was done at a time."""
    text = re.sub(r"\s+(?:and|so|for)$", "", trimmed(raw))
    parts = text.lower().split()
    if _WITHOUT_OBJECT.match(text):
        return []
    vague = {"it", "that", "this", "you", "your", "not", "something", "more", "one", "ones"}
    return [] if not 2 <= len(parts) <= 14 or vague.intersection(parts) else [text]
