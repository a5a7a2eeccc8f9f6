"""What form of answer a question asks for, in English and Chinese."""

import pytest

from polymem.text.answering import asked_forms, could_answer, is_yes_or_no, without_asking
from polymem.text.normalise import fold


@pytest.mark.parametrize(
    ("question", "forms"),
    [
        ("How many boats are there?", {"number"}),
        ("How old is the harbour?", {"number"}),
        ("When did the ferry leave?", {"time"}),
        ("Which year was it built?", {"time"}),
        ("Who steers, and where?", {"name"}),
        ("What is it like there?", set()),
        ("Whenever it rains, what happens?", set()),
        ("港口有多少条船？", {"number"}),
        ("渡船什么时候开？", {"time"}),
        ("谁掌舵？", {"name"}),
        ("港口怎么样？", set()),
        ("他几乎每天都去做什么？", set()),
        ("", set()),
    ],
)
def test_forms(question, forms):
    assert asked_forms(fold(question)) == forms


@pytest.mark.parametrize(
    "question", ["Is it deep?", "Did Ann call?", "水深吗？", "你会不会游泳？", "他是否来过？"]
)
def test_yes_or_no(question):
    assert is_yes_or_no(fold(question))


@pytest.mark.parametrize("question", ["What did Ann do?", "Where can I swim?", "水有多深？", "", "?!"])
def test_other_questions(question):
    assert not is_yes_or_no(fold(question))


@pytest.mark.parametrize(
    ("text", "form", "there"),
    [
        ("It has twelve cabins.", "number", True),
        ("It has 12 cabins.", "number", True),
        ("It has cabins; someone said so.", "number", False),
        ("船上有三间舱房。", "number", True),
        ("船上有舱房。", "number", False),
        ("It sails on Tuesday.", "time", True),
        ("It sails.", "time", False),
        ("船昨天开了。", "time", True),
        ("船开了。", "time", False),
        ("The boat belongs to Otto.", "name", True),
        ("The boat is red.", "name", False),
        ("船是红的。", "name", True),
        ("", "name", False),
    ],
)
def test_could_answer(text, form, there):
    assert could_answer(text, frozenset([form]), "Vera?") is there


def test_names_of_the_question_are_no_answer():
    assert not could_answer("The boat of Vera is here.", frozenset({"name"}), "Who has the boat of Vera?")
    assert could_answer("The boat of Vera is here.", frozenset({"name"}), "Whose boat is it?")


def test_all_forms_are_wanted():
    assert not could_answer("Twelve of them.", frozenset({"number", "time"}), "How many, and when?")
    assert could_answer("Twelve of them, in May.", frozenset({"number", "time"}), "How many, and when?")
    assert could_answer("", frozenset(), "What?")


def test_of_a_long_text_the_beginning_counts():
    assert not could_answer("x" * 100_000 + " 12", frozenset({"number"}), "How many?")


@pytest.mark.parametrize(
    ("question", "rest"),
    [
        ("how many boats did i mention", "boats"),
        ("港口有多少条船", "港口有 条船"),
        ("what kind of boat is it", "boat is it"),
        ("the boat", "the boat"),
    ],
)
def test_words_that_only_ask_go(question, rest):
    assert without_asking(question).strip() == rest
