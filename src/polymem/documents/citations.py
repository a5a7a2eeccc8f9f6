"""Citations in an answer: read, numbered anew, and checked against what they point to.

A sentence of an answer is *supported* by a passage that it cites if

- at most three neighbouring sentences of the passage, with title, heading and speaker, have at least half of its words,
- its numbers stand there or right beside, with the unit and of the things it says (of a message also as the date of
  "yesterday"); numbers in words, and "1.2 million" and 120万, are the same,
- its names (words with capitals; of Chinese ones those with a surname) and what it has in quotation marks stand in the passage,
- it does not negate where nothing there is negated, nor states what the quote negates,
- it says of no more ("all" for "some"), turns no comparison round, and has no opposite ("fell" for "rose"), see :mod:`contraries`,
- names do not change places, and a year, an amount, a deed is not put to another event, thing or person of the quote, see :mod:`roles`.

That is a test of signs, not of meaning. It finds citations that are made up or point to the wrong place. What it cannot see: a cause
made of a sequence, a negation in other words ("failed to"), names that change places across clauses or where no preposition, order or
pair of verbs tells. And it marks some that are right: what is put in quite other words, rounded or worked out, or pieced together from
distant sentences. ``benchmarks/citing.py`` measures both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from polymem.documents.agreement import Source, agrees
from polymem.documents.marks import Mark, marks
from polymem.documents.passages import Passage, cited
from polymem.domain.document import Citation
from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32
from polymem.text.language import language
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.sentences import sentence_spans
from polymem.text.tokenise import terms

__all__ = ["ENOUGH", "Alike", "Checked", "check", "claims", "likeness"]

ENOUGH: Final = 0.5
"""A sentence that shares fewer of its words with what it cites is not supported by it."""
MAX_WINDOW: Final = 3
"""Most sentences of a quote."""
_DATE = lazy(r"(?:\d+\s*[年月日号]\s*)+|\b(?:1[5-9]|20)\d\d\b")
_LONGER: Final = 0.2
"""What a further sentence of a quote has to add in words covered."""

Alike: TypeAlias = Callable[[str, Passage], float]
"""How much a sentence of an answer is like the passage, 0..1, where they are in different languages and share no words."""


@dataclass(frozen=True, slots=True)
class Checked:
    """An answer with its citations.

    Attributes:
        text: The answer; a mark that is not supported ends in a question mark: [2?].
        citations: One for each sentence and passage that it cites, in order.
        n_invented: Marks that point to nothing; they are not in the text any more.
        n_claims: Sentences of the answer.
        n_cited: Of these, those that cite something.
    """

    text: str
    citations: tuple[Citation, ...]
    n_invented: int
    n_claims: int
    n_cited: int


def check(
    text: str, passages: Mapping[int, Passage], *, question: str = "", alike: Alike | None = None
) -> Checked:
    """Check the citations of an answer.

    Args:
        text: The answer, with marks [1], [2] …
        passages: What the marks point to, by number.
        question: Words and numbers that it has need no support.
        alike: For a sentence and a passage in different languages.
    """
    known = set(terms(question))
    sources = {n: Source(passage) for n, passage in passages.items()}
    found: list[Citation] = []
    pieces: list[str] = []
    n_claims = n_cited = n_invented = at = 0
    for claim in _claims(text):
        said = _said(claim.said(text), known)
        numbers = [n for mark in claim.marks for n in mark.numbers]
        shown = {
            n: _cite(n, sources[n], said, question=question, alike=alike) for n in numbers if n in sources
        }
        n_claims += bool(said.words)
        n_invented += sum(n not in sources for n in numbers)
        n_cited += bool(shown)
        found += shown.values()
        for mark in claim.marks:
            pieces += [text[at : mark.start], _marked(mark.numbers, shown)]
            at = mark.stop
    return Checked("".join([*pieces, text[at:]]), tuple(found), n_invented, n_claims, n_cited)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence of an answer says, its words beyond those of the question, and those of dates."""

    text: str
    words: frozenset[str]
    dates: frozenset[str]


