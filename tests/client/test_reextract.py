"""Deriving anew from stored messages: what the old extractor gave ends, what the new one gives takes its place."""

import json

import pytest

from polymem import Memory
from polymem.domain.derivation import Reextraction, Worked
from polymem.domain.statement import Extraction, Statement
from polymem.errors import NotFoundError
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder

HOME = "我住在青岛，喜欢喝茶。"


def says(text, predicate, thing, words=None):
    words = words or text
    return Statement("self", predicate, thing, thing, "fact", True, words, (0, len(words)))


@pytest.fixture
def model():
    return ScriptedExtractor(
        {HOME: Extraction((says(HOME, "lives_in", "青岛", "家在青岛"),))}, name="model/1"
    )


def with_rules(path, clock):
    return Memory(path, embedder=WordEmbedder(), clock=clock)


def with_model(path, clock, model):
    return Memory(path, embedder=WordEmbedder(), clock=clock, extractor=model)


def facts(memory, **fields):
    return sorted(item.text for item in memory.get_all(user_id="ann", **fields) if item.kind != "episode")


def test_a_model_replaces_what_the_rules_gave(path, clock, model):
    with with_rules(path, clock) as memory:
        first = memory.add(HOME, user_id="ann")
        old = facts(memory)
        assert len(old) >= 2
        assert {item.derived_by for item in first.items if item.kind != "episode"} == {"rules/1"}
    before = clock.now()
    clock.move(days=1)
    with with_model(path, clock, model) as memory:
        assert memory.reextract(user_id="ann", dry_run=True) == Reextraction(1, 1)
        assert facts(memory) == old
        assert memory.reextract(user_id="ann") == Reextraction(1, 1, Worked(n_done=1))
        assert facts(memory) == ["家在青岛"]
        assert facts(memory, known_at=before) == old
        assert {*memory.profile(user_id="ann")} == {"residence"}
        assert [event.name for event in memory.history(first.items[1].id)] == ["ADD", "SUPERSEDE"]
        assert memory.reextract(user_id="ann") == Reextraction()
        assert model.n_calls == 1
        assert memory.verify() == []
    with with_rules(path, clock) as memory:
        assert memory.reextract(user_id="ann").n_episodes == 1
        assert facts(memory) == old
        assert memory.reextract(user_id="ann") == Reextraction()
        assert memory.verify() == []


def test_with_the_same_name_nothing_is_done_unless_forced(path, clock, model):
    with with_model(path, clock, model) as memory:
        memory.add(HOME, user_id="ann")
        memory.add("你好", user_id="ann")
        assert memory.reextract(user_id="ann") == Reextraction()
        model.script["你好"] = Extraction((says("你好", "likes", "你好"),))
        assert memory.reextract(user_id="ann", force=True).n_episodes == 2
        assert facts(memory) == sorted(["家在青岛", "你好"])
        assert {item.n_evidence for item in memory.get_all(user_id="ann")} == {1}
        model.name = "model/2"
        assert memory.reextract(user_id="ann").n_episodes == 2
        assert {item.derived_by for item in memory.get_all(user_id="ann", kinds=["fact"])} == {"model/2"}
        assert memory.verify() == []


def test_what_a_user_deleted_stays_deleted(path, clock, model):
    with with_model(path, clock, model) as memory:
        fact = memory.add(HOME, user_id="ann").items[1]
        memory.delete(fact.id)
        model.name = "model/2"
        memory.reextract(user_id="ann")
        assert facts(memory) == []
        memory.reextract(user_id="ann", force=True)
        assert facts(memory) == []


def test_until_it_succeeds_the_old_facts_stay(path, clock, model):
    with with_rules(path, clock) as memory:
        memory.add(HOME, user_id="ann")
        old = facts(memory)
    with with_model(path, clock, model) as memory:
        model.fail(times=1)
        assert memory.reextract(user_id="ann").worked.n_failed == 1
        assert facts(memory) == old
        assert memory.reextract(user_id="ann") == Reextraction()
        (waiting,) = memory.pending()
        assert (waiting.reextract, waiting.problem) == (True, "ModelError")
        clock.set(waiting.next_at)
        assert memory.work().n_done == 1
        assert facts(memory) == ["家在青岛"]


