"""The newer of two statements of one thing comes first; the past is shown when it is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem import Memory


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "memory.db") as opened:
        yield opened
        assert opened.verify() == []


@pytest.mark.parametrize(
    ("old", "new", "question"),
    [
        ("I live in Lisbon.", "I moved to Porto last week!", "Where do I live?"),
        ("I love badminton.", "I hate badminton.", "Do I love badminton?"),
        ("我住在上海。", "上个月我搬到成都了！", "我住在哪里？"),
        ("我喜欢羽毛球。", "我讨厌羽毛球。", "我喜欢羽毛球吗？"),
    ],
)
def test_the_newer_comes_first(memory: Memory, old: str, new: str, question: str) -> None:
    memory.add(old, user_id="ann", timestamp="2024-01-01")
    memory.add(new, user_id="ann", timestamp="2024-06-01")
    memory.add("The weather was fine. 天气很好。", user_id="ann", timestamp="2024-07-01")
    hits = memory.search(question, user_id="ann", explain=True)
    assert [hit.item.text for hit in hits][:2] == [new, old]
    assert [hit.superseded for hit in hits][:2] == [False, True]
    then = memory.search(question, user_id="ann", as_of="2024-02-01")
    assert then[0].item.text == old
    assert not then[0].superseded


def test_the_fact_asked_for_is_found_without_a_shared_word(memory: Memory) -> None:
    memory.add("I moved to Porto in May.", user_id="ann", timestamp="2024-06-01")
    for n in range(30):
        memory.add(f"Nothing but small talk, number {n}. 随便聊聊。", user_id="ann", timestamp="2024-06-02")
    assert memory.search("她住在哪里？", user_id="ann", limit=1)[0].item.text == "I moved to Porto in May."


def test_a_move_told_late_wins_over_what_was_said_before(memory: Memory) -> None:
    memory.add("I live in Turin.", user_id="ann")
    memory.add("I moved to Milan yesterday.", user_id="ann")
    assert str(memory.profile(user_id="ann")["residence"]) == "Milan"


def test_what_was_said_earlier_loses_though_it_arrives_later(memory: Memory) -> None:
    memory.add("我住在北京。", user_id="ann", timestamp="2024-05-01")
    memory.add("我住在西安。", user_id="ann", timestamp="2020-05-01")
    assert str(memory.profile(user_id="ann")["residence"]) == "北京"
    then = memory.relations(user_id="ann", as_of="2021-01-01")
    assert [relation.object for relation in then] == ["西安"]


@pytest.mark.parametrize("plan", ["I plan to visit Ines in August.", "我打算五月去北京。"])
def test_a_plan_holds_from_when_it_is_told(memory: Memory, plan: str) -> None:
    memory.add(plan, user_id="ann", timestamp="2025-06-10")
    (fact,) = memory.get_all(user_id="ann", kinds=["event", "fact"])
    assert fact.valid_at.isoformat() == "2025-06-10T00:00:00+00:00"


@pytest.mark.parametrize(
    ("present", "past", "key", "now"),
    [
        ("I live in Porto.", "In 2019 I moved to Lisbon.", "residence", "Porto"),
        ("我住在广州。", "2019年我搬到了北京。", "residence", "广州"),
        ("I work at Dell.", "I started working at IBM in 2010.", "employer", "Dell"),
        ("I live in Porto.", "I moved to Lisbon five years ago.", "residence", "Porto"),
        ("I live in Porto.", "Last week I moved to Lisbon.", "residence", "Lisbon"),
    ],
)
def test_telling_the_past_does_not_change_the_present(
    memory: Memory, present: str, past: str, key: str, now: str
) -> None:
    memory.add(present, user_id="ann", timestamp="2025-01-01")
    memory.add(past, user_id="ann", timestamp="2025-01-03")
    assert str(memory.profile(user_id="ann")[key]) == now


def test_the_past_that_was_told_is_there_for_those_who_ask_for_it(memory: Memory) -> None:
    memory.add("I live in Porto.", user_id="ann", timestamp="2025-01-01")
    memory.add("In 2019 I moved to Lisbon.", user_id="ann", timestamp="2025-02-01")
    assert [r.object for r in memory.relations(user_id="ann", as_of="2020-06-01")] == ["Lisbon"]
    assert [r.object for r in memory.relations(user_id="ann", as_of="2025-01-15")] == ["Porto"]
