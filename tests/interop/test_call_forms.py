"""Every verb, as programs of each generation call it."""

from __future__ import annotations

import inspect
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import polymem
from polymem.errors import CapabilityError, InputError, ScopeError
from polymem.mem0 import AsyncMemory, CompatibilityWarning, Memory, MemoryNotFoundError, Row

OWNERS: tuple[dict[str, Any], ...] = ({"user_id": "a"}, {"agent_id": "b"}, {"run_id": "c"})
VERBS = ("add", "get", "get_all", "search", "update", "delete", "delete_all", "history", "reset", "chat")


def got(m: Memory, memory_id: str) -> Row:
    """Return a memory that must be there."""
    row = m.get(memory_id)
    assert row is not None
    return row


# ---------------------------------------------------------------- first generation: positional ids, plain lists
def test_first_generation(m: Memory) -> None:
    added = m.add("我喜欢打网球", "alice", None, None, {"category": "sport"})
    assert added["message"] == "ok"
    (row,) = m.get_all("alice")
    assert row["memory"] == "我喜欢打网球"
    assert row["metadata"] == {"category": "sport"}
    assert row["user_id"] == "alice"
    assert m.search("球类运动", "alice")[0]["id"] == row["id"]
    assert m.search("球类运动", "alice", None, None, 5, {"category": "food"}) == []
    assert m.update(row["id"], "我喜欢打羽毛球") == {"message": "Memory updated successfully!"}
    assert m.update(memory_id=row["id"], data="我喜欢游泳") == {"message": "Memory updated successfully!"}
    assert [event["event"] for event in m.history(row["id"])] == ["ADD", "UPDATE", "UPDATE"]
    assert got(m, row["id"])["memory"] == "我喜欢游泳"
    assert m.delete(row["id"]) == {"message": "Memory deleted successfully!"}
    assert m.get(row["id"]) is None
    assert m.delete_all("alice") == {"message": "Memories deleted successfully!"}


def test_ids_of_an_add_in_its_filters(m: Memory) -> None:
    m.add("Tea at four.", filters={"user_id": "alice"})
    assert len(m.get_all(user_id="alice")) == 1
    with pytest.raises(InputError, match="filters"):
        m.add("Tea at five.", user_id="alice", filters={"category": "tea"})
    assert len(m.get_all(user_id="alice")) == 1


# ---------------------------------------------------------------- second generation: keywords, {"results": …}
def test_second_generation(m: Memory) -> None:
    messages = [
        {"role": "user", "content": "My name is Ann and I live in Lisbon.", "name": "ann"},
        {"role": "assistant", "content": "Nice to meet you!"},
        {"role": "assistant", "content": None, "tool_calls": []},
    ]
    added = m.add(messages, user_id="alice", agent_id="coach", run_id="r1", metadata={"n": 1}, infer=True)
    assert [row["event"] for row in added["results"]] == ["ADD", "ADD"]
    assert [row["role"] for row in added["results"]] == ["user", "assistant"]
    assert added["results"][0]["actor_id"] == "ann"
    listed = m.get_all(user_id="alice", run_id="r1", limit=10)
    assert {row["id"] for row in listed["results"]} == {row["id"] for row in added["results"]}
    assert all(row["agent_id"] == "coach" and row["run_id"] == "r1" for row in listed["results"])
    found = m.search("Where does Ann live?", user_id="alice", limit=1, threshold=0.0, rerank=False)
    assert found.get("results")[0]["memory"] == "My name is Ann and I live in Lisbon."
    with pytest.raises(ValueError, match="not found"):
        m.delete(memory_id="00000000-0000-4000-8000-000000000000")


def test_relations_of_an_add(m: Memory) -> None:
    first = m.add("I love badminton.", user_id="alice")
    assert [edge["relationship"] for edge in first["relations"]] == ["likes"]
    assert first["relations"]["deleted_entities"] == []
    second = m.add("I hate badminton.", user_id="alice")
    (edge,) = second["relations"]["added_entities"][0]
    assert (edge["source"], edge["relationship"]) == ("alice", "dislikes")
    assert edge["relation"] == edge["relationship"]
    assert edge["target"] == edge["destination"] == "badminton"
    assert second["relations"]["deleted_entities"][0][0]["relationship"] == "likes"
    assert m.add("Hm.", user_id="alice")["relations"] == []


# ---------------------------------------------------------------- third generation: ids in the filter, top_k
def test_third_generation(m: Memory) -> None:
    m.add(
        {"role": "user", "content": "I am allergic to peanuts."}, user_id="alice", metadata={"tag": "health"}
    )
    m.add("I like the sea.", user_id="alice", infer=False)
    found = m.search("allergies", filters={"user_id": "alice", "tag": "health"}, top_k=5, explain=True)
    (row,) = found["results"]
    assert row["memory"] == "I am allergic to peanuts."
    assert row["score_details"]["final_score"] == row["score"]
    assert row["score_details"].keys() > {"final_score", "threshold"}
    assert found.explanation
    assert len(m.get_all(filters={"user_id": "alice"}, top_k=1)["results"]) == 1
    assert (
        len(m.get_all(filters={"AND": [{"user_id": "alice"}, {"OR": [{"tag": "health"}]}]})["results"]) == 1
    )
    m.update(row["id"], text="I am allergic to nuts.", metadata={"since": 2020})
    assert got(m, row["id"])["metadata"] == {"tag": "health", "since": 2020}
    m.update(row["id"], metadata={"since": 2021})
    assert got(m, row["id"])["memory"] == "I am allergic to nuts."


