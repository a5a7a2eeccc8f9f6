"""An answer without a model: the sentences that answer best, word for word, each with its citation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.documents.passages import Passage
from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["Sentence", "best_sentences"]

N_PASSAGES: Final = 12
"""So many of the first passages are looked at."""
COVERED, LIKE, RANKED, FORM = 0.45, 0.3, 0.35, 0.15
"""What counts for a sentence: words of the question, likeness, its passage's score, something of the form asked for."""
FRAME: Final = 0.5
"""A word of the question counts so much that stands in title or heading, not in the sentence."""
ALMOST: Final = 0.75
"""A further sentence is shown if it is worth so much of the best."""
REPEATED: Final = 0.6
"""A sentence with so many of its words in one that was chosen says nothing new."""

_WHEN = lazy(
    r"\bwhen\b|\bwhat (?:year|date|day|month|time)\b|\bwhich year\b|什么时候|何时|哪一?年|哪一?天|几月|几号|日期"
)
_HOW_MANY = lazy(
    r"\bhow (?:many|much|old|long|far|tall|high|large|big)\b|多少|几[个位名次年岁天]|多[大长高久远]"
)
_WHO = lazy(r"\bwho(?:m|se)?\b|\bwhich (?:person|actor|player|author)\b|谁|哪位|什么人")
_DATE = lazy(
    r"\b(?:1[5-9]|20)\d\d\b|\d\s*[年月日号]|\b(?:january|february|march|april|may|june|july|august|september|october|november|december)\b"
)
_DIGIT = lazy(
    r"\d|[一二三四五六七八九十百千万亿两][个位名次年岁天万亿]|\b(?:two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion)\b"
)
_NAME = lazy("\\b[A-Z][a-z]+ (?:[A-Z][\\w.]* )*[A-Z][a-z]+|[\u4e00-\u9fff]{2,4}(?:[是为任担曾说]|先生|女士)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that was chosen.

    Attributes:
        passage: Of which passage.
        start: Where it begins in the passage's text.
        stop: Where it ends.
        worth: How well it answers, compared with the others of this question.
    """

    passage: Passage
    start: int
    stop: int
    worth: float

    @property
    def text(self) -> str:
        """Its words, on one line."""
        return " ".join(self.passage.text[self.start : self.stop].split())


def best_sentences(
    question: str, passages: Sequence[Passage], likeness: F32 | None, *, limit: int
) -> list[Sentence]:
    """Return the sentences that answer best, best first.

    Args:
        question: The question.
        passages: Best first; of more than ``N_PASSAGES`` the first are read.
        likeness: float32[n], cosine with the question of each sentence of these passages in order; None without vectors.
        limit: Most sentences.
    """
    passages = passages[:N_PASSAGES]
    spans = [(passage, start, stop) for passage in passages for start, stop in passage.sentences]
    if not spans:
        return []
    worth = _worth(question, spans, likeness)
    order = np.argsort(-worth, kind="stable")
    least = ALMOST * float(worth[order[0]])
    chosen: list[Sentence] = []
    for at in order.tolist():
        if len(chosen) >= limit or worth[at] < least:
            break
        passage, start, stop = spans[at]
        found = Sentence(passage, start, stop, float(worth[at]))
        if not any(_repeats(found, other) for other in chosen):
            chosen.append(found)
    return chosen


def _worth(question: str, spans: Sequence[tuple[Passage, int, int]], likeness: F32 | None) -> F32:
    asked = list(dict.fromkeys(terms(question)))
    held = [frozenset(terms(passage.text[start:stop])) for passage, start, stop in spans]
    frames = {passage.n: frozenset(terms(f"{passage.title} {passage.heading}")) for passage, _, _ in spans}
    rarity = {term: _rarity(sum(term in words for words in held), len(held)) for term in asked}
    total = sum(rarity.values()) or 1.0
    covered = [
        sum(rarity[t] * (1.0 if t in words else FRAME if t in frames[passage.n] else 0.0) for t in asked)
        / total
        for (passage, _, _), words in zip(spans, held, strict=True)
    ]
    best = max(passage.score for passage, _, _ in spans) or 1.0
    ranked = [passage.score / best for passage, _, _ in spans]
    formed = [float(_has_form(question, passage.text[start:stop])) for passage, start, stop in spans]
    worth = COVERED * np.array(covered) + RANKED * np.array(ranked) + FORM * np.array(formed)
    if likeness is not None:
        low, high = float(likeness.min()), float(likeness.max())
        worth = worth + LIKE * (likeness - low) / (high - low or 1.0)
    found: F32 = worth.astype(np.float32)
    return found


def _rarity(n_with: int, n: int) -> float:
    return float(np.log1p(n / (1 + n_with)))


def _has_form(question: str, text: str) -> bool:
    """Tell whether *text* has something of the form that is asked for: a time, a number, a name."""
    asked = fold(question)
    if _WHEN.search(asked):
        return _DATE.search(fold(text)) is not None
    if _HOW_MANY.search(asked):
        return _DIGIT.search(fold(text)) is not None
    return _WHO.search(asked) is not None and _NAME.search(text) is not None


def _repeats(sentence: Sentence, other: Sentence) -> bool:
    words = set(terms(sentence.text))
    return len(words & set(terms(other.text))) >= REPEATED * max(len(words), 1)
