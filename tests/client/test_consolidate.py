"""Consolidation: what says the same becomes one, sessions are summed up, nothing is done twice, nothing half."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from benchmarks.duplicates import pairs, score
from polymem import Memory
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.errors import BudgetError, InputError, RefusalError
from polymem.models.extractors.rules import RuleExtractor
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder
from polymem.testing.models import ScriptedModel
from polymem.write.duplicates import same

SAID = [
    ("r1", "I love hiking in the mountains."),
    ("r2", "I enjoy mountain hikes."),
    ("r3", "I have two dogs and I really like films."),
    ("r4", "I like movies."),
    ("r5", "我喜欢爬山。"),
    ("r6", "我很喜欢登山。"),
    ("r7", "我喜欢猫。"),
    ("r8", "我不喜欢狗。"),
]
SESSION = [f"We talked about the harbour and the boats, part {n}" for n in range(7)]
SUMMARY = {"summary": "The user talked about the harbour and the boats."}


def opened(path, clock, model=None):
    return Memory(path, embedder=WordEmbedder(), clock=clock, llm=model, extractor=RuleExtractor())


def filled(memory, clock, *, session=True):
    for run, text in SAID:
        memory.add(text, user_id="ann", run_id=run)
        clock.move(hours=1)
    for text in SESSION if session else ():
        memory.add(text, user_id="ann", run_id="long")
        clock.move(seconds=60)


def told(consolidated):
    """Return a report as it reads before it is carried out."""
    return replace(
        consolidated,
        dry_run=False,
        usage=replace(consolidated.usage, calls=0, prompt_tokens=0, completion_tokens=0),
        summaries=tuple(replace(each, item_id="") for each in consolidated.summaries),
    )


def state(memory):
    """Return all that a reader can see, without ids and times."""
    found = memory.get_all(user_id="ann", limit=1_000).items
    items = sorted((item.kind, item.text, item.n_evidence, len(item.episode_ids)) for item in found)
    profile = {
        key: str(value) if not isinstance(value, tuple) else sorted(map(str, value))
        for key, value in memory.profile(user_id="ann").items()
    }
    return items, profile


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def model():
    return ScriptedModel(lambda asked: SUMMARY)


@pytest.fixture
def memory(tmp_path, clock, model):
    with opened(tmp_path / "memory.db", clock, model) as memory:
        filled(memory, clock)
        yield memory


def test_a_dry_run_says_what_the_real_run_does_and_changes_nothing(memory, model):
    before = state(memory)
    planned = memory.consolidate(user_id="ann", dry_run=True)
    assert (state(memory), model.n_calls, planned.dry_run) == (before, 0, True)
    done = memory.consolidate(user_id="ann")
    assert told(planned) == told(done)
    assert done.n_merged == 3
    assert [(each.run_id, each.n_messages) for each in done.summaries] == [("long", 7)]
    assert memory.verify() == []


def test_what_says_the_same_is_one_with_all_its_sources(memory):
    (hikes, *_) = memory.consolidate(user_id="ann").merged
    keep, gone = memory.get(hikes.keep), memory.get(hikes.gone[0])
    assert (keep.n_evidence, len(keep.episode_ids)) == (2, 2)
    assert gone.superseded_by == keep.id
    assert [(event.name, event.reason) for event in memory.history(gone.id)][-1] == ("MERGE", "duplicate")
    likes = sorted(map(str, memory.profile(user_id="ann")["likes"]))
    assert likes == sorted(["hiking in the mountains", "films", "爬山", "猫"])


def test_who_looks_from_before_sees_both(memory, clock):
    before = clock.now()
    clock.move(hours=1)
    (hikes, *_) = memory.consolidate(user_id="ann").merged
    seen = {item.id for item in memory.get_all(user_id="ann", known_at=before, limit=500).items}
    assert {hikes.keep, *hikes.gone} <= seen
    now = {item.id for item in memory.get_all(user_id="ann", limit=500).items}
    assert hikes.keep in now
    assert not now.intersection(hikes.gone)


def test_the_second_run_does_nothing_and_asks_no_model(memory, model):
    memory.consolidate(user_id="ann")
    n_calls, before = model.n_calls, state(memory)
    events = memory.stats(user_id="ann")
    again = memory.consolidate(user_id="ann")
    assert (again.merged, again.profile, again.summaries, again.pending) == ((), (), (), ())
    assert (model.n_calls, state(memory), memory.stats(user_id="ann")) == (n_calls, before, events)


def test_without_a_model_nobody_sums_up_and_the_report_says_so(tmp_path, clock):
    with opened(tmp_path / "plain.db", clock) as memory:
        filled(memory, clock)
        done = memory.consolidate(user_id="ann")
        assert done.n_merged == 3
        assert [(left.task, left.n, left.problem) for left in done.pending] == [("summary", 1, "no model")]
        assert not memory.get_all(user_id="ann", kinds=["summary"]).items


def test_killed_at_any_step_the_next_run_ends_as_if_nothing_had_happened(tmp_path, clock, monkeypatch):
    with opened(tmp_path / "whole.db", FrozenClock(), ScriptedModel(lambda asked: SUMMARY)) as memory:
        filled(memory, FrozenClock())
        memory.consolidate(user_id="ann")
        expected = state(memory)
    commit = SqliteLedger.commit
    for survivors in range(4):
        left = [survivors]

        async def dies(self, batch, left=left):
            if batch.actor == "consolidate":
                if not left[0]:
                    raise OSError("killed")
                left[0] -= 1
            return await commit(self, batch)

        own = FrozenClock()
        with opened(tmp_path / f"{survivors}.db", own, ScriptedModel(lambda asked: SUMMARY)) as memory:
            filled(memory, own)
            with monkeypatch.context() as patched:
                patched.setattr(SqliteLedger, "commit", dies)
                if survivors < 3:
                    with pytest.raises(OSError, match="killed"):
                        memory.consolidate(user_id="ann")
                else:
                    memory.consolidate(user_id="ann")
            memory.consolidate(user_id="ann")
            assert state(memory) == expected
            assert memory.verify() == []


def test_a_summary_goes_with_any_of_its_messages_and_is_made_anew(memory, model):
    memory.consolidate(user_id="ann")
    (summary,) = memory.get_all(user_id="ann", kinds=["summary"]).items
    assert (summary.run_id, len(summary.episode_ids)) == ("long", 7)
    assert "scripted/1/summary-1/" in summary.derived_by
    memory.forget(summary.episode_ids[3])
    assert memory.get(summary.id) is None
    assert not memory.get_all(user_id="ann", kinds=["summary"]).items
    again = memory.consolidate(user_id="ann")
    assert [(each.n_messages, each.renewed) for each in again.summaries] == [(6, False)]
    assert memory.verify() == []


def test_a_session_that_grew_gets_the_next_version_of_its_summary(memory, clock):
    (first,) = memory.consolidate(user_id="ann").summaries
    for n in range(5):
        memory.add(f"The harbour again, {n}", user_id="ann", run_id="long")
    assert memory.consolidate(user_id="ann").summaries == ()
    memory.add("The harbour once more", user_id="ann", run_id="long")
    (second,) = memory.consolidate(user_id="ann").summaries
    assert (second.item_id, second.renewed, second.n_messages) == (first.item_id, True, 13)
    assert memory.get(first.item_id).version == 2
    assert len(memory.get(first.item_id).episode_ids) == 13


def test_a_summary_is_a_hit_of_its_own(memory):
    memory.consolidate(user_id="ann")
    hits = memory.search("harbour boats", user_id="ann", limit=20)
    assert sum(hit.item.kind == "summary" for hit in hits) == 1
    assert sum(hit.item.kind == "episode" and "harbour" in hit.item.text for hit in hits) == 7


@pytest.mark.parametrize(
    ("invented", "problem"),
    [
        ({"summary": "The user bought 3 boats in Oslo."}, "ungrounded"),
        ({"summary": "用户谈到了港口。"}, "ungrounded"),
        ({"summary": ""}, "ungrounded"),
        (RefusalError("no", model="m"), "RefusalError"),
        (BudgetError("used up", model="m"), "BudgetError"),
    ],
)
def test_what_cannot_be_summed_up_is_left_for_the_next_time(tmp_path, clock, invented, problem):
    with opened(tmp_path / "m.db", clock, ScriptedModel([invented, SUMMARY])) as memory:
        filled(memory, clock)
        done = memory.consolidate(user_id="ann")
        assert [(left.task, left.n, left.problem) for left in done.pending] == [("summary", 1, problem)]
        assert done.n_merged == 3
        assert [each.run_id for each in memory.consolidate(user_id="ann").summaries] == ["long"]


def test_a_long_session_is_read_in_parts(tmp_path, clock):
    model = ScriptedModel(lambda asked: SUMMARY)
    config = {"consolidation": {"prompt_tokens": 200}}
    with Memory(
        tmp_path / "m.db",
        config=config,
        embedder=WordEmbedder(),
        clock=clock,
        llm=model,
        extractor=RuleExtractor(),
    ) as memory:
        for n in range(40):
            memory.add(f"We talked about the harbour and the boats, {n}", user_id="ann", run_id="long")
        (each,) = memory.consolidate(user_id="ann").summaries
        assert 2 < each.n_calls == model.n_calls <= 9
        assert all(asked.max_tokens <= 1_000 for asked in model.asked)
        assert "harbour" not in "".join(asked.system for asked in model.asked)


def test_a_chinese_session_is_asked_in_chinese(tmp_path, clock):
    model = ScriptedModel([{"summary": "用户聊了港口和小船。"}])
    with opened(tmp_path / "m.db", clock, model) as memory:
        for n in range(6):
            memory.add(f"今天我们聊了港口和小船，第{n}次", user_id="小红", run_id="会话")
        (each,) = memory.consolidate(user_id="小红").summaries
        assert each.run_id == "会话"
        assert "中文" in model.asked[0].system


def test_messages_that_arrive_while_the_model_answers_do_no_harm(tmp_path, clock):
    memory = opened(tmp_path / "m.db", clock, ScriptedModel(lambda asked: SUMMARY))
    with memory, opened(tmp_path / "m.db", clock) as other:
        filled(memory, clock)
        other.add("The boats again", user_id="ann", run_id="long")
        (each,) = memory.consolidate(user_id="ann").summaries
        assert memory.get(each.item_id) is not None
        assert other.consolidate(user_id="ann").n_merged == 0


def test_removing_the_kept_item_removes_what_was_merged_into_it(memory):
    (hikes, *_) = memory.consolidate(user_id="ann").merged
    memory.delete(hikes.keep)
    assert memory.get(hikes.gone[0]) is None
    assert memory.verify() == []


def test_forgetting_the_words_of_the_kept_item_lets_the_other_speak(memory):
    (hikes, *_) = memory.consolidate(user_id="ann").merged
    gone = memory.get(hikes.gone[0])
    first = next(name for name in memory.get(hikes.keep).episode_ids if name not in gone.episode_ids)
    memory.forget(first)
    assert memory.get(hikes.keep) is None
    again = memory.get(hikes.gone[0])
    assert (again.text, again.expired_at, again.superseded_by) == ("I enjoy mountain hikes", None, None)
    assert memory.verify() == []


def test_forgetting_the_words_of_the_other_leaves_the_kept_one(memory):
    (hikes, *_) = memory.consolidate(user_id="ann").merged
    memory.forget(memory.get(hikes.gone[0]).episode_ids[0])
    assert memory.get(hikes.gone[0]) is None
    keep = memory.get(hikes.keep)
    assert (keep.n_evidence, len(keep.episode_ids), keep.expired_at) == (1, 1, None)
    assert memory.verify() == []


def test_another_scope_and_another_run_are_left_alone(memory):
    for text in ("I like films.", "I like movies."):
        memory.add(text, user_id="bob", run_id=text[-5:])
    memory.consolidate(user_id="ann")
    assert len(memory.profile(user_id="bob")["likes"]) == 2
    assert memory.consolidate(user_id="bob", run_id="films").merged == ()


def test_a_limit_leaves_the_rest(memory):
    first = memory.consolidate(user_id="ann", limit=2)
    assert len(first.merged) + len(first.summaries) == 2
    assert sum(left.n for left in first.pending) == 2
    assert len(memory.consolidate(user_id="ann").merged) == 1


@pytest.mark.parametrize(
    "wrong", [{"limit": 0}, {"limit": True}, {"limit": "3"}, {"dry_run": 1}, {"summaries": "no"}]
)
def test_an_argument_that_cannot_be_used_is_refused(memory, wrong):
    with pytest.raises(InputError) as caught:
        memory.consolidate(user_id="ann", **wrong)
    assert caught.value.argument == next(iter(wrong))


def test_progress_is_told(memory):
    heard: list[int] = []
    memory.consolidate(user_id="ann", progress=heard.append)
    assert heard == [3, 4]


def test_pairs_are_told_apart():
    given = pairs()
    found = score([same(*pair.statements) for pair in given], given)
    assert len(given) >= 120
    assert found.precision >= 0.98
    assert found.recall >= 0.75


def instructed(profile: Any) -> list[str]:
    """Return the standing instructions of a profile."""
    return [str(each) for each in profile["instructions"]]


def test_standing_instructions_come_first_and_the_latest_holds(tmp_path, clock):
    with opened(tmp_path / "m.db", clock) as memory:
        memory.add("I live in Rome. Always answer in German.", user_id="ann")
        clock.move(days=1)
        early = clock.now()
        clock.move(days=1)
        memory.add("From now on, please answer in French.", user_id="ann")
        memory.add("以后不要再提我前男友了。", user_id="ann")
        known = memory.profile(user_id="ann")
        assert next(iter(known)) == "instructions"
        assert instructed(known) == ["language: French", "不要提我前男友"]
        assert instructed(memory.profile(user_id="ann", known_at=early)) == ["language: German"]
        assert instructed(memory.profile(user_id="ann", as_of=early)) == ["language: German"]
        block = memory.context("what is for dinner?", user_id="ann")
        details = block[block.index("Details:") :].splitlines()
        assert details[1].startswith('- instructions: "language: French"')
