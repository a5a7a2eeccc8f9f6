"""What a ledger promises about its upkeep: late vectors, copies, exchange, verification, closing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest

from polymem.domain.scope import Scope
from polymem.errors import ClosedError, ConflictError
from polymem.testing.bench import ALICE, BOB, Bench, OpenLedger
from polymem.testing.drafting import ENCODER, episode_of, fact_of, new_id, reworded

__all__ = ["UpkeepPromises"]


def fill(bench: Bench) -> list[str]:
    """Store a history that uses everything; return ids of which the last is erased."""
    said = bench.say(
        "I live in Lyon", fact_of("lives in Lyon", "lives_in", "Lyon"), mentions=("Lyon",), speaker="Ann"
    )
    moved = bench.say(
        "住在尼斯",
        fact_of("lives in Nice", "lives_in", "Nice", valid_at=bench.now),
        metadata={"城市": "尼斯"},
    )
    other = bench.say("note of a run", scope=Scope(user_id="alice", agent_id="cook", run_id="r"))
    bench.revise(reworded(episode_of("x", id=other), "note of a run, revised"))
    bench.commit(episode_of("once"), idempotency=("key", "digest"))
    bench.say("of bob", fact_of("likes tea", "likes", "tea"), scope=BOB)
    deleted, erased = bench.say("deleted"), bench.say("erased")
    bench.remove(deleted)
    bench.remove(erased, how="erase")
    return [said, moved, other, deleted, erased]


class UpkeepPromises:
    """Everything beside reading and writing."""

    def test_a_row_without_a_vector_is_found_by_words_and_gets_one_later(self, bench: Bench) -> None:
        """A failed embedding is counted as waiting, and caught up with."""
        bench.commit(episode_of("waiting for a vector", vector=None, embedded=False))
        bench.commit(episode_of("of another", vector=None, embedded=False), scope=BOB)
        assert bench.words("vector") == [0]
        assert bench.run(bench.ledger.embed(ALICE.partition, None)) == 1
        assert bench.run(bench.ledger.embed(None, None)) == 2
        assert bench.run(bench.ledger.embed(ALICE.partition, ENCODER.encode)) == 1
        query = ENCODER.encode(["waiting for a vector"])[0]
        assert bench.read(lambda s: float(s.vectors.scan(query)[0])) == pytest.approx(1, abs=0.02)
        assert bench.run(bench.ledger.embed(None, None)) == 1
        assert bench.verify() == []

    def test_a_failing_encoder_leaves_the_rows_waiting(self, bench: Bench) -> None:
        """What the encoder raises comes through, and a retry gets everything."""
        bench.commit(*(episode_of(f"note {n}", vector=None, embedded=False) for n in range(3)))

        def broken(texts: list[str]) -> object:
            raise ConflictError(f"{len(texts)}")

        with pytest.raises(ConflictError):
            bench.run(bench.ledger.embed(None, broken))
        assert bench.run(bench.ledger.embed(None, ENCODER.encode)) == 3

    def test_partitions_are_counted(self, bench: Bench) -> None:
        """Counters are exact, in order of tenant, kind and owner."""
        fill(bench)
        infos = bench.run(bench.ledger.partitions())
        assert [info.partition.owner for info in infos] == ["alice", "bob"]
        for info, scope in zip(infos, (ALICE, BOB), strict=True):
            n, live = bench.read(lambda s: (s.n, s.texts.n_rows), scope=scope)
            assert (info.n_rows, info.n_indexed, info.n_pending) == (n, live, 0)
            assert len(info.head) >= 32

    def test_partitions_that_know_a_name(self, bench: Bench) -> None:
        """Those in which a row carries it as agent, run or speaker, deleted rows included, as long as one does."""
        said, *_ = fill(bench)
        bench.say("by 安", scope=BOB, speaker="Ann")
        bench.say("of a run", scope=Scope(tenant="t", agent_id="cook", run_id="r"))

        def owners(label: str) -> list[tuple[str, str]]:
            infos = bench.run(bench.ledger.partitions(label=label))
            return [(info.partition.tenant, info.partition.owner) for info in infos]

        assert owners("r") == [("default", "alice"), ("t", "cook")]
        assert owners("Ann") == [("default", "alice"), ("default", "bob")]
        assert owners("nobody") == owners("") == []
        bench.remove(said)
        assert owners("Ann") == [("default", "alice"), ("default", "bob")]
        bench.remove(said, how="erase")
        assert owners("Ann") == [("default", "bob")]

    def test_an_item_is_located_by_id(self, bench: Bench) -> None:
        """With all its ids, deleted ones included; what never was or was erased is nowhere."""
        said, _, other, deleted, erased = fill(bench)
        located = [
            bench.run(bench.ledger.locate(item_id))
            for item_id in (said, other, deleted, erased, new_id(), "?")
        ]
        assert located == [
            ALICE,
            Scope(user_id="alice", agent_id="cook", run_id="r"),
            ALICE,
            None,
            None,
            None,
        ]

    def test_a_sound_store_verifies(self, bench: Bench) -> None:
        """No history, however mixed, makes the faces disagree; repairing what is sound changes nothing."""
        fill(bench)
        assert bench.verify() == []
        before = bench.texts()
        assert bench.run(bench.ledger.verify(None, repair=True)) == []
        assert bench.run(bench.ledger.verify(ALICE.partition, repair=False)) == []
        assert bench.texts() == before

    def test_an_export_holds_everything(self, bench: Bench, open_ledger: OpenLedger) -> None:
        """A second store restored from it says the same, and exports the same."""
        said, moved, other, deleted, erased = fill(bench)
        records = bench.export()
        twin = Bench(open_ledger, "two")
        try:
            assert twin.restore(records) > 0
            for scope in (ALICE, BOB):
                assert twin.seen(scope=scope, now=bench.now) == bench.seen(scope=scope)
            for item_id in (said, moved, other):
                assert twin.item(item_id) == bench.item(item_id)
                assert twin.episode(item_id) == bench.episode(item_id)
            for item_id in (other, deleted, erased):
                told = [(e.name, e.old_text, e.new_text, e.at) for e in bench.history(item_id)]
                assert [(e.name, e.old_text, e.new_text, e.at) for e in twin.history(item_id)] == told
            assert twin.verify() == []
            keys = [(e.key, e.value) for e in bench.read(lambda s: s.keys.get())]
            assert [(e.key, e.value) for e in twin.read(lambda s: s.keys.get())] == keys
            query = ENCODER.encode(["Lyon"])[0]
            here, there = (
                np.sort(b.read(lambda s: s.vectors.scan(query).copy()))[::-1][:4] for b in (bench, twin)
            )
            assert np.allclose(here, there, atol=0.01)
            assert twin.restore(records) == 0
        finally:
            twin.close()

    def test_an_export_of_a_scope_holds_nothing_else(self, bench: Bench, open_ledger: OpenLedger) -> None:
        """The wall stands in exports too."""
        fill(bench)
        twin = Bench(open_ledger, "two")
        try:
            twin.restore(bench.export(BOB))
            assert twin.texts(scope=BOB) == bench.texts(scope=BOB)
            assert twin.read(lambda s: s.n) == 0
            assert "Lyon" not in repr(bench.export(BOB))
        finally:
            twin.close()

    def test_a_copy_is_made_while_in_use(self, bench: Bench, tmp_path: Path) -> None:
        """A backup holds all that was committed before it, and leaves the store as it was."""
        fill(bench)
        before = bench.texts()
        bench.backup(tmp_path / "copy")
        bench.say("after the copy")
        assert (tmp_path / "copy").exists()
        assert bench.texts() == sorted([*before, "after the copy"])

    def test_after_closing_every_verb_says_so(self, bench: Bench) -> None:
        """Closing twice is allowed; using a closed ledger is ClosedError, never a hang."""
        bench.say("before")
        ledger = bench.ledger
        bench.run(ledger.close())
        bench.run(ledger.close())
        batch = bench.batch(episode_of("after"))
        for work in (
            ledger.commit(batch),
            ledger.read(ALICE.partition, lambda s: s.n),
            ledger.locate(new_id()),
            ledger.partitions(),
            ledger.verify(None, repair=False),
            ledger.embed(None, None),
            ledger.restore([]),
        ):
            with pytest.raises(ClosedError):
                bench.run(work)

    def test_closing_finishes_what_was_queued(self, bench: Bench) -> None:
        """Every commit that was accepted before ``close`` is there afterwards."""
        commits = [bench.ledger.commit(bench.batch(episode_of(f"note {n}"))) for n in range(30)]

        async def all_then_close() -> list[object]:
            tasks = [asyncio.ensure_future(commit) for commit in commits]
            await asyncio.sleep(0)
            await bench.ledger.close()
            return await asyncio.gather(*tasks, return_exceptions=True)

        outcomes = bench.run(all_then_close())
        n_stored = sum(not isinstance(outcome, BaseException) for outcome in outcomes)
        bench.reopen()
        assert len(bench.texts()) == n_stored == 30
