"""mem0's filters: what they select, and that they never widen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.errors import FilterError, InputError, ScopeError
from polymem.interop.mem0_filters import read_filters
from polymem.mem0 import Memory

ROWS = {
    "a": {"tag": "茶", "n": 1, "kind": "drink", "text": "x", "tags": ["hot", "green"]},
    "b": {"tag": "咖啡", "n": 2, "kind": "drink", "nested": {"deep": "yes"}},
    "c": {"n": 3, "kind": "food"},
    "d": {},
}


@pytest.fixture
def stocked(m: Memory) -> Memory:
    for name, metadata in ROWS.items():
        run: dict[str, Any] = {"run_id": "morning"} if name in "ab" else {}
        speaker = {"name": "阿宁"} if name == "d" else {}
        m.add(
            {"role": "user", "content": name, **speaker},
            user_id="alice",
            metadata=metadata,
            infer=False,
            **run,
        )
        m.add(name, user_id="bob", metadata=metadata, infer=False)
    return m


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"tag": "茶"}, "a"),
        ({"tag": {"eq": "茶"}}, "a"),
        ({"tag": {"ne": "茶"}}, "b"),
        ({"tag": "*"}, "ab"),
        ({"tag": {"ne": "*"}}, "cd"),
        ({"tag": ["茶", "咖啡"]}, "ab"),
        ({"tag": {"in": ["茶", "水"]}}, "a"),
        ({"tag": {"nin": ["茶"]}}, "b"),
        ({"tag": {"contains": "咖"}}, "b"),
        ({"kind": {"icontains": "DRI"}}, "ab"),
        ({"tags": {"contains": "hot"}}, "a"),
        ({"n": {"gt": 1, "lte": 3}}, "bc"),
        ({"n": {"gte": 1, "ne": 2}}, "ac"),
        ({"kind": "food"}, "c"),
        ({"metadata.kind": "food"}, "c"),
        ({"text": "x"}, "a"),
        ({"nested.deep": "yes"}, "b"),
        ({"kind": "drink", "n": 2}, "b"),
        ({"AND": [{"kind": "drink"}, {"n": 2}]}, "b"),
        ({"OR": [{"n": 1}, {"n": 3}]}, "ac"),
        ({"NOT": [{"kind": "drink"}]}, "c"),
        ({"NOT": {"OR": [{"n": 1}, {"n": 2}]}}, "c"),
        ({"AND": [{"OR": [{"n": 1}, {"NOT": [{"kind": "drink"}]}]}, {"n": {"lt": 9}}]}, "ac"),
        ({"run_id": "morning"}, "ab"),
        ({"run_id": "*"}, "ab"),
        ({"OR": [{"run_id": "morning"}, {"n": 3}]}, "abc"),
        ({"user_id": "*"}, "abcd"),
        ({"NOT": [{"user_id": "bob"}]}, "abcd"),
        ({"user_id": {"in": ["alice", "bob"]}}, "abcd"),
        ({"user_id": {"nin": ["alice"]}}, ""),
        ({"user_id": {"ne": "*"}}, ""),
        ({"role": "user"}, "abcd"),
        ({"actor_id": "*"}, "d"),
        ({"actor_id": "阿宁"}, "d"),
        ({"actor_id": {"ne": "*"}}, "abc"),
        ({"actor_id": {"ne": "bob"}}, "d"),
        ({"actor_id": {"nin": ["阿宁"]}}, ""),
        ({"created_at": {"gte": "2020-01-01", "lt": "2999-01-01"}}, "abcd"),
        ({"created_at": {"lt": "2020-01-01"}}, ""),
        ({"valid_at": {"gte": "2020-01-01"}}, "abcd"),
        ({"expiration_date": "*"}, ""),
        ({}, "abcd"),
    ],
)
def test_what_a_filter_selects(stocked: Memory, filters: dict[str, Any], expected: str) -> None:
    listed = stocked.get_all(user_id="alice", filters=filters)
    found = stocked.search("a b c d", user_id="alice", filters=filters)
    assert sorted(row["memory"] for row in listed) == sorted(expected)
    assert sorted(row["memory"] for row in found) == sorted(expected)
    assert {row["user_id"] for row in listed} <= {"alice"}


@pytest.mark.parametrize(
    "filters",
    [
        {"user_id": "alice"},
        {"user_id": {"eq": "alice"}},
        {"user_id": {"in": ["alice"]}},
        {"user_id": ["alice"]},
        {"AND": [{"user_id": "alice"}]},
        {"OR": [{"user_id": "alice"}]},
        {"AND": [{"AND": [{"user_id": "alice"}]}, {"tag": "茶"}], "n": 1},
        {"user_id": "alice", "run_id": "*"},
    ],
)
def test_ids_that_must_hold_make_the_scope(filters: dict[str, Any]) -> None:
    assert read_filters({}, filters)[0] == {"user_id": "alice"}


@pytest.mark.parametrize(
    "filters",
    [
        {"user_id": "*"},
        {"AND": [{"user_id": "*"}]},
        {"OR": [{"user_id": "alice"}, {"user_id": "bob"}]},
        {"NOT": [{"user_id": "alice"}]},
        {"user_id": {"in": ["alice", "bob"]}},
        {"user_id": "*", "agent_id": "coach"},
        {"user_id": " "},
        {"run_id": "*"},
    ],
)
def test_no_filter_asks_for_more_than_one_owner(stocked: Memory, filters: dict[str, Any]) -> None:
    with pytest.raises(ScopeError):
        stocked.search("a", filters=filters)
    with pytest.raises(ScopeError):
        stocked.get_all(filters=filters)


@pytest.mark.parametrize(
    "filters",
    [
        [],
        "user_id",
        {"AND": {"n": 1}},
        {"AND": []},
        {"OR": [1]},
        {"n": {}},
        {"n": {"between": [1, 2]}},
        {"n": {"in": 1}},
        {"user_id": {"gt": "a"}},
        {"expiration_date": {"gt": "soon"}},
        {1: 2},
        {"NOT": [{}]},
    ],
)
def test_a_malformed_filter_is_an_error(stocked: Memory, filters: Any) -> None:
    with pytest.raises(InputError):
        stocked.get_all(user_id="alice", filters=filters)


def test_nesting_is_bounded(stocked: Memory) -> None:
    for key in ("AND", "OR", "NOT"):
        filters: dict[str, Any] = {"n": 1}
        for _ in range(200):
            filters = {key: [filters, {"n": 2}]}
        with pytest.raises(FilterError):
            stocked.get_all(user_id="alice", filters=filters)


conditions = st.recursive(
    st.dictionaries(
        st.sampled_from(["user_id", "agent_id", "run_id", "tag", "n", "id", "tenant"]),
        st.sampled_from(
            ["bob", "*", "alice", 1, None, "default", ["bob"], {"in": ["bob", "*"]}, {"ne": "alice"}]
        ),
        min_size=1,
        max_size=2,
    ),
    lambda inner: st.dictionaries(
        st.sampled_from(["AND", "OR", "NOT"]), st.lists(inner, min_size=1, max_size=2)
    ),
    max_leaves=6,
)


@given(filters=conditions)
def test_no_filter_changes_whose_memory_is_read(filters: dict[str, Any]) -> None:
    try:
        ids, _ = read_filters({"user_id": "alice"}, filters)
    except InputError:
        return
    assert ids["user_id"] == "alice"


@given(filters=conditions)
def test_no_filter_reads_another_users_rows(shared: Memory, filters: dict[str, Any]) -> None:
    try:
        rows = shared.get_all(user_id="alice", filters=filters)
    except InputError:
        return
    assert {row["user_id"] for row in rows} <= {"alice"}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    path = str(tmp_path_factory.mktemp("shared") / "memory.db")
    with Memory({"vector_store": {"provider": "polymem", "config": {"path": path}}}) as m:
        for owner in ("alice", "bob"):
            m.add(owner, user_id=owner, agent_id=owner, metadata={"tag": owner, "n": 1}, infer=False)
        m.add("bob", agent_id="bob", infer=False)
        yield m


def test_relations_keep_to_the_session_too(m: Memory) -> None:
    m.add("I live in Paris.", user_id="alice", run_id="r1")
    m.add("My friend Ann loves tea.", user_id="alice", run_id="r2", agent_id="coach")
    for rows in (
        m.get_all("alice", run_id="r1"),
        m.search("Where do I live? Ann, tea", "alice", run_id="r1"),
    ):
        assert [edge["target"] for edge in rows["relations"]] == ["Paris"]
    assert {edge["target"] for edge in m.get_all("alice", agent_id="coach")["relations"]} == {"Ann", "tea"}
    assert m.get_all("alice", run_id="r3")["relations"] == []
    assert len(m.get_all("alice")["relations"]) == 3


def test_every_relation_is_listed(m: Memory) -> None:
    names = [a + b for a in "BDFGKLMNPRST" for b in ("ana", "ino", "ella", "ardo", "ora", "usa", "olo")]
    m.add([{"role": "user", "content": f"{name} lives in {name}ville."} for name in names], user_id="alice")
    edges = m.get_all("alice", limit=1_000)["relations"]
    assert {(edge["source"], edge["target"]) for edge in edges} == {(name, f"{name}ville") for name in names}
