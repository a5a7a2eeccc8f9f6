"""What was replaced stands below what replaced it: today, at another time, and when the news came late."""

from itertools import permutations

import pytest

from polymem import Memory

MOVES = {
    "en": (
        ("2024-01-10", "I live in Oslo."),
        ("2024-03-10", "I live in Trondheim."),
        ("2024-06-10", "I moved to Bergen."),
        ("2024-09-10", "I moved to Bodø."),
    ),
    "zh": (
        ("2024-01-10", "我住在上海。"),
        ("2024-03-10", "我住在杭州。"),
        ("2024-06-10", "我搬到北京了。"),
        ("2024-09-10", "我搬到成都了。"),
    ),
}
QUESTIONS = {"en": "Where do I live?", "zh": "我住在哪里？"}


@pytest.fixture
def memory(path):
    """With the encoder that ships, since it is about what outweighs alike words."""
    with Memory(path) as opened:
        yield opened


def told(memory, language, order, user):
    for place in order:
        said_at, text = MOVES[language][place]
        memory.add(text, user_id=user, timestamp=said_at)


@pytest.mark.parametrize("language", MOVES)
def test_the_latest_comes_first_in_whatever_order_it_was_told(memory, language):
    for number, order in enumerate(permutations(range(4))):
        told(memory, language, order, f"u{number}")
        hits = memory.search(QUESTIONS[language], user_id=f"u{number}")
        assert hits[0].item.text == MOVES[language][3][1], order


@pytest.mark.parametrize("language", MOVES)
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 0, 1), (2, 1, 3, 0)])
def test_what_held_at_a_time_comes_first_as_of_then(memory, language, order):
    told(memory, language, order, "u")
    for place, month in enumerate(("02", "05", "08", "11")):
        hits = memory.search(QUESTIONS[language], user_id="u", as_of=f"2024-{month}-01")
        assert hits[0].item.text == MOVES[language][place][1], (month, [hit.item.text for hit in hits])


def test_what_is_to_come_replaces_nothing_as_of_before(memory):
    memory.add("I live in Oslo.", user_id="u", timestamp="2024-01-10")
    memory.add("I live in Rome since June 2024.", user_id="u", timestamp="2024-07-01")
    hits = memory.search("Where do I live?", user_id="u", as_of="2024-03-01")
    assert [hit.item.text for hit in hits] == ["I live in Oslo."]


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (("I have 3 cats.", "I have 4 cats.", "I have 2 cats."), "How many cats do I have?"),
        (("我有三只猫。", "我有四只猫。", "我有两只猫。"), "我有几只猫？"),
    ],
)
def test_a_fact_said_often_is_shown_as_it_was_said_last(memory, said, question):
    for text, month in zip(said, ("05", "09", "01"), strict=True):
        memory.add(text, user_id="u", timestamp=f"2024-{month}-01")
    assert memory.search(question, user_id="u")[0].item.text == said[1]
    assert memory.search(question, user_id="u", as_of="2024-06-01")[0].item.text == said[0]


@pytest.mark.parametrize(
    ("said", "question"),
    [
        (
            ("I live in Oslo. I work at Acme. I love meat.", "I live in Trondheim.", "I moved to Bergen."),
            "Where do I live?",
        ),
        (("我住在上海。我在阿里工作。我喜欢茶。", "我住在杭州。", "我搬到北京了。"), "我住在哪里？"),
    ],
)
@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_what_holds_in_part_only_is_not_the_answer_any_more(memory, said, question, order):
    for place in order:
        memory.add(said[place], user_id="u", timestamp=f"2024-0{place + 1}-01")
    assert memory.search(question, user_id="u")[0].item.text == said[2]
    assert memory.search(question, user_id="u", as_of="2024-02-15")[0].item.text == said[1]
    assert memory.search(question, user_id="u", as_of="2024-01-15")[0].item.text == said[0]
    hits = memory.search("Where do I work? 我在哪里工作？", user_id="u")
    assert hits[0].item.text == said[0]
