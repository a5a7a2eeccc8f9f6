"""What form of answer a question asks for, and whether a text has a word of that form.

A passage that speaks of all that a question speaks of need not answer it: "how many" wants a number.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TypeAlias

from polymem.text.lazy import lazy

__all__ = ["Form", "asked_forms", "could_answer", "is_yes_or_no", "without_asking"]

Form: TypeAlias = Literal["number", "time", "name"]
"""A number; a date, a weekday or a span of time; a name that the question does not have."""

_MAX_CHARS: Final = 2_000
"""Of a longer text the beginning counts."""

_ASKED: Final[tuple[tuple[Form, str, str], ...]] = (
    (
        "number",
        (
            r"\bhow (?:many|much|long|old|often|far|big|tall|large|high|deep|fast)\b"
            r"|\b(?:number|percentage|amount|cost|price|score|rate) of\b"
        ),
        r"多少|几(?!乎)|多[长久大高远深快]",
    ),
    (
        "time",
        r"\bwhen\b|\b(?:what|which) (?:date|day|month|year|time|week)\b",
        r"什么时候|何时|哪一?[年天月日周]|时间|日期",
    ),
    (
        "name",
        r"\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:city|country|place|state|town|person)\b",
        r"谁|哪位|哪里|哪儿|何处|什么地方|地点",
    ),
)
_HAN: Final = lazy(r"[\u3400-\u9fff]")
_IN_QUESTION: Final[tuple[tuple[Form, re.Pattern[str], re.Pattern[str]], ...]] = tuple(
    (form, lazy(english), lazy(f"{english}|{chinese}")) for form, english, chinese in _ASKED
)
_YES_OR_NO: Final = lazy(
    r"^\W*(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will|would|should)\b"
    r"|吗[?？。\s]*$|是否|是不是|有没有|会不会|能不能"
)
_ASKING: Final = lazy(
    r"\bhow (?:many|much|long|old|often|far)\b|\b(?:what|which) (?:kinds?|types?|sorts?) of\b|\btell me(?: about)?\b"
    r"|\b(?:did|have) i (?:say|said|mention(?:ed)?|tell you|told you)\b",
    re.IGNORECASE,
)
_ASKING_ZH: Final = lazy(
    "是什么|什么时候|什么时间|什么地方|什么|是谁|有谁|谁|哪一?[年天月日周]|哪些|哪个|哪里|哪儿|哪位|哪|多少|几[个次位天年]|几"
    "|为什么|为何|怎么样|怎么|如何|是否|是不是|有没有|请问|告诉我|分别|吗|呢"
)
_NUMBER: Final = lazy(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|once|twice|hundred|thousand|million"
    r"|half|couple)\b|[一二三四五六七八九十两百千万半]"
)
_TIME: Final = lazy(
    r"\b(?:1[5-9]|20)\d\d\b|\b(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day|yesterday|today|tonight|tomorrow|weeks?|weekend|months?|years?|ago|last|next"
    r"|century)\b|[年月日号]|昨|今天|明天|[上下]周|星期|世纪"
)
_NAME: Final = lazy(r"(?<=[a-z0-9,] )[A-Z][a-z]+")


def asked_forms(folded: str) -> frozenset[Form]:
    """Return the forms of answer that a question asks for; none where any words might answer it.

    Args:
        folded: The question as :func:`polymem.text.normalise.fold` gives it.

    Example:
        >>> sorted(asked_forms("how many chairs did ann buy, and when?")), sorted(asked_forms("她住在哪里"))
        (['number', 'time'], ['name'])
        >>> sorted(asked_forms("what was the party like?"))
        []
    """
    ascii_only = folded.isascii()
    return frozenset(
        form for form, english, either in _IN_QUESTION if (english if ascii_only else either).search(folded)
    )


def is_yes_or_no(folded: str) -> bool:
    """Tell whether a question can be answered by yes or no, so that it says itself what is to be found.

    Example:
        >>> is_yes_or_no("does ida play chess?"), is_yes_or_no("她会下棋吗？"), is_yes_or_no("what does ida play?")
        (True, True, False)
    """
    return _YES_OR_NO.search(folded) is not None


def without_asking(question: str) -> str:
    """Return *question* without the words that only ask, which no answer has.

    Args:
        question: As it was written, or folded.

    Example:
        >>> without_asking("How many chairs did Ann buy?"), without_asking("她买了多少把椅子？")
        ('  chairs did Ann buy?', '她买了 把椅子？')
    """
    question = _ASKING.sub("  ", question)
    return question if question.isascii() else _ASKING_ZH.sub(" ", question)


def could_answer(text: str, forms: frozenset[Form], question: str) -> bool:
    """Tell whether *text* has a word of each of *forms*.

    Chinese names cannot be told from other words: any Chinese text may have one.

    Args:
        text: What was found, as it was written.
        forms: What is asked for.
        question: As it was written; its own names are no answer.

    Example:
        >>> could_answer("She bought six chairs.", frozenset({"number"}), "How many chairs did she buy?")
        True
        >>> could_answer("Yes, Ann did.", frozenset({"name"}), "Who helped Ann?")
        False
    """
    text = text[:_MAX_CHARS]
    return all(_has(text, form, question) for form in forms)


def _has(text: str, form: Form, question: str) -> bool:
    if form == "number":
        return _NUMBER.search(text.lower()) is not None
    if form == "time":
        return _TIME.search(text.lower()) is not None
    return _HAN.search(text) is not None or any(name not in question for name in _NAME.findall(text))
