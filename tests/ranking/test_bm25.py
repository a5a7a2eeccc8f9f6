"""BM25 against a direct reading of its formula, in both languages."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.ports.faces import Postings
from polymem.ranking.bm25 import IMAGINED_ROWS, K1, B, context_scores, gather, idf, own_scores
from polymem.text.tokenise import terms

TEXTS = st.lists(
    st.lists(st.sampled_from(["茶", "山", "tea", "hill", "sea"]), max_size=8), min_size=1, max_size=12
)


def matches(documents, asked):
    lists = []
    for term in asked:
        found = [(place, Counter(words)[term]) for place, words in enumerate(documents) if term in words]
        lists.append(
            Postings(
                np.array([place for place, _ in found], dtype=np.int32),
                np.array([count for _, count in found], dtype=np.uint8),
            )
        )
    lengths = np.array([len(words) for words in documents], dtype=np.int32)
    mean = float(lengths.mean()) or 1.0
    return gather(lists, n_rows=len(documents), mean_length=mean), lengths, mean


def formula(words, asked, documents, mean):
    total = 0.0
    for term in asked:
        df = sum(term in other for other in documents)
        rarity = math.log(1 + (len(documents) + IMAGINED_ROWS - df + 0.5) / (df + 0.5))
        count = words.count(term)
        total += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * len(words) / mean))
    return total


@given(documents=TEXTS)
def test_own_scores_are_the_formula(documents):
    asked = ["茶", "tea", "missing"]
    found, lengths, mean = matches(documents, asked)
    expected = [formula(words, asked, documents, mean) for words in documents]
    assert own_scores(found, lengths) == pytest.approx(expected, rel=1e-4, abs=1e-5)


@given(documents=TEXTS, seed=st.integers(0, 99))
def test_a_window_scores_like_one_text(documents, seed):
    asked = ["茶", "hill"]
    found, lengths, mean = matches(documents, asked)
    random = np.random.default_rng(seed)
    windows = np.array(
        [
            np.where(random.random(len(documents)) < 0.7, random.permutation(len(documents)), -1)
            for _ in range(min(3, len(documents)))
        ],
        dtype=np.int32,
    )
    # A window holds a row once.
    for column in range(windows.shape[1]):
        seen = set()
        for line in range(windows.shape[0]):
            if windows[line, column] in seen:
                windows[line, column] = -1
            seen.add(windows[line, column])
    scores = context_scores(found, lengths, windows, mean_rows=3.0)
    n = len(documents)
    for column, score in enumerate(scores):
        words = [word for place in windows[:, column] if place >= 0 for word in documents[place]]
        expected = 0.0
        for term in asked:
            df = n * (1 - (1 - sum(term in other for other in documents) / n) ** 3)
            rarity = math.log(1 + (n - df + IMAGINED_ROWS + 0.5) / (df + 0.5))
            count = words.count(term)
            expected += rarity * count * (K1 + 1) / (count + K1 * (1 - B + B * len(words) / (mean * 3)))
        assert score == pytest.approx(expected, rel=1e-3, abs=1e-4)


def test_a_neighbours_words_count_for_context_alone():
    documents = [terms("你叫什么名字"), terms("我叫张伟"), terms("天气很好")]
    found, lengths, _ = matches(documents, terms("名字"))
    windows = np.array([[0, 1, 2], [1, 0, -1]], dtype=np.int32)
    own, context = own_scores(found, lengths), context_scores(found, lengths, windows, mean_rows=2.0)
    assert own[0] > 0
    assert own[1] == 0
    assert own[2] == 0
    assert context[1] > 0
    assert context[2] == 0


def test_nothing_asked_or_nothing_found_scores_zero():
    lengths = np.array([3, 1], dtype=np.int32)
    none = gather([], n_rows=2, mean_length=2.0)
    assert own_scores(none, lengths).tolist() == [0.0, 0.0]
    unknown, _, _ = matches([["茶"], ["tea"]], ["海"])
    assert own_scores(unknown, lengths).tolist() == [0.0, 0.0]
    assert context_scores(unknown, lengths, np.array([[0], [1]], dtype=np.int32), mean_rows=2.0).tolist() == [
        0.0
    ]
    assert unknown.n_terms == 1


def test_a_rare_word_weighs_more_and_none_weighs_less_than_nothing():
    weights = idf(np.array([1, 10, 1000, 2000]), 1000)
    assert weights[0] > weights[1] > weights[2] > 0
    assert weights[3] > 0
