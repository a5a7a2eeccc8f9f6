"""The sentences of a talkative question, and those of them that ask."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.text.query_parts import MAX_CLAUSES, MAX_PARTS, asking, clauses, parts


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("<Ida>: The boat is sold! <Bot>: Well done to you. ", ("The boat is sold", "Well done to you")),
        ("<小梅>：船卖掉了！<助手>：那太好了呀。", ("船卖掉了", "那太好了呀")),
        ("Ida sold the boat. Who bought it from her?", ("Ida sold the boat", "Who bought it from her")),
        ("船已经卖掉了。是谁把它买走的？", ("船已经卖掉了", "是谁把它买走的")),
        ("Who bought the boat at 3.50 a share?", ()),
        ("谁买了那条船？", ()),
        ("Oh! Ah! Hm.", ()),
    ],
)
def test_a_question_of_several_sentences_is_taken_apart(question, found):
    assert parts(question) == found


def test_of_many_sentences_the_last_count():
    question = " ".join(f"Parcel number {n} came late." for n in range(40))
    assert len(parts(question)) == MAX_PARTS
    assert parts(question)[-1].startswith("Parcel number 39")


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        (
            "The sea was calm. Gulls were all around. We had some soup. What was the boat called?",
            "What was the boat called?",
        ),
        ("海上很平静。到处都有海鸥。我们喝了点汤。那条船叫什么名字？", "那条船叫什么名字？"),
        ("The sea was calm. What was the boat called?", "The sea was calm. What was the boat called?"),
        ("海上很平静。那条船叫什么名字？", "海上很平静。那条船叫什么名字？"),
        ("One two three. Four five six. Seven eight nine. Ten eleven twelve.",) * 2,
    ],
)
def test_what_is_told_beside_a_question_is_left_out_if_it_is_much(question, asked):
    assert asking(question) == asked


@given(st.text(max_size=300))
def test_nothing_of_a_question_is_made_up(question):
    assert all(part in question for part in parts(question) if "<" not in question)
    assert asking(question) == question or set(asking(question)) <= {*question, " "}


@pytest.mark.parametrize(
    ("question", "found"),
    [
        (
            "When did the country that makes Han Vodka last hold the Games?",
            ("makes Han Vodka last hold the Games",),
        ),
        (
            "Who is the sibling of the singer who recorded Low Tide, and where was the mother of Ann Lee born?",
            ("singer who recorded Low Tide", "mother of Ann Lee born"),
        ),
    ],
)
def test_clauses_have_two_terms_and_more(question, found):
    got = clauses(question)
    assert got == () if len(found) < 2 else len(got) > 1
    assert all(clause in question for clause in got)


@pytest.mark.parametrize(
    "question",
    ["", "Ann", "Where does Ann live?", "产韩牌伏特加的国家上次举办奥运会是什么时候？", "İ and ß" * 9],
)
def test_a_short_question_and_a_chinese_one_have_no_clauses(question):
    assert clauses(question) == ()


def test_clauses_are_few():
    assert len(clauses(" and ".join(f"red ferry number {n}" for n in range(40)))) == MAX_CLAUSES
