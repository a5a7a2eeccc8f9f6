"""Merged entities are one for every reader; split again, everything is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from polymem import Memory
from polymem.errors import InputError, NotFoundError, ScopeError
from polymem.testing.clock import NOON, FrozenClock
from polymem.testing.drafting import new_id
from polymem.testing.fakes import WordEmbedder

NAMES = ("Bob", "Bobby", "小王", "王伟")
PLACES = ("Paris", "Lyon", "北京", "上海")
QUESTIONS = ("Where does Bob live?", "小王住在哪里？", "Lyon")


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture
def memory(tmp_path: Path, clock: FrozenClock) -> Iterator[Memory]:
    with Memory(tmp_path / "memory.db", embedder=WordEmbedder(), clock=clock) as memory:
        yield memory
        assert memory.verify() == []


def everything(memory: Memory, *, scored: bool = True) -> list[Any]:
    """Return what reading verbs say now, as it was, and as it was known."""
    ids: dict[str, Any] = {"user_id": "a"}
    out: list[Any] = [memory.profile(**ids), memory.entities(**ids), memory.graph(**ids)]
    past = NOON + timedelta(minutes=3)
    looks: tuple[dict[str, Any], ...] = ({}, {"as_of": past}, {"known_at": past})
    for times in looks:
        out += [memory.get_all(**ids, **times, limit=1000).items, memory.relations(**ids, **times)]
        for question in QUESTIONS:
            hits = [(hit.item, hit.score) for hit in memory.search(question, **ids, **times)]
            out.append(hits if scored else sorted((item for item, _ in hits), key=lambda item: item.id))
    return out


def scores(memory: Memory) -> dict[tuple[str, str], float]:
    return {(q, hit.item.id): hit.score for q in QUESTIONS for hit in memory.search(q, user_id="a")}


def exported(memory: Memory, path: Path, **ids: Any) -> list[dict[str, Any]]:
    """Return what an export of a scope writes to *path*."""
    memory.export(path, **ids)
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def told(memory: Memory, **options: Any) -> set[tuple[str, str, str]]:
    return {(r.subject, r.predicate, r.object) for r in memory.relations(user_id="a", **options)}


def test_merged_entities_are_one_for_every_reader(memory: Memory):
    memory.add("My friend Bob works at Acme.", user_id="a")
    memory.add("My friend Bobby speaks French.", user_id="a")
    assert ("Bobby", "speaks", "French") in told(memory)
    one = memory.merge_entities("Bob", "Bobby", user_id="a")
    assert (one.name, one.aliases, len(one.merged)) == ("Bob", ("Bobby",), 1)
    assert [e.name for e in memory.entities(user_id="a")].count("Bobby") == 0
    for name in ("Bob", "Bobby", one.id, one.merged[0]):
        assert {("Bob", "works_at", "Acme"), ("Bob", "speaks", "French")} <= told(memory, entity=name)
    around = memory.neighbours("Bobby", user_id="a")
    assert around.entities[0] == one
    assert {e.name for e in around.entities} >= {"Acme", "French"}
    assert {r.subject for r in memory.search("What does Bobby speak?", user_id="a").relations} >= {"Bob"}
    assert one.n_mentions == len(
        {item.id for item in memory.get_all(user_id="a", limit=99).items if "Bob" in item.text}
    )


def test_later_facts_stay_with_the_name_that_they_used(memory: Memory):
    memory.add("我朋友王伟住在北京。", user_id="a")
    memory.add("我朋友小王住在上海。", user_id="a")
    memory.merge_entities("王伟", "小王", user_id="a")
    memory.add("小王喜欢爬山。", user_id="a")
    assert ("王伟", "likes", "爬山") in told(memory)
    memory.split_entity("小王", user_id="a")
    assert ("小王", "likes", "爬山") in told(memory)
    assert not any(subject == "王伟" and thing == "爬山" for subject, _, thing in told(memory))


def test_facts_of_one_value_compete_once_their_subjects_are_one(memory: Memory, clock: FrozenClock):
    memory.add("My friend Bob lives in Paris.", user_id="a")
    clock.move(seconds=60)
    memory.add("My friend Bobby lives in Lyon.", user_id="a")
    memory.merge_entities("Bob", "Bobby", user_id="a")
    assert {(s, o) for s, p, o in told(memory) if p == "lives_in"} == {("Bob", "Lyon")}
    assert {o for _, p, o in told(memory, as_of=NOON + timedelta(seconds=30)) if p == "lives_in"} == {"Paris"}
    memory.split_entity("Bobby", user_id="a")
    assert {(s, o) for s, p, o in told(memory) if p == "lives_in"} == {("Bob", "Paris"), ("Bobby", "Lyon")}


def test_the_owner_speaks_for_whoever_is_merged_with_it(memory: Memory):
    memory.add("I like tea.", user_id="a")
    memory.add("My friend Tom lives in Rome.", user_id="a")
    before = everything(memory)
    one = memory.merge_entities("Tom", "a", user_id="a")
    assert one.name == "a"
    assert str(memory.profile(user_id="a")["residence"]) == "Rome"
    memory.split_entity("Tom", user_id="a")
    assert everything(memory) == before


def test_a_merge_on_the_way_outlives_the_split_of_a_later_one(memory: Memory):
    for name in NAMES[:3]:
        memory.add(f"My friend {name} likes chess.", user_id="a")
    memory.merge_entities("Bobby", "小王", user_id="a")
    between = everything(memory)
    memory.merge_entities("Bob", "小王", user_id="a")
    assert len(memory.merge_entities("Bob", "Bobby", user_id="a").merged) == 2, "who is one already stays one"
    assert memory.split_entity("Bobby", user_id="a").aliases == ("小王",)
    assert everything(memory) == between


def test_what_the_history_says(memory: Memory, tmp_path: Path):
    memory.add("My friend Bob knows my friend Bobby.", user_id="a")
    memory.add("My friend Bob likes tea. My friend Bobby likes tea.", user_id="a")
    memory.merge_entities("Bob", "Bobby", user_id="a")
    memory.split_entity("Bobby", user_id="a")
    events = [
        r
        for r in exported(memory, tmp_path / "out.jsonl", user_id="a")
        if r["type"] == "event" and r["event"] in {"MERGE", "SPLIT"}
    ]
    assert [e["event"] for e in events] == ["MERGE", "SPLIT"]
    assert len({e["item"] for e in events}) == 1
    assert not any("Bob" in str(e) for e in events), "names are content"


def test_erasing_the_last_row_takes_the_merge_along(memory: Memory, tmp_path: Path):
    first = memory.add("My friend Bob likes tea.", user_id="a")
    memory.add("My friend Bobby likes jazz.", user_id="a")
    memory.add("我朋友小王喜欢喝茶。", user_id="a")
    memory.merge_entities("Bob", "Bobby", "小王", user_id="a")
    memory.forget([item.id for item in first.items], user_id="a")
    assert "Bob" not in [e.name for e in memory.entities(user_id="a")]
    left = next(e for e in memory.entities(user_id="a") if e.name == "Bobby")
    assert left.aliases == ("小王",), "the others stay one"
    assert memory.verify() == []
    memory.delete_all(user_id="a")
    assert not [r for r in exported(memory, tmp_path / "out.jsonl", user_id="a") if r["type"] == "merge"]


def test_exports_carry_merges(memory: Memory, tmp_path: Path):
    memory.add("My friend Bob likes tea.", user_id="a")
    memory.add("我朋友小王喜欢喝茶。", user_id="a", run_id="r")
    memory.add("My friend Bobby likes jazz.", user_id="a", run_id="r")
    memory.merge_entities("Bob", "Bobby", "小王", user_id="a")
    path = tmp_path / "all.jsonl"
    memory.export(path, user_id="a")
    with Memory(tmp_path / "other.db", embedder=WordEmbedder()) as other:
        other.import_(path)
        assert other.entities(user_id="a") == memory.entities(user_id="a")
        assert other.verify() == []
        other.import_(path)
        assert other.split_entity("小王", user_id="a").name == "小王"
    with Memory(tmp_path / "third.db", embedder=WordEmbedder()) as third:
        third.add("My friend Bobby likes rain. My friend Bob likes sun.", user_id="a")
        third.import_(path)
        assert third.verify() == []
        assert next(e for e in third.entities(user_id="a") if e.name == "Bob").aliases == ("Bobby", "小王")
    part = [
        r for r in exported(memory, tmp_path / "part.jsonl", user_id="a", run_id="r") if r["type"] == "merge"
    ]
    assert part == [], "who spoke for them is not of this run"


def test_damaged_merges_are_found_and_mended(memory: Memory, tmp_path: Path):
    import sqlite3

    for name in NAMES:
        memory.add(f"My friend {name} likes chess.", user_id="a")
    memory.merge_entities("Bob", "Bobby", "小王", user_id="a")
    with sqlite3.connect(tmp_path / "memory.db") as file:
        (no, entity) = file.execute("SELECT partition, max(entity) FROM merge").fetchone()
        file.execute("UPDATE merge SET into_entity = ? WHERE entity = ?", (entity, entity))
        file.execute("INSERT INTO merge VALUES (?, 998, 999, 999, 0, '{}')", (no,))
    found = {(f.face, f.problem) for f in memory.verify()}
    assert found >= {("merge", "points to nothing"), ("merge", "does not lead to whom it says")}
    memory.rebuild()
    assert memory.verify() == []
    assert len(next(e for e in memory.entities(user_id="a") if e.name == "Bob").merged) == 2


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("Bob",), InputError),
        (("", "Bob"), InputError),
        (("  ", "Bob"), InputError),
        ((3, "Bob"), InputError),
        (("Bob", None), InputError),
        (("Bob", "nobody"), NotFoundError),
        (("*", "Bob"), NotFoundError),
        (("Bob", "%"), NotFoundError),
        (("Bob", new_id()), NotFoundError),
        (("Bob", "谁都不是"), NotFoundError),
    ],
)
def test_who_cannot_be_merged(memory: Memory, arguments: tuple[Any, ...], error: type[Exception]):
    memory.add("My friend Bob likes tea.", user_id="a")
    before = everything(memory)
    with pytest.raises(error):
        memory.merge_entities(*arguments, user_id="a")
    assert everything(memory) == before


def test_entities_of_another_scope_are_not_found(memory: Memory):
    memory.add("My friend Bob likes tea.", user_id="a")
    memory.add("My friend Eve likes 咖啡. My friend Mallory likes tea.", user_id="b")
    theirs = next(e for e in memory.entities(user_id="b") if e.name == "Eve")
    for other in ("Eve", theirs.id):
        for verb in (
            lambda who: memory.merge_entities("Bob", who, user_id="a"),
            lambda who: memory.split_entity(who, user_id="a"),
            lambda who: memory.neighbours(who, user_id="a"),
            lambda who: memory.paths("Bob", who, user_id="a"),
        ):
            with pytest.raises(NotFoundError) as caught:
                verb(other)
            assert "Eve" not in str(caught.value) + repr(caught.value.facts)
        assert memory.relations(user_id="a", entity=other) == []
    for verb in (memory.merge_entities, memory.split_entity):
        with pytest.raises(ScopeError):
            verb("Bob", *(["Bob"] if verb == memory.merge_entities else []), user_id="a", run_id="r")


def test_only_who_was_merged_can_be_split(memory: Memory):
    memory.add("My friend Bob likes tea. My friend 小王 likes tea.", user_id="a")
    for who in ("Bob", "小王"):
        with pytest.raises(InputError):
            memory.split_entity(who, user_id="a")
    with pytest.raises(NotFoundError):
        memory.split_entity("nobody", user_id="a")


_SENTENCES = st.one_of(
    st.builds("My friend {} lives in {}.".format, st.sampled_from(NAMES), st.sampled_from(PLACES)),
    st.builds(
        "My friend {} likes {}.".format, st.sampled_from(NAMES), st.sampled_from(("tea", "jazz", "茶"))
    ),
    st.builds("我朋友{}住在{}。".format, st.sampled_from(NAMES[2:]), st.sampled_from(PLACES[2:])),
    st.builds("{} does not like {}.".format, st.sampled_from(NAMES[:2]), st.sampled_from(("tea", "jazz"))),
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    said=st.lists(st.tuples(_SENTENCES, st.integers(0, 300)), min_size=2, max_size=8),
    pairs=st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), min_size=1, max_size=3),
)
@example(
    # What Bobby's friends had told of him twice was torn apart, and is one again.
    said=[
        ("Bobby does not like jazz.", 126),
        ("我朋友小王住在北京。", 224),
        ("My friend Bobby lives in Paris.", 273),
        ("My friend Bobby lives in Paris.", 145),
    ],
    pairs=[("小王", "Bobby"), ("Bobby", "小王")],
)
@example(
    # Two who are still one after a third has parted keep an item each.
    said=[
        ("My friend Bob lives in Paris.", 0),
        ("我朋友小王住在上海。", 1),
        ("我朋友王伟住在上海。", 0),
    ],
    pairs=[("王伟", "小王"), ("Bob", "王伟")],
)
def test_merge_and_split_leave_everything_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, int]], pairs: list[tuple[str, str]]
):
    clock = FrozenClock()
    path = tmp_path_factory.mktemp("merging") / "memory.db"
    with Memory(path, embedder=WordEmbedder(), clock=clock) as memory:
        for text, at in said:
            clock.move(seconds=60)
            memory.add(text, user_id="a", timestamp=NOON + timedelta(seconds=at))
        clock.move(seconds=60)
        before, scored = everything(memory, scored=False), scores(memory)
        undo: list[str] = []
        for keep, other in pairs:
            known = {e.name: e for e in memory.entities(user_id="a")}
            if keep in known and other in known and keep != other:
                memory.merge_entities(keep, other, user_id="a")
                undo.append(known[other].id)
        assert memory.verify() == []
        for entity in reversed(undo):
            memory.split_entity(entity, user_id="a")
        assert memory.verify() == []
        assert everything(memory, scored=False) == before
        # A fact that stood alone meanwhile leaves a row that is put away, which counts in the statistics of words.
        assert scores(memory) == pytest.approx(scored, abs=0.02)
