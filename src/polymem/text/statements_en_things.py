"""What is liked, owned or studied: English converters from captured words to objects."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from polymem.text import statements_en_words as words
from polymem.text.lazy import lazy
from polymem.text.normalise import lower_aligned
from polymem.text.statement_rules import UNREAD, word_set

__all__ = [
    "AND",
    "ARTICLE",
    "EDGES",
    "FREQUENCY",
    "allergens",
    "listed",
    "only_thing",
    "owned",
    "points_away",
    "preferred",
    "state_of",
    "subject_of_study",
    "thing",
    "things",
    "trimmed",
]

_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?"

_DAYTIME = r"(?:morning|afternoon|evening|night|day|week|weekend|month|year|summer|winter)s?"

FREQUENCY: Final = (
    rf"(?:every (?:single |other )?(?:{_DAYTIME}|{_WEEKDAY}|\d+ \w+)|daily|weekly|(?:once|twice|three times|\d+ times|"
    rf"a few times|several times) (?:a|per|every) (?:day|week|month|year)|on (?:the )?(?:weekends|weekdays|{_WEEKDAY})"
    rf"|(?:in|on) (?:the )?(?:mornings|evenings|afternoons)|at weekends|at night|before (?:work|bed|breakfast)"
    rf"|after (?:work|dinner|school|lunch))"
)
"""How often something is done."""

# What may follow an object, in small letters, without belonging to it.
_TAIL = lazy(
    rf"""(?:^|[\s,]+)(?:
    as\ well | too | also | a\ (?:lot|bit|ton) | (?:very|so|that)\ much | the\ most | most(?:\ of\ all)? | so\ far
    | more\ than\ (?:anything|ever)\b.* | though | tho | these\ days | nowadays | (?:right\ )?now | at\ the\ moment
    | currently | again | any\ ?more | any\ longer | already | together | myself | yet | lol | haha+ | tbh | btw | and\ all
    | and\ (?:stuff|so\ on|such|more|everything|things\ like\ that) | etc | since\b.* | ever\ since\b.* | forever
    | for\ (?:(?:over|about|almost|nearly|more\ than)\ )?(?:\d+|an?|the|two|three|four|five|six|seven|eight|nine|ten
        |many|several|some)\ (?:\w+\ )?(?:years?|months?|weeks?|days?|while|decades?|hours?|time|past\b.*|last\b.*)(?:\ now)?
    | because\b.* | due\ to\b.* | especially\b.* | particularly\b.* | (?:even\ )?(?:if|when|whenever|unless|until|while)\b.*
    | {FREQUENCY} | in\ my\ (?:free|spare)\ time | for\ (?:fun|a\ living|sure|real) | to\ (?:relax|unwind)
    | after\ all | in\ general | instead | either | of\ course | on\ rainy\ days | you\ know | dear | man | bro | buddy
    | (?:sooo*|very)\ much | lately | recently | where\b.* | which\b.* | who\b.* | as\ i\b.* | in\ the\ (?:evening|morning)s?
    | as\ a\ (?:kid|child|hobby|result|way)\b.* | here | there | thanks\b.*
    | so\ (?=i\b).* | than\b.* | before\b.* | after\b.* | for\ some\ reason | (?:a\ lot\ |much\ |even\ )?(?:more|better) | in\ a\ (?:bit|while|minute|moment|sec) | in\ general | in\ (?:19|20)\d\d | just | back\ (?:then|home)
    )$""",
    re.VERBOSE,
)

EDGES = " \t,.!:;~-–—*()"

_POINTING: Final = word_set(
    """it that this these those them they you your yours u ur him her his their she he its thing things stuff something anything
    everything nothing someone everyone everybody anyone nobody one ones maybe perhaps probably idea ideas way fact feeling how what
    why where who when whether if would could might same such both none another said there not i we is are was were no but me us im
    part bit"""
)
_POINTING_PHRASES: Final = ("each other", "all of", "thought of")
_WORD = lazy("[a-z]+")


def points_away(text: str) -> bool:
    """Tell whether a text means something only where it was said, or doubts what it says.

    Example:
        >>> points_away("your new haircut"), points_away("spicy food")
        (True, False)
    """
    lower = text.lower()
    return bool(_POINTING & set(_WORD.findall(lower))) or any(phrase in lower for phrase in _POINTING_PHRASES)


ARTICLE = lazy(
    r"^(?:the|an?|some|any|all(?: kinds| sorts| types)? of|all|lots of|a lot of|most|various|many)\s+",
    re.IGNORECASE,
)

AND = lazy(r"\s*,\s*(?:and\s+|or\s+|&\s*)?|\s+(?:and|or|&|as well as)\s+", re.IGNORECASE)

_PREPOSITION = lazy(
    r"\b(?:with|of|in|for|to|about|between|from|at|on|into|around|by|through|over)\b", re.IGNORECASE
)

# Verbs that add nothing to their object: playing badminton is badminton, going hiking is hiking.
_LIGHT = lazy(
    r"^(?:(?:play|playing|eat|eating|drink|drinking|practi[cs]e|practi[cs]ing)\s+(?:the\s+|some\s+|an?\s+)?"
    r"|(?:do|doing)\s+(?!the\b|my\b|some\b|an?\b|things?\b|nothing\b|well\b)|(?:go|going)\s+(?:out\s+)?(?=\w+ing\b))"
    r"(?!with\b|out\b|in\b|at\b|around\b|for\b|on\b|together\b|against\b|by\b|alone\b|outside\b|healthy\b|well\b|to\b|here\b)"
    r"(?=\w)",
    re.IGNORECASE,
)


def trimmed(raw: str) -> str:
    """Return *raw* without adverbs, reasons and frequencies at its end.

    Example:
        >>> trimmed("to hike as well."), trimmed("tea very much these days")
        ('to hike', 'tea')
    """
    text = raw.strip(EDGES)
    for _ in range(4):
        tail = _TAIL.search(lower_aligned(text))
        if tail is None:
            break
        text = text[: tail.start()].strip(EDGES)
    return text


def listed(raw: str) -> list[str]:
    """Return the members of a list, or *raw* alone where splitting would tear a phrase.

    Example:
        >>> listed("apples, pears and plums"), listed("rock and roll"), listed("time with family and friends")
        (['apples', 'pears', 'plums'], ['rock and roll'], ['time with family and friends'])
    """
    if raw.lower() in words.FIXED_PAIRS:
        return [raw]
    parts = [part.strip() for part in AND.split(raw) if part.strip()]
    if len(parts) > 1 and (
        _PREPOSITION.search(re.sub("^to ", "", parts[0])) or any(p.count(" ") > 3 for p in parts)
    ):
        return [raw]
    return parts


def thing(item: str) -> str:
    """Return one liked or disliked thing in its short form, "" where it is none."""
    if UNREAD in item:
        return item if len(item) <= 60 else ""
    item = re.sub(r"^(?:to|both|all|most)\s+", "", item, flags=re.IGNORECASE)
    item = _LIGHT.sub("", item)
    head = item.lower().split()
    if not head or len(head) > 8 or points_away(item):
        return ""
    if (head[0] == "the" and not _generic(head, item)) or (len(head) == 1 and head[0] in _EMPTY_VERBS):
        return ""
    item = ARTICLE.sub("", item).strip(EDGES)
    return item if len(item) > 1 and any(c.isalpha() for c in item) and "*" not in item else ""


_EMPTY_VERBS: Final = word_set(
    "to do go be doing being going having getting making playing working seeing everywhere most"
)


def _generic(head: Sequence[str], item: str) -> bool:
    """Tell whether "the …" names a kind or is a name, and does not point at something in the conversation."""
    if len(head) > 2 and head[1] in {"smell", "sound", "taste", "feel"} and head[2] == "of":
        return True
    return item[4:5].isupper() or (
        len(head) > 1 and (head[-1] in words.GENERIC_THE or head[1] in words.GENERIC_THE)
    )


_RATHER = lazy(r"\s+(?:to|over|rather than|instead of|than)\s+.*", re.IGNORECASE)


def things(raw: str) -> Sequence[str]:
    """Return what is liked or disliked.

    Example:
        >>> things("to play badminton and hiking a lot"), things("how you said it")
        (['badminton', 'hiking'], [])
    """
    text = _ASIDE.sub("", trimmed(raw))
    if _NOT_THIS.search(text):
        return []
    found = [thing(item) for item in listed(text)]
    return (
        found
        if all(found)
        else [item for item in found[1:] if item]
        if len(found) > 2 and text[:4] != "the "
        else []
    )


# "pasta, and of course gelato", "walks, rain or shine"
_ASIDE = lazy(
    r"\b(?:of course|maybe even|also|obviously),?\s+|,?\s+rain or (?:shine|not)$|,\s*(?:obviously|naturally|clearly|always (?:have|has|did|will)(?: been)?|of course|hands down|no contest|by far|sorry|thanks)$",
    re.IGNORECASE,
)
# What is chosen between, compared, doubted, or liked by another.
_NOT_THIS = lazy(r"\b(?:neither|nor|either|whichever|favou?rites?)\b|\s(?:less|least|or not)$", re.IGNORECASE)


def preferred(raw: str) -> Sequence[str]:
    """Return what is preferred, without what it is preferred to."""
    return things(_RATHER.sub("", raw))


_NO_ALLERGEN: Final = word_set(
    "work mornings exercise people drama stupidity stupid nonsense bullshit homework school commitment responsibility fun morons"
    " mondays tuesdays wednesdays thursdays fridays weekdays monday sunday"
)


def allergens(raw: str) -> Sequence[str]:
    """Return what somebody is allergic to, unless it is a joke.

    Example:
        >>> allergens("cats and pollen"), allergens("Mondays")
        (['cats', 'pollen'], [])
    """
    return [item for item in things(raw) if item.lower() not in _NO_ALLERGEN]


_ADDRESS = lazy(r"\s+(?:in my|on my|at home|in the|from my|that|which|for my|with)\b.*", re.IGNORECASE)


def owned(raw: str) -> Sequence[str]:
    """Return what is explicitly owned, whatever it is."""
    return things(_ADDRESS.sub("", raw))


_NO_SUBJECT = lazy(
    r"^(?:hard|a lot|for|with|every|at|in|abroad|late|all|from|together|more|my|to|on|too|and|harder)\b",
    re.IGNORECASE,
)


def subject_of_study(raw: str) -> Sequence[str]:
    """Return what is studied, without where."""
    text = re.sub(
        r"\s+(?:at|in|with|on|for|from|as|online|by|through|using)\b.*", "", trimmed(raw), flags=re.IGNORECASE
    )
    text = trimmed(text)
    if _NO_SUBJECT.match(text) or text.count(" ") > 3:
        return []
    return [item for item in map(thing, listed(text)) if item]


def only_thing(raw: str) -> Sequence[str]:
    """Return the one thing that is named, nothing where there are several.

    Example:
        >>> only_thing("green now"), only_thing("tennis and golf")
        (['green'], [])
    """
    found = things(raw)
    return found if len(found) == 1 else []


def state_of(raw: str) -> Sequence[str]:
    """Return the state that something is in, one to five words.

    Example:
        >>> state_of("under review now."), state_of("something that you know")
        (['under review'], [])
    """
    text = trimmed(raw)
    return [text] if 1 <= len(text.split()) <= 5 and not points_away(text) and UNREAD not in text else []
