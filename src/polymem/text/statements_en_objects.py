"""English converters: from the words that a rule captured to the objects of its statements."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from typing import Final

from polymem.text import statements_en_words as words
from polymem.text.statement_rules import UNREAD, phrase_set, word_set

__all__ = [
    "belongings",
    "birthdate",
    "deed",
    "doing",
    "given_name",
    "languages",
    "listed",
    "nickname",
    "number",
    "occupation",
    "organisation",
    "owned",
    "person_name",
    "pet",
    "place",
    "possession",
    "preferred",
    "role",
    "routine",
    "subject_of_study",
    "things",
    "trait",
    "wish",
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

# What may follow an object without belonging to it.
_TAIL = re.compile(
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
    | (?:sooo*|very)\ much | lately | recently | where\b.* | which\b.* | who\b.* | as\ I\b.* | in\ the\ (?:evening|morning)s?
    | as\ a\ (?:kid|child|hobby|result|way)\b.* | here | there | thanks\b.*
    | so\ (?=I\b).* | than\b.* | before\b.* | after\b.* | for\ some\ reason | in\ (?:19|20)\d\d | just | back\ (?:then|home)
    )$""",
    re.VERBOSE | re.IGNORECASE,
)
_EDGES = " \t,.!:;~-–—*()"
_NAME_WORD = r"[A-ZÀ-Þ][\w'’.-]*"
_PROPER = re.compile(
    rf"(?:the )?{_NAME_WORD}(?:(?:,? (?:of|de|la|the|and|&|du|von|van|for)(?: the)?)? {_NAME_WORD}|, {_NAME_WORD})*"
)
_DEICTIC = re.compile(
    r"\b(?:it|that|this|these|those|them|they|you|your|yours|u|ur|him|her|his|their|she|he|its|thing|things|stuff"
    r"|something|anything|everything|nothing|someone|everyone|everybody|anyone|nobody|one|ones|maybe|perhaps|probably"
    r"|idea|ideas|way|fact|feeling|how|what|why|where|who|when|whether|if|would|could|might|same|such|both|all of|none"
    r"|each other|another|said|there|not|i|we|is|are|was|were|no|but|me|us|im|i'm|thought of|part|bit)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(
    r"^(?:the|an?|some|any|all(?: kinds| sorts| types)? of|all|lots of|a lot of|most|various|many)\s+",
    re.IGNORECASE,
)
_AND = re.compile(r"\s*,\s*(?:and\s+|or\s+|&\s*)?|\s+(?:and|or|&|as well as)\s+", re.IGNORECASE)
_PREPOSITION = re.compile(
    r"\b(?:with|of|in|for|to|about|between|from|at|on|into|around|by|through|over)\b", re.IGNORECASE
)
# Verbs that add nothing to their object: playing badminton is badminton, going hiking is hiking.
_LIGHT = re.compile(
    r"^(?:(?:play|playing|eat|eating|drink|drinking|practi[cs]e|practi[cs]ing)\s+(?:the\s+|some\s+|an?\s+)?"
    r"|(?:do|doing)\s+(?!the\b|my\b|some\b|an?\b|things?\b|nothing\b|well\b)|(?:go|going)\s+(?:out\s+)?(?=\w+ing\b))"
    r"(?!with\b|out\b|in\b|at\b|around\b|for\b|on\b|together\b|against\b|by\b|alone\b|outside\b|healthy\b|well\b|to\b|here\b)"
    r"(?=\w)",
    re.IGNORECASE,
)
_NUMBER_WORDS: Final = {
    word: str(value)
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
} | {
    "thirty": "30",
    "forty": "40",
    "fifty": "50",
    "sixty": "60",
    "seventy": "70",
    "eighty": "80",
    "ninety": "90",
}


def trimmed(raw: str) -> str:
    """Return *raw* without adverbs, reasons and frequencies at its end.

    Example:
        >>> trimmed("to hike as well."), trimmed("tea very much these days")
        ('to hike', 'tea')
    """
    text = raw.strip(_EDGES)
    for _ in range(4):
        shorter = _TAIL.sub("", text).strip(_EDGES)
        if shorter == text:
            break
        text = shorter
    return text


def listed(raw: str) -> list[str]:
    """Return the members of a list, or *raw* alone where splitting would tear a phrase.

    Example:
        >>> listed("apples, pears and plums"), listed("rock and roll"), listed("time with family and friends")
        (['apples', 'pears', 'plums'], ['rock and roll'], ['time with family and friends'])
    """
    if raw.lower() in words.FIXED_PAIRS:
        return [raw]
    parts = [part.strip() for part in _AND.split(raw) if part.strip()]
    if len(parts) > 1 and (
        _PREPOSITION.search(re.sub("^to ", "", parts[0])) or any(p.count(" ") > 3 for p in parts)
    ):
        return [raw]
    return parts