def test_usual_limits_are_those_of_the_generation(m: Memory) -> None:
    m.add(
        [{"role": "user", "content": f"Note number {n}."} for n in range(120)], user_id="alice", infer=False
    )
    assert len(m.search("note", user_id="alice")) == len(m.get_all("alice")) == 100
    by_filter = {"user_id": "alice"}
    assert len(m.search("note", filters=by_filter)) == len(m.get_all(filters=by_filter)) == 20
    assert (
        len(m.search("note", user_id="alice", limit=120))
        == len(m.search("note", user_id="alice", top_k=120))
        == 120
    )


def test_a_threshold_cuts_the_score(m: Memory) -> None:
    m.add("我喜欢打网球", user_id="alice")
    m.add("The bus was late.", user_id="alice")
    high, low = (row["score"] for row in m.search("网球", user_id="alice"))
    assert 0 <= low < high <= 1
    assert len(m.search("网球", user_id="alice", threshold=low * 0.9)) == 2
    (row,) = m.search("网球", user_id="alice", threshold=(low + high) / 2)
    assert row["memory"] == "我喜欢打网球"
    assert m.search("网球", user_id="alice", threshold=1.0) == []


def test_an_expiration_date_is_the_last_day_seen(m: Memory) -> None:
    today = datetime.now(UTC).date()
    days = {
        "gone": today - timedelta(days=1),
        "today": today,
        "later": (today + timedelta(days=9)).isoformat(),
    }
    for text, day in days.items():
        m.add(text, user_id="alice", expiration_date=day)
    assert {row["memory"] for row in m.get_all("alice")} == {"today", "later"}
    later = m.search("later", user_id="alice")[0]
    assert later["expiration_date"] == days["later"]
    assert m.get_all("alice", filters={"expiration_date": {"gt": today.isoformat()}})[0]["memory"] == "later"
    m.update(later["id"], expiration_date=None)
    assert "expiration_date" not in got(m, later["id"])
    m.update(later["id"], expiration_date=date(2020, 1, 1))
    assert m.get(later["id"]) is None


# ---------------------------------------------------------------- rows
def test_a_row(m: Memory) -> None:
    said_at = datetime(2023, 5, 20, 9, tzinfo=UTC)
    m.add([{"role": "user", "name": "小红", "content": "我住在上海。"}], user_id="alice", timestamp=said_at)
    (row,) = m.get_all("alice")
    assert row.keys() == {
        *("id", "memory", "hash", "metadata", "score", "created_at", "updated_at", "valid_at"),
        *("user_id", "actor_id", "role"),
    }
    assert row["metadata"] is None
    assert row["score"] is None
    assert row["actor_id"] == "小红"
    assert row["valid_at"] == said_at.isoformat()
    assert datetime.fromisoformat(row["created_at"]) > said_at
    assert m.get(row["id"]) == row
    m.update(row["id"], data="我住在北京。")
    later = got(m, row["id"])
    assert later["created_at"] == row["created_at"] < later["updated_at"]
    assert later["hash"] != row["hash"]
    assert m.search("住在哪里", user_id="alice")[0]["created_at"] == row["created_at"]


@pytest.mark.parametrize(
    ("chatter", "statement", "question"),
    [
        ("Lots of talk today. ", "I am allergic to peanuts. ", "food allergies"),
        ("今天聊了很多家常，", "我妹妹在上海工作。", "妹妹在哪个城市上班？"),
    ],
)
def test_rows_are_messages_and_facts_help_to_find_them(
    m: Memory, store: Path, chatter: str, statement: str, question: str
) -> None:
    m.add([{"role": "user", "content": f"{chatter * 2}({n})"} for n in range(30)], user_id="alice")
    (row,) = m.add(chatter * 10 + statement + chatter * 10, user_id="alice")
    found = m.search(question, user_id="alice", limit=31)
    assert found[0]["id"] == row["id"]
    assert len({hit["id"] for hit in found}) == 31
    with polymem.Memory(store) as native:
        alone = native.search(question, user_id="alice", kinds=["episode"], limit=31)
    assert found[0]["score"] > 5 * max(hit.score for hit in alone if hit.item.id == row["id"])


def test_a_message_without_words_is_kept_and_is_no_row(m: Memory) -> None:
    silent = {"role": "assistant", "content": "", "tool_calls": []}
    m.add([{"role": "user", "content": "Hello there."}, silent], user_id="alice")
    assert len(m.get_all("alice")) == len(m.search("hello", user_id="alice")) == 1


