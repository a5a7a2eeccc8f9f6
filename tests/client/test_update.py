"""An update reaches what was derived from the old version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem import Memory
from polymem.domain.item import Item
from polymem.testing.clock import FrozenClock


def values(memory: Memory, key: str) -> list[str]:
    found = memory.profile(user_id="u").get(key, ())
    return [detail.value for detail in (found if isinstance(found, tuple) else (found,))]


TEXT = "My name is Ann and I love tea. 我喜欢喝茶。"


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with Memory(tmp_path / "memory.db") as opened:
        yield opened
        assert opened.verify() == []


def test_metadata_reaches_the_facts(memory: Memory) -> None:
    episode = memory.add(TEXT, user_id="ann", metadata={"k": 1}).items[0]
    memory.update(episode.id, metadata={"k": 2})
    items = memory.get_all(user_id="ann")
    assert len(items) == 4
    assert {item.metadata["k"] for item in items} == {2}
    assert {item.version for item in items} == {2}
    assert all(item.episode_ids == (episode.id,) for item in items)
    assert {*memory.profile(user_id="ann")} == {"likes", "name"}


def test_expiry_hides_the_facts_at_once(memory: Memory) -> None:
    episode = memory.add(TEXT, user_id="ann").items[0]
    memory.update(episode.id, expires_at="2020-01-01")
    assert memory.get_all(user_id="ann").items == ()
    assert memory.profile(user_id="ann") == {}
    assert memory.relations(user_id="ann") == []
    assert not memory.search("tea 茶", user_id="ann")


def test_importance_alone_leaves_the_facts_alone(memory: Memory) -> None:
    episode = memory.add(TEXT, user_id="ann").items[0]
    memory.update(episode.id, importance=0.9)
    versions = {item.kind: item.version for item in memory.get_all(user_id="ann")}
    assert versions == {"episode": 2, "fact": 1, "preference": 1}


@pytest.mark.parametrize("infer", [True, False])
def test_names_in_the_new_words_are_found(memory: Memory, *, infer: bool) -> None:
    episode = memory.add("Nothing to see.", user_id="ann").items[0]
    memory.update(episode.id, "Bob went to Rome with 王小明.", infer=infer)
    assert {"Bob", "Rome"} <= {entity.name for entity in memory.entities(user_id="ann")}


def test_names_stay_when_the_words_stay(memory: Memory) -> None:
    episode = memory.add("Ann met Bob in Paris.", user_id="ann", infer=False).items[0]
    memory.update(episode.id, metadata={"seen": True})
    hits = memory.search("Bob", user_id="ann", mode="graph")
    assert [(hit.item.id, hit.item.version) for hit in hits] == [(episode.id, 2)]


@pytest.mark.parametrize(
    ("said", "corrected", "key", "old", "new"),
    [
        ("I live in Rome.", "I live in Milan.", "residence", "Rome", "Milan"),
        ("我住在北京。", "我住在上海。", "residence", "北京", "上海"),
        ("I love tea.", "I hate coffee.", "dislikes", "tea", "coffee"),
    ],
)
def test_a_fact_that_is_corrected_by_id_states_what_its_new_words_say(
    memory: Memory, said: str, corrected: str, key: str, old: str, new: str
) -> None:
    fact = memory.add(said, user_id="u").items[1]
    memory.update(fact.id, corrected)
    assert values(memory, key) == [new]
    (relation,) = memory.relations(user_id="u")
    assert (relation.object, relation.item_id) == (new, fact.id)
    assert all(detail != old for detail in values(memory, key))


def test_what_a_corrected_fact_said_before_is_known_to_those_who_look_from_before(tmp_path: Path) -> None:
    clock = FrozenClock()
    with Memory(tmp_path / "memory.db", clock=clock) as memory:
        fact = memory.add("I live in Rome.", user_id="u").items[1]
        clock.move(hours=1)
        before = clock.now()
        clock.move(hours=1)
        memory.update(fact.id, "I live in Milan.")
        assert [r.object for r in memory.relations(user_id="u", known_at=before)] == ["Rome"]
        assert [r.object for r in memory.relations(user_id="u")] == ["Milan"]
        assert memory.verify() == []
        memory.export(tmp_path / "all.jsonl")
    with Memory(tmp_path / "copy.db", clock=clock) as copy:
        copy.import_(tmp_path / "all.jsonl")
        assert [r.object for r in copy.relations(user_id="u", known_at=before)] == ["Rome"]
        assert values(copy, "residence") == ["Milan"]
        assert copy.verify() == []


def test_words_that_state_nothing_take_the_relation_away(memory: Memory) -> None:
    fact = memory.add("I live in Rome.", user_id="u").items[1]
    memory.update(fact.id, "Somewhere in Italy, perhaps.")
    assert memory.profile(user_id="u") == {}
    assert memory.relations(user_id="u") == []


def test_a_corrected_fact_ends_its_rivals(memory: Memory) -> None:
    memory.add("I love coffee.", user_id="u")
    fact = memory.add("I love tea.", user_id="u").items[1]
    memory.update(fact.id, "I hate coffee.")
    assert {*memory.profile(user_id="u")} == {"dislikes"}


@pytest.mark.parametrize("words", ["I live in Bonn. Really.", "I live in Bonn, as I said."])
def test_a_deleted_fact_does_not_come_back_when_its_message_is_read_again(memory: Memory, words: str) -> None:
    episode, fact = memory.add("I live in Bonn. My name is Ann.", user_id="u").items[:2]
    memory.delete(fact.id)
    memory.update(episode.id, f"My name is Anna. {words}")
    assert {*memory.profile(user_id="u")} == {"name"}


def test_what_another_update_changed_in_the_meantime_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "memory.db"
    waiting: list[Item] = []

    def encode(texts: list[str]) -> list[list[float]]:
        if waiting and "旧" not in texts[0]:
            item = waiting.pop()
            with Memory(path, embedder=encode) as second:
                second.update(item.id, metadata={"by": "other"})
        return [[1.0, 0.0] for _ in texts]

    with Memory(path, embedder=encode) as memory:
        (item,) = memory.add("旧 words", user_id="u", metadata={"by": "first"}, infer=False).items
        waiting.append(item)
        updated = memory.update(item.id, "new words")
        assert (updated.text, updated.metadata, updated.version) == ("new words", {"by": "other"}, 3)


def test_a_clock_that_was_set_back_lets_new_statements_win(tmp_path: Path) -> None:
    clock = FrozenClock()
    with Memory(tmp_path / "memory.db", clock=clock) as memory:
        for town, days in (("Oslo", 0), ("Bonn", -10), ("Bern", 0), ("Rome", 30)):
            clock.move(days=days)
            memory.add(f"I live in {town}.", user_id="u")
            assert values(memory, "residence") == [town]
        memory.add("I live in Nice.", user_id="u", timestamp="2020-01-01")
        assert values(memory, "residence") == ["Rome"]
        assert memory.verify() == []


@pytest.mark.parametrize(
    ("old", "new"), [("I live in Rome.", "I live in Oslo."), ("我住在北京。", "我住在上海。")]
)
def test_the_past_keeps_the_facts_of_a_message_that_was_reworded(tmp_path: Path, old: str, new: str) -> None:
    clock = FrozenClock()
    with Memory(tmp_path / "memory.db", clock=clock) as memory:
        episode, fact = memory.add(old, user_id="u").items
        clock.move(hours=1)
        before = clock.now()
        clock.move(hours=1)
        memory.update(episode.id, new)
        clock.move(hours=1)
        memory.update(episode.id, f"{new} ...")
        (then,) = memory.relations(user_id="u", known_at=before)
        assert then.item_id == fact.id
        assert {item.text for item in memory.get_all(user_id="u", known_at=before)} == {old, fact.text}
        assert len(memory.relations(user_id="u")) == 1
        assert not any(hit.superseded for hit in memory.search(new, user_id="u"))
        memory.forget(episode.id)
        assert memory.relations(user_id="u", known_at=before) == []
        assert memory.verify() == []
    assert old.strip(".。").encode() not in (tmp_path / "memory.db").read_bytes()


def test_a_speaker_known_by_a_name_of_the_owner_is_the_owner(memory: Memory) -> None:
    memory.add("My name is Alice.", user_id="u")
    memory.add({"role": "user", "name": "Alice", "content": "I live in Rome."}, user_id="u")
    assert values(memory, "residence") == ["Rome"]