def _thing(item: str) -> str:
    """Return one liked or disliked thing in its short form, "" where it is none."""
    if UNREAD in item:
        return item if len(item) <= 60 else ""
    item = re.sub(r"^(?:to|both|all|most)\s+", "", item, flags=re.IGNORECASE)
    item = _LIGHT.sub("", item)
    head = item.lower().split()
    if not head or len(head) > 8 or _DEICTIC.search(item):
        return ""
    if (head[0] == "the" and not _generic(head, item)) or (len(head) == 1 and head[0] in _EMPTY_VERBS):
        return ""
    item = _ARTICLE.sub("", item).strip(_EDGES)
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


_RATHER = re.compile(r"\s+(?:to|over|rather than|instead of|than)\s+.*", re.IGNORECASE)


def things(raw: str) -> Sequence[str]:
    """Return what is liked or disliked.

    Example:
        >>> things("to play badminton and hiking a lot"), things("how you said it")
        (['badminton', 'hiking'], [])
    """
    text = trimmed(raw)
    found = [_thing(item) for item in listed(text)]
    return (
        found
        if all(found)
        else [item for item in found[1:] if item]
        if len(found) > 2 and text[:4] != "the "
        else []
    )


def preferred(raw: str) -> Sequence[str]:
    """Return what is preferred, without what it is preferred to."""
    return things(_RATHER.sub("", raw))


_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,4}$")
_LATIN_NAME = re.compile(rf"{_NAME_WORD}(?: {_NAME_WORD}){{0,2}}$")
_LOWER_NAME = re.compile(r"[a-z]{2,15}(?: [a-z]{2,15})?$")


def person_name(raw: str) -> Sequence[str]:
    """Return a name of one to three words; in lower case only if no word of it is a common one.

    Example:
        >>> person_name("Anna Lee"), person_name("john"), person_name("hard to pronounce")
        (['Anna Lee'], ['john'], [])
    """
    text = re.split(r"[,(]| and | but ", raw.strip(_EDGES))[0].strip(_EDGES)
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
    """Return a name in capitals, or a known first name."""
    found = person_name(raw)
    return (
        found if found and (found[0][0].isupper() or found[0].split()[0].title() in words.FIRST_NAMES) else []
    )


_SETTLEMENT = re.compile(
    r"(?:an?|the)\s+((?:[\w-]+ ){0,3}(?:city|town|village|suburbs?|countryside|farm|island|mountains)(?: (?:in|near|of|outside) (?:the )?[A-Z]\w+)?)$"
)


def place(raw: str) -> Sequence[str]:
    """Return a place.

    Example:
        >>> place("New York, USA now"), place("a small town"), place("fear"), place("paris")
        (['New York, USA'], ['small town'], [], ['paris'])
    """
    text = trimmed(raw)
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


_AFTER_PLACE: Final = word_set("with and as for to because now but near by where on at until in from alone")
_WORKPLACE = re.compile(
    r"(?:an?|the|my)\s+((?:[\w'-]+ ){0,3}(?:company|startup|start-up|firm|bank|agency|hospital|school|university|college|"
    r"clinic|shop|store|bakery|restaurant|cafe|café|bar|hotel|library|museum|factory|lab|laboratory|office|studio|gym|zoo|"
    r"farm|pharmacy|supermarket|airport|charity|non-?profit|ngo|government|church|salon|garage|kindergarten|newspaper|"
    r"magazine|publisher|brewery|bookstore|bookshop|law firm|post office|nursing home|daycare|shelter|police|army|navy))\b"
)
_EMPLOYERS: Final = word_set(
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
    proper = _PROPER.match(text)
    if proper:
        name = re.sub(r"^the |,.*| and (?:I|[A-Z]\w* [a-z]).*", "", proper[0]).rstrip(".'")
        return [name] if not words.COMMON_CAPITALISED.intersection(name.split()[:1]) else []
    general = _WORKPLACE.match(text)
    if general:
        return [general[1]]
    first = text.split(" ")[0].lower()
    return [first] if first in _EMPLOYERS else []


def number(raw: str) -> Sequence[str]:
    """Return a person's age in figures.

    Example:
        >>> number("34"), number("thirty-two"), number("late")
        (['34'], ['32'], [])
    """
    text = raw.lower().strip(_EDGES)
    if text.isdecimal():
        return [str(int(text))] if int(text) <= 120 else []
    parts = re.split(r"[\s-]", text)
    if not all(part in _NUMBER_WORDS for part in parts) or len(parts) > 2:
        return []
    return [str(sum(int(_NUMBER_WORDS[part]) for part in parts))]


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    rf"(?:the )?(?:{_MONTH} (?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?:,? \d{{4}})?|\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?:,? \d{{4}})?"
    rf"|\d{{4}}-\d\d?-\d\d?|\d{{1,2}}[./]\d{{1,2}}(?:[./]\d{{2,4}})?|(?:19|20)\d\d|{_MONTH} (?:19|20)\d\d)$",
    re.IGNORECASE,
)


