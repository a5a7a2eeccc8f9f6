"""What is known to go wrong in the library that is stood in for, defect by defect, and does not here."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import polymem
from polymem.errors import CapabilityError, ConfigError, InputError, ScopeError
from polymem.mem0 import AsyncMemory, Memory

Texts = Callable[[Any], list[str]]


def run(code: str, *arguments: str, **environment: str) -> str:
    """Run *code* in a fresh process and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
    )
    return done.stdout.strip()


def note(n: int) -> dict[str, str]:
    return {"role": "user", "content": f"Note {n}: 第{n}条记录 about topic {n % 7}."}


@pytest.fixture
def native(store: Path, m: Memory) -> Iterator[polymem.Memory]:
    with polymem.Memory(store) as memory:
        yield memory


# ---------------------------------------------------------------- 1: the wall
@pytest.mark.parametrize("wildcard", ["*", " * ", "**", "%"])
def test_01_no_wildcard_names_an_owner(m: Memory, wildcard: str, texts: Texts) -> None:
    m.add("Alice's secret", user_id="alice")
    m.add("Bob's secret", user_id="bob")
    for name in ("user_id", "agent_id", "run_id"):
        for call in (
            lambda ids: m.get_all(**ids),
            lambda ids: m.search("secret", **ids),
            lambda ids: m.delete_all(**ids),
            lambda ids: m.add("x", **ids),
        ):
            with pytest.raises(ScopeError):
                call({name: wildcard})
    with pytest.raises(ScopeError):
        m.search("secret", filters={"user_id": wildcard})
    assert texts(m.get_all("alice")) == ["Alice's secret"]
    assert texts(m.get_all("bob")) == ["Bob's secret"]


@pytest.mark.parametrize(
    "nested",
    [
        {"AND": [{"user_id": "bob"}]},
        {"OR": [{"user_id": "bob"}]},
        {"OR": [{"user_id": "bob"}, {"user_id": "alice"}]},
        {"AND": [{"OR": [{"user_id": "bob"}, {"NOT": [{"user_id": "alice"}]}]}]},
        {"NOT": [{"user_id": "alice"}]},
        {"user_id": "bob"},
    ],
)
def test_01_a_filter_only_narrows(m: Memory, nested: dict[str, Any]) -> None:
    m.add("Alice's secret 秘密", user_id="alice")
    m.add("Bob's secret 秘密", user_id="bob")
    narrowed = {"AND": [{"user_id": "alice"}, nested]}
    scopes: tuple[dict[str, Any], ...] = ({"user_id": "alice"}, {})
    for ids in scopes:
        for rows in (m.search("秘密", filters=narrowed, **ids), m.get_all(filters=narrowed, **ids)):
            assert {row["user_id"] for row in rows} <= {"alice"}


# ---------------------------------------------------------------- 2 and 3: as many results as there are
@pytest.mark.slow
def test_02_always_limit_results_for_a_hundred_users(m: Memory) -> None:
    for user in range(100):
        m.add([note(n) for n in range(40)], user_id=f"user {user}", infer=False)
    found = [len(m.search("记录 about topic 3", user_id=f"user {user}", limit=10)) for user in range(100)]
    assert found == [10] * 100


def test_03_always_min_of_limit_and_matches(m: Memory, store: Path) -> None:
    for user in range(20):
        m.add([note(n) for n in range(50)], user_id=f"user {user}", metadata={"user": user}, infer=False)
    for limit in (1, 10, 50, 60):
        assert len(m.search("topic", user_id="user 7", limit=limit)) == min(limit, 50)
    few = {"OR": [{"user": 99}, {"user": 7}]}
    assert len(m.search("completely different words 完全不同", user_id="user 7", filters=few)) == 50
    assert m.search("topic", user_id="user 7", filters={"user": 8}) == []


def test_03_an_add_does_not_rewrite_the_store(m: Memory, store: Path) -> None:
    m.add([note(n) for n in range(2_000)], user_id="alice", infer=False)
    log = store.with_name(store.name + "-wal")
    before = log.stat().st_size
    m.add("one more", user_id="alice")
    assert log.stat().st_size - before < (store.stat().st_size + before) / 4


# ---------------------------------------------------------------- 4: many at once
@pytest.mark.stress
def test_04_threads_lose_nothing(m: Memory) -> None:
    def work(thread: int) -> list[str]:
        ids: list[str] = []
        for n in range(100):
            ids += [row["id"] for row in m.add(f"thread {thread} note {n}", user_id=f"user {thread % 2}")]
            if n % 25 == 0:
                assert m.search("note", user_id=f"user {thread % 2}", limit=1)
        return ids

    with ThreadPoolExecutor(8) as pool:
        ids = {name for found in pool.map(work, range(8)) for name in found}
    stored = {row["id"] for user in range(2) for row in m.get_all(f"user {user}", limit=1_000)}
    assert len(ids) == 800
    assert stored == ids


