"""The engine's writing, through the port: after every kind of write all faces agree."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from polymem.domain.batch import Batch
from polymem.domain.query import Visibility
from polymem.domain.scope import Scope
from polymem.domain.timeline import Stated, Stretch
from polymem.engines.sqlite.schema import MAX_POSITIONS, SCHEMA_VERSION
from polymem.errors import ConflictError, DimensionError, NotFoundError, SchemaVersionError, StoreFullError
from polymem.ports.faces import INDEXED, PENDING, REMOVED, SUPERSEDED
from polymem.ports.ledger import Snapshot
from polymem.write.resolve import resolve
from tests.engines.sqlite.workshop import ALICE, BOB, NOON, Workshop, episode, fact, mention, reworded, vector


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    assert made.verify() == []
    made.close()


def texts(snapshot: Snapshot) -> list[str]:
    return [item.text for item in snapshot.rows.items(range(snapshot.n))]


def keys(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(entry.key, entry.value) for entry in snapshot.keys.get()]


def relations(snapshot: Snapshot) -> list[tuple[str, str, str]]:
    graph = snapshot.graph
    edges = graph.neighbours(None, visibility=Visibility(NOON + timedelta(days=99)), limit=100)
    return [(r.subject, r.predicate, r.object) for r in graph.relations(edges)]


def flags(shop: Workshop, item_id: str) -> int:
    def look(snapshot: Snapshot) -> int:
        position = snapshot.rows.position(item_id)
        assert position is not None
        return int(snapshot.columns.flags[position])

    return shop.read(look)


# ---------------------------------------------------------------- plain drafts
@pytest.mark.parametrize("text", ["Ann likes hiking", "我昨天去了上海", "🎉", "", "x" * 100_000])
def test_a_draft_is_in_every_face(shop: Workshop, text: str):
    draft = episode(text, speaker="Ann", metadata={"城市": "北京"}, mentions=mention("Ann"))
    outcome = shop.commit(draft)
    assert outcome.item_ids == (draft.id,)

    def look(s: Snapshot) -> None:
        (item,) = s.rows.items([0])
        assert (item.id, item.text, item.metadata) == (draft.id, text, {"城市": "北京"})
        assert item.episode_ids == (draft.id,)
        assert s.version == outcome.version == 1
        for term in set(draft.terms):
            assert s.texts.postings(term).positions.tolist() == [0]
        if draft.vector is not None:
            assert s.vectors.exact(vector(text), np.array([0], np.int32))[0] == pytest.approx(1, abs=1e-3)
        assert s.graph.mentions(s.graph.find(["ann"])["ann"], limit=9).tolist() == [0]
        assert s.rows.episodes([draft.id])[draft.id].message == draft.message
        assert [event.name for event in s.rows.history(draft.id)] == ["ADD"]
        assert s.rows.labels() == {"Ann": s.rows.label("Ann")}

    shop.read(look)


def test_many_drafts_fill_and_pack_a_segment(shop: Workshop):
    shop.commit(*(episode(f"turn number {n} about 天气{n}") for n in range(4_000)))
    first, _ = shop.say("keep me 苹果")
    shop.commit(*(episode(f"more {n}") for n in range(200)))
    assert shop.sql("SELECT n_packed FROM partition") == [(1,)]
    assert shop.read(lambda s: s.texts.postings("苹果").positions.tolist()) == [4_000]
    assert shop.verify() == []
    shop.remove(first)
    assert shop.read(lambda s: s.texts.postings("苹果").positions.tolist()) == []


def test_a_vector_that_does_not_fit_leaves_nothing(shop: Workshop):
    shop.say("first")
    for wrong in (np.ones(3, np.float32), np.full(16, np.nan, np.float32)):
        with pytest.raises(DimensionError):
            shop.commit(episode("good"), episode("wrong", vector=wrong))
    assert shop.current() == ["first"]


def test_a_row_that_could_not_be_embedded_waits(shop: Workshop):
    said, _ = shop.say("later", vector=None, embedded=False)
    assert flags(shop, said) == INDEXED | PENDING
    assert shop.embed(ALICE.partition) == 1
    shop.remove(said)
    assert shop.embed() == 0


def test_rows_stored_one_by_one_have_growing_times_although_the_clock_goes_back(shop: Workshop):
    shop.say("first")
    shop.now -= timedelta(days=1)
    shop.say("second")
    first, second = shop.sql("SELECT created_at FROM item ORDER BY rid")
    assert first <= second


# ---------------------------------------------------------------- facts
def test_a_fact_closes_an_older_one(shop: Workshop):
    old, _ = shop.say("I live in Paris", fact("I live in Paris", "lives_in", "Paris"))
    new, outcome = shop.say(
        "我住在北京", fact("我住在北京", "lives_in", "北京", valid_at=NOON + timedelta(days=9))
    )
    assert len(outcome.superseded) == 1
    assert shop.current() == ["I live in Paris", "我住在北京", "我住在北京"]
    assert shop.read(keys) == [("residence", "北京")]
    assert shop.read(relations) == [("alice", "lives_in", "北京")]
    assert flags(shop, old) & SUPERSEDED
    assert not flags(shop, new) & SUPERSEDED
    assert shop.read(lambda s: s.graph.find(["paris", "北京"])).keys() == {"paris", "北京"}


def test_an_older_statement_that_arrives_late_is_stored_as_ended(shop: Workshop):
    shop.say("I live in Rome", fact("I live in Rome", "lives_in", "Rome"))
    late = fact("I lived in Oslo", "lives_in", "Oslo", valid_at=NOON - timedelta(days=400))
    said, outcome = shop.say("I lived in Oslo", late)
    assert late.id in outcome.item_ids
    assert shop.read(keys) == [("residence", "Rome")]
    assert flags(shop, said) & SUPERSEDED
    assert shop.read(lambda s: s.rows.items([s.rows.position(late.id) or 0]))[0].invalid_at == NOON


@pytest.mark.parametrize("thing", ["tea", "milk"], ids=["repeated", "new"])
def test_a_message_of_which_something_holds_is_not_outdated(shop: Workshop, thing: str):
    shop.say("I live in Rome, I like tea", fact("in Rome", "lives_in", "Rome"), fact("tea", "likes", "tea"))
    late = fact("in Oslo", "lives_in", "Oslo", valid_at=NOON - timedelta(days=400))
    said, _ = shop.say("I lived in Oslo", late, fact("I like it", "likes", thing))
    assert not flags(shop, said) & SUPERSEDED


def test_a_repeated_fact_gains_evidence(shop: Workshop):
    first, _ = shop.say("I like tea", known := fact("I like tea", "likes", "tea"))
    again = episode("I do like tea")
    outcome = shop.commit(again, fact("I do like tea", "likes", "Tea"))
    assert outcome.repeated == (known.id,)
    assert outcome.version == shop.read(lambda s: s.version)
    (item,) = shop.read(lambda s: s.rows.items([s.rows.position(known.id) or 0]))
    assert (item.n_evidence, item.episode_ids) == (2, (first, again.id))
    shop.remove(first)
    assert flags(shop, known.id) & REMOVED
    assert shop.current() == ["I do like tea", "I do like tea"], "the fact is stated anew by what is left"
    assert shop.read(keys) == [("likes", "tea")]
    assert shop.verify() == []
    shop.remove(again.id)
    assert shop.current() == []


def test_a_fact_is_compared_with_those_of_its_own_batch(shop: Workshop):
    seen: list[list[tuple[str, bool]]] = []

    def spy(stated: Sequence[Stated]) -> list[Stretch]:
        seen.append([(each.slot, each.own) for each in stated])
        return resolve(stated)

    rome, tea = fact("in Rome", "lives_in", "Rome"), fact("tea", "likes", "tea")
    oslo = fact("in Oslo", "lives_in", "Oslo", valid_at=NOON + timedelta(days=1))
    again = fact("tea again", "likes", "tea")
    outcome = shop.commit(episode("Rome, tea, Oslo, tea"), rome, tea, oslo, again, resolve=spy)
    assert seen == [[("rome", True), ("oslo", True)], [("tea", True), ("tea", True)]]
    assert (outcome.superseded, outcome.repeated) == ((rome.id,), (tea.id,))
    assert sorted(shop.read(keys)) == [("likes", "tea"), ("residence", "Oslo")]


def test_two_single_valued_kinships_do_not_overwrite_each_other(shop: Workshop):
    shop.say("family", fact("my mother is Ann", "mother", "Ann"), fact("my father is Bob", "father", "Bob"))
    assert sorted(shop.read(keys)) == [("people", "Ann"), ("people", "Bob")]
    shop.say("my mother is Eve", fact("my mother is Eve", "mother", "Eve", valid_at=NOON + timedelta(1)))
    assert sorted(shop.read(keys)) == [("people", "Bob"), ("people", "Eve")]


def test_a_denial_ends_what_it_denies_and_states_nothing_else(shop: Workshop):
    shop.say("I like tea", fact("I like tea", "likes", "tea"))
    denial = fact("no more tea", "likes", "tea", positive=False, valid_at=NOON + timedelta(days=1))
    said = episode("no more tea")
    outcome = shop.commit(
        said, denial, fact("nor for Harry", "likes", "milk", subject="Harry", positive=False)
    )
    assert len(outcome.superseded) == 1
    assert shop.read(keys) == []
    assert shop.verify() == []
    shop.remove(said.id)
    assert shop.read(keys) == [("likes", "tea")], "what the removed statement had ended holds again"


# ---------------------------------------------------------------- revisions
def test_a_revision_is_a_new_version(shop: Workshop):
    said, _ = shop.say("I like tea", likes := fact("I like tea", "likes", "tea"), mentions=mention("Ann"))
    newer = replace(episode("I like 咖啡", metadata={"n": 1}), id=said, message=None)
    outcome = shop.revise(newer, coffee := fact("I like 咖啡", "likes", "咖啡"))
    assert outcome.item_ids == (said, coffee.id)
    assert outcome.removed == (likes.id,)
    assert shop.read(keys) == [("likes", "咖啡")]
    assert shop.current() == ["I like 咖啡", "I like 咖啡"]
    assert [e.name for e in shop.read(lambda s: s.rows.history(said))] == ["ADD", "UPDATE"]
    assert shop.read(lambda s: s.rows.episodes([said]))[said].text == "I like tea"
    old = shop.read(lambda s: s.rows.items([s.rows.position(said, version=1) or 0]))[0]
    assert old.expired_at is not None
    assert shop.read(lambda s: s.texts.postings("tea").positions.tolist()) == [0, 1]


def test_a_revised_fact_keeps_what_rests_on_it(shop: Workshop):
    said, _ = shop.say("I like tea", likes := fact("I like tea", "likes", "tea"))
    shop.revise(reworded(likes, "Alice likes tea", valid_at=NOON - timedelta(days=5)))
    assert shop.read(relations) == [("alice", "likes", "tea")]
    assert shop.read(keys) == [("likes", "tea")]
    assert shop.verify() == []
    again, _ = shop.say("I like tea!", fact("I like tea!", "likes", "tea"))
    shop.remove(said)
    assert shop.current() == ["I like tea!", "I like tea!"], "the second message states it anew"
    shop.remove(again, how="erase")
    assert shop.current() == []


def test_an_outdated_message_stays_so_when_only_its_metadata_change(shop: Workshop):
    said = episode("I live in Paris")
    shop.commit(said, fact("I live in Paris", "lives_in", "Paris"))
    shop.say("I live in Rome", fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(1)))
    shop.revise(replace(said, metadata={"n": 1}))
    assert flags(shop, said.id) & SUPERSEDED


def test_a_revision_asked_for_by_the_user_leaves_the_item_in_its_session(shop: Workshop):
    said = episode("in the run")
    shop.commit(said, scope=Scope(user_id="alice", run_id="r1"))
    shop.revise(replace(episode("still in the run"), id=said.id), fact("I like tea", "likes", "tea"))
    assert {item.run_id for item in shop.read(lambda s: s.rows.items(range(s.n)))} == {"r1"}


def test_a_closed_fact_that_is_revised_stays_closed(shop: Workshop):
    old = fact("I live in Paris", "lives_in", "Paris")
    shop.say("I live in Paris", old)
    shop.say("I live in Rome", fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(1)))
    shop.revise(reworded(old, "Alice lived in Paris"))
    assert shop.read(keys) == [("residence", "Rome")]
    assert shop.read(relations) == [("alice", "lives_in", "Rome")]


# ---------------------------------------------------------------- removal
@pytest.mark.parametrize("how", ["delete", "erase"])
def test_removing_an_episode_takes_what_rests_on_it_alone(shop: Workshop, how: str):
    said, _ = shop.say("I like tea and Bob", fact("I like tea", "likes", "tea"), mentions=mention("Bob"))
    shop.say("other 其他")
    outcome = shop.remove(said, how=how)
    assert len(outcome.removed) == 2
    assert outcome.counts["items"] == 2
    assert shop.current() == ["other 其他"]
    assert shop.read(keys) == shop.read(relations) == []
    assert [e.name for _, e in shop.read(lambda s: s.graph.entities(limit=9))] == ["alice"], "orphans vanish"
    assert shop.read(lambda s: s.texts.n_rows) == 1
    if how == "erase":
        assert b"tea" not in b"".join(
            p.read_bytes() for p in shop.path.parent.iterdir() if "shm" not in p.name
        )
        assert outcome.counts["log_truncated"] == 1
    else:
        assert [e.old_text for e in shop.read(lambda s: s.rows.history(said))][-1] == "I like tea and Bob"


@pytest.mark.parametrize("how", ["delete", "erase"])
def test_removing_a_fact_reopens_what_it_had_closed(shop: Workshop, how: str):
    old, _ = shop.say("I live in Paris", fact("I live in Paris", "lives_in", "Paris"))
    rome = fact("I live in Rome", "lives_in", "Rome", valid_at=NOON + timedelta(days=1))
    shop.say("I live in Rome", rome)
    assert flags(shop, old) & SUPERSEDED
    shop.remove(rome.id, how=how)
    assert shop.read(keys) == [("residence", "Paris")]
    assert shop.read(relations) == [("alice", "lives_in", "Paris")]
    assert not flags(shop, old) & SUPERSEDED


def test_removing_a_closed_fact_does_not_reopen_beside_the_one_that_closed_it(shop: Workshop):
    drafts = [
        fact(f"I live in {c}", "lives_in", c, valid_at=NOON + timedelta(n))
        for n, c in enumerate(("A1", "B2", "C3"))
    ]
    for draft in drafts:
        shop.say(draft.text, draft)
    shop.remove(drafts[1].id)
    assert shop.read(keys) == [("residence", "C3")]
    assert shop.read(relations) == [("alice", "lives_in", "C3")]
    shop.remove(drafts[2].id)
    assert shop.read(keys) == [("residence", "A1")]


def test_what_fell_with_a_deleted_episode_is_erased_with_it(shop: Workshop):
    said, _ = shop.say("I like tea", likes := fact("I like tea", "likes", "tea"))
    shop.remove(said)
    outcome = shop.remove(said, how="erase")
    assert set(outcome.removed) == {said, likes.id}
    assert shop.sql("SELECT count(*) FROM item") == [(0,)]


def test_removed_twice_or_unknown_is_not_found(shop: Workshop):
    said, _ = shop.say("once")
    shop.remove(said)
    for item_id in (said, "00000000-0000-4000-8000-000000000000", "no id", ""):
        with pytest.raises(NotFoundError):
            shop.remove(item_id)
    shop.remove(said, how="erase")
    with pytest.raises(NotFoundError):
        shop.remove(said, how="erase")


def test_names_shared_with_other_rows_survive(shop: Workshop):
    first, _ = shop.say("Ann and Bob", mentions=mention("Ann", "Bob"))
    shop.say("Ann again", mentions=mention("Ann"))
    shop.remove(first, how="erase")
    assert [e.name for _, e in shop.read(lambda s: s.graph.entities(limit=9))] == ["Ann"]


def test_the_name_of_an_erased_speaker_goes_along(shop: Workshop):
    first, _ = shop.say("hello", speaker="Zoe Zebra", scope=ALICE)
    shop.say("hello", speaker="Ann")
    shop.remove(first, how="erase")
    assert shop.read(lambda s: s.rows.labels()).keys() == {"Ann"}
    assert b"Zebra" not in b"".join(p.read_bytes() for p in shop.path.parent.iterdir() if "shm" not in p.name)


# ---------------------------------------------------------------- expiry
def test_what_has_expired_is_swept_by_the_next_write(shop: Workshop):
    soon = NOON + timedelta(seconds=5)
    said, _ = shop.say("short", fact("I like tea", "likes", "tea", expires_at=soon), expires_at=soon)
    shop.now += timedelta(minutes=1)
    _, outcome = shop.say("next")
    assert outcome.counts["expired"] == 2
    assert shop.current() == ["next"]
    assert [e.name for e in shop.read(lambda s: s.rows.history(said))] == ["ADD", "EXPIRE"]
    assert shop.sql("SELECT next_expiry FROM partition") == [(None,)]


def test_an_expiry_that_a_revision_took_back_removes_nothing(shop: Workshop):
    said, _ = shop.say("short", expires_at=NOON + timedelta(seconds=5))
    shop.revise(replace(episode("long"), id=said, message=None))
    shop.now += timedelta(minutes=1)
    shop.say("next")
    assert shop.current() == ["long", "next"]
    assert shop.sql("SELECT next_expiry FROM partition") == [(None,)]


# ---------------------------------------------------------------- conditions
def test_an_idempotency_key_gives_the_first_result(shop: Workshop):
    first = shop.commit(draft := episode("once"), idempotency=("k", "digest"))
    again = shop.commit(episode("once"), idempotency=("k", "digest"))
    assert again.replayed
    assert again.item_ids == first.item_ids == (draft.id,)
    assert shop.current() == ["once"]
    with pytest.raises(ConflictError):
        shop.commit(episode("other"), idempotency=("k", "another"))
    shop.commit(episode("elsewhere"), scope=BOB, idempotency=("k", "another"))
    shop.remove(draft.id, how="erase")
    tombstone = shop.commit(episode("once"), idempotency=("k", "digest"))
    assert (tombstone.replayed, tombstone.item_ids) == (True, ())


def test_a_retry_is_replayed_although_the_version_has_moved_on(shop: Workshop):
    shop.commit(episode("once"), idempotency=("k", "digest"), if_version=0)
    assert shop.commit(episode("once"), idempotency=("k", "digest"), if_version=0).replayed


def test_a_batch_for_another_version_is_a_conflict(shop: Workshop):
    shop.commit(episode("one"), if_version=0)
    with pytest.raises(ConflictError) as caught:
        shop.commit(episode("two"), if_version=0)
    assert caught.value.version == 1
    assert shop.commit(episode("two"), if_version=1).version == 2
    assert shop.commit(if_version=2).version == shop.read(lambda s: s.version) == 2, "nothing was written"


def test_an_id_that_exists_is_a_conflict_for_its_own_batch_alone(shop: Workshop):
    said, _ = shop.say("one")
    with pytest.raises(ConflictError):
        shop.commit(episode("two", id=said), scope=BOB)
    assert shop.current(scope=BOB) == []


# ---------------------------------------------------------------- the wall
@pytest.mark.parametrize(
    "scope",
    [BOB, Scope(tenant="other", user_id="alice"), Scope(user_id="alice", run_id="r2"), Scope(run_id="r1")],
)
@pytest.mark.parametrize("how", ["delete", "erase"])
def test_another_scope_does_not_find_a_row(shop: Workshop, scope: Scope, how: str):
    said = episode("secret")
    shop.commit(said, scope=Scope(user_id="alice", run_id="r1"))
    with pytest.raises(NotFoundError) as other:
        shop.remove(said.id, how=how, scope=scope)
    with pytest.raises(NotFoundError) as none:
        shop.remove("00000000-0000-4000-8000-000000000000", how=how, scope=scope)
    with pytest.raises(NotFoundError):
        shop.revise(replace(said, text="taken over"), scope=scope)
    assert str(other.value) == str(none.value)
    assert shop.current() == ["secret"]
    shop.remove(said.id, how=how)


@pytest.mark.parametrize("counter", ["next_position", "next_entity", "next_relation"])
def test_a_full_partition_does_not_write_into_the_next_one(shop: Workshop, counter: str):
    shop.say("I live in Paris", fact("I live in Paris", "lives_in", "Paris"))
    shop.say("here before", scope=BOB)
    tables = ("item", "entity", "alias", "mention", "relation", "event")
    before = [shop.sql(f"SELECT * FROM {table}") for table in tables]
    ((free,),) = shop.sql(f"SELECT {counter} FROM partition WHERE owner = 'alice'")
    shop.sql(f"UPDATE partition SET {counter} = {MAX_POSITIONS} WHERE owner = 'alice'")
    with pytest.raises(StoreFullError) as error:
        shop.say("I like tea", fact("I like tea", "likes", "tea"))
    assert error.value.limit == MAX_POSITIONS
    assert [shop.sql(f"SELECT * FROM {table}") for table in tables] == before
    shop.sql(f"UPDATE partition SET {counter} = ? WHERE owner = 'alice'", free)


def test_an_open_handle_does_not_write_what_a_newer_version_made_of_the_file(shop: Workshop):
    shop.say("before")
    shop.sql(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    for write in (
        lambda: shop.say("after"),
        lambda: shop.verify(repair=True),
        lambda: shop.restore([]),
    ):
        with pytest.raises(SchemaVersionError) as error:
            write()
        assert error.value.found == SCHEMA_VERSION + 1
    assert shop.current() == ["before"]
    shop.sql(f"PRAGMA user_version = {SCHEMA_VERSION}")


def test_a_failed_batch_leaves_the_others_alone(shop: Workshop):
    async def together() -> list[object]:
        batches = [
            Batch(scope=ALICE, now=NOON, drafts=(episode(f"n {n}"),), if_version=9 if n % 3 == 0 else None)
            for n in range(30)
        ]
        return await asyncio.gather(*(shop.ledger.commit(b) for b in batches), return_exceptions=True)

    results = asyncio.run(together())
    assert sum(isinstance(r, ConflictError) for r in results) >= 9
    assert len(shop.current()) == sum(not isinstance(r, BaseException) for r in results)
