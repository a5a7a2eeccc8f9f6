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
        ("What is my nickname?", {"nickname"}),
        ("大家叫我什么", {"nickname"}),
        ("What is my sister's name?", {"sister", "sibling", "name"}),
        ("Who is spiderman?", set()),
        ("Which universities did Tom's colleagues go to?", {"studies_at", "colleague"}),
        ("the university of life, resid, allerg", {"studies_at"}),
        ("What can't Ann stand, what does she say she can't stand?", {"dislikes"}),
        ("He moved to Rome, removed tomatoes and a studying attic", {"lives_in", "studies", "education"}),
        ("age_old names_ cat's-eye 3dogs, the Pets&kids", {"has_pet", "son", "daughter", "child"}),
        ("name的dog", set()),
        ("三月发生了什么", set()),
    ],
)
def test_the_predicates_of_a_question(question: str, asked: set[str]) -> None:
    assert asked_predicates(fold(question)) == asked


def test_every_cue_names_predicates_that_exist() -> None:
    assert {name for names, _, _ in _CUES for name in names} <= PREDICATES.keys()