@pytest.mark.stress
def test_04_gather_loses_nothing() -> None:
    async def main() -> tuple[set[str], set[str]]:
        async with AsyncMemory() as m:
            added = await asyncio.gather(*(m.add(f"并发记录 {n}", user_id="alice") for n in range(300)))
            stored = await m.get_all("alice", limit=1_000)
            return {row["id"] for rows in added for row in rows}, {row["id"] for row in stored}

    added, stored = asyncio.run(main())
    assert len(added) == 300
    assert stored == added


# ---------------------------------------------------------------- 5: kill -9
WRITER = """
import sys
from polymem.mem0 import Memory
m = Memory()
n = 0
while True:
    rows = m.add(f"My friend Tom number {n} likes tea. 我住在上海。", user_id="alice")
    print(rows[0]["id"], flush=True)
    n += 1
"""


@pytest.mark.crash
@pytest.mark.parametrize("delay_s", [0.05, 0.13, 0.29])
def test_05_a_killed_process_leaves_nothing_half_done(store: Path, delay_s: float) -> None:
    process = subprocess.Popen([sys.executable, "-c", WRITER], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip()]
    killer = threading.Timer(delay_s, lambda: os.kill(process.pid, signal.SIGKILL))
    killer.start()
    acknowledged += [line.strip() for line in process.stdout]
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with Memory() as m, polymem.Memory(store) as native:
        stored = {row["id"] for row in m.get_all("alice", limit=10_000)}
        # A line that was cut short is an acknowledgement that did not arrive.
        assert {name for name in acknowledged if len(name) == 36} <= stored
        assert len(stored) - len(acknowledged) <= 1
        assert all([event["event"] for event in m.history(name)] == ["ADD"] for name in stored)
        assert native.verify() == []
        assert len(m.search("Tom", user_id="alice", limit=10_000)) == len(stored)


# ---------------------------------------------------------------- 6: deletion cascades
DELETER = """
import sys
from polymem.mem0 import Memory
with Memory() as m:
    if sys.argv[1] == "all":
        m.delete_all(user_id="alice")
    else:
        m.delete(sys.argv[1])
"""


@pytest.mark.parametrize("everything", [True, False])
def test_06_deletion_from_a_fresh_process_takes_the_names_along(store: Path, everything: bool) -> None:
    with Memory() as m:
        (row,) = m.add("My friend Tommy lives in Lisbon. 我的朋友李雷住在杭州。", user_id="alice")
        assert m.get_all("alice")["relations"]
    run(DELETER, "all" if everything else row["id"])
    with Memory() as m, polymem.Memory(store) as native:
        assert m.get_all("alice") == {"results": [], "relations": []}
        assert m.search("Tommy 李雷", user_id="alice") == {"results": [], "relations": []}
        assert native.get_all(user_id="alice").items == ()
        assert native.relations(user_id="alice") == []
        assert native.profile(user_id="alice") == {}
        assert [entity.name for entity in native.entities(user_id="alice") if entity.n_mentions] == []
        assert native.verify() == []


# ---------------------------------------------------------------- 7: no telemetry, any number of stores
def test_07_no_network_and_nothing_in_the_home_folder(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    code = """
import socket, sys
def refuse(*arguments, **named):
    raise AssertionError("network")
socket.socket.connect = socket.getaddrinfo = socket.create_connection = refuse
from polymem.mem0 import Memory
with Memory() as m:
    m.add("我喜欢打网球", user_id="alice")
    print(m.search("球类运动", user_id="alice")[0]["memory"])
    m.delete_all(user_id="alice")
print(sorted(sys.modules.keys() & {"posthog", "requests", "httpx", "openai"}))
"""
    printed = run(code, HOME=str(empty), POLYMEM_HOME=str(tmp_path / "elsewhere"))
    assert printed.splitlines() == ["我喜欢打网球", "[]"]
    assert list(empty.iterdir()) == []


def test_07_any_number_of_stores_and_processes(tmp_path: Path, m: Memory, texts: Texts) -> None:
    configs = [
        {"vector_store": {"provider": "polymem", "config": {"path": str(tmp_path / f"{n}.db")}}}
        for n in range(3)
    ]
    stores = [Memory(config) for config in configs]
    try:
        for n, memory in enumerate(stores):
            memory.add(f"store {n}", user_id="alice")
        assert [texts(memory.get_all("alice")) for memory in stores] == [
            ["store 0"],
            ["store 1"],
            ["store 2"],
        ]
    finally:
        for memory in stores:
            memory.close()
    code = 'from polymem.mem0 import Memory\nwith Memory() as m: m.add("from the other process", user_id="alice")'
    run(code)
    assert texts(m.get_all("alice")) == ["from the other process"]


# ---------------------------------------------------------------- 8: every arm, Chinese, dates
@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Ticket QX-7741 was closed.", "QX-7741"),
        ("阿宁住在苏州，养了一只猫叫年糕", "年糕"),
        ("我在榛子咖啡馆等你", "榛子"),
    ],
)
def test_08_a_word_alone_brings_a_candidate(m: Memory, text: str, question: str) -> None:
    m.add([note(n) for n in range(300)], user_id="alice", infer=False)
    m.add(text, user_id="alice", infer=False)
    m.add([note(n) for n in range(300, 600)], user_id="alice", infer=False)
    found = m.search(question, user_id="alice", limit=3, explain=True)
    assert found[0]["memory"] == text
    counts: Any = found.explanation["n_candidates"]
    assert counts["keyword"] >= 1


