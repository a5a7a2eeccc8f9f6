"""English statements that say less than they seem: of a while, of some days, of once, of a trade beside another, or taken back."""

from __future__ import annotations

import re
from typing import Final

from polymem.domain.predicates import predicate_named
from polymem.domain.statement import SELF, Statement
from polymem.text.lazy import lazy

__all__ = ["CORRECTED", "corrected_at", "has_died", "is_passing"]

_WORK: Final = frozenset(("works_at", "works_as", "works_in", "studies_at"))
_STATES: Final = _WORK | {"lives_in"}

_BESIDE = lazy(
    r"\b(?:also|as well|too|amateur|hobby|volunteer|at heart|by (?:training|trade|education)|in (?:my|his|her) (?:free|spare) time"
    r"|on the side|(?:second|side|extra|weekend|summer|holiday) (?:job|gig|hustle))\b"
)
"""Nothing ends what somebody does beside it."""
_PLAYED = lazy(
    r"\bin (?:the|an?|your|this|my|our) (?:\w+ )?(?:play|story|show|movie|film|series|musical)\b|\bsimulator\b|\bin training\b"
)
_NO_TRAIT = lazy(r"\bengaged (?:in|with)\b|\bsingle (?:malt|most|handed)")
_DAYS: Final = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_N: Final = r"(?:\d+|an?|one|two|three|four|five|six|a few|a couple of|some)"
_FOR_A_WHILE = lazy(
    rf"\b(?:on (?:the )?(?:weekends?|weekdays|{_DAYS})|at (?:weekends|night)|some days|half (?:of )?the year|for free"
    r"|(?:in|during|for|over) the (?:summer|winter|spring|autumn|holidays|evenings?|mornings?|semester|week|weekend|next|moment|time being)"
    rf"|{_N} (?:days?|nights?|weeks?|months?) (?:a|per|each|every) (?:week|month|year)|today|tonight|temporarily|for now"
    r"|this (?:week|weekend|morning|afternoon|evening|month|summer|winter|semester|term)|for (?:a few|a couple of) (?:days|weeks|months)"
    r"|for an? (?:while|week|month|day|conference|project|internship|semester))\b"
)
_JUST_NOW = lazy(r"\bright now\b|\bat the moment\b")
"""Who lives somewhere "at the moment" does live there; who does not like something right now may like it tomorrow."""
_FOR_GOOD = lazy(
    r"\b(?:moved|relocated|joined|started|left|quit|resigned|got|took|landed|accepted|became|become|transferred|switched|since|as of|no longer|any ?more|permanently|for good)\b"
)
"""A step is taken on a day, but for good."""
_ONCE = lazy(
    r"\b(?:as an? (?:kid|child|teen|teenager|boy|girl|toddler|baby)|back then|growing up|in (?:my|his|her) (?:childhood|youth|teens|twenties)"
    r"|in (?:high|middle|elementary|primary) school|in college)\b"
)
_ONCE_BEHIND = lazy(
    r"\s+(?:back )?when (?:i|we|he|she|they|(?:my|our) \w+) (?:was|were|lived|worked|studied)\b"
)
_YET_TO_START = lazy(r"\bstart(?:s|ing)?\s+(?:only\s+|not\s+until\s+)?(?:in|on|next|from|tomorrow)\b")
_OUTDONE = lazy(r"[\s,;:–—-]*\b(?:i|we|he|she)\s+(?:\w+ly\s+)?(?:loves?|adores?|worships?|lives? for)\b")
"""I don't like it, I love it."""


def is_passing(statement: Statement, text: str, end: int) -> bool:
    """Tell whether *statement* of *text* in lower case, in a sentence up to *end*, must not compete with what holds for good."""
    start, last = statement.offset
    clause, predicate = text[start:last], statement.predicate
    if predicate == "is" or (predicate == "works_as" and statement.positive):
        pattern = _NO_TRAIT if predicate == "is" else _PLAYED
        if pattern.search(clause):
            return True
    denied = predicate == "dislikes" or (predicate == "likes" and not statement.positive)
    if predicate in _STATES:
        # A sister who also lives here lives here.
        beside = predicate != "lives_in" or statement.subject == SELF
        if statement.positive and beside and _BESIDE.search(clause):
            return True
        if predicate == "works_at" and statement.positive and _YET_TO_START.search(text, start, end):
            return True
    if (predicate in _STATES or denied) and _FOR_A_WHILE.search(clause) and not _FOR_GOOD.search(clause):
        return True
    if (denied or not statement.positive) and _JUST_NOW.search(clause):
        return True
    if denied and _OUTDONE.match(text, last, end):
        return True
    if not (denied or (predicate != "from" and predicate_named(predicate).functional)):
        return False
    return _ONCE.search(clause) is not None or _ONCE_BEHIND.match(text, last, end) is not None


_SORRY: Final = (
    r"(?:(?:no|nope|oops|ah|oh|ugh|hmm|well|sorry|my bad|typo|actually)[\s,]+)*"
    r"(?:no,?\s+wait|wait,?\s+no|scratch\s+that|correction\b:?|i\s+meant(?:\s+to\s+(?:say|write|type))?|make\s+that|typo|my\s+bad|oops|actually,?\s+no"
    r"|sorry(?!\s+(?:for|about|to|but|that|if|i'm|i\s+am|i\s+didn't|i\s+forgot|if|my)\b))\b[\s,:.]*"
)
CORRECTED: Final = lazy(rf"\s*{_SORRY}", re.IGNORECASE)
"""Begins a sentence that takes the place of the one before it."""
_CORRECTED_WITHIN = lazy(rf"\s*[,;:–—-]+\s*(?:{_SORRY}|no,\s+|i\s+mean\b)")


def corrected_at(sentence: str) -> int:
    """Return where a sentence in lower case takes back what it has said so far; -1 where it does not.

    Example:
        >>> corrected_at("i live in prague - sorry, i meant brno"), corrected_at("i live in prague, sorry for the delay")
        (16, -1)
    """
    found = _CORRECTED_WITHIN.search(sentence)
    return -1 if found is None else found.start()


_DIED: Final = (
    r"\W+(?:(?:has|had|just|recently|sadly|suddenly|unexpectedly|peacefully|,)\s+)*"
    r"(?:died|passed away|ran away|was put (?:down|to sleep)|is no longer with us|crossed the rainbow bridge)\b"
)


def has_died(statement: Statement, sentence: str) -> bool:
    """Tell whether a sentence in lower case says that the animal of *statement* is no more."""
    if statement.predicate != "has_pet" or not statement.positive:
        return False
    return re.search(rf"\b{re.escape(statement.object.lower())}{_DIED}", sentence) is not None