def birthdate(raw: str) -> Sequence[str]:
    """Return a date as written.

    Example:
        >>> birthdate("March 14th, 1990"), birthdate("soon")
        (['March 14th, 1990'], [])
    """
    text = raw.strip(_EDGES)
    return [re.sub("^the ", "", text)] if _DATE.match(text) else []


_AFTER_NOUN = re.compile(
    r"\s+(?:at|for|in|with|from|who|by|on|and|based|working|living|now|here|specializing)\b.*|,.*",
    re.IGNORECASE,
)


def _noun_of(known: Collection[str]) -> Callable[[str], Sequence[str]]:
    """Return a converter for "a (quality) noun" with the noun among *known*, unless it is a judgement."""

    def read(raw: str) -> Sequence[str]:
        text = _AFTER_NOUN.sub("", trimmed(raw)).strip(_EDGES)
        noun = re.sub(r"^\d+[ -]years?[ -]old ", "", _ARTICLE.sub("", text))
        parts = noun.lower().split()
        if not 1 <= len(parts) <= 4 or parts[-1] not in known or words.EVALUATIVE.intersection(parts):
            return []
        return [] if _DEICTIC.search(noun) else [noun]

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
    text = _ARTICLE.sub("", trimmed(raw))
    if text.lower() in _KINDS_OF_PERSON:
        return [text]
    return [text for text in _class(raw) if text.lower().split(" ")[0] in _OF_TRAITS or " " not in text]


def role(raw: str) -> Sequence[str]:
    """Return a unique role, as in "peter is the spiderman"."""
    text = trimmed(raw)
    parts = text.lower().split()
    return (
        [text]
        if 1 <= len(parts) <= 4 and not words.EVALUATIVE.intersection(parts) and not _DEICTIC.search(text)
        else []
    )


_COUNTED = re.compile(
    r"(?:(?:an?|two|three|four|five|six|\d+)\s+)?(?:[\w-]+\s+){0,2}(?P<noun>[a-z]+)$", re.IGNORECASE
)


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
        (['two cats'], ['old dog'], [])
    """
    found = [
        item
        for item in listed(trimmed(raw))
        if (m := _COUNTED.match(item)) and _singular(m["noun"]) in words.PETS
    ]
    return [_ARTICLE.sub("", item) for item in found if "hot dog" not in item]


def belongings(raw: str) -> Sequence[str]:
    """Return the possessions in a list."""
    return [thing for item in listed(trimmed(raw)) for thing in possession(item)]


_ADDRESS = re.compile(r"\s+(?:in my|on my|at home|in the|from my|that|which|for my|with)\b.*", re.IGNORECASE)


def owned(raw: str) -> Sequence[str]:
    """Return what is explicitly owned, whatever it is."""
    return things(_ADDRESS.sub("", raw))


def languages(raw: str) -> Sequence[str]:
    """Return the languages in a list.

    Example:
        >>> languages("fluent Dutch and a little Polish"), languages("my mind")
        (['Dutch', 'Polish'], [])
    """
    found = [item.rsplit(" ", 1)[-1].strip(_EDGES) for item in _AND.split(trimmed(raw))]
    return [item.capitalize() for item in found if item.lower() in words.LANGUAGES]


_NO_SUBJECT = re.compile(
    r"^(?:hard|a lot|for|with|every|at|in|abroad|late|all|from|together|more|my|to|on|too|and|harder)\b",
    re.IGNORECASE,
)


def subject_of_study(raw: str) -> Sequence[str]:
    """Return what is studied, without where."""
    text = re.sub(
        r"\s+(?:at|in|with|on|for|from|as|online|by|through|using)\b.*", "", trimmed(raw), flags=re.IGNORECASE
    )
    if _NO_SUBJECT.match(text) or text.count(" ") > 3:
        return []
    return [item for item in map(_thing, listed(text)) if item]


_VAGUE_DEED = re.compile(
    r"^(?:try|say|ask|tell|know|see|be|think|thank|do|get|have|need|let|give|miss|sleep|bed|keep|check|talk|discuss|know|"
    r"mention|share|point|add|hear|understand|make sure|make it|love|like|go(?:$| back| now| home| to (?:bed|sleep))|say|take a break|look|show|help|use|"
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
        if {"it", "that", "this", "them", "you", "your", "something", "things"}.intersection(
            text.lower().split()
        )
        else [text]
    )


_WISHES = re.compile(
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
    text = raw.strip(_EDGES)
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


def deed(raw: str) -> Sequence[str]:
    """Return what was done at a time."""
    text = re.sub(r"\s+(?:and|so|for)$", "", trimmed(raw))
    parts = text.lower().split()
    vague = {"it", "that", "this", "you", "your", "not", "something", "more", "one", "ones"}
    return [] if not 2 <= len(parts) <= 14 or vague.intersection(parts) else [text]
