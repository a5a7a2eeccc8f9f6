"""Policies put away what they name, nothing else, and no default loses anything."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from polymem import Memory
from polymem.errors import ConfigError, InputError
from polymem.forget.noting import MANY, MOST, NotedUses
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder


def said(memory: Memory, text: str, **fields: Any) -> str:
    return memory.add(text, user_id="u", infer=False, **fields).items[0].id


def shown(memory: Memory) -> set[str]:
    return {item.id for item in memory.get_all(user_id="u", limit=1_000)}


def test_by_default_nothing_is_put_away(memory: Memory, clock: FrozenClock) -> None:
    memory.add("I live in Paris. 我喜欢茶。", user_id="u")
    memory.add("I moved to Rome.", user_id="u")
    before = shown(memory)
    clock.move(days=10_000)
    report = memory.apply_policies(user_id="u")
    assert (report.n_archived, report.n_expired) == (0, 0)
    assert shown(memory) == before


@pytest.mark.parametrize(("curve", "below"), [("fsrs", 0.6), ("act-r", 0.1)])
def test_what_is_weak_goes_and_what_is_used_stays(
    memory: Memory, clock: FrozenClock, curve: str, below: float
) -> None:
    weak, used = said(memory, "weak 弱"), said(memory, "used 用过")
    clock.move(days=99)
    memory.reinforce(used)
    clock.move(days=1)
    policies = {"curve": curve, "archive_below": below}
    planned = memory.apply_policies(user_id="u", policies=policies, dry_run=True)
    assert shown(memory) == {weak, used}
    report = memory.apply_policies(user_id="u", policies=policies)
    assert planned.archived == report.archived == {"decay": (weak,)}
    assert (planned.dry_run, report.dry_run) == (True, False)
    assert shown(memory) == {used}
    assert memory.apply_policies(user_id="u", policies=policies).n_archived == 0
    (event,) = [event for event in memory.history(weak) if event.name == "ARCHIVE"]
    assert (event.actor, event.reason) == ("policy", "decay")


def test_what_is_young_does_not_decay(memory: Memory, clock: FrozenClock) -> None:
    item = said(memory, "young")
    clock.move(days=29)
    policies: dict[str, Any] = {"archive_below": 1.0}
    assert memory.apply_policies(user_id="u", policies=policies).n_archived == 0
    assert memory.apply_policies(user_id="u", policies=policies | {"min_age_days": 0.0}).archived == {
        "decay": (item,)
    }


def test_a_present_may_be_named(memory: Memory, clock: FrozenClock) -> None:
    item = said(memory, "later")
    later = clock.now() + timedelta(days=365)
    policies = {"archive_below": 0.9}
    assert memory.apply_policies(user_id="u", policies=policies, now=later).archived == {"decay": (item,)}


def test_what_is_important_or_a_standing_instruction_is_never_put_away(
    memory: Memory, clock: FrozenClock
) -> None:
    kept = said(memory, "important 重要")
    memory.update(kept, importance=0.9)
    gone = said(memory, "ordinary")
    memory.update(gone, importance=0.89)
    clock.move(days=1_000)
    report = memory.apply_policies(user_id="u", policies={"archive_below": 1.0, "capacity": 1})
    assert report.archived == {"decay": (gone,), "capacity": ()}
    assert shown(memory) == {kept}


def test_capacity_puts_the_weakest_away(memory: Memory, clock: FrozenClock) -> None:
    ids = []
    for n in range(6):
        ids.append(said(memory, f"note {n} 笔记"))
        clock.move(days=1)
    memory.reinforce(ids[0])
    clock.move(days=1)
    report = memory.apply_policies(user_id="u", policies={"capacity": 3})
    assert report.archived == {"capacity": (ids[1], ids[2], ids[3])}
    assert shown(memory) == {ids[0], ids[4], ids[5]}
    assert memory.apply_policies(user_id="u", policies={"capacity": 3}).n_archived == 0


def test_capacity_is_that_of_the_scope_asked(memory: Memory) -> None:
    said(memory, "a", run_id="r1")
    other = said(memory, "b", run_id="r2")
    assert memory.apply_policies(user_id="u", run_id="r1", policies={"capacity": 1}).n_archived == 0
    assert memory.apply_policies(user_id="u", policies={"capacity": 1}).n_archived == 1
    assert shown(memory) == {other}


def test_what_was_replaced_long_ago_goes(memory: Memory, clock: FrozenClock) -> None:
    old = memory.add("I live in Paris.", user_id="u").items[1]
    clock.move(days=1)
    memory.add("I live in Rome.", user_id="u")
    clock.move(days=29)
    policies = {"superseded_days": 30}
    assert memory.apply_policies(user_id="u", policies=policies).n_archived == 0
    clock.move(days=2)
    report = memory.apply_policies(user_id="u", policies=policies)
    assert report.archived == {"superseded": (old.id,)}
    found = memory.get(old.id)
    assert found is not None
    assert found.archived
    # Brought back, it stays for as long again.
    memory.restore(old.id)
    assert memory.apply_policies(user_id="u", policies=policies).n_archived == 0


def test_expiry_is_swept_whatever_the_number(memory: Memory, clock: FrozenClock) -> None:
    ends = clock.now() + timedelta(days=1)
    memory.add(
        [{"role": "user", "content": f"n {n}"} for n in range(600)], user_id="u", infer=False, expires_at=ends
    )
    clock.move(days=2)
    assert memory.apply_policies(user_id="u", dry_run=True).n_expired == 600
    assert memory.apply_policies(user_id="u").n_expired == 600
    assert memory.apply_policies(user_id="u").n_expired == 0


def test_without_a_scope_every_memory_is_tidied(memory: Memory, clock: FrozenClock) -> None:
    memory.add("a", user_id="u", infer=False)
    memory.add("b", agent_id="v", tenant="t", infer=False)
    clock.move(days=400)
    told: list[int] = []
    report = memory.apply_policies(policies={"archive_below": 0.9}, progress=told.append)
    assert (report.n_archived, report.n_items, told) == (2, 2, [1, 1])
    assert memory.stats()["n_archived"] == 2
    assert memory.verify() == []


def test_a_bound_handle_tidies_its_own(memory: Memory, clock: FrozenClock) -> None:
    said(memory, "a")
    memory.add("b", user_id="v", infer=False)
    clock.move(days=400)
    assert memory.scoped(user_id="v").apply_policies(policies={"archive_below": 0.9}).n_archived == 1
    assert len(shown(memory)) == 1


@pytest.mark.parametrize(
    ("policies", "error"),
    [
        ({"below": 0.5}, InputError),
        ([], InputError),
        ({"archive_below": 1.5}, ConfigError),
        ({"archive_below": "much"}, ConfigError),
        ({"curve": "ebbinghaus"}, ConfigError),
        ({"capacity": 0}, ConfigError),
        ({"superseded_days": -1}, ConfigError),
    ],
)
def test_policies_that_cannot_be_used_are_refused(
    memory: Memory, policies: Any, error: type[Exception]
) -> None:
    said(memory, "a")
    with pytest.raises(error):
        memory.apply_policies(user_id="u", policies=policies)


def test_settings_are_the_policies(path, clock: FrozenClock) -> None:
    config = {"forgetting": {"archive_below": 0.9, "curve": "act-r", "min_age_days": 1}}
    with Memory(path, embedder=WordEmbedder(), clock=clock, config=config) as memory:
        said(memory, "a")
        clock.move(days=2)
        assert memory.apply_policies(user_id="u").n_archived == 1


@pytest.mark.parametrize("on", [True, False])
def test_searches_note_uses_where_asked(path, clock: FrozenClock, on: bool) -> None:
    config = {"forgetting": {"reinforce_on_search": on}}
    with Memory(path, embedder=WordEmbedder(), clock=clock, config=config) as memory:
        item = said(memory, "tea 茶")
        clock.move(days=300)
        memory.search("tea", user_id="u")
    with Memory(path, embedder=WordEmbedder(), clock=clock) as memory:
        report = memory.apply_policies(user_id="u", policies={"archive_below": 0.9})
        assert report.n_archived == (0 if on else 1)
        assert (item in shown(memory)) == on


def test_noted_uses_are_bounded_and_due_in_time(clock: FrozenClock) -> None:
    noted, where = NotedUses(), Memory.__name__
    noted.note(where, ["a"], at=clock.now())  # type: ignore[arg-type]
    assert not noted.due(clock.now())
    assert noted.due(clock.now() + timedelta(seconds=60))
    noted.note(where, [str(n) for n in range(MOST + 10)], at=clock.now())  # type: ignore[arg-type]
    assert noted.due(clock.now())
    ((_, uses),) = noted.take()
    assert sum(map(len, uses.values())) == MOST > MANY
    assert noted.take() == []
    assert not noted.due(clock.now() + timedelta(days=1))
