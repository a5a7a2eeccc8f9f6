"""Words that an answer shares with the expected one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.evals.f1 import answer_f1, says_nothing, word_f1


@pytest.mark.parametrize(
    ("given_", "expected", "f1"),
    [
        ("In Oslo", "Oslo", 2 / 3),
        ("the painted cats", "a painting of cats", 0.8),
        ("Bergen", "Oslo", 0.0),
        ("她住在奥斯陆", "奥斯陆", 2 / 3),
        ("北京", "上海", 0.0),
        ("", "", 1.0),
        ("", "Oslo", 0.0),
        ("7 May 2023", "7 May 2023", 1.0),
    ],
)
def test_shared_words(given_, expected, f1):
    assert word_f1(given_, expected) == pytest.approx(f1)


@pytest.mark.parametrize(
    ("given_", "expected", "f1"),
    [
        ("pottery, tennis", "tennis, pottery", 1.0),
        ("tennis", "tennis, pottery", 0.5),
        ("网球、陶艺", "陶艺，跑步", 0.5),
        ("tennis", "tennis", 1.0),
    ],
)
def test_of_a_list_each_part_counts(given_, expected, f1):
    assert answer_f1(given_, expected, several=True) == pytest.approx(f1)


@given(st.text(max_size=60), st.text(max_size=60))
def test_it_is_a_share_and_symmetric(one, other):
    assert 0.0 <= word_f1(one, other) <= 1.0
    assert word_f1(one, other) == pytest.approx(word_f1(other, one))


@pytest.mark.parametrize(
    "answer",
    [
        "Not mentioned.",
        "There is no information about that.",
        "I don't know",
        "It is not clearly stated.",
        "",
        "没有提到。",
        "我不知道。",
        "无法确定",
    ],
)
def test_an_answer_that_there_is_none(answer):
    assert says_nothing(answer)


@pytest.mark.parametrize("answer", ["In Oslo", "She knows Ann", "在上海", "There is information at the desk"])
def test_an_answer_is_no_denial(answer):
    assert not says_nothing(answer)
