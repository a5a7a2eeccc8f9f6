"""The suite that every queue of derivations passes, on the ledger in which it lies.

An adapter subclasses it and says how its stores are opened, and which queue lies in a ledger::

    class TestMyQueue(DerivationSuite):
        @pytest.fixture
        def open_ledger(self, tmp_path): ...

        @pytest.fixture
        def queue_of(self):
            return lambda ledger: MyQueue(ledger)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from polymem.domain.batch import Enqueue
from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.scope import Scope
from polymem.domain.statement import Mention
from polymem.errors import ConflictError, NotFoundError
from polymem.testing.bench import ALICE, BOB, OpenLedger
from polymem.testing.desk import LEASE_S, Desk, QueueOf
from polymem.testing.drafting import episode_of, fact_of, new_id, reworded

__all__ = ["DerivationSuite"]

PRIVATE = Instructions(prompt="只看旅行 xyzzy", categories=(("旅行", "trips"),), includes=("travel",))


class DerivationSuite:
    """Proves the promises of :class:`polymem.ports.derivations.DerivationQueue`, and what a ledger promises about it."""

    @pytest.fixture
    def open_ledger(self) -> OpenLedger:
        """Return what opens a store by name. Adapters override this."""
        raise NotImplementedError("override open_ledger")

    @pytest.fixture
    def queue_of(self) -> QueueOf:
        """Return what finds the queue of a ledger. Adapters override this."""
        raise NotImplementedError("override queue_of")

    @pytest.fixture
    def raw_bytes(self) -> Callable[[], bytes] | None:
        """Return what reads all bytes of the store called "one"; None where that is impossible."""
        return None

    @pytest.fixture
    def desk(self, open_ledger: OpenLedger, queue_of: QueueOf) -> Iterator[Desk]:
        """Return a workbench on an empty store; what is left there has to be sound."""
        desk = Desk(open_ledger, queue_of)
        yield desk
        assert desk.verify() == []
        desk.close()

    # ---------------------------------------------------------------- leases
    def test_what_is_asked_for_waits_in_order(self, desk: Desk) -> None:
        """With its episodes, where they lie, and how it is to be done."""
        first = desk.ask("我住在青岛。", "I like tea.", instructions=PRIVATE)
        second = desk.ask("hello", scope=Scope(user_id="bob", run_id="周二"))
        assert [first.token, second.token] == ["", ""]
        found = desk.pending()
        assert [each.id for each in found] == [first.derivation.id, second.derivation.id]
        assert found[0] == first.derivation
        assert found[0].instructions == PRIVATE
        assert [desk.item(each).text for each in found[0].episode_ids] == ["我住在青岛。", "I like tea."]
        assert found[1].scope == Scope(user_id="bob", run_id="周二")
        assert {each.state for each in found} == {"waiting"}
        assert desk.counts() == (2, 0, 0)
        assert desk.counts(BOB) == (1, 0, 0)
        assert desk.pending(limit=1) == found[:1]

    def test_nobody_gets_what_somebody_holds(self, desk: Desk) -> None:
        """Until the lease ends; then it is another's, and the first one's is lost."""
        desk.ask("one")
        lease = desk.one()
        assert lease.derivation.attempts == 1
        assert lease.derivation.state == "leased"
        assert desk.lease() == []
        desk.later(LEASE_S - 1)
        assert desk.lease() == []
        desk.later(2)
        other = desk.one()
        assert other.derivation.id == lease.derivation.id
        assert other.derivation.attempts == 2
        for use in (
            lambda: desk.run(desk.queue.renew(lease, now=desk.now, lease_s=1)),
            lambda: desk.run(desk.queue.postpone(lease, next_at=desk.now, problem="")),
            lambda: desk.done(lease, fact_of("x", "likes", "tea")),
        ):
            with pytest.raises(ConflictError) as caught:
                use()
            assert caught.value.facts["lost"] is True
        assert desk.texts() == ["one"]
        desk.done(other)

    def test_a_lease_that_is_renewed_lasts(self, desk: Desk) -> None:
        """For as long as it is."""
        desk.ask("one")
        lease = desk.one()
        for _ in range(3):
            desk.later(LEASE_S - 1)
            lease = desk.run(desk.queue.renew(lease, now=desk.now, lease_s=LEASE_S))
        assert desk.lease() == []
        assert desk.pending()[0].attempts == 1

    def test_a_lease_that_ran_out_holds_while_nobody_wants_it(self, desk: Desk) -> None:
        """Slow work is not thrown away for being slow."""
        lease = desk.ask("one", lease_s=1)
        desk.later(1_000)
        desk.done(lease, fact_of("I like tea", "likes", "tea"))
        assert desk.texts() == ["I like tea", "one"]
        assert desk.pending() == []

    def test_the_writer_may_hold_it_at_once(self, desk: Desk) -> None:
        """So that nobody else begins it between the two transactions."""
        lease = desk.ask("one", lease_s=LEASE_S)
        assert (lease.derivation.state, lease.derivation.attempts) == ("leased", 1)
        assert desk.lease() == []

    def test_a_session_goes_in_order_and_holds_up_no_other(self, desk: Desk) -> None:
        """At most one of a session at a time; a failure holds up nobody."""
        monday, tuesday = (Scope(user_id="alice", run_id=run) for run in ("monday", "周二"))
        first, second, other = (
            desk.ask("1", scope=monday),
            desk.ask("2", scope=monday),
            desk.ask("3", scope=tuesday),
        )
        held = desk.lease()
        assert [each.derivation.id for each in held] == [first.derivation.id, other.derivation.id]
        assert desk.lease() == []
        desk.run(desk.queue.postpone(held[0], next_at=desk.now + timedelta(hours=1), problem="ModelError"))
        assert desk.one().derivation.id == second.derivation.id

    def test_at_most_so_many(self, desk: Desk) -> None:
        """The oldest ones first."""
        asked = [desk.ask("x", scope=Scope(user_id=f"u{n}")).derivation.id for n in range(5)]
        assert [each.derivation.id for each in desk.lease(limit=2)] == asked[:2]
        assert desk.lease(limit=0) == []
        assert [each.derivation.id for each in desk.lease(ids=[asked[4]])] == asked[4:]

    # ---------------------------------------------------------------- failures
    def test_a_failure_waits_for_its_time(self, desk: Desk) -> None:
        """And says what it was; an attempt that was none is not counted."""
        desk.ask("one")
        lease = desk.one()
        later = desk.now + timedelta(seconds=30)
        desk.run(desk.queue.postpone(lease, next_at=later, problem="RateLimitError"))
        (found,) = desk.pending()
        assert (found.state, found.attempts, found.next_at) == ("waiting", 1, later)
        assert found.problem == "RateLimitError"
        assert desk.lease() == []
        desk.later(30)
        again = desk.one()
        desk.run(desk.queue.postpone(again, next_at=desk.now, problem="BudgetError", counted=False))
        assert desk.pending()[0].attempts == 1

    def test_what_was_given_up_comes_back_only_when_asked_for(self, desk: Desk) -> None:
        """A dead letter is not leased, however long it lies; brought back, it is as new."""
        desk.ask("one")
        desk.ask("two", scope=BOB)
        lease, _ = desk.lease()
        desk.run(desk.queue.postpone(lease, next_at=desk.now, problem="RefusalError", dead=True))
        desk.later(10**7)
        assert [each.derivation.scope for each in desk.lease()] == [BOB]
        assert desk.counts() == (0, 1, 1)
        assert [each.id for each in desk.pending(state="dead")] == [lease.derivation.id]
        assert desk.run(desk.queue.retry(BOB, now=desk.now)) == 0
        assert desk.run(desk.queue.retry(ALICE, now=desk.now, ids=[new_id(), "no id", ""])) == 0
        assert desk.run(desk.queue.retry(ALICE, now=desk.now, ids=[lease.derivation.id])) == 1
        assert desk.one(scope=ALICE).derivation.attempts == 1

    def test_scopes_are_apart(self, desk: Desk) -> None:
        """Of the store that is asked about a scope, nothing of another one is told or taken."""
        run = Scope(user_id="alice", run_id="r")
        ids = [desk.ask("x", scope=scope).derivation.id for scope in (ALICE, run, BOB)]
        assert [each.id for each in desk.pending(ALICE)] == ids[:2]
        assert [each.id for each in desk.pending(run)] == ids[1:2]
        assert desk.pending(Scope(user_id="alice", tenant="other")) == []
        assert desk.pending(Scope(user_id="*")) == []
        assert desk.pending(run, ids=ids) == desk.pending(run)
        assert [each.derivation.id for each in desk.lease(scope=run)] == ids[1:2]
        assert desk.counts(run) == (0, 1, 0)

    # ---------------------------------------------------------------- completion
    def test_what_it_gave_and_its_end_are_one(self, desk: Desk) -> None:
        """Facts with their sources, names of the episodes, and the derivation gone."""
        lease = desk.ask("我住在青岛。", "Ann 是我姐姐。", lease_s=LEASE_S)
        episodes = lease.derivation.episode_ids
        fact = fact_of("住在青岛", "lives_in", "青岛", sources=((0, 0, 5), (1, 0, 0)), derived_by="script/1")
        desk.done(
            lease, fact, names=((Mention("青岛", "place", (3, 5), ("岛城",)),), (Mention("Ann", "person"),))
        )
        assert desk.pending() == []
        assert desk.item(fact.id).episode_ids == episodes
        assert desk.item(fact.id).derived_by == "script/1"

        with pytest.raises(ConflictError):
            desk.done(lease, fact_of("again", "likes", "tea"))
        assert desk.texts() == sorted(["我住在青岛。", "Ann 是我姐姐。", "住在青岛"])

    def test_an_episode_that_changed_is_derived_from_anew(self, desk: Desk) -> None:
        """Nothing is stored of its old words; the derivation goes on."""
        lease = desk.ask("I live in Rome.", lease_s=LEASE_S)
        (episode,) = lease.derivation.episode_ids
        desk.revise(reworded(episode_of("", id=episode), "我住在青岛。"))
        fact = fact_of("lives in Rome", "lives_in", "Rome")
        with pytest.raises(ConflictError) as caught:
            desk.done(lease, fact)
        assert caught.value.facts["lost"] is False
        assert desk.texts() == ["我住在青岛。"]
        desk.done(lease, fact_of("住在青岛", "lives_in", "青岛"), versions=(2,))
        assert desk.texts() == ["住在青岛", "我住在青岛。"]

    def test_an_episode_that_was_deleted_gives_nothing(self, desk: Desk) -> None:
        """What else there is of the batch does."""
        lease = desk.ask("one", "two", lease_s=LEASE_S)
        desk.remove(lease.derivation.episode_ids[0])
        with pytest.raises(ConflictError) as caught:
            desk.done(lease, fact_of("one", "likes", "tea"))
        assert caught.value.facts["lost"] is False
        desk.done(lease, fact_of("two", "likes", "茶", sources=((1, 0, 3),)), versions=(0, 1))
        assert desk.texts() == ["two", "two"]

    def test_an_episode_that_was_erased_leaves_the_queue(
        self, desk: Desk, raw_bytes: Callable[[], bytes] | None
    ) -> None:
        """And takes the instructions along when it was the last one: they may be as private as its words."""
        lease = desk.ask("我的秘密", "two", lease_s=LEASE_S, instructions=PRIVATE)
        first, second = lease.derivation.episode_ids
        desk.remove(first, how="erase")
        with pytest.raises(ConflictError) as caught:
            desk.done(lease, fact_of("我的秘密", "likes", "秘密"))
        assert caught.value.facts["lost"] is False
        assert desk.pending()[0].episode_ids == (second,)
        desk.remove(second, how="erase")
        assert desk.pending() == []
        with pytest.raises(ConflictError) as caught:
            desk.done(lease, fact_of("我的秘密", "likes", "秘密"))
        assert caught.value.facts["lost"] is True
        assert desk.texts() == []
        if raw_bytes is not None:
            assert b"xyzzy" not in raw_bytes()

    def test_a_fact_that_was_deleted_does_not_come_back(self, desk: Desk) -> None:
        """Whoever derives it again."""
        said = episode_of("我住在青岛，喜欢茶。")
        fact = fact_of("住在青岛", "lives_in", "青岛")
        desk.commit(said, fact)
        desk.remove(fact.id)
        desk.again(said.id)
        desk.done(desk.one(), fact_of("住在青岛", "lives_in", "青岛"), fact_of("喜欢茶", "likes", "茶"))
        assert desk.texts() == sorted(["喜欢茶", "我住在青岛，喜欢茶。"])

    def test_a_repetition_tells_the_whole(self, desk: Desk) -> None:
        """The call's result grows by what was derived of it, and says until then that it is not done."""
        key: dict[str, Any] = {"idempotency": ("k", "digest")}
        lease = desk.ask("one", lease_s=LEASE_S, **key)
        replay = desk.commit(episode_of("other"), enqueue=Enqueue(PLAIN), **key)
        assert replay.replayed
        assert replay.lease is not None
        assert (replay.lease.derivation.id, replay.lease.token) == (lease.derivation.id, "")
        assert len(desk.pending()) == 1
        fact = fact_of("I like tea", "likes", "tea")
        desk.done(lease, fact)
        replay = desk.commit(episode_of("other"), **key)
        assert replay.lease is None
        assert replay.item_ids == (*lease.derivation.episode_ids, fact.id)

    # ---------------------------------------------------------------- anew
    def test_what_was_derived_before_ends_when_it_is_derived_anew(self, desk: Desk) -> None:
        """At once with what takes its place; who looks from before sees it, and what others say stays, in their words."""
        first, second = episode_of("我住在青岛。"), episode_of("青岛是我家。")
        old, shared = fact_of("老", "likes", "老"), fact_of("住在青岛", "lives_in", "青岛")
        desk.commit(first, old, shared)
        before = desk.now
        desk.commit(second, fact_of("家在青岛", "lives_in", "青岛"))
        assert desk.again(first.id) == 1
        assert len(desk.texts()) == 4
        desk.done(desk.one(), fact_of("新", "likes", "新", derived_by="new/1"))
        assert desk.texts() == sorted(["我住在青岛。", "青岛是我家。", "家在青岛", "新"])
        assert "老" in desk.texts(known_at=before)
        assert [item.episode_ids for item in desk.seen() if item.text == "家在青岛"] == [(second.id,)]

    def test_episodes_derived_anew_are_parted_by_session(self, desk: Desk) -> None:
        """In order, so many at a time; and they leave the derivation in which they waited."""
        monday = Scope(user_id="alice", run_id="monday")
        mine = [desk.say(f"m{n}", scope=monday) for n in range(5)]
        waiting = desk.ask("w1", "w2").derivation
        assert desk.again(*mine, waiting.episode_ids[0], n_together=2) == 4
        found = desk.pending()
        assert [each.episode_ids for each in found] == [
            waiting.episode_ids[1:],
            waiting.episode_ids[:1],
            *(tuple(mine[n : n + 2]) for n in (0, 2, 4)),
        ]
        assert [each.reextract for each in found] == [False, True, True, True, True]
        assert found[2].scope == monday
        for wrong in (new_id(), "no id", ""):
            with pytest.raises(NotFoundError):
                desk.again(wrong)
        with pytest.raises(NotFoundError):
            desk.again(mine[0], scope=BOB)

    def test_who_derived_is_remembered(self, desk: Desk) -> None:
        """Of an episode that gave nothing too; one that waits is told by nothing."""
        said = desk.say("hello")

        def names() -> frozenset[str]:
            return desk.run(desk.queue.derived_by(ALICE, [said]))[0]

        assert names() == frozenset({""})
        desk.again(said)
        assert names() == frozenset()
        desk.done(desk.one(), by="script/2")
        assert names() == frozenset({"script/2"})
        assert desk.run(desk.queue.derived_by(BOB, [said, "no id"])) == [frozenset(), frozenset()]

    # ---------------------------------------------------------------- moving
    def test_it_survives_a_restart_and_an_export(
        self, desk: Desk, open_ledger: OpenLedger, queue_of: QueueOf
    ) -> None:
        """Also what was given up; a lease is not handed on."""
        desk.ask("我住在青岛。", instructions=PRIVATE, lease_s=LEASE_S)
        desk.ask("two", scope=BOB)
        dead = desk.one(scope=BOB)
        desk.run(desk.queue.postpone(dead, next_at=desk.now, problem="RefusalError", dead=True))
        records = desk.export()
        before = desk.pending()
        desk.reopen()
        desk.queue = queue_of(desk.ledger)
        assert desk.pending() == before
        other = Desk(open_ledger, queue_of, "two")
        other.restore(records)
        assert {each.id: each.state for each in other.pending()} == {
            each.id: "dead" if each.state == "dead" else "waiting" for each in before
        }
        assert {each.id: each.instructions for each in other.pending()} == {
            each.id: each.instructions for each in before
        }
        other.restore(records)
        assert len(other.pending()) == 2
        assert other.verify() == []
        other.close()
