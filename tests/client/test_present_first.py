"""What holds now stands first where the question asks just that, however well other words fit."""

from datetime import UTC, datetime

import pytest

from polymem import Memory
from polymem.testing.clock import FrozenClock


@pytest.mark.parametrize(
    ("said", "question", "first"),
    [
        (
            [
                "I'm based in New York.",
                "What's the weather like in New York?",
                "Sophie is living in Dublin.",
                "Sophie moved to Denver.",
            ],
            "Where do I live?",
            "I'm based in New York.",
        ),
        (
            ["我住在上海。", "我搬到了杭州。", "要是住在成都，我天天吃火锅。", "小红住在北京。"],
            "我住在哪里？",
            "我搬到了杭州。",
        ),
        (
            ["I work at Northwind.", "I work for Contoso now.", "Where people work says a lot about them."],
            "Where do I work?",
            "I work for Contoso now.",
        ),
    ],
)
def test_the_present_stands_first(tmp_path, said, question, first):
    clock = FrozenClock(datetime(2024, 5, 1, tzinfo=UTC))
    with Memory(tmp_path / "memory.db", clock=clock) as memory:
        for text in said:
            memory.add(text, user_id="u")
            clock.move(hours=30)
        hits = memory.search(question, user_id="u")
        assert hits[0].episodes[0].text == first
