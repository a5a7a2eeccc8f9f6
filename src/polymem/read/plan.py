"""What a question asks for, found out before any memory is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from itertools import accumulate
from typing import Final

from polymem.domain.query import MAX_LIMIT, MODES, Mode
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import Timespan
from polymem.errors import InputError
from polymem.ports.lexicon import Lexicon
from polymem.ranking.arrays import F32
from polymem.text.asking import Asking, asked_kinds, asked_predicates, asked_text, meant
from polymem.text.lazy import lazy
from polymem.text.normalise import fold, name_key
from polymem.text.query_parts import asking, clauses, parts
from polymem.text.times import find_times
from polymem.text.tokenise import STOP_WORDS, terms

__all__ = [
    "MAX_NAMES",
    "MAX_QUERY_CHARS",
    "MAX_TERMS",
    "QueryPlan",
    "check_limit",
    "forget_questions",
    "plan_query",
]

MAX_QUERY_CHARS: Final = 8_192
"""Of a longer question the beginning counts."""
MAX_TERMS: Final = 192
MAX_NAMES: Final = 64
_MAX_NAME_WORDS: Final = 4
_MAX_NAME_HAN: Final = 4

_HAN_RUN: Final = lazy("[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af·]+")
_WORD: Final = lazy(r"[^\W_]+(?:[-+#&.@][^\W_]+|\+\+|#)*")
_MIDDLE_DOT: Final = "\u00b7"
"""The only sign of a Han run that does not begin or end a name."""
_HAN_EDGE: Final = lazy(
    "(?<=[\u3400-\u9fff])(?=[^\\W\u3400-\u9fff])|(?<=[^\\W\u3400-\u9fff])(?=[\u3400-\u9fff])"
)
_NOT_WORD: Final = lazy(r"[\W_]+")
_FIRST_PERSON: Final = lazy(r"\b(?:i|me|my|mine|myself)\b|我|咱|俺|本人")
_WHEN: Final = lazy(
    r"\bwhen\b|\b(?:what|which)\s+(?:date|day|month|year|time|week)\b|\bhow\s+long\b"
    r"|什么时候|何时|哪一?[天日年月周]|几[月号日点]|多久|日期|时间"
)
# A Han character that asks or joins; a name seldom holds one.
_HAN_FUNCTION: Final = frozenset("的了是在我你他她它们吗呢吧啊嗯哦这那和与就也都很有不什么哪谁怎几多少")


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """A question, taken apart.

    Attributes:
        text: The question, at most ``MAX_QUERY_CHARS``.
        terms: Its index terms, each once.
        vector: float32[dim] of unit length, None when it could not be embedded.
        spans: Times that it names.
        names: Name keys that may be entities, likeliest first.
        words: Its folded words between single spaces, with one at either end, to look names up in.
        first_person: Whether it speaks of the asker.
        predicates: What it asks about somebody.
        asks_when: Whether it asks for a time.
        mode: Which arms bring candidates.
        limit: How many hits are wanted.
        parts: Its sentences, where it has several.
        kinds: What kind of question it is.
        asked: The words of it that tell what it is about; these are embedded.
        part_vectors: float32[k, dim] of unit length, of its parts; None when they were not embedded.
        clauses: Parts of a long sentence that may each be answered by another passage.
        clause_vectors: float32[k, dim] of unit length, of these; None when they were not embedded.
        lexicon: What translates its words for rows in the other language; None for nothing.
        encode: What embeds sentences of rows in the other language, float32[k, dim] of unit length; None where that would
            have to be waited for.
    """

    text: str
    terms: tuple[str, ...]
    vector: F32 | None
    spans: tuple[Timespan, ...]
    names: tuple[str, ...]
    words: str
    first_person: bool
    predicates: frozenset[str]
    asks_when: bool
    mode: Mode
    limit: int
    parts: tuple[str, ...] = ()
    kinds: frozenset[Asking] = frozenset()
    asked: str = ""
    part_vectors: F32 | None = None
    clauses: tuple[str, ...] = ()
    clause_vectors: F32 | None = None
    lexicon: Lexicon | None = None
    encode: Callable[[Sequence[str]], F32] | None = None

    def named(self, name: str) -> bool:
        """Tell whether the question names *name* (folded): as whole words, or anywhere if it is Chinese."""
        if not name.isascii() and _HAN_RUN.search(name):
            return name in self.words
        if f" {name} " in self.words:
            return True
        # "Ida会什么": Chinese sets no space beside a name in Latin letters.
        return name in self.words and not self.words.isascii() and f" {name} " in _beside_han(self.words)

    @property
    def to_embed(self) -> tuple[str, ...]:
        """What :meth:`embedded` takes vectors of: ``asked``, then ``parts``, then ``clauses``."""
        return (self.asked, *self.parts, *self.clauses)

    def embedded(self, vectors: F32) -> QueryPlan:
        """Return the same plan with the vectors of :attr:`to_embed`, float32[k, dim], or of ``asked`` alone, float32[dim]."""
        if vectors.ndim == 1:
            return replace(self, vector=vectors)
        n = 1 + len(self.parts)
        clauses = vectors[n:] if self.clauses and len(vectors) > n else None
        return replace(self, vector=vectors[0], part_vectors=vectors[1:n], clause_vectors=clauses)


def _beside_han(words: str) -> str:
    """Return *words* with a space wherever Chinese meets another script."""
    return _HAN_EDGE.sub(" ", words)


def plan_query(
    text: object,
    *,
    now: datetime,
    zone: tzinfo = UTC,
    vector: F32 | None = None,
    mode: object = "hybrid",
    limit: object = 10,
) -> QueryPlan:
    """Take a question apart.

    Args:
        text: The question.
        now: The asker's present; "last week" is resolved against it.
        zone: The asker's time zone.
        vector: float32[dim] of unit length, None when it could not be embedded.
        mode: One of ``MODES``.
        limit: How many hits are wanted, 1 to ``MAX_LIMIT``.

    Raises:
        InputError: The question is not text or blank, *mode* is unknown or *limit* out of range.

    Example:
        >>> from datetime import UTC, datetime
        >>> plan = plan_query("Who is Spiderman?", now=datetime(2024, 5, 1, tzinfo=UTC))
        >>> plan.terms, plan.names
        (('spiderman',), ('spiderman',))
    """
    if not isinstance(text, str):
        raise InputError(f"query must be a string, not {type(text).__name__}", argument="query")
    whole = text[:MAX_QUERY_CHARS].strip()
    if not whole:
        raise InputError("query is empty", argument="query")
    question = meant(whole)
    folded = fold(question)
    kinds = asked_kinds(question)
    asked = asked_text(question, kinds)
    if asked == question:
        asked = asking(question)
    return QueryPlan(
        text=whole,
        terms=tuple(dict.fromkeys(terms(asked)))[:MAX_TERMS],
        vector=vector,
        spans=tuple(find_times(question, now=now, zone=zone, prefer="past")),
        names=_names(question),
        words=f" {_NOT_WORD.sub(' ', folded).strip()} ",
        first_person=_FIRST_PERSON.search(folded) is not None,
        predicates=asked_predicates(folded),
        asks_when=_WHEN.search(folded) is not None,
        mode=_check_mode(mode),
        limit=check_limit(limit),
        parts=parts(question),
        clauses=clauses(asked) if mode == "hybrid" else (),
        kinds=kinds,
        asked=asked,
    )


def check_limit(limit: object) -> int:
    """Return *limit* if it is a whole number from 1 to ``MAX_LIMIT``.

    Raises:
        InputError: It is not.
    """
    if isinstance(limit, bool) or not isinstance(limit, int) or not 1 <= limit <= MAX_LIMIT:
        raise InputError(f"limit must be a whole number from 1 to {MAX_LIMIT}", argument="limit")
    return limit


def _check_mode(mode: object) -> Mode:
    for known in MODES:
        if mode == known:
            return known
    raise InputError(f"mode must be one of {', '.join(MODES)}", argument="mode")


@lru_cache(maxsize=4_096)
def _word_key(word: str) -> str:
    """Return the name key of a question's word; most words are met again."""
    return name_key(word)


