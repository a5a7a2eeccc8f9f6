"""Who is related to the owner and has the owner's name is somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from polymem import Memory

START = datetime(2026, 1, 1, tzinfo=UTC)
CASES = [
    (
        "u",
        ["My name is Alex.", "I live in Bonn.", "My friend Alex lives in Oslo."],
        "Bonn",
        ("friend", "Alex", "Oslo"),
    ),
    ("Mia", ["I live in Bonn.", "My daughter Mia lives in Oslo."], "Bonn", ("daughter", "Mia", "Oslo")),
    ("u", ["我叫李雷。", "我住在北京。", "我朋友李雷住在上海。"], "北京", ("friend", "李雷", "上海")),
]


@pytest.mark.parametrize(("user", "said", "home", "other"), CASES)
def test_a_namesake_ends_nothing_of_the_owner(tmp_path, user, said, home, other):
    with Memory(tmp_path / "m.db") as memory:
        for day, text in enumerate([*said, said[-1]]):
            memory.add(text, user_id=user, timestamp=START + timedelta(days=day))
        held = {(r.subject, r.predicate, r.object) for r in memory.relations(user_id=user)}
        profile = memory.profile(user_id=user)
        memory.consolidate(user_id=user)
        after = {(r.subject, r.predicate, r.object) for r in memory.relations(user_id=user)}
        problems = memory.verify()
    role, name, place = other
    # The relative is said to be related to the owner, and lives elsewhere.
    assert {(user, "lives_in", home), (user, role, name), (name, "lives_in", place)} <= held
    assert str(profile["residence"]) == home
    people = profile["people"]
    assert isinstance(people, tuple)
    assert [str(person) for person in people] == [f"{role}: {name}"]
    assert after == held
    assert problems == []


def test_a_namesake_in_one_message_and_erased(tmp_path):
    with Memory(tmp_path / "m.db") as memory:
        memory.add("I live in Bonn.", user_id="Mia", timestamp=START)
        added = memory.add(
            "My daughter Mia lives in Oslo.", user_id="Mia", timestamp=START + timedelta(days=1)
        )
        memory.forget([item.id for item in added.items][:1])
        held = {(r.subject, r.predicate, r.object) for r in memory.relations(user_id="Mia")}
        problems = memory.verify()
    assert held == {("Mia", "lives_in", "Bonn")}
    assert problems == []
