"""Rows in another language than the question: its words are looked for in their translations.

What is foreign is told by the row: a question in English may find rows in both languages of a scope, and those in its own
rank as if there were no others.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ports.faces import F32, I32, INDEXED, Mask, Postings, TextFace
from polymem.ports.ledger import Snapshot
from polymem.ranking.bm25 import Matches, context_scores, own_scores
from polymem.ranking.foreign import Form, gather_forms
from polymem.read.plan import QueryPlan
from polymem.text.asking_zh import QUESTION_WORDS
from polymem.text.keys import CHINESE
from polymem.text.language import is_chinese
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.stem import stem
from polymem.text.tokenise import MAX_TERM_CHARS, terms

__all__ = ["Foreign", "view_foreign"]

TRANSLATED: Final = 0.6
"""What the score of translated words counts beside that of words as they are: a word with many translations is found in more
rows that it has nothing to do with."""
_HAN: Final = ("\u3400", "\u9fff")
_CHINESE: Final = lazy("[\u3400-\u4dbf\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True)
class Foreign:
    """What the words of the question say of rows in another language.

    Attributes:
        mask: bool[n], the rows in another language.
        matches: Occurrences of its words: as they are in all rows, translated in rows of the other language.
        own: float32[n], BM25 of each row.
        scale: By what it is multiplied to weigh what BM25 by the words as they are weighs.
    """

    mask: Mask
    matches: Matches
    own: F32
    scale: float

    def over(self, native: F32) -> F32:
        """Return *native*, float32[n], BM25 by the words as they are, with the score of foreign rows in its place."""
        return np.where(self.mask, self.own * np.float32(self.scale), native)

    def context(self, lengths: I32, windows: I32, *, mean_rows: float) -> F32:
        """Return float32[c]: as :func:`polymem.ranking.bm25.context_scores`, in the measure of :meth:`over`."""
        found = context_scores(self.matches, lengths, windows, mean_rows=mean_rows)
        return found * np.float32(self.scale)


@dataclass(frozen=True, slots=True)
class _Spelled:
    """A word of the question: its terms, those that tell of it, and those of its translations with their worth."""

    terms: list[str]
    own: list[str]
    others: list[tuple[list[str], float]]


def view_foreign(
    snapshot: Snapshot, plan: QueryPlan, asked: Sequence[str], native: Matches
) -> Foreign | None:
    """Look for the question's words in rows of the other language; None where there are none or nothing is found.

    Args:
        snapshot: The partition.
        plan: The question.
        asked: Its terms, without the names of speakers.
        native: Occurrences of these.
    """
    if plan.lexicon is None or plan.mode != "hybrid" or not asked:
        return None
    chinese = is_chinese(plan.asked)
    others = _others(snapshot, chinese=chinese)
    if others is None:
        return None
    known = frozenset(asked)
    words: list[_Spelled] = []
    for word in plan.lexicon.translate(plan.asked, chinese=chinese):
        said = terms(word.text)
        if not known.isdisjoint(said) and not QUESTION_WORDS.fullmatch(word.text):
            others_of = [(_known_keys(text), worth) for text, worth in word.others]
            words.append(_Spelled(said, _telling(said), [keyed for keyed in others_of if keyed[0]]))
    if not words:
        return None
    forms = _forms(snapshot.texts, words, asked, chinese=chinese)
    lengths = snapshot.columns.length
    matches = gather_forms(
        forms,
        n=snapshot.n,
        n_rows=snapshot.texts.n_rows,
        mean_length=max(float(lengths[others].mean()), 1.0),
        others=others,
    )
    own = own_scores(matches, lengths)
    if not own[others].any():
        return None
    scale = TRANSLATED * float(np.sqrt(native.weights.sum() / matches.weights.sum()))
    return Foreign(others, matches, own, scale)


def _others(snapshot: Snapshot, *, chinese: bool) -> Mask | None:
    """Return bool[n], the rows that are not in the language of the question; None where all are."""
    marked = snapshot.texts.postings(CHINESE).positions
    if marked.size == (snapshot.texts.n_rows if chinese else 0):
        return None
    inside = np.zeros(snapshot.n, dtype=np.bool_)
    inside[marked] = True
    return (snapshot.columns.flags & INDEXED > 0) & ~inside if chinese else inside


def _forms(
    texts: TextFace, words: Sequence[_Spelled], asked: Sequence[str], *, chinese: bool
) -> list[list[Form]]:
    """Return the forms of each word of the question, and of its terms that the lexicon does not translate."""
    keys = [key for word in words for key in word.own]
    keys += [key for word in words for other, _ in word.others for key in other]
    texts.look_up(list(dict.fromkeys(keys)))
    found: list[list[Form]] = []
    for word in words:
        whole = _occurrences(texts, word.own)
        group = [Form(whole.positions, whole.counts)]
        for other, worth in word.others:
            there = _occurrences(texts, other)
            # Most words are nowhere.
            if there.positions.size:
                group.append(Form(there.positions, there.counts, worth, translated=True))
        found.append(group)
    said = frozenset(term for word in words for term in word.terms)
    for term in asked:
        # Characters of Chinese words are not words of their own.
        if term not in said and not (chinese and _HAN[0] <= term[0] <= _HAN[1]):
            whole = texts.postings(term)
            found.append([Form(whole.positions, whole.counts)])
    return found


def _telling(said: list[str]) -> list[str]:
    """Return those of the terms of a word that rows with it have: of a longer Chinese word all pairs of characters."""
    if not said or said[0].isascii():
        return said[:1]
    return [term for term in said if len(term) > 1] or said


@lru_cache(maxsize=16_384)
def _known_keys(text: str) -> list[str]:
    """Return the same for a word of the lexicon's own, which is nobody's."""
    if text.isascii() and text.isalpha() and text.islower() and len(text) < MAX_TERM_CHARS:
        return [stem(text)]
    if _CHINESE.fullmatch(text) and fold(text) == text:
        return [*map(operator.add, text, text[1:])] or [text]
    return _telling(terms(text))


def _occurrences(texts: TextFace, keys: Sequence[str]) -> Postings:
    """Return where a word occurs, from where all its terms do."""
    found = texts.postings(keys[0])
    for key in keys[1:]:
        if not found.positions.size:
            break
        other = texts.postings(key)
        positions, here, there = np.intersect1d(
            found.positions, other.positions, assume_unique=True, return_indices=True
        )
        found = Postings(positions, np.minimum(found.counts[here], other.counts[there]))
    return found
