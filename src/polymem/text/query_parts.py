"""What is asked in a talkative question, and its sentences one by one.

A question may be a whole dialogue or a task of several sentences. What is looked for then fits one of them, and their mean
fits nothing.
"""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy
from polymem.text.tokenise import terms

__all__ = ["MAX_CLAUSES", "MAX_PARTS", "asking", "clauses", "parts"]

MAX_PARTS: Final = 16
"""Of more parts the last count, which a dialogue led up to."""
MAX_CLAUSES: Final = 8
"""Of more clauses the first count."""
_MANY: Final = 4
_MIN_WORDS: Final = 3
_MIN_HAN: Final = 4

_LABEL = lazy(r"<\w{1,40}>\s*[:：]?\s*")
_END = lazy(
    r"[\n。！？!?；;]+|(?<=[a-z0-9\"”])\.\s+|另外[，,]?|顺便[，,]?|(?:^|(?<=\s))(?:by the way|also),\s+"
)
_HAN = lazy(r"[\u3400-\u9fff]")
_ASKS = lazy(
    r"[？?]|什么|哪|谁|几|多少|怎么|如何|吗|\b(?:what|which|who|where|when|how|why|whose|can you|could you)\b"
)
_BETWEEN = lazy(
    r"\b(?:(?:in|of|for|to|from|by|with|under|during) (?:which|whom|whose)|where|which|that|who|whose|whom|when|while|and|along with"
    r"|under|during|(?:by|of|in|for|from) the|is|was|were|are|did|does)\b|[,;?]"
)
_AROUND: Final = " '\"“”,，:："


def parts(question: str) -> tuple[str, ...]:
    """Return the sentences of *question* that have some length, speaker labels removed; nothing if it is but one.

    Example:
        >>> parts("<Ann>: I passed my exam! <Bot>: Well done. <Ann>: How shall we celebrate?")
        ('I passed my exam', 'How shall we celebrate')
        >>> parts("我昨天考完试了。你说我该怎么庆祝？")
        ('我昨天考完试了', '你说我该怎么庆祝')
        >>> parts("Where does Ann live?")
        ()
    """
    found = _split(question)
    return found[-MAX_PARTS:] if len(found) > 1 else ()


def asking(question: str) -> str:
    """Return of a question of four or more sentences those that ask, and any other question as it is.

    Example:
        >>> asking("It rained. I sat at home all day. I had some tea. I was so bored. Which film did Ann recommend to me?")
        'Which film did Ann recommend to me?'
    """
    if "<" in question:
        return question
    found = _split(question, keep=True)
    if len(found) < _MANY:
        return question
    kept = [part for part in found if _ASKS.search(part.casefold())]
    return " ".join(kept) or question


def clauses(question: str) -> tuple[str, ...]:
    """Return the clauses of an English question that have two terms and more; nothing if it is but one, or Chinese.

    Example:
        >>> clauses("What is the main airport in the birth place of the director of Winter Light?")
        ('main airport', 'birth place', 'director of Winter Light')
        >>> clauses("Where does Ann live?"), clauses("冬之光的导演出生在哪里？")
        ((), ())
    """
    if not question.isascii() and _HAN.search(question):
        return ()
    found: list[str] = []
    start = 0
    folded = question.lower()
    if len(folded) != len(question):
        return ()
    for end in _BETWEEN.finditer(folded):
        found.append(question[start : end.start()])
        start = end.end()
    found.append(question[start:])
    kept = [piece.removeprefix("the ") for piece in (part.strip(_AROUND) for part in found)]
    kept = [piece for piece in kept if len(set(terms(piece))) > 1][:MAX_CLAUSES]
    return tuple(kept) if len(kept) > 1 else ()


def _split(question: str, *, keep: bool = False) -> tuple[str, ...]:
    """Return the sentences that have some length; with *keep* each with the mark that ends it."""
    text = _LABEL.sub("\n", question) if "<" in question else question
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        found.append(text[start : end.end() if keep else end.start()])
        start = end.end()
    found.append(text[start:])
    return tuple(part for part in (piece.strip(_AROUND) for piece in found) if _long(part))


def _long(part: str) -> bool:
    return len(_HAN.findall(part)) >= _MIN_HAN or len(part.split()) >= _MIN_WORDS
