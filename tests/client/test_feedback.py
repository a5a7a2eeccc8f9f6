"""Feedback and what is learned from it, through the public handles."""

import asyncio
import json
import sqlite3
import threading
from dataclasses import replace

import pytest

from polymem import AsyncMemory, Memory
from polymem.client import learned as learned_module
from polymem.engines.sqlite import rated
from polymem.errors import ConflictError, InputError, NotFoundError, ScopeError
from polymem.ranking.scoring import Weights
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder

THINGS = ("kettle", "ladder", "lantern", "anvil", "水壶", "梯子", "灯笼", "铁砧")


def stock(memory, *, tenant=None, user="ann"):
    for thing in THINGS:
        for place in ("attic", "cellar", "garden", "阁楼"):
            memory.add(
                f"The {thing} is in the {place}. 我把{thing}放好了。",
                user_id=user,
                tenant=tenant,
                infer=False,
            )


def rate(memory, *, tenant=None, user="ann", rule=lambda hit: hit.signals["dense"] > 1.0, n=16):
    """Ask *n* questions and say of each hit whether it was of use by *rule*."""
    for number in range(n):
        question = f"Where is the {THINGS[number % len(THINGS)]}, number {number}?"
        for hit in memory.search(question, user_id=user, tenant=tenant, limit=6, explain=True):
            memory.feedback(hit, useful=rule(hit))


def rows(path, sql="SELECT * FROM feedback"):
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def accepted(memory, tenant=None):
    """Let factors be in force whatever the feedback is worth."""
    ledger = memory._memory._parts.learned.ledger
    told = replace(learned_of(memory, tenant), accepted=True, factors={"own": 2.0, "dense": 0.5}, shift=0.5)
    memory._loop.run(ledger.keep(tenant or "default", told, at=memory._memory._parts.clock.now()))
    memory._memory._parts.learned.forget(tenant or "default")


def learned_of(memory, tenant=None):
    return memory._loop.run(memory._memory._parts.learned.ledger.learned(tenant or "default"))


def test_feedback_holds_numbers_and_no_words(memory, path):
    stock(memory)
    (hit, *_) = memory.search("Where is the 水壶?", user_id="ann", explain=True)
    memory.feedback(hit, useful=True)
    ((_, item, query, at, useful, signals),) = rows(path)
    assert item.hex() == hit.item.id.replace("-", "")
    assert (len(query), useful) == (16, 1)
    assert isinstance(at, int)
    assert json.loads(signals) == pytest.approx(dict(hit.signals))
    assert all(isinstance(value, float) for value in json.loads(signals).values())
    assert memory.verify() == []


def test_said_again_it_replaces(memory, path):
    stock(memory)
    (hit, other, *_) = memory.search("kettle", user_id="ann", explain=True)
    for useful in (True, False, True):
        memory.feedback(hit, useful=useful)
    memory.feedback(other, useful=False)
    assert sorted(row[4] for row in rows(path)) == [0, 1]
    assert len({row[2] for row in rows(path)}) == 1
    (again, *_) = memory.search("kettle", user_id="ann", explain=True)
    memory.feedback(again, useful=False)
    assert len(rows(path)) == 3


def test_the_oldest_feedback_makes_room(memory, path, clock, monkeypatch):
    monkeypatch.setattr(rated, "KEPT_FEEDBACK", 5)
    stock(memory)
    for _ in range(9):
        clock.move(seconds=1)
        memory.feedback(memory.search("kettle", user_id="ann", explain=True)[0], useful=True)
    times = [row[3] for row in rows(path, "SELECT * FROM feedback ORDER BY at")]
    assert len(times) == 5
    assert times[-1] - times[0] == 4_000_000


def test_a_hit_without_signals_is_told(memory):
    stock(memory)
    plain = memory.search("kettle", user_id="ann")[0]
    explained = memory.search("kettle", user_id="ann", explain=True)[0]
    assert plain.search == ""
    for wrong in (
        plain,
        plain.item,
        "id",
        None,
        replace(explained, search="x"),
        replace(explained, search=".q"),
    ):
        with pytest.raises(InputError):
            memory.feedback(wrong, useful=True)
    with pytest.raises(InputError, match="explain=True"):
        memory.feedback(plain, useful=True)
    for signals in ({"own": float("nan")}, {"own": float("inf")}, {f"s{n}": 1.0 for n in range(65)}):
        with pytest.raises(InputError):
            memory.feedback(replace(explained, signals=signals), useful=True)
    for useful in (1, "yes", None):
        with pytest.raises(InputError):
            memory.feedback(explained, useful=useful)


