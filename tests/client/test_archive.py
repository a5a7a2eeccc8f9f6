"""What is put away is out of sight everywhere, and comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest

from polymem import Memory
from polymem.domain.item import Kind
from polymem.errors import InputError, NotFoundError
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder

MODES = ("hybrid", "vector", "keyword", "graph", "time")
KINDS: tuple[tuple[Kind, ...] | None, ...] = (None, ("fact", "preference"))
VIEWS: tuple[dict[str, Any], ...] = ({"known_at": "2030-01-01"}, {"as_of": "2024-06-01"})


@pytest.fixture
def told(memory: Memory) -> dict[str, str]:
    """Ids by what they say: a message with what is derived from it, and one in Chinese."""
    memory.add("I live in Paris.", user_id="u", timestamp="2024-01-01")
    memory.add("我喜欢火锅。", user_id="u", timestamp="2024-01-01")
    return {item.text: item.id for item in memory.get_all(user_id="u")}


def answers(memory: Memory, **fields: Any) -> set[str]:
    """Return the texts that any mode of search shows."""
    return {
        hit.item.text
        for query in ("Where do I live? Paris 2024", "火锅")
        for mode in MODES
        for kinds in KINDS
        for hit in memory.search(query, user_id="u", mode=mode, limit=50, kinds=kinds, **fields)
    }


def test_what_is_put_away_is_out_of_every_sight(memory: Memory, told: dict[str, str]) -> None:
    fact = told["I live in Paris"]
    assert "I live in Paris" in answers(memory)
    memory.archive(list(told.values()))
    assert answers(memory) == set()
    assert memory.get_all(user_id="u").items == ()
    assert memory.relations(user_id="u") == []
    assert memory.profile(user_id="u") == {}
    assert memory.context("Paris 火锅", user_id="u") == ""
    for view in VIEWS:
        assert answers(memory, **view) == set()
        assert memory.get_all(user_id="u", **view).items == ()
        assert memory.relations(user_id="u", **view) == []
    found = memory.get(fact)
    assert found is not None
    assert found.archived
    assert memory.stats(user_id="u")["n_archived"] == len(told)
    assert memory.verify() == []


def test_who_asks_for_it_sees_it(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(list(told.values()))
    assert answers(memory, include_archived=True) == set(told)
    listed = memory.get_all(user_id="u", include_archived=True)
    assert {item.text for item in listed} == set(told)
    assert all(item.archived for item in listed)


def test_each_item_is_judged_on_its_own(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(told["I live in Paris."])
    assert "I live in Paris" in answers(memory)
    assert "I live in Paris." not in answers(memory)
    assert [relation.object for relation in memory.relations(user_id="u")].count("Paris") == 1
    memory.restore(told["I live in Paris."])
    memory.archive(told["I live in Paris"])
    assert "residence" not in memory.profile(user_id="u")
    assert "I live in Paris." in answers(memory)


def test_what_is_restored_is_as_before(memory: Memory, told: dict[str, str]) -> None:
    before = (memory.get_all(user_id="u"), memory.profile(user_id="u"), memory.relations(user_id="u"))
    ids = list(told.values())
    memory.archive(ids)
    memory.restore(ids)
    assert (memory.get_all(user_id="u"), memory.profile(user_id="u"), memory.relations(user_id="u")) == before
    names = [event.name for event in memory.history(ids[0])]
    assert names[-2:] == ["ARCHIVE", "RESTORE"]
    assert memory.verify() == []


def test_twice_is_once(memory: Memory, told: dict[str, str]) -> None:
    fact = told["我喜欢火锅"]
    for _ in range(2):
        memory.archive(fact)
    for _ in range(2):
        memory.restore(fact)
    assert [event.name for event in memory.history(fact)] == ["ADD", "ARCHIVE", "RESTORE"]


def test_what_is_said_again_comes_back(memory: Memory, told: dict[str, str]) -> None:
    memory.archive([told["我喜欢火锅"], told["我喜欢火锅。"]])
    memory.add("我喜欢火锅。", user_id="u", timestamp="2024-05-01")
    found = memory.get(told["我喜欢火锅"])
    assert found is not None
    assert not found.archived
    assert found.n_evidence == 2
    assert "likes" in memory.profile(user_id="u")
    assert memory.verify() == []


def test_what_is_replaced_while_put_away_is_closed(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(told["I live in Paris"])
    memory.add("I live in Rome.", user_id="u", timestamp="2024-05-01")
    memory.restore(told["I live in Paris"])
    assert [str(memory.profile(user_id="u")["residence"])] == ["Rome"]
    assert memory.verify() == []


def test_an_update_brings_back(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(told["I live in Paris."])
    memory.update(told["I live in Paris."], metadata={"seen": 1})
    assert "I live in Paris." in answers(memory)
    assert memory.verify() == []


def test_it_survives_an_export_a_rebuild_and_another_handle(
    memory: Memory, told: dict[str, str], tmp_path, clock: FrozenClock
) -> None:
    memory.archive(told["I live in Paris"])
    memory.export(tmp_path / "all.jsonl")
    memory.rebuild()
    assert memory.verify() == []
    assert "residence" not in memory.profile(user_id="u")
    with Memory(tmp_path / "other.db", embedder=WordEmbedder(), clock=clock) as other:
        other.import_(tmp_path / "all.jsonl")
        found = other.get(told["I live in Paris"])
        assert found is not None
        assert found.archived
        assert "residence" not in other.profile(user_id="u")
        assert other.relations(user_id="u") == memory.relations(user_id="u")
        assert other.verify() == []


def test_deleting_and_erasing_reach_it(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(list(told.values()))
    memory.delete(told["我喜欢火锅。"])
    assert memory.stats()["n_archived"] == 2
    assert len(memory.forget(user_id="u", everything=True).erased) == len(told)
    assert memory.stats()["n_archived"] == 0
    assert memory.verify() == []


@pytest.mark.parametrize("verb", ["archive", "restore", "reinforce"])
def test_ids_of_other_scopes_and_of_nothing_are_not_found(
    memory: Memory, told: dict[str, str], verb: str
) -> None:
    other = memory.add("not yours", user_id="v", infer=False).items[0].id
    mine = told["I live in Paris"]
    for wrong in (other, "nonsense", "*", "%", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(NotFoundError):
            getattr(memory, verb)([mine, wrong], user_id="u")
        with pytest.raises(NotFoundError):
            getattr(memory.scoped(user_id="u"), verb)(wrong)
    found = memory.get(mine)
    assert found is not None
    assert not found.archived
    for empty in ([], "", None, 5, [mine, 5]):
        with pytest.raises((InputError, NotFoundError)):
            getattr(memory, verb)(empty, user_id="u")
    gone = memory.add("gone", user_id="u", infer=False).items[0].id
    memory.delete(gone)
    with pytest.raises(NotFoundError):
        getattr(memory, verb)(gone)


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_include_archived_is_a_flag(memory: Memory, value: Any) -> None:
    for verb in (memory.get_all, lambda **fields: memory.search("x", **fields)):
        with pytest.raises(InputError) as caught:
            verb(user_id="u", include_archived=value)
        assert caught.value.argument == "include_archived"


def test_explain_counts_it(memory: Memory, told: dict[str, str]) -> None:
    memory.archive(told["I live in Paris"])
    left_out = memory.search("x", user_id="u", explain=True).explanation["left_out"]
    assert isinstance(left_out, dict)
    assert left_out["archived"] == 1
