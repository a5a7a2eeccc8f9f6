"""What the statement rules of all languages share: the form of a rule, the slot of an object, what is left unread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final, Literal, TypeAlias, TypedDict

from polymem.domain.predicates import predicate_named
from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy
from polymem.text.normalise import name_key
from polymem.text.tokenise import terms

__all__ = [
    "UNREAD",
    "Converter",
    "How",
    "Rule",
    "Shape",
    "Who",
    "by_word",
    "masked",
    "phrase_set",
    "slot_of",
    "word_set",
]

Converter: TypeAlias = Callable[[str], Sequence[str]]
"""Turns the captured words into objects; an empty result withdraws the rule."""

Who: TypeAlias = Literal["any", "self", "other", "kin"]
"""Whose statement a rule reads: anybody's, the speaker's, another's, or that of somebody known by kinship alone."""

Shape: TypeAlias = Literal["plain", "named", "role", "about"]
"""How a rule's groups become a statement: "plain" takes ``object``; "named" takes ``noun`` and ``object`` ("has a dog
named Tommy"); "about" takes ``about`` besides, the qualifier of the predicate ("my favourite colour is"); "role" takes ``noun`` and makes the subject the object ("Anna is my sister")."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One way of saying one thing.

    Attributes:
        name: Unique in its language; tests and reports use it.
        predicate: A key of :data:`polymem.domain.predicates.PREDICATES`.
        words: The rule is tried where one of these words occurs in the clause.
        pattern: Matched where the subject ends; captures ``object`` (and ``noun``, see :data:`Shape`).
        read: Turns ``object`` into the objects of one or several statements.
        positive: False for a rule that ends or denies something.
        shape: See :data:`Shape`.
        who: See :data:`Who`.
        timed: Whether the clause must name a time.
        ended: Whether it is over with the time that the clause names.
        confidence: 0..1.
    """

    name: str
    predicate: str
    words: tuple[str, ...]
    pattern: re.Pattern[str]
    read: Converter
    positive: bool = True
    shape: Shape = "plain"
    who: Who = "any"
    timed: bool = False
    confidence: float = 0.8
    ended: bool = False


class How(TypedDict, total=False):
    """The fields of a :class:`Rule` that most rules leave at their defaults."""

    positive: bool
    shape: Shape
    who: Who
    timed: bool
    confidence: float
    ended: bool


def word_set(text: str) -> frozenset[str]:
    """Return the words of *text*, which are separated by white space."""
    return frozenset(text.split())


def phrase_set(text: str) -> frozenset[str]:
    """Return the phrases of *text*, which are separated by bars."""
    return frozenset(text.split("|"))


def by_word(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    """Return the rules by the words that call for them, in their order."""
    index: dict[str, list[Rule]] = {}
    for rule in rules:
        for word in rule.words:
            index.setdefault(word, []).append(rule)
    return {word: tuple(found) for word, found in index.items()}


_HAN = lazy("[\u3400-\u9fff]")
_ARTICLE = lazy(r"^(?:the|a|an) (?=.)")


def slot_of(object_: str, *, predicate: str) -> str:
    """Return the form in which two objects of *predicate* are the same.

    Names keep their endings; other English objects are stemmed and lose articles and stop words.

    Example:
        >>> slot_of("Hiking", predicate="likes") == slot_of("hike", predicate="likes"), slot_of("James", predicate="friend")
        (True, 'james')
    """
    key = name_key(object_)
    if _HAN.search(key):
        return key.replace(" ", "")
    if predicate_named(predicate).proper:
        return _ARTICLE.sub("", key)
    return " ".join(terms(key))


UNREAD: Final = "\ufffc"
"""Stands for every character of a quotation, so that offsets hold and no rule reads it."""

# Quoted words, code, quoted mail and transcripts of other speakers. A quotation mark that is never closed quotes
# the rest of its line.
_QUOTED = lazy(
    r"""
    ```.*?(?:```|\Z) | `[^`\n]*`
    | "[^"\n]*(?:"|$) | “[^”]*(?:”|\Z) | ‘[^’\n]*’ | «[^»]*» | 「[^」]*(?:」|\Z) | 『[^』]*(?:』|\Z) | 《[^》]*》
    | (?<![\w'])'(?=\w)[^\n]*?(?<=[^\s'])'(?!\w)
    | ^[ \t]*>[^\n]*
    | ^-{2,}\s?(?:Original|Forwarded)[^\n]*-{2,}.*
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_MARKS = lazy("[`\"'“‘«「『《>]|-----")


def masked(text: str) -> str:
    """Return *text* with what is quoted in it made unreadable, character for character.

    The quotation marks stay, so that a rule may still take a quoted title as a whole.

    Example:
        >>> masked('She said "I hate cats".').count(UNREAD)
        11
    """
    return _QUOTED.sub(_mask, text) if _MARKS.search(text) else text


def _mask(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) > 2 and found[0] in "\"“‘«「『《'":
        return found[0] + UNREAD * (len(found) - 2) + found[-1]
    return UNREAD * len(found)