def test_08_meaning_brings_a_candidate_without_a_common_word(m: Memory) -> None:
    m.add([note(n) for n in range(50)], user_id="alice", infer=False)
    m.add("我喜欢喝榛子拿铁", user_id="alice")
    m.add("My dog needs a walk every morning.", user_id="alice")
    assert m.search("咖啡口味偏好", user_id="alice", limit=1)[0]["memory"] == "我喜欢喝榛子拿铁"
    assert "dog" in m.search("pets and animals", user_id="alice", limit=1)[0]["memory"]


def test_08_ranges_of_dates(m: Memory, texts: Texts) -> None:
    m.add("old", user_id="alice", timestamp="2020-03-01")
    m.add("new", user_id="alice", timestamp="2024-03-01")
    ranges = {"gte": "2024-01-01", "lt": datetime(2025, 1, 1, tzinfo=UTC)}
    assert texts(m.get_all("alice", filters={"valid_at": ranges})) == ["new"]
    assert texts(m.search("old", user_id="alice", filters={"valid_at": ranges})) == ["new"]
    assert len(m.get_all("alice", filters={"created_at": {"gte": "2020-01-01"}})) == 2
    assert m.get_all("alice", filters={"created_at": {"lt": "2020-01-01"}}) == []


# ---------------------------------------------------------------- 9: no key, a place of one's own
def test_09_no_key_and_the_users_data_folder(tmp_path: Path) -> None:
    code = """
from polymem.mem0 import Memory
with Memory() as m:
    m.add("tea", user_id="alice", infer=False)
    m.add("I like tea", user_id="alice", infer=True)
    print(len(m.get_all("alice")))
"""
    environment = {
        name: value for name, value in os.environ.items() if "KEY" not in name and name != "POLYMEM_HOME"
    }
    done = subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        capture_output=True,
        text=True,
        env=environment | {"XDG_DATA_HOME": str(tmp_path / "data"), "HOME": str(tmp_path / "user")},
    )
    assert done.stdout.strip() == "2"
    made = list(tmp_path.rglob("memory.db"))
    assert len(made) == 1
    if sys.platform == "linux":
        assert made == [tmp_path / "data" / "polymem" / "memory.db"]


# ---------------------------------------------------------------- 10: nothing is ignored
@pytest.mark.parametrize("text", ["Tommy moved to Lisbon last week.", "我和李明在上海看了《活着》。"])
def test_10_verbatim_is_fully_indexed(m: Memory, native: polymem.Memory, text: str) -> None:
    (row,) = m.add(text, user_id="alice", infer=False)
    name = "Tommy" if text.isascii() else "李明"
    for mode in ("vector", "keyword", "graph"):
        assert [hit.item.id for hit in native.search(name, user_id="alice", mode=mode)] == [row["id"]], mode


def test_10_nothing_is_ignored(m: Memory) -> None:
    m.add([note(n) for n in range(9)], user_id="alice", infer=False)
    assert len(m.search("note", user_id="alice", limit=4)) == 4
    untyped: Any = m
    with pytest.raises(TypeError):
        untyped.search("note", user_id="alice", n_results=4)
    with pytest.raises(ConfigError):
        Memory.from_config({"colour": "blue"})
    with pytest.raises(CapabilityError):
        Memory.from_config({"graph_store": {"provider": "neo4j"}})


