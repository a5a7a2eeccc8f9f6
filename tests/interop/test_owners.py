"""An agent or a run that is named without a user means the rows that carry it, whoever's memory they lie in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import polymem
from polymem.errors import InputError
from polymem.interop import mem0_owners
from polymem.mem0 import Memory

Texts = Callable[[Any], list[str]]
MINE: dict[str, Any] = {"user_id": "carl", "agent_id": "bot2", "run_id": "s1"}


@pytest.fixture
def shared(m: Memory) -> Memory:
    """Rows that carry the run or the agent in three ways, and rows that do not."""
    m.add("My PIN is 1234", user_id="carl", run_id="s1")
    m.add("The agent's own note on the PIN", agent_id="bot2", run_id="s1")
    m.add("小明的密码是 4321 PIN", user_id="ming", agent_id="bot2")
    m.add("A note of the run alone, no PIN", run_id="s1")
    m.add("Another PIN of Carl", user_id="carl", run_id="s2")
    m.add("A PIN of nobody's run", user_id="s1", metadata={"run_id": "s1"})
    return m


WITH_RUN = {"My PIN is 1234", "The agent's own note on the PIN", "A note of the run alone, no PIN"}
WITH_AGENT = {"The agent's own note on the PIN", "小明的密码是 4321 PIN"}
ASKED: tuple[tuple[dict[str, Any], set[str]], ...] = (
    ({"run_id": "s1"}, WITH_RUN),
    ({"agent_id": "bot2"}, WITH_AGENT),
    ({"agent_id": "bot2", "run_id": "s1"}, WITH_RUN & WITH_AGENT),
    ({"user_id": "carl", "run_id": "s1"}, {"My PIN is 1234"}),
    ({"user_id": "ming", "run_id": "s1"}, set()),
    ({"run_id": "s9"}, set()),
)


@pytest.mark.parametrize(("ids", "expected"), ASKED)
def test_rows_are_found_by_any_of_their_ids(
    shared: Memory, ids: dict[str, Any], expected: set[str], texts: Texts
) -> None:
    for rows in (
        shared.get_all(**ids),
        shared.get_all(filters=ids),
        shared.search("What is the PIN?", **ids),
        shared.search("What is the PIN?", filters={"AND": [{name: ids[name]} for name in ids]}),
    ):
        assert set(texts(rows)) == expected
        assert len(rows) == len(expected)


@pytest.mark.parametrize(("ids", "expected"), ASKED)
def test_delete_all_deletes_what_carries_the_ids_and_nothing_else(
    shared: Memory, ids: dict[str, Any], expected: set[str], texts: Texts
) -> None:
    owners: list[dict[str, Any]] = [{"user_id": name} for name in ("carl", "ming", "s1")]
    owners += [{"agent_id": "bot2"}, {"run_id": "s1"}]
    before = {text for owner in owners for text in texts(shared.get_all(**owner))}
    shared.delete_all(**ids)
    assert {text for owner in owners for text in texts(shared.get_all(**owner))} == before - expected
    assert shared.get_all(**ids) == []


def test_no_other_tenant_is_reached(shared: Memory, store: Path, texts: Texts) -> None:
    carried: tuple[dict[str, Any], ...] = (MINE, {"agent_id": "bot2", "run_id": "s1"}, {"run_id": "s1"})
    asked: tuple[dict[str, Any], ...] = ({"run_id": "s1"}, {"agent_id": "bot2"})
    with polymem.Memory(store) as native:
        for ids in carried:
            native.add("Another tenant's PIN", **ids, tenant="other")
        for ids in asked:
            assert "Another tenant's PIN" not in texts(shared.get_all(**ids))
            assert "Another tenant's PIN" not in texts(shared.search("PIN", **ids))
            shared.delete_all(**ids)
        assert len(native.get_all(user_id="carl", tenant="other", kinds=["episode"])) == 1
        assert len(native.get_all(agent_id="bot2", tenant="other", kinds=["episode"])) == 1
        assert len(native.get_all(run_id="s1", tenant="other", kinds=["episode"])) == 1


def test_the_best_of_all_owners_come_first(m: Memory, texts: Texts) -> None:
    for n in range(5):
        m.add(
            ["It rains.", f"My bicycle number {n} is red.", "茶很好喝。"][n % 3], user_id=f"u{n}", run_id="r"
        )
    rows = m.search("Which colour has the bicycle?", run_id="r", limit=3, explain=True)
    assert texts(rows)[:2] == ["My bicycle number 1 is red.", "My bicycle number 4 is red."]
    assert [row["score"] for row in rows] == sorted((row["score"] for row in rows), reverse=True)
    assert len(rows) == 3
    assert rows.explanation["memories"]
    m.add("I live in Rome", user_id="u1", run_id="r")
    m.add("我喜欢网球", user_id="u2", run_id="r")
    assert {edge["source"] for edge in m.get_all(run_id="r")["relations"]} >= {"u1", "u2"}


def test_pages_over_several_owners_are_stable(m: Memory, texts: Texts) -> None:
    for n in range(11):
        m.add(f"Note {n}", user_id=f"u{n % 3}" if n % 4 else None, run_id="r", infer=False)
    newest = [f"Note {n}" for n in range(10, -1, -1)]
    assert texts(m.get_all(run_id="r")) == newest
    for size in (1, 2, 5, 11):
        page = m.get_all(run_id="r", limit=size)
        seen = texts(page)
        while page.cursor is not None:
            m.add("Later", user_id="u0", run_id="r", infer=False)
            m.add("Of a new owner", user_id=f"new{len(seen)}{size}", run_id="r", infer=False)
            page = m.get_all(run_id="r", limit=size, cursor=page.cursor)
            seen += texts(page)
        assert seen == newest
        for row in m.get_all(run_id="r", limit=10_000):
            if row["memory"] not in newest:
                m.delete(row["id"])


@pytest.mark.parametrize("cursor", ["", "x", "e30=", "W10=", "eyJydW46ciI6ICJ4In0=", "eyJhIjogMX0=", 5])
def test_a_foreign_cursor_is_an_error(m: Memory, cursor: Any) -> None:
    m.add("A note", run_id="r")
    with pytest.raises(InputError) as caught:
        m.get_all(run_id="r", cursor=cursor)
    assert caught.value.argument == "cursor"


def test_too_many_owners_are_an_error_and_not_cut(m: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mem0_owners, "MAX_OWNERS", 3)
    for n in range(3):
        m.add("A note", user_id=f"u{n}", agent_id="bot", infer=False)
    calls: tuple[Callable[[], Any], ...] = (
        lambda: m.search("note", agent_id="bot"),
        lambda: m.get_all(agent_id="bot"),
    )
    for call in calls:
        with pytest.raises(InputError) as caught:
            call()
        assert caught.value.argument == "user_id"
    m.delete_all(agent_id="bot")
    assert all(m.get_all(user_id=f"u{n}") == [] for n in range(3))