def test_history(m: Memory) -> None:
    (added,) = m.add("今天练习了正手击球", user_id="alice", metadata={"a": 1})
    m.update(added["id"], data="今天练习了截击")
    m.delete(added["id"])
    rows = m.history(memory_id=added["id"])
    assert [row["event"] for row in rows] == ["ADD", "UPDATE", "DELETE"]
    assert [row["is_deleted"] for row in rows] == [False, False, True]
    assert [row["old_memory"] for row in rows] == [None, "今天练习了正手击球", "今天练习了截击"]
    assert [row["new_memory"] for row in rows] == ["今天练习了正手击球", "今天练习了截击", None]
    assert len({row["id"] for row in rows}) == 3
    assert len({row["created_at"] for row in rows}) == 1
    assert [row["updated_at"] for row in rows] == sorted(row["updated_at"] for row in rows)
    assert {row["role"] for row in rows} == {"user"}
    assert m.history("00000000-0000-4000-8000-000000000000") == []


# ---------------------------------------------------------------- errors
@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("add", {"messages": "hello"}),
        ("search", {"query": "hello"}),
        ("get_all", {}),
        ("delete_all", {}),
        ("get_all", {"filters": {"category": "tea"}}),
    ],
)
def test_a_call_without_an_id_is_an_error(m: Memory, verb: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ScopeError) as caught:
        getattr(m, verb)(**arguments)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("add", {"messages": "hello", "prompt": "Extract food."}),
        ("add", {"messages": "hello", "memory_type": "procedural_memory"}),
        ("add", {"messages": "hello", "llm": object()}),
        ("search", {"query": "hello", "reference_date": "2024-01-01"}),
        ("search", {"query": "hello", "show_expired": True}),
        ("get_all", {"show_expired": True}),
    ],
)
def test_what_cannot_be_done_yet_is_refused(m: Memory, verb: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(CapabilityError) as caught:
        getattr(m, verb)(user_id="alice", **arguments)
    assert caught.value.capability in arguments
    assert m.get_all("alice") == []


@pytest.mark.parametrize(
    ("verb", "arguments"),
    [
        ("add", {"messages": "hello", "memory_type": "episodic"}),
        ("add", {"messages": "hello", "expiration_date": "soon"}),
        ("add", {"messages": ""}),
        ("search", {"query": " "}),
        ("search", {"query": "hello", "threshold": 1.5}),
        ("search", {"query": "hello", "limit": 3, "top_k": 4}),
        ("search", {"query": "hello", "limit": 0}),
        ("get_all", {"limit": -1}),
        ("get_all", {"top_k": "ten"}),
        ("get_all", {"cursor": "made up"}),
    ],
)
def test_bad_arguments_are_value_errors(m: Memory, verb: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError) as caught:
        getattr(m, verb)(user_id="alice", **arguments)
    assert isinstance(caught.value, ValueError)


def test_a_missing_memory_is_both_not_found_and_a_value_error(m: Memory) -> None:
    missing = "00000000-0000-4000-8000-000000000000"
    for call in (lambda: m.delete(missing), lambda: m.update(missing, "x"), lambda: m.delete("no id at all")):
        with pytest.raises(MemoryNotFoundError, match="not found") as caught:
            call()
        assert isinstance(caught.value, ValueError)
        assert isinstance(caught.value, LookupError)
    assert m.get(missing) is None


def test_an_update_says_what_to_change(m: Memory) -> None:
    (row,) = m.add("tea", user_id="alice")
    wrong: tuple[dict[str, Any], ...] = ({}, {"text": "a", "data": "b"}, {"text": " "})
    for arguments in wrong:
        with pytest.raises(InputError):
            m.update(row["id"], **arguments)
    assert got(m, row["id"])["memory"] == "tea"


def test_no_argument_is_ignored(m: Memory) -> None:
    untyped: Any = m
    with pytest.raises(TypeError):
        untyped.search("tea", user_id="alice", page=2)
    with pytest.raises(TypeError):
        untyped.delete_all(user_id="alice", filters={"a": 1})
    with pytest.warns(CompatibilityWarning, match="rerank"):
        m.search("tea", user_id="alice", rerank=True)
    with pytest.raises(CapabilityError, match="chat"):
        m.chat("hello")


# ---------------------------------------------------------------- the two classes
def test_both_classes_have_the_same_verbs() -> None:
    for verb in VERBS:
        blocking, waiting = getattr(Memory, verb), getattr(AsyncMemory, verb)
        assert inspect.iscoroutinefunction(waiting)
        assert not inspect.iscoroutinefunction(blocking)
        assert inspect.signature(blocking) == inspect.signature(waiting)
        assert blocking.__doc__ == waiting.__doc__


def test_reset_erases_every_user_and_their_history(m: Memory) -> None:
    ids = [m.add("我喜欢茶", **owner)[0]["id"] for owner in OWNERS]
    m.reset()
    for owner in OWNERS:
        assert m.get_all(**owner) == {"results": [], "relations": []}
    assert all("茶" not in str(m.history(name)) for name in ids)
    assert m.add("我喜欢咖啡", user_id="a")[0]["event"] == "ADD"
