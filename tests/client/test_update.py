"""An update reaches what was derived from the old version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem import Memory

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
