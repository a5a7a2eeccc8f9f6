"""Relations in a prompt block are in words, and what of them is a word of the memory stays in quotes."""

import pytest

from polymem import Memory
from polymem.read.labels import predicate_label


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("I have 4 cats.", '"has this many (cats)" "4"'),
        ("我有四只猫。", '"has this many (猫)" "4"'),
        ("I live in Oslo.", 'lives in "Oslo"'),
    ],
)
def test_a_block_has_no_internal_names(tmp_path, said, line):
    with Memory(tmp_path / "memory.db") as memory:
        memory.add(said, user_id="ann")
        block = memory.context(said, user_id="ann")
    assert line in block
    assert "count:" not in block


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("invested_in", "invested in"),
        ("unconfirmed:lives_in", "is said: lives in"),
        ("NOT a predicate_", "NOT a predicate "),
    ],
)
def test_what_is_no_known_predicate_is_shown_as_it_is_written(name, words):
    assert predicate_label(name) == words
