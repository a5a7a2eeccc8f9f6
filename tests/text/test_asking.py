"""What a question asks about somebody."""

from __future__ import annotations

import pytest

from polymem.domain.predicates import PREDICATES
from polymem.text.asking import _CUES, asked_predicates
from polymem.text.normalise import fold


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Where do I live?", {"lives_in"}),
        ("她住在哪里？", {"lives_in"}),
        ("他搬到哪里了", {"lives_in"}),
        ("What does she dislike?", {"dislikes"}),
        ("我讨厌什么？", {"dislikes"}),
        ("What are Ann's hobbies?", {"likes"}),
        ("我的貓叫什麼名字", {"has_pet", "name"}),
        ("What is my sister's name?", {"sister", "sibling", "name"}),
        ("Who is spiderman?", set()),
        ("三月发生了什么", set()),
    ],
)
def test_the_predicates_of_a_question(question: str, asked: set[str]) -> None:
    assert asked_predicates(fold(question)) == asked


def test_every_cue_names_predicates_that_exist() -> None:
    assert {name for names, _, _ in _CUES for name in names} <= PREDICATES.keys()