def test_sessions_go_apart_and_in_order_twenty_at_a_time(path, clock, model):
    with with_rules(path, clock) as memory:
        for n in range(45):
            memory.add(f"a{n}", user_id="ann", run_id="甲" if n % 3 else "乙")
    with with_model(path, clock, model) as memory:
        assert memory.reextract(user_id="ann", dry_run=True) == Reextraction(45, 3)
        assert memory.reextract(user_id="ann", run=False) == Reextraction(45, 3)
        assert model.n_calls == 0
        assert sorted(len(each.episode_ids) for each in memory.pending()) == [10, 15, 20]
        assert memory.work().n_done == 3
        seen = [int(message.text[1:]) for message in model.seen]
        for run in (True, False):
            mine = [n for n in seen if bool(n % 3) is run]
            assert mine == sorted(mine)


def test_it_may_be_narrowed(path, clock, model):
    with with_rules(path, clock) as memory:
        memory.add(HOME, user_id="ann", run_id="r", metadata={"k": 1}, timestamp="2024-01-01")
        memory.add(HOME, user_id="ann", timestamp="2024-03-01")
        memory.add(HOME, user_id="bob")
    with with_model(path, clock, model) as memory:
        one = Reextraction(1, 1)
        assert memory.reextract(user_id="ann", run_id="r", dry_run=True) == one
        assert memory.reextract(user_id="ann", filters={"k": 1}, dry_run=True) == one
        assert memory.reextract(user_id="ann", before="2024-02-01", dry_run=True) == one
        assert memory.reextract(user_id="nobody") == Reextraction()
        assert memory.scoped(user_id="bob").reextract() == Reextraction(1, 1, Worked(n_done=1))
        assert memory.reextract(user_id="ann", dry_run=True).n_episodes == 2
    with pytest.raises(NotFoundError), with_rules(path, clock) as memory:
        memory.scoped(user_id="bob").retry("no id")


def test_what_was_deleted_or_erased_is_left_alone(path, clock, model):
    with with_rules(path, clock) as memory:
        ids = [memory.add(HOME, user_id="ann").items[0].id for _ in range(3)]
        memory.delete(ids[0])
        memory.forget(ids[1])
    with with_model(path, clock, model) as memory:
        assert memory.reextract(user_id="ann", run=False).n_episodes == 1
        memory.forget(ids[2])
        assert memory.pending() == []
        assert memory.work() == Worked()
        assert model.n_calls == 0


def test_a_pending_derivation_travels_with_an_export(path, clock, model, tmp_path):
    with with_model(path, clock, model) as memory:
        model.fail(times=1)
        memory.add(HOME, user_id="ann", prompt="只看地点")
        memory.export(tmp_path / "out.jsonl")
    with with_model(tmp_path / "other.db", clock, model) as memory:
        memory.import_(tmp_path / "out.jsonl")
        memory.import_(tmp_path / "out.jsonl")
        clock.move(hours=1)
        assert memory.work().n_done == 1
        assert facts(memory) == ["家在青岛"]
        assert model.asked[-1].prompt == "只看地点"
        assert memory.verify() == []


@pytest.mark.parametrize(
    "change",
    [
        {"instructions": {"prompt": 5}},
        {"instructions": {"secret": "x"}},
        {"instructions": {"memory_type": "x"}},
        {"instructions": {"categories": [["a"]]}},
        {"instructions": {"categories": "ab"}},
        {"instructions": {"includes": "ab"}},
        {"instructions": []},
        {"state": "done"},
        {"attempts": -1},
        {"episodes": ["x"]},
        {"id": "x"},
    ],
)
def test_a_derivation_that_cannot_be_is_refused(path, clock, model, tmp_path, change):
    with with_model(path, clock, model) as memory:
        model.fail(times=1)
        memory.add(HOME, user_id="ann")
        memory.export(tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").splitlines()]
    for record in records:
        if record["type"] == "derivation":
            record.update(change)
    (tmp_path / "bad.jsonl").write_text("\n".join(map(json.dumps, records)), "utf-8")
    with with_model(tmp_path / "other.db", clock, model) as memory:
        with pytest.raises(ValueError, match="record"):
            memory.import_(tmp_path / "bad.jsonl")
        assert memory.stats()["n_rows"] == 0
        assert memory.pending() == []


def test_an_erased_message_takes_what_was_asked_of_it_along(path, clock, model):
    with with_model(path, clock, model) as memory:
        model.fail(times=1)
        added = memory.add(HOME, user_id="ann", prompt="机密 xyzzy")
        memory.forget(added.items[0].id)
        assert memory.pending() == []
        assert b"xyzzy" not in b"".join(file.read_bytes() for file in path.parent.glob("memory.db*"))