def test_the_wall_of_scopes(memory, path):
    stock(memory)
    (hit, *_) = memory.search("kettle", user_id="ann", explain=True)
    for other in ({"user_id": "bob"}, {"user_id": "ann", "tenant": "t"}, {"user_id": "ann", "run_id": "r"}):
        with pytest.raises(NotFoundError):
            memory.scoped(**other).feedback(hit, useful=True)
    assert rows(path) == []
    memory.scoped(user_id="ann").feedback(hit, useful=True)
    memory.delete(hit.item.id)
    with pytest.raises(NotFoundError):
        memory.feedback(hit, useful=True)
    for verb in ("learn", "unlearn"):
        with pytest.raises(ScopeError):
            getattr(memory.scoped(user_id="ann"), verb)()
    assert memory.scoped(user_id="ann").weights() == memory.weights()
    with pytest.raises(ScopeError):
        memory.scoped(user_id="ann").weights(tenant="t")
    for tenant in ("", " ", "*", 1.5):
        with pytest.raises(ScopeError):
            memory.learn(tenant=tenant)


def test_one_tenants_feedback_changes_nothing_for_another(memory):
    for tenant in ("one", "two"):
        stock(memory, tenant=tenant)
    before = memory.search("kettle in the attic", user_id="ann", tenant="two", explain=True)
    rate(memory, tenant="one")
    assert memory.learn(tenant="two").n_examples == 0
    assert memory.learn(tenant="one").n_examples == 96
    accepted(memory, "one")
    assert memory.weights(tenant="one")["own"] == 2 * memory.weights(tenant="two")["own"]
    after = memory.search("kettle in the attic", user_id="ann", tenant="two", explain=True)
    assert [(hit.item.id, hit.score, hit.signals) for hit in before] == [
        (hit.item.id, hit.score, hit.signals) for hit in after
    ]
    assert memory.unlearn(tenant="two") == 0
    assert memory.weights(tenant="one")["own"] == 2 * Weights().own
    assert memory.unlearn(tenant="one") == 96
    assert memory.weights(tenant="one") == memory.weights()


def test_what_is_learned_is_in_force_and_in_other_handles_soon(memory, path, clock, monkeypatch):
    stock(memory)
    with Memory(path, embedder=WordEmbedder(), clock=clock) as other:
        plain = other.search("kettle in the attic", user_id="ann", explain=True)
        accepted(memory)
        (hit, *_) = memory.search("kettle in the attic", user_id="ann", explain=True)
        old = next(one for one in plain if one.item.id == hit.item.id)
        assert hit.signals["own"] == pytest.approx(2 * old.signals["own"], rel=1e-5)
        assert hit.signals["base"] == pytest.approx(old.signals["base"] + 0.5, abs=1e-5)
        assert memory.context("kettle", user_id="ann")
        assert other.search("kettle", user_id="ann", explain=True)[0].search.startswith("0.")
        monkeypatch.setattr(learned_module, "FRESH_S", 0.0)
        assert other.search("kettle", user_id="ann", explain=True)[0].search.startswith("1.")


def test_feedback_on_a_search_by_learned_weights_counts_by_the_defaults(memory, path):
    stock(memory)
    (plain, *_) = memory.search("kettle in the attic", user_id="ann", explain=True)
    accepted(memory)
    (hit, *_) = memory.search("kettle in the attic", user_id="ann", explain=True)
    assert hit.item.id == plain.item.id
    memory.unlearn()
    with pytest.raises(ConflictError):
        memory.feedback(hit, useful=True)
    accepted(memory)
    (hit, *_) = memory.search("kettle in the attic", user_id="ann", explain=True)
    memory.feedback(hit, useful=True)
    (row,) = rows(path)
    kept = json.loads(row[5])
    assert kept["own"] == pytest.approx(plain.signals["own"], rel=1e-4)
    assert kept["base"] == pytest.approx(plain.signals["base"], abs=1e-4)


