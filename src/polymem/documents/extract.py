"""An answer without a model: the sentences that answer best, word for word, each with its citation.

What counts was fitted on XQuAD in English and Chinese and checked on HotpotQA, MuSiQue, RGB and LoCoMo, see ``benchmarks/answers.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.documents.headings import is_heading, opening_of
from polymem.documents.passages import Passage
from polymem.documents.pieces import Piece, label_of, pieces
from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32
from polymem.text.answering import Form, asked_forms, could_answer, without_asking
from polymem.text.lazy import lazy
from polymem.text.likeness import told_times
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = ["Candidates", "Sentence", "best_sentences", "candidates"]

N_PASSAGES: Final = 12
"""So many of the first passages are looked at."""
N_SENTENCES: Final = 24
"""So many of their sentences are compared as vectors: those that are best by all else. More cost time and gained nothing."""
COVERED, LIKE, RANKED, FORM = 0.5, 0.3, 0.35, 0.15
"""What counts for a sentence: words of the question, likeness, its passage's score, something of the form asked for."""
NO_ANSWER: Final = 0.2
"""What a question, or a row of a table where no figure is asked for, loses: it seldom answers."""
HEADING: Final = 1.0
"""What a bare heading, the caption of a table, or the greeting of a letter loses: it never does."""
FRAME: Final = 0.5
"""A word of the question counts so much that stands in title or heading, not in the sentence."""
LABEL: Final = 0.4
"""What it counts that the question has all words of a row's first cell, which says what its figures are."""
FURTHER: Final = 0.4
"""What words of the question count in a further sentence that those before do not have: the other half of what was asked."""
ALMOST: Final = 0.75
"""A further sentence is shown if it is worth so much of the best."""
REPEATED: Final = 0.6
"""A sentence with so many of its words in one that was chosen says nothing new, unless a word of the question is new in it."""
NEW: Final = 0.15
"""So much of the question is new."""
_PAST = lazy(
    r"\b(?:before|previous(?:ly)?|former(?:ly)?|earlier|used to|history|past|original(?:ly)?|was|were|did|had)\b"
    r"|以前|之前|曾经?|过去|原来|从前|当初|最初|\d年"
)
_ENDS: Final = ("?", "？")
_NEVER: Final = frozenset(["caption", "letter"])
_FIGURED: Final[frozenset[Form]] = frozenset(["number", "time"])
_DIGIT = lazy(r"\d")
_FISCAL = lazy(r"(?i:\bFY(?=\s?\d))")
"""The F.Y. in FY2019, which no table has."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a passage, or a row of a table in it.

    Attributes:
        passage: Of which passage.
        piece: Where it stands in the passage's text, and what it is.
        worth: How well it answers, compared with the others of this question.
    """

    passage: Passage
    piece: Piece
    worth: float

    @property
    def start(self) -> int:
        """Where it begins in the passage's text."""
        return self.piece.start

    @property
    def stop(self) -> int:
        """Where it ends."""
        return self.piece.stop

    @property
    def text(self) -> str:
        """Its words, on one line."""
        return " ".join(self.passage.text[self.start : self.stop].split())

    @property
    def shown(self) -> str:
        """Its words as an answer has them, see :meth:`Piece.shown`."""
        return self.piece.shown(self.passage.text)


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences of which an answer may be made, in the order of their passages, and what is known of them without vectors.

    Attributes:
        question: The question.
        sentences: At most ``N_SENTENCES``; their worth is that without likeness.
        words: The words of each.
        covered: float32[n, number of words asked]: how much of each word of the question a sentence has, as a share of all.
    """

    question: str
    sentences: tuple[Sentence, ...]
    words: tuple[frozenset[str], ...]
    covered: F32

    @property
    def texts(self) -> list[str]:
        """The sentences, to be compared with the question as vectors."""
        return [sentence.shown for sentence in self.sentences]


def candidates(question: str, passages: Sequence[Passage]) -> Candidates:
    """Return the sentences that may answer.

    Args:
        question: The question.
        passages: Best first; of more than ``N_PASSAGES`` the first are read.
    """
    passages = _current(question, passages)[:N_PASSAGES]
    spans = [(passage, piece) for passage in passages for piece in pieces(passage.text, passage.sentences)]
    words = [frozenset(terms(passage.text[piece.start : piece.stop])) for passage, piece in spans]
    covered = _covered(question, spans, words)
    best = max((passage.score for passage in passages), default=0.0) or 1.0
    asked = fold(question)
    forms = asked_forms(asked)
    wanted = frozenset(terms(_FISCAL.sub(" ", question)))
    figures = bool(_FIGURED & forms) or _DIGIT.search(asked) is not None
    worth = COVERED * covered.sum(1) + np.array(
        [
            RANKED * passage.score / best
            + _fit(passage, piece, question=question, asked=wanted, forms=forms, figures=figures)
            for passage, piece in spans
        ]
    )
    kept: list[int] = np.sort(np.argsort(-worth, kind="stable")[:N_SENTENCES]).tolist()
    return Candidates(
        question,
        tuple(Sentence(*spans[at], float(worth[at])) for at in kept),
        tuple(words[at] for at in kept),
        covered[kept],
    )


def best_sentences(found: Candidates, likeness: F32 | None, *, limit: int) -> list[Sentence]:
    """Return the sentences that answer best, best first.

    One is taken after the other. What words of the question are not in those before counts more, so that of a question with two halves
    both are answered (maximal marginal relevance, Carbonell and Goldstein 1998, with coverage in place of dissimilarity).

    Args:
        found: The sentences to choose from.
        likeness: float32[n], cosine of each with the question; None without vectors.
        limit: Most sentences.
    """
    worth = np.array([sentence.worth for sentence in found.sentences])
    if likeness is not None and len(worth):
        low, high = float(likeness.min()), float(likeness.max())
        worth = worth + LIKE * (likeness - low) / (high - low or 1.0)
    had = np.zeros(found.covered.shape[1:], dtype=np.float32)
    chosen: list[int] = []
    left = set(range(len(worth)))
    while left and len(chosen) < limit:
        further = FURTHER * np.maximum(found.covered - had, 0).sum(1) if chosen else 0.0
        now = worth + further
        at = max(left, key=lambda place: (float(now[place]), -place))
        if chosen and now[at] < ALMOST * worth[chosen[0]]:
            break
        left.remove(at)
        new = bool((found.covered[at] > had + NEW).any())
        if new or not any(_repeats(found.words[at], found.words[other]) for other in chosen):
            chosen.append(at)
            had = np.maximum(had, found.covered[at])
    return [
        Sentence(one.passage, one.piece, float(worth[at]))
        for at, one in ((at, found.sentences[at]) for at in chosen)
    ]


def _current(question: str, passages: Sequence[Passage]) -> Sequence[Passage]:
    """Return the passages without those that hold no longer, unless the past is asked for or there are no others."""
    asked = fold(question)
    if _PAST.search(asked) or told_times(asked):
        return passages
    return [passage for passage in passages if not passage.superseded] or passages


def _covered(question: str, spans: Sequence[tuple[Passage, Piece]], words: Sequence[frozenset[str]]) -> F32:
    question = _FISCAL.sub(" ", question)
    asked = list(dict.fromkeys(terms(without_asking(question)) or terms(question)))
    frames = {
        passage.n: frozenset(
            terms(f"{passage.title} {passage.heading} {passage.speaker} {opening_of(passage.text)}")
        )
        for passage, _ in spans
    }
    captions = {
        above: frozenset(terms(above)) for above in {above for _, piece in spans for above in piece.above}
    }
    rarity = np.array([_rarity(sum(term in held for held in words), len(words)) for term in asked])
    shares = [
        [
            1.0
            if term in held
            else FRAME
            if term in frames[passage.n] or any(term in captions[above] for above in piece.above)
            else 0.0
            for term in asked
        ]
        for (passage, piece), held in zip(spans, words, strict=True)
    ]
    found: F32 = (np.array(shares).reshape(len(spans), len(asked)) * rarity / (rarity.sum() or 1.0)).astype(
        np.float32
    )
    return found


def _rarity(n_with: int, n: int) -> float:
    return float(np.log1p(n / (1 + n_with)))


def _fit(
    passage: Passage,
    piece: Piece,
    *,
    question: str,
    asked: frozenset[str],
    forms: frozenset[Form],
    figures: bool,
) -> float:
    """Return what the form of a sentence counts: whether it has what is asked for, and whether it states anything."""
    text = passage.text[piece.start : piece.stop]
    worth = FORM if forms and could_answer(text, forms, question) else 0.0
    said = fold(text).strip()
    if (piece.kind == "row" and not figures) or said.endswith(_ENDS):
        worth -= NO_ANSWER
    if piece.kind == "row" and _DIGIT.search(said):
        label = frozenset(terms(label_of(text)))
        worth += LABEL * len(label & asked) / max(len(label), 1)
    no_answer = piece.kind in _NEVER or is_heading(said, passage, asked=asked)
    return worth - HEADING if no_answer else worth


def _repeats(words: frozenset[str], other: frozenset[str]) -> bool:
    return len(words & other) >= REPEATED * max(len(words), 1)