# ---------------------------------------------------------------- 11: one meaning of filters
@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"AND": [{"tag": "甲"}, {"tag": "乙"}]}, []),
        ({"AND": [{"tag": "甲"}, {"n": 1}]}, ["one"]),
        ({"NOT": [{"tag": "甲"}]}, ["two"]),
        ({"tag": {"ne": "甲"}}, ["two"]),
        ({"tag": "*"}, ["one", "two"]),
        ({"n": {"gte": 1, "ne": 2}}, ["one"]),
        ({"user_id": {"in": ["alice"]}}, ["none", "one", "two"]),
    ],
)
def test_11_one_meaning_in_search_and_get_all(
    m: Memory, texts: Texts, filters: dict[str, Any], expected: list[str]
) -> None:
    for text, metadata in (("one", {"tag": "甲", "n": 1}), ("two", {"tag": "乙", "n": 2}), ("none", {})):
        m.add(text, user_id="alice", metadata=metadata)
    assert sorted(texts(m.get_all("alice", filters=filters))) == expected
    assert sorted(texts(m.search("one two none", user_id="alice", filters=filters))) == expected


# ---------------------------------------------------------------- 12: conversations have dates
def test_12_a_conversation_can_be_dated(m: Memory) -> None:
    moment = datetime(2023, 5, 20, 9, 30, tzinfo=UTC)
    own = "2023-05-21T08:00:00+08:00"
    messages = [
        {"role": "user", "content": "第一句"},
        {"role": "user", "content": "第二句", "timestamp": own},
    ]
    m.add(messages, user_id="alice", timestamp=moment)
    rows = {row["memory"]: row for row in m.get_all("alice")}
    assert rows["第一句"]["valid_at"] == moment.isoformat()
    assert rows["第二句"]["valid_at"] == "2023-05-21T00:00:00+00:00"
    m.add("by the clock", user_id="bob", timestamp=moment.timestamp())
    assert m.get_all("bob")[0]["valid_at"] == moment.isoformat()
    with pytest.raises(InputError):
        m.add("never", user_id="bob", timestamp="yesterday-ish")


# ---------------------------------------------------------------- 13: contradictions are closed
@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        ("I live in Lisbon.", "I live in Berlin.", "Lisbon", "Berlin"),
        ("我住在上海。", "我住在北京。", "上海", "北京"),
    ],
)
def test_13_a_contradicted_fact_is_closed_and_stays_in_the_history(
    m: Memory, native: polymem.Memory, before: str, after: str, old: str, new: str
) -> None:
    m.add(before, user_id="alice", timestamp="2022-01-01")
    m.add(after, user_id="alice", timestamp="2024-01-01")
    assert [edge["target"] for edge in m.get_all("alice")["relations"]] == [new]
    assert len(m.get_all("alice")) == 2
    (was,) = native.relations(user_id="alice", as_of="2023-01-01")
    assert was.object == old
    assert was.invalid_at == datetime(2024, 1, 1, tzinfo=UTC)
    assert [event.name for event in native.history(was.item_id)] == ["ADD", "SUPERSEDE"]


# ---------------------------------------------------------------- 14: scores mean the same
def test_14_scores_are_comparable_between_queries(m: Memory) -> None:
    m.add([note(n) for n in range(40)], user_id="alice", infer=False)
    for text in ("My dog Tommy is afraid of thunder.", "我每周三去游泳馆游泳"):
        m.add(text, user_id="alice")
    good = ["Is the dog afraid of thunder?", "Tommy", "我什么时候去游泳？"]
    bad = ["quarterly tax return deadline", "量子力学公式推导"]
    best = {query: m.search(query, user_id="alice", limit=5) for query in good + bad}
    for rows in best.values():
        scores = [row["score"] for row in rows]
        assert scores == sorted(scores, reverse=True)
        assert all(0 <= score <= 1 for score in scores)
    assert min(best[query][0]["score"] for query in good) > max(best[query][0]["score"] for query in bad)
    cut = max(best[query][0]["score"] for query in bad)
    assert all(m.search(query, user_id="alice", threshold=cut) for query in good)


# ---------------------------------------------------------------- 15: pages
def test_15_pages_are_stable_while_others_write(m: Memory) -> None:
    m.add([note(n) for n in range(25)], user_id="alice", infer=False)
    whole = [row["id"] for row in m.get_all("alice", limit=100)]
    seen: list[str] = []
    cursor = None
    for _ in range(3):
        page = m.get_all("alice", limit=10, cursor=cursor)
        seen += [row["id"] for row in page]
        cursor = page.cursor
        m.add("added meanwhile", user_id="alice")
    assert cursor is None
    assert seen == whole
    assert len(whole) == 25
    assert m.get_all("alice", limit=10).cursor is not None