def forget_questions() -> None:
    """Keep no word of a question: it may have been about what was erased."""
    _word_key.cache_clear()


def _names(question: str) -> tuple[str, ...]:
    """Return name keys of word groups and Chinese substrings: names as written with capitals first, then short ones."""
    words = _WORD.findall(question if question.isascii() else _HAN_RUN.sub(" ", question))[:MAX_NAMES]
    keys = [_word_key(word) for word in words]
    capital = [word[0].isupper() for word in words]
    content = [n for n, key in enumerate(keys) if (key not in STOP_WORDS and len(key) > 1) or key.isdecimal()]
    inside = frozenset(content)
    ranked: list[list[str]] = [[] for _ in range(_MAX_NAME_WORDS + _MAX_NAME_WORDS + 2 * _MAX_NAME_HAN)]
    for size in range(1, _MAX_NAME_WORDS + 1):
        for first in content:
            last = first + size - 1
            if last in inside:
                rank = size if capital[first] and capital[last] else size + _MAX_NAME_WORDS
                ranked[rank].append(keys[first] if size == 1 else " ".join(keys[first : last + 1]))
    if not question.isascii():
        for run in _HAN_RUN.findall(question)[:MAX_NAMES]:
            _han_names(fold(run), ranked)
    return tuple(dict.fromkeys(key for group in ranked for key in group if key))[:MAX_NAMES]


def _han_names(run: str, ranked: list[list[str]]) -> None:
    """Add the parts of a folded Han run that may be names: short ones of characters that names have come first."""
    odd = [0, *accumulate(character in _HAN_FUNCTION for character in run)]
    for size in range(2, min(_MAX_NAME_HAN, len(run)) + 1):
        for first in range(len(run) - size + 1):
            part = run[first : first + size].strip(_MIDDLE_DOT)
            ranked[size + 2 * (odd[first + size] - odd[first])].append(part)
