"""The plain rankings: BM25 and the hybrid as their sources define them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from polymem.evals.cases import Row
from polymem.evals.plain import PlainIndex, min_max, plain_text
from polymem.text.tokenise import terms

ROWS = [
    Row("1", "the cat sleeps on the warm stove", speaker="Ann"),
    Row("2", "a dog barks", speaker="Bob"),
    Row("3", "cat and dog, cat and dog", speaker="Ann"),
    Row("4", "小红养了一只猫", speaker="小明"),
]


def by_hand(question: str) -> list[float]:
    texts = [terms(f"{row.speaker}: {row.text}") for row in ROWS]
    mean = sum(map(len, texts)) / len(texts)
    scores: list[float] = []
    for text in texts:
        score = 0.0
        for word in set(terms(question)):
            df = sum(word in other for other in texts)
            idf = math.log(1 + (len(texts) - df + 0.5) / (df + 0.5)) if df else 0
            tf = text.count(word)
            score += idf * tf * 2.5 / (tf + 1.5 * (0.25 + 0.75 * len(text) / mean))
        scores.append(score)
    return scores


@pytest.mark.parametrize("question", ["cat", "Which dog barks at the cat?", "谁养猫？", "Ann", "zebra", "？"])
def test_bm25_is_the_formula(question: str):
    assert PlainIndex(ROWS).bm25(question).tolist() == pytest.approx(by_hand(question), rel=1e-5)


def test_a_speaker_and_a_title_are_words_of_the_row():
    assert plain_text(ROWS[0]).startswith("Ann: ")
    assert plain_text(Row("p", "Text.", title="标题")) == "标题 Text."
    assert plain_text(Row("p", "Text.")) == "Text."


def test_the_hybrid_is_half_and_half():
    vectors = np.array([[1, 0], [0, 1], [0.6, 0.8], [-1, 0]], dtype=np.float32)
    index = PlainIndex(ROWS, vectors)
    question = np.array([1, 0], dtype=np.float32)
    words = np.array(by_hand("dog"))
    expected = 0.5 * np.array([1, 0.5, 0.8, 0]) + 0.5 * words / words.max()
    assert index.hybrid("dog", question).tolist() == pytest.approx(expected.tolist(), rel=1e-5)


def test_values_that_do_not_differ_say_nothing():
    assert min_max(np.array([3, 3], dtype=np.float32)).tolist() == [0, 0]
    assert min_max(np.empty(0, dtype=np.float32)).size == 0


def test_without_vectors_there_is_no_hybrid():
    with pytest.raises(ValueError, match="vectors"):
        PlainIndex(ROWS).hybrid("dog", np.array([1, 0], dtype=np.float32))
