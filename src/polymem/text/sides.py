"""The things that a question asks for at once: "the GDP of Lima and Quito", "利马和基多的人口".

A passage seldom tells of both. Beside one that has the words of both sides by chance, one that answers a single side fully
looks poor; so a side is sought by the question without the others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from re import Match
from typing import Final

from polymem.text.language import is_chinese
from polymem.text.lazy import lazy
from polymem.text.statements_zh_words import PLACES

__all__ = ["MAX_SIDES", "sides"]

MAX_SIDES: Final = 4
"""A question that lists more asks for none of them in particular."""
MAX_QUESTION: Final = 300
"""Characters; what is longer is a task, in which much is joined by the way."""
_LONGEST: Final = 10
"""Characters of a Chinese side."""

_QUOTED = lazy(r"《[^》]*》|“[^”]*”|「[^」]*」|\"[^\"]*\"")
_AND = lazy(
    r"以及|(?<![共温缓平饱柔总调祥附暖])和(?![平谐解睦服尚约气好])|(?<![参赠授])与(?![会其否])|(?<![涉普埃以遍顾危提谈触])及(?![时格其])"
)
_BEFORE = lazy(r"[，。？！：,?!:\s》」”的在是于]|[去今明前]年|(?:19|20)\d\d年(?:\d{1,2}月)?")
_AFTER = lazy(
    r"[，。？！,?!\s《“的在是有于、]|分别|各自|各|都|(?:19|20)\d\d年|(?<![a-zA-Z\d])\d+(?=[米届年月])|什么|何时|哪|谁|多少|几"
)
_NO_SIDE = lazy(r"什么|哪|谁|多少|如何|怎|为何|何时|除|关于|之间|相[比关似同]|有关|一[起样同]")
_TOGETHER = lazy(
    r"之间|相[比关似同]|一[起样同道]|(?:的|有(?:什么|何|哪些))?(?:不同|区别|差别|差异|异同|关系|共同)"
)
_YEARS = lazy(r"((?:19|20)\d\d年?)(?:以及|[和与及])((?:19|20)\d\d年)")
_LATIN_END = lazy(r"[A-Za-z\d][A-Za-z\d.+-]*$")
_LATIN = lazy(r"[A-Za-z\d][A-Za-z\d.+-]*")
_PLACE_SIZES: Final = (4, 3, 2)

_NAME: Final = r"[A-Z0-9][\w'’&.-]*(?: (?:(?:of|the|de|van|von) )?[A-Z0-9(][\w'’&.)-]*){0,7}"
_NAMES_EN = lazy(
    rf"(?:(?<=[a-z,] )|(?<=Is )|(?<=Are )|(?<=Was )|(?<=Were )|(?<=Did )|(?<=Do )|(?<=Does )|(?<=^))(?:[Tt]he )?(?P<a>{_NAME}),? (?P<and>and|or) (?:the )?(?P<b>{_NAME})"
)
_THINGS_EN = lazy(
    r"\bthe (?P<a>[a-z-]+(?: [a-z-]+)?),? and (?:the )?(?P<b>[a-z-]+(?: [a-z-]+)?)(?= (?:of|in|for|at)\b)"
)
_ASKS_EN: Final = frozenset(
    ("what", "which", "who", "when", "where", "how", "why", "is", "are", "was", "were", "did", "do", "does")
)


def sides(question: str) -> tuple[str, ...]:
    """Return *question* once for each of the things that it asks for at once, without the others; nothing if it asks for one.

    Things are joined in one place, the last; their borders in Chinese are told by what stands around them, by a common last
    character, and else by their lengths.

    Example:
        >>> sides("利马和基多2020年的人口分别是多少？")
        ('利马2020年的人口分别是多少？', '基多2020年的人口分别是多少？')
        >>> sides("What was the budget of Lima and Quito in 2020?")
        ('What was the budget of Lima in 2020?', 'What was the budget of Quito in 2020?')
        >>> sides("共和国是哪一年成立的？"), sides("Where does Ann live?")
        ((), ())
    """
    if len(question) > MAX_QUESTION:
        return ()
    return _chinese(question) if is_chinese(question) else _english(question)


def _english(question: str) -> tuple[str, ...]:
    hidden = _hidden(question)
    found = _last(_NAMES_EN.finditer(hidden)) or _last(_THINGS_EN.finditer(hidden))
    if found is None or found["a"].lower() in _ASKS_EN or found["a"] == found["b"]:
        return ()
    return (
        question[: found.end("a")] + question[found.end("b") :],
        question[: found.start("a")] + question[found.start("b") :],
    )


def _chinese(question: str) -> tuple[str, ...]:
    hidden = _hidden(question)
    years = _YEARS.search(hidden)
    if years is not None:
        before, after = question[: years.start()], question[years.end() :]
        return tuple(before + year + after for year in years.groups())
    found = _last(_AND.finditer(hidden))
    if found is None:
        return ()
    left, right = hidden[: found.start()], hidden[found.end() :]
    start = max((border.end() for border in _BEFORE.finditer(left)), default=0)
    border = _AFTER.search(right)
    end = len(right) if border is None else border.start()
    pair = _pair(left[start:], right[:end], whole=_is_whole(left[:start], right[end:]))
    if pair is None:
        return ()
    first, second = pair
    listed = first.split("、")
    if len(listed) >= MAX_SIDES or any(_NO_SIDE.search(part) or not part for part in (*listed, second)):
        return ()
    before, after = question[: len(left) - len(first)], question[found.end() + len(second) :]
    if _TOGETHER.match(after):
        return ()
    return tuple(before + part + after for part in (*listed, second))


def _last(found: Iterable[Match[str]]) -> Match[str] | None:
    return next(iter(deque(found, maxlen=1)), None)


def _hidden(question: str) -> str:
    """Return the question with what is quoted, which is one name, made unreadable."""
    return _QUOTED.sub(lambda quoted: "\0" * len(quoted[0]), question)


def _is_whole(before: str, after: str) -> bool:
    """Tell whether what is joined fills its place, as in "X的A和B是谁"."""
    return before.endswith("的") and not after.startswith("的")


def _pair(left: str, right: str, *, whole: bool) -> tuple[str, str] | None:
    """Return the end of *left* and the beginning of *right* that are joined; None if either has under two characters."""
    if len(left) < 2 or len(right) < 2 or "\0" in left + right:
        return None
    if "、" in left:
        last = left.rpartition("、")[2]
        pair = _pair(last, right, whole=whole)
        return None if pair is None or pair[0] != last else (left, pair[1])
    if whole:
        return (left, right) if max(len(left), len(right)) <= _LONGEST else None
    word, name = _LATIN_END.search(left), _LATIN.match(right)
    if name is not None or word is not None:
        if name is None or word is None:
            return (left, right) if len(left) <= _LONGEST and len(right) <= _LONGEST else None
        return word[0], name[0]
    first, second = _place(left, at_end=True), _place(right, at_end=False)
    if first and second:
        return first, second
    pair = _by_length(left, right)
    return pair if max(map(len, pair)) <= _LONGEST else None


def _by_length(left: str, right: str) -> tuple[str, str]:
    """Return the end of *left* and the beginning of *right* that end alike, or are about as long as the shorter of the two."""
    alike = right.find(left[-1])
    if alike > 0:
        second = right[: alike + 1]
    else:
        second = right if len(right) <= min(len(left), 6) else right[: len(left)]
    first = left if len(left) <= len(second) + 2 else left[-len(second) :]
    return first, second


def _place(text: str, *, at_end: bool) -> str:
    """Return the known place with which *text* ends or begins; nothing if it does not."""
    for size in _PLACE_SIZES:
        part = text[-size:] if at_end else text[:size]
        if part in PLACES:
            return part
    return ""
