"""A whole graph names nobody of whom nothing can be seen: not yet said, put away, deleted, of another run."""

import pytest


def names(graph):
    return {entity.name for entity in graph.entities}


def ends(graph):
    return {end for relation in graph.relations for end in (relation.subject_id, relation.object_id)}


@pytest.fixture
def told(memory, clock):
    memory.add("My friend Bob lives in Oslo.", user_id="ann", timestamp="2024-01-01", run_id="一")
    clock.move(days=1)
    return memory.add("我的朋友小红住在上海。", user_id="ann", timestamp="2024-06-01", run_id="二")


def test_who_was_not_known_yet_is_not_named(memory, clock, told):
    before = clock.now().replace(hour=0)
    whole = memory.graph(user_id="ann")
    assert {"Bob", "Oslo", "小红", "上海"} <= names(whole)
    for times in ({"known_at": before}, {"as_of": "2024-03-01"}):
        seen = memory.graph(user_id="ann", **times)
        assert {"Bob", "Oslo"} <= names(seen)
        assert not names(seen) & {"小红", "上海"}
        assert ends(seen) <= {entity.id for entity in seen.entities}
    assert names(memory.graph(user_id="ann", as_of="2000-01-01")) == set()


def test_who_was_put_away_or_deleted_is_not_named(memory, told):
    memory.archive(list(told.ids))
    assert not names(memory.graph(user_id="ann")) & {"小红", "上海"}
    memory.restore(list(told.ids))
    assert {"小红", "上海"} <= names(memory.graph(user_id="ann"))
    for item in told.items:
        if item.kind == "episode":
            memory.delete(item.id)
    assert not names(memory.graph(user_id="ann")) & {"小红", "上海"}
    assert {"Bob", "Oslo"} <= names(memory.graph(user_id="ann", run_id="一"))


def test_a_merged_name_stays_with_who_speaks_for_it(memory, told):
    memory.merge_entities("Bob", "小红", user_id="ann")
    (bob,) = [entity for entity in memory.graph(user_id="ann").entities if entity.name == "Bob"]
    assert "小红" in bob.aliases
    assert ends(memory.graph(user_id="ann")) <= {e.id for e in memory.graph(user_id="ann").entities}
