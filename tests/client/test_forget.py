"""What is removed by a condition is what readers find by it, and a removal ends whatever the store is like."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from polymem import Memory
from polymem.errors import InputError, PolymemError, StoreCorruptError
from polymem.read import arms, plan
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder
from polymem.text import tokenise
from polymem.text.normalise import name_key


@pytest.fixture
def drafts(memory: Memory) -> Memory:
    """A contract that is no draft any more, one that is, and one that became one."""
    first, _, third = memory.add(
        [
            {"role": "user", "content": "The contract with Acme.", "metadata": {"status": "draft"}},
            {"role": "user", "content": "和华光公司的合同。", "metadata": {"status": "draft"}},
            {"role": "user", "content": "The contract with Zenith.", "metadata": {"status": "final"}},
        ],
        user_id="u",
        infer=False,
    ).items
    memory.update(first.id, metadata={"status": "final"})
    memory.update(third.id, metadata={"status": "review"})
    memory.update(third.id, metadata={"status": "draft"})
    return memory


LEFT = ["The contract with Acme."]


@pytest.mark.parametrize("filters", [{"status": "draft"}, {"status": {"ne": "final"}}])
def test_delete_all_goes_by_the_newest_version(drafts: Memory, filters: dict[str, object]) -> None:
    found = [item.id for item in drafts.get_all(user_id="u", filters=filters)]
    assert drafts.delete_all(user_id="u", filters=filters) == len(found) == 2
    assert [item.text for item in drafts.get_all(user_id="u")] == LEFT


def test_forget_goes_by_the_newest_version(drafts: Memory) -> None:
    found = {item.id for item in drafts.get_all(user_id="u", filters={"status": "draft"})}
    planned = drafts.forget(user_id="u", filters={"status": "draft"}, dry_run=True)
    receipt = drafts.forget(user_id="u", filters={"status": "draft"})
    assert set(planned.erased) == set(receipt.erased) == found
    assert [item.text for item in drafts.get_all(user_id="u")] == LEFT
    assert drafts.verify() == []


def test_before_means_the_newest_time(memory: Memory) -> None:
    later = memory.add("Kept note", user_id="u", infer=False, timestamp="2020-01-01").items[0]
    earlier = memory.add("旧笔记", user_id="u", infer=False, timestamp="2026-01-01").items[0]
    memory.update(later.id, valid_at="2026-01-01")
    memory.update(earlier.id, valid_at="2020-01-01")
    assert memory.forget(user_id="u", before="2021-01-01").erased == (earlier.id,)
    assert [item.text for item in memory.get_all(user_id="u")] == ["Kept note"]


@pytest.mark.parametrize(
    "chosen", [{"before": "2021-01-01"}, {"filters": {"status": "secret"}}, {"everything": True}]
)
def test_what_was_deleted_is_destroyed_as_well(memory: Memory, path: Path, chosen: dict[str, Any]) -> None:
    told = {"user_id": "u", "timestamp": "2020-01-01", "metadata": {"status": "secret"}}
    gone = memory.add("Quetzalword is the word", **told).items[0]
    memory.add("Tea is fine", user_id="u", timestamp="2024-01-01")
    memory.delete(gone.id)
    planned = memory.forget(user_id="u", **chosen, dry_run=True)
    receipt = memory.forget(user_id="u", **chosen)
    assert gone.id in receipt.erased
    assert set(planned.erased) == set(receipt.erased)
    assert receipt.status == "complete"
    assert memory.forget(user_id="u", **chosen).erased == ()
    memory.close()
    assert b"quetzalword" not in path.read_bytes().lower()


def test_no_word_of_what_was_erased_stays_in_the_process(memory: Memory) -> None:
    memory.add({"role": "user", "name": "Zorblaquist", "content": "I love quetzalword."}, user_id="u")
    memory.search("what did Zorblaquist say about the quetzalword", user_id="u")
    caches = (arms._forms, arms._name_terms, plan._word_key, name_key)
    assert "quetzalword" in tokenise._known
    assert all(cache.cache_info().currsize for cache in caches)
    memory.forget(user_id="u", everything=True)
    assert not tokenise._known
    assert not any(cache.cache_info().currsize for cache in caches)


@pytest.mark.parametrize("nothing", [{}, {"filters": {}}, {"item_ids": []}, {"filters": {}, "item_ids": ()}])
def test_what_names_nothing_forgets_nothing(memory: Memory, nothing: dict[str, Any]) -> None:
    memory.add("I like tea", user_id="u")
    before = memory.get_all(user_id="u")
    for handle, ids in ((memory, {"user_id": "u"}), (memory.scoped(user_id="u"), {})):
        with pytest.raises(InputError) as caught:
            handle.forget(**ids, **nothing)
        assert caught.value.argument == "item_ids"
    assert memory.get_all(user_id="u") == before


def test_a_damaged_store_does_not_keep_a_removal_busy(memory: Memory, path: Path) -> None:
    memory.add("note", user_id="u", infer=False)
    memory.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE item SET flags = 2")
        connection.commit()
    caught: list[PolymemError] = []

    def remove() -> None:
        with Memory(path, embedder=WordEmbedder()) as damaged:
            try:
                damaged.delete_all(user_id="u")
            except StoreCorruptError as error:
                caught.append(error)

    thread = Thread(target=remove, daemon=True)
    thread.start()
    thread.join(20)
    assert "rebuild" in str(caught[0])


@pytest.mark.parametrize("how", ["run", "expiry"])
def test_what_was_said_elsewhere_too_outlives_the_first_statement(tmp_path: Path, how: str) -> None:
    clock = FrozenClock()
    with Memory(tmp_path / "memory.db", clock=clock) as memory:
        later = clock.now() + timedelta(days=2)
        expires = clock.now() + timedelta(days=1) if how == "expiry" else None
        memory.add("I love tea. 我喜欢火锅。", user_id="u", run_id="r1", expires_at=expires)
        memory.add("I love tea. 我喜欢火锅。", user_id="u", run_id="r2", timestamp=later)
        clock.move(days=3)
        if how == "run":
            # The message with what it said; what the other one says as well is stated anew, in its words.
            assert memory.delete_all(user_id="u", run_id="r1") == 3
        liked = memory.profile(user_id="u")["likes"]
        assert isinstance(liked, tuple)
        assert {detail.value for detail in liked} == {"tea", "火锅"}
        memory.add("Nothing.", user_id="u")
        assert len(memory.get_all(user_id="u", kinds=["episode"])) == 2
        assert len(memory.relations(user_id="u")) == 2
        memory.delete_all(user_id="u", run_id="r2")
        assert memory.profile(user_id="u") == {}
        assert memory.verify() == []


@pytest.mark.parametrize("condition", [{"run_id": "r1", "everything": True}, {"before": "2024-06-01"}])
def test_what_is_forgotten_goes_with_its_words_and_what_others_say_is_stated_anew(
    tmp_path: Path, condition: dict[str, Any]
) -> None:
    path = tmp_path / "memory.db"
    with Memory(path) as memory:
        first = {"metadata": {"note": "Geheimnis"}, "run_id": "r1", "timestamp": "2024-01-01"}
        memory.add("I love tea. 我喜欢火锅。", user_id="u", **first)
        memory.add("I love tea. 我喜欢火锅。", user_id="u", run_id="r2", timestamp="2025-01-01")
        assert memory.forget(user_id="u", **condition).status == "complete"
        left = memory.get_all(user_id="u").items
        assert sorted(item.kind for item in left) == ["episode", "preference", "preference"]
        assert {item.run_id for item in left} == {"r2"}
        liked = memory.profile(user_id="u")["likes"]
        assert isinstance(liked, tuple)
        assert {detail.value for detail in liked} == {"tea", "火锅"}
        assert memory.verify() == []
    assert b"Geheimnis" not in path.read_bytes()
