"""A word and its translations count as one word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.ranking import foreign
from polymem.ranking.bm25 import gather, own_scores
from polymem.ranking.foreign import Form, gather_forms
from polymem.ranking.titles import covered


def form(*places, worth=1.0, counts=None):
    found = np.ones(len(places)) if counts is None else np.array(counts)
    return Form(np.array(places, np.int32), found.astype(np.uint8), worth)


class Listed:
    def __init__(self, *places):
        self.positions = np.array(places, np.int32)
        self.counts = np.ones(len(places), np.uint8)


def test_a_row_has_a_word_as_often_as_its_surest_form():
    found = gather_forms(
        [[form(0, 1), form(1, 2, worth=0.5), form(1, worth=0.9)]], n=4, n_rows=4, mean_length=3
    )
    assert dict(zip(found.positions.tolist(), found.counts.tolist(), strict=True)) == {0: 1.0, 1: 1.0, 2: 0.5}


def test_ten_translations_weigh_no_more_than_one_that_stands_in_the_same_rows():
    one = gather_forms([[form(0, 1, worth=0.5)]], n=4, n_rows=4, mean_length=3)
    ten = gather_forms([[form(0, 1, worth=0.5)] * 10], n=4, n_rows=4, mean_length=3)
    lengths = np.full(4, 3, np.int32)
    assert own_scores(one, lengths).tolist() == own_scores(ten, lengths).tolist()


def test_a_word_is_as_rare_as_all_its_forms_together():
    common = gather_forms([[form(0), form(1), form(2)], [form(0)]], n=4, n_rows=4, mean_length=3)
    assert common.weights[0] < common.weights[1]


def test_a_likely_translation_covers_its_share_of_the_word():
    found = gather_forms([[form(0), form(1, worth=0.25, counts=[2])]], n=3, n_rows=3, mean_length=3)
    weight = float(found.weights[0])
    assert covered(found, 3).tolist() == pytest.approx([weight, weight / 2, 0.0])


@given(st.lists(st.sets(st.integers(0, 11), max_size=8), max_size=5))
def test_words_without_translations_are_gathered_as_ever(places):
    lists = [sorted(found) for found in places]
    ours = gather_forms([[form(*found)] for found in lists], n=12, n_rows=12, mean_length=4.0)
    plain = gather([Listed(*found) for found in lists], n_rows=12, mean_length=4.0)
    lengths = np.arange(1, 13, dtype=np.int32)
    assert own_scores(ours, lengths).tolist() == own_scores(plain, lengths).tolist()
    assert covered(ours, 12).tolist() == covered(plain, 12).tolist()


def test_translations_count_in_rows_of_the_other_language_alone():
    whole, other = (
        form(0, 1),
        Form(np.array([1, 2, 3], np.int32), np.full(3, 4, np.uint8), 0.5, translated=True),
    )
    others = np.array([False, False, True, True])
    found = gather_forms([[whole, other]], n=4, n_rows=4, mean_length=3, others=others)
    assert found.positions.tolist() == [0, 1, 2, 3]
    assert found.counts.tolist() == [1.0, 1.0, 2.0, 2.0]


@given(
    st.lists(st.lists(st.tuples(st.sets(st.integers(0, 6)), st.floats(0.125, 1.0, width=32))), max_size=5),
    st.sampled_from([1, 7, 14, 20]),
)
def test_however_many_words_are_gathered_at_once_the_result_is_the_same(words, cells):
    forms = [[form(*sorted(places), worth=worth) for places, worth in word] for word in words]
    whole = gather_forms(forms, n=7, n_rows=7, mean_length=3.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(foreign, "MAX_CELLS", cells)
        parts = gather_forms(forms, n=7, n_rows=7, mean_length=3.0)
    for name in ("positions", "counts", "frequencies", "weights"):
        assert getattr(whole, name).tolist() == getattr(parts, name).tolist()
    for number, word in enumerate(words):
        assert whole.frequencies[number] == len(set().union(*(places for places, _ in word)))
