"""Citations in an answer: read, numbered anew, and checked against what they point to.

A sentence of an answer is *supported* by a passage that it cites if some neighbouring sentences of the passage have most of its
words, and the passage has all of its numbers. That is a test of overlap, not of meaning: it finds citations that are
made up or point to the wrong place, not a twisted sense.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np

from polymem.documents.passages import Passage, place_within
from polymem.documents.sentences import sentence_spans
from polymem.domain.document import Citation
from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32
from polymem.text.language import language
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["ENOUGH", "Alike", "Checked", "Renumbered", "check", "claims", "likeness"]

ENOUGH: Final = 0.5
"""A sentence that shares fewer of its words with what it cites is not supported by it."""
MAX_WINDOW: Final = 3
"""Most sentences of a quote."""
_LONGER: Final = 0.2
"""What a further sentence of a quote has to add in words covered."""
_MARK = lazy(r"[\[【]\s*(\d{1,4}(?:\s*[,，、;；]\s*\d{1,4})*)\s*[\]】]")
_OPEN: Final = "[【"
_NUMBER = lazy(r"\d+(?:[.,]\d+)*")
_DIGITS = lazy(r"\d+")
_MAX_MARK: Final = 48

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


class Renumbered:
    """Gives citations the numbers 1, 2, … in the order in which they come, while an answer is still being written.

    Marks that point to no passage are taken out.

    Args:
        n_passages: How many passages there are.

    Example:
        >>> stream = Renumbered(9)
        >>> "".join([*stream.feed("Oslo [7]. Bergen [3"), *stream.feed(", 7][12]."), *stream.end()])
        'Oslo [1]. Bergen [2][1].'
        >>> stream.order
        {7: 1, 3: 2}
    """

    def __init__(self, n_passages: int) -> None:
        self._n = n_passages
        self._held = ""
        self.order: dict[int, int] = {}
        self.n_invented = 0

    def feed(self, piece: str) -> Iterator[str]:
        """Yield what of the answer so far is sure."""
        text = self._held + piece
        cut = max(text.rfind(sign) for sign in _OPEN)
        unclosed = cut >= 0 and not any(sign in text[cut:] for sign in "]】") and len(text) - cut <= _MAX_MARK
        self._held = text[cut:] if unclosed else ""
        done = _MARK.sub(lambda mark: self._marks(mark[1]), text[:cut] if unclosed else text)
        if done:
            yield done

    def end(self) -> Iterator[str]:
        """Yield what was held back."""
        if self._held:
            held, self._held = self._held, ""
            yield held

    def _marks(self, numbers: str) -> str:
        known: list[int] = []
        for number in map(int, _DIGITS.findall(numbers)):
            if 1 <= number <= self._n:
                known.append(self.order.setdefault(number, len(self.order) + 1))
            else:
                self.n_invented += 1
        return "".join(f"[{number}]" for number in known)


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
    known = set(terms(question)), _numbers(question)
    found: list[Citation] = []
    pieces: list[str] = []
    n_claims = n_cited = n_invented = at = 0
    for start, stop in _claims(text):
        claim = text[start:stop]
        said = _said(_MARK.sub("", claim).strip(), *known)
        numbers = [int(n) for mark in _MARK.findall(claim) for n in _DIGITS.findall(mark)]
        cited = {n: _cite(n, passages[n], said, alike) for n in numbers if n in passages}
        n_claims += bool(said.words)
        n_invented += sum(n not in passages for n in numbers)
        n_cited += bool(cited)
        found += cited.values()
        pieces += [text[at:start], _MARK.sub(lambda mark, cited=cited: _marked(mark[1], cited), claim)]
        at = stop
    return Checked("".join([*pieces, text[at:]]), tuple(found), n_invented, n_claims, n_cited)


@dataclass(frozen=True, slots=True)
class _Said:
    """What a sentence of an answer says beyond the question."""

    text: str
    words: frozenset[str]
    numbers: frozenset[str]


def _said(text: str, known_words: set[str], known_numbers: set[str]) -> _Said:
    words = frozenset(terms(text))
    # A sentence that only repeats the question is held against all of its words.
    return _Said(text, words - known_words or words, frozenset(_numbers(text) - known_numbers))


def claims(text: str) -> list[str]:
    """Return what the sentences of an answer say, without marks.

    Example:
        >>> claims("Oslo is in Norway. [1] 上海在中国[2]。")
        ['Oslo is in Norway.', '上海在中国。']
    """
    return [_MARK.sub("", text[start:stop]).strip() for start, stop in _claims(text)]


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


def _claims(text: str) -> list[tuple[int, int]]:
    """Return the sentences of an answer, each with the marks that follow it ("It is so. [1]" is one)."""
    spans: list[tuple[int, int]] = []
    for start, stop in sentence_spans(text):
        own = _after_marks(text, start, stop) if spans else start
        if own > start:
            spans[-1] = (spans[-1][0], own)
        if text[own:stop].strip():
            spans.append((own, stop))
    return spans


def _after_marks(text: str, start: int, stop: int) -> int:
    """Return where the marks end with which a sentence begins."""
    while (mark := _MARK.match(text, start, stop)) is not None:
        start = mark.end()
    return start


def _marked(numbers: str, cited: Mapping[int, Citation]) -> str:
    known = [int(n) for n in _DIGITS.findall(numbers) if int(n) in cited]
    return "".join(f"[{n}]" if cited[n].supported else f"[{n}?]" for n in known)


def _cite(n: int, passage: Passage, said: _Said, alike: Alike | None) -> Citation:
    """Return the citation of *passage* for what is said: the fewest sentences that have most of its words."""
    first, last, share = _window(passage, said.words)
    start, stop = passage.sentences[first][0], passage.sentences[last][1]
    if alike is not None and {language(said.text), language(passage.text)} == {"en", "zh"}:
        share = max(share, alike(said.text, passage))
    frame = f"{passage.title} {passage.heading} {passage.at.date().isoformat()}"
    supported = share >= ENOUGH and said.numbers <= _numbers(passage.text) | _numbers(frame)
    return Citation(
        n,
        passage.item_id,
        passage.text[start:stop],
        start,
        stop,
        place=place_within(passage, start, stop),
        support=round(min(share, 1.0), 3),
        supported=supported,
    )


def _window(passage: Passage, wanted: frozenset[str]) -> tuple[int, int, float]:
    """Return first and last sentence of the window that has most of *wanted*, shorter ones first, and its share."""
    held = [set(terms(passage.text[start:stop])) & wanted for start, stop in passage.sentences]
    frame = set(terms(f"{passage.title} {passage.heading} {passage.speaker}")) & wanted
    best, most = (0, 0, 0.0), -1.0
    for width in range(1, min(MAX_WINDOW, len(held)) + 1):
        for first in range(len(held) - width + 1):
            own = set[str]().union(*held[first : first + width])
            share = len(own | frame) / len(wanted) if wanted else 0.0
            worth = len(own) / len(wanted) - _LONGER * (width - 1) if wanted else 0.0
            if worth > most:
                best, most = (first, first + width - 1, share), worth
    return best


def _numbers(text: str) -> set[str]:
    return {number.replace(",", "").lstrip("0") or "0" for number in _NUMBER.findall(fold(text))}