def test_a_fit_that_is_not_accepted_returns_to_the_defaults(memory):
    stock(memory)
    accepted(memory)
    report = memory.learn()
    assert (report.accepted, report.no) == (False, 2)
    assert memory.weights()["own"] == Weights().own
    assert learned_of(memory) == report


def test_erased_items_leave_no_feedback(memory, path):
    stock(memory)
    rate(memory, n=8)
    (hit, *_) = memory.search("灯笼", user_id="ann", explain=True)
    memory.feedback(hit, useful=True)
    n = len([row for row in rows(path) if row[1].hex() == hit.item.id.replace("-", "")])
    receipt = memory.forget(hit.item.id)
    assert receipt.counts["feedback"] == n > 0
    assert not [row for row in rows(path) if row[1].hex() == hit.item.id.replace("-", "")]
    assert memory.verify_erasure(receipt) == []
    connection = sqlite3.connect(path)
    key = bytes.fromhex(hit.item.id.replace("-", ""))
    connection.execute("INSERT INTO feedback VALUES (1, ?, randomblob(16), 1, 1, '{}')", (key,))
    connection.commit()
    connection.close()
    assert "feedback" in {finding.face for finding in memory.verify_erasure(receipt)}
    assert "feedback" in {finding.face for finding in memory.verify()}
    memory.rebuild()
    assert memory.verify() == []
    assert memory.verify_erasure(receipt) == []
    memory.forget(user_id="ann", everything=True)
    assert rows(path) == []


def test_feedback_that_cannot_be_read_is_found_and_let_go(memory, path):
    stock(memory)
    (hit, *_) = memory.search("kettle", user_id="ann", explain=True)
    memory.feedback(hit, useful=True)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE feedback SET signals = 'no json'")
    connection.commit()
    connection.close()
    assert [finding.face for finding in memory.verify()] == ["feedback"]
    memory.rebuild()
    assert memory.verify() == []
    assert rows(path) == []


def test_feedback_is_in_a_backup_and_not_in_an_export(memory, path, tmp_path):
    stock(memory)
    rate(memory, n=2)
    memory.backup(tmp_path / "copy.db")
    assert rows(tmp_path / "copy.db") == rows(path) != []
    memory.export(tmp_path / "all.jsonl")
    assert "feedback" not in (tmp_path / "all.jsonl").read_text(encoding="utf-8")
    with Memory(tmp_path / "new.db", embedder=WordEmbedder()) as new:
        new.import_(tmp_path / "all.jsonl")
        assert new.verify() == []
        assert new.learn().n_examples == 0


def test_feedback_beside_adds_and_other_threads(memory, path):
    stock(memory)
    hits = memory.search("kettle in the attic", user_id="ann", limit=8, explain=True)
    failures = []

    def tell(number):
        try:
            for round_ in range(10):
                memory.feedback(hits[number], useful=bool(round_ % 2))
                memory.add(f"note {number} {round_}", user_id="ann")
                if number == 0:
                    memory.learn()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=tell, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [row[4] for row in rows(path)] == [1, 1, 1, 1]
    assert memory.verify() == []


def test_what_was_told_survives_a_kill(memory, path):
    """What is in the file when feedback returns is all that another process sees; nothing waits in this one."""
    stock(memory)
    for hit in memory.search("kettle", user_id="ann", explain=True):
        memory.feedback(hit, useful=True)
        with Memory(path, embedder=WordEmbedder()) as other:
            assert other.learn().n_examples == len(rows(path))


def test_the_same_from_an_event_loop(path):
    async def main():
        async with AsyncMemory(path, embedder=WordEmbedder(), clock=FrozenClock()) as memory:
            await memory.add("The kettle is in the attic.", user_id="ann")
            (hit, *_) = await memory.search("kettle", user_id="ann", explain=True)
            await asyncio.gather(*(memory.feedback(hit, useful=True) for _ in range(5)))
            report = await memory.learn()
            return report.n_examples, await memory.unlearn(), await memory.weights()

    n, gone, weights = asyncio.run(main())
    assert (n, gone, weights["own"]) == (1, 1, Weights().own)


def test_a_search_that_is_not_explained_names_itself_not(memory):
    stock(memory)
    assert {hit.search for hit in memory.search("kettle", user_id="ann")} == {""}
    one, other = (memory.search("kettle", user_id="ann", explain=True) for _ in range(2))
    assert len({hit.search for hit in one}) == 1
    assert one[0].search != other[0].search
