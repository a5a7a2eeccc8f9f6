"""Words that an answer shares with the expected one.

Source: Maharana et al., Evaluating Very Long-Term Conversational Memory of LLM Agents (arXiv 2402.17753), section 4, whose
official evaluation compares stemmed words without articles; of a list, each expected part counts with its best match.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from polymem.text.normalise import fold
from polymem.text.stem import stem

__all__ = ["answer_f1", "says_nothing", "word_f1"]

_WORD: Final = re.compile(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+")
_COMMA: Final = re.compile(r"[,，、]")
_ARTICLES: Final = frozenset({"a", "an", "the", "and"})
_NOTHING: Final = re.compile(
    r"\b(?:no information|not mentioned|not (?:\w+ )?(?:known|stated|specified|in the records)|unknown|cannot be answered"
    r"|(?:do|does|did)(?:n't| not) (?:know|say|mention|specify))\b"
    r"|不知道|没有(?:提到|提及|说|相关|记录)|未(?:提到|提及|说明)|无法(?:回答|确定|得知)|无从得知"
)


def word_f1(given: str, expected: str) -> float:
    """Return the harmonic mean of precision and recall of words; Chinese counts by characters.

    Example:
        >>> word_f1("She paints a sunrise", "a painted sunrise"), word_f1("在北京", "北京")
        (0.8, 0.8)
    """
    words, wanted = _words(given), _words(expected)
    shared = sum((words & wanted).values())
    if not shared:
        return float(not words and not wanted)
    return 2 * shared / (sum(words.values()) + sum(wanted.values()))


def answer_f1(given: str, expected: str, *, several: bool = False) -> float:
    """Return :func:`word_f1`; where the answer is a list of *several*, the mean over its parts of the best match of each.

    Example:
        >>> answer_f1("tennis, pottery", "pottery, running", several=True)
        0.5
    """
    if not several:
        return word_f1(given, expected)
    parts = [part for part in _COMMA.split(expected) if part.strip()] or [expected]
    offered = [part for part in _COMMA.split(given) if part.strip()] or [given]
    return sum(max(word_f1(one, part) for one in offered) for part in parts) / len(parts)


def says_nothing(answer: str) -> bool:
    """Tell whether an answer says that there is none.

    Example:
        >>> says_nothing("That is not mentioned."), says_nothing("我不知道"), says_nothing("In Oslo")
        (True, True, False)
    """
    return not answer.strip() or _NOTHING.search(fold(answer)) is not None


def _words(text: str) -> Counter[str]:
    found = (stem(word) if word.isascii() else word for word in _WORD.findall(fold(text)))
    return Counter(word for word in found if word not in _ARTICLES)
