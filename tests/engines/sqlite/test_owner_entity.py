"""The owner of a partition is one entity, whoever spoke of them first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from polymem.domain.query import Visibility
from polymem.ports.ledger import Snapshot
from tests.engines.sqlite.workshop import NOON, Workshop, episode, fact, mention


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    assert made.verify() == []
    made.close()


def owner_and_entities(snapshot: Snapshot) -> tuple[str | None, list[str]]:
    entities = snapshot.graph.entities(limit=10)
    owner = snapshot.graph.owner()
    names = dict[int | None, str]((number, entity.name) for number, entity in entities)
    return names.get(owner), [*names.values()]


def relations_of(snapshot: Snapshot, key: str) -> list[tuple[str, str, str]]:
    graph = snapshot.graph
    edges = graph.neighbours(
        [graph.find([key])[key]], visibility=Visibility(NOON + timedelta(days=9)), limit=9
    )
    return [(r.subject, r.predicate, r.object) for r in graph.relations(edges)]


def test_a_name_that_was_mentioned_before_is_the_owner(shop: Workshop):
    shop.commit(episode("Alice! Good to see you.", speaker="Bo", mentions=mention("Alice")))
    shop.say("I live in Lisbon", fact("I live in Lisbon", "lives_in", "Lisbon"))
    owner, names = shop.read(owner_and_entities)
    assert owner == "Alice"
    assert sorted(names) == ["Alice", "Lisbon"]
    assert shop.read(lambda snapshot: relations_of(snapshot, "alice")) == [("Alice", "lives_in", "Lisbon")]


def test_the_owner_outlives_the_row_that_first_named_them(shop: Workshop):
    named = episode("Alice! Good to see you.", speaker="Bo", mentions=mention("Alice"))
    shop.commit(named)
    shop.say("I live in Lisbon", fact("I live in Lisbon", "lives_in", "Lisbon"))
    shop.remove(named.id, how="erase")
    assert shop.read(owner_and_entities)[0] == "Alice"
    assert shop.read(lambda snapshot: relations_of(snapshot, "alice")) == [("Alice", "lives_in", "Lisbon")]