def _said(text: str, known: set[str]) -> _Said:
    words = frozenset(terms(text))
    # A sentence that only repeats the question is held against all of its words.
    return _Said(text, words - known or words, frozenset(terms(" ".join(_DATE.findall(fold(text))))))


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence of an answer: where it stands, and its marks."""

    start: int
    stop: int
    marks: tuple[Mark, ...]

    def said(self, text: str) -> str:
        """Return what it says, without marks."""
        ends = [self.start, *(place for mark in self.marks for place in (mark.start, mark.stop)), self.stop]
        return "".join(text[start:stop] for start, stop in zip(ends[::2], ends[1::2], strict=True)).strip()


def claims(text: str) -> list[str]:
    """Return what the sentences of an answer say, without marks.

    Example:
        >>> claims("Oslo is in Norway. [1] 上海在中国[2]。")
        ['Oslo is in Norway.', '上海在中国。']
    """
    return [claim.said(text) for claim in _claims(text)]


def likeness(said: Sequence[str], vectors: F32, passages: Sequence[Passage], sentences: F32) -> Alike:
    """Return how much what is said is like each passage, for languages that share no words.

    0 for what is usual among all sentences of the passages, 1 for the likest of them: cosines mean nothing by themselves.

    Args:
        said: Sentences of an answer, see :func:`claims`.
        vectors: float32[len(said), dim] of unit length.
        passages: The passages.
        sentences: float32[n, dim], of all their sentences in order.
    """
    cosines = vectors @ sentences.T
    ends = np.cumsum([len(passage.sentences) for passage in passages])
    table: dict[tuple[str, int], float] = {}
    for claim, row in zip(said, cosines, strict=True):
        usual, most = float(row.mean()), float(row.max())
        for passage, end in zip(passages, ends.tolist(), strict=True):
            best = float(row[end - len(passage.sentences) : end].max())
            table[claim, passage.n] = 1.0 if most <= usual else max(0.0, (best - usual) / (most - usual))
    return lambda claim, passage: table.get((claim, passage.n), 0.0)


def _claims(text: str) -> list[_Claim]:
    """Return the sentences of an answer, each with the marks that follow it ("It is so. [1]" is one)."""
    found = marks(text)
    begins = {mark.start: mark.stop for mark in found}
    spans: list[tuple[int, int]] = []
    for start, stop in sentence_spans(text):
        own = start
        while spans and own < stop and (own in begins or text[own].isspace()):
            own = begins.get(own, own + 1)
        # Where white space alone was passed over, nothing belongs to the sentence before.
        if any(start <= mark.start < own for mark in found):
            spans[-1] = (spans[-1][0], min(own, stop))
        if text[own:stop].strip():
            spans.append((own, stop))
    return [
        _Claim(start, stop, tuple(mark for mark in found if start <= mark.start and mark.stop <= stop))
        for start, stop in spans
    ]


def _marked(numbers: Sequence[int], shown: Mapping[int, Citation]) -> str:
    return "".join(f"[{n}]" if shown[n].supported else f"[{n}?]" for n in numbers if n in shown)


def _cite(n: int, source: Source, said: _Said, *, question: str, alike: Alike | None) -> Citation:
    """Return the citation of a passage for what is said: the fewest sentences that have most of its words."""
    passage = source.passage
    # When something was said stands beside a message, not in it.
    wanted = said.words - said.dates or said.words if source.is_message else said.words
    first, last, share = _window(source, wanted)
    start, stop = passage.sentences[first][0], passage.sentences[last][1]
    window = first, last
    if alike is not None and {language(said.text), language(passage.text)} == {"en", "zh"}:
        share = max(share, alike(said.text, passage))
        # Which sentence it is cannot be told by words.
        window = 0, len(passage.sentences) - 1
    return cited(
        passage,
        n,
        (start, stop),
        support=round(min(share, 1.0), 3),
        supported=share >= ENOUGH and agrees(said.text, source, window, question=question),
    )


def _window(source: Source, wanted: frozenset[str]) -> tuple[int, int, float]:
    """Return first and last sentence of the window that has most of *wanted*, shorter ones first, and its share."""
    held = [words & wanted for words in source.words]
    frame = source.frame & wanted
    best, most = (0, 0, 0.0), -1.0
    for width in range(1, min(MAX_WINDOW, len(held)) + 1):
        for first in range(len(held) - width + 1):
            own = frozenset[str]().union(*held[first : first + width])
            share = len(own | frame) / len(wanted) if wanted else 0.0
            worth = len(own) / len(wanted) - _LONGER * (width - 1) if wanted else 0.0
            if worth > most:
                best, most = (first, first + width - 1, share), worth
    return best
