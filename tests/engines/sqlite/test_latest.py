"""What is told in order is settled by what holds alone, with the same outcome as when everything is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from polymem.engines.sqlite import timeline
from polymem.engines.sqlite.latest import holding
from tests.engines.sqlite.test_timelines import Shelf, Told, drafts, everything, profile, tell, values
from tests.engines.sqlite.workshop import ALICE, BOB, Workshop

DAY = timedelta(days=1)
PLACES = ("Lyon, France", "France", "Nice", "青岛", "Paris, France")
SLOTS = st.one_of(
    st.tuples(st.just("lives_in"), st.sampled_from(PLACES), st.sampled_from((True, True, True, False))),
    st.tuples(
        st.sampled_from(("likes", "dislikes")),
        st.sampled_from(("tea", "古筝")),
        st.sampled_from((True, True, False)),
    ),
)
# Mostly in order; some late, some of what is still to come, some with an end of their own.
TOLD = st.lists(
    st.builds(
        lambda step, late, ago, slot, until: (step, late, ago, slot, until),
        st.integers(0, 9),
        st.sampled_from((0, 0, 0, 0, 15)),
        st.sampled_from((0, 0, 0, 0, 2, 20, 40, -12)),
        SLOTS,
        st.sampled_from((None, None, None, None, 4, 30)),
    ),
    min_size=2,
    max_size=9,
)


def in_order(steps: Sequence[Any]) -> list[Told]:
    told, day = list[Told](), 0
    for step, late, ago, slot, until in steps:
        day += step
        told.append(Told(day - late, ago, slot[0], slot[1], slot[2], until))
    return told


def stored(shelf: Shelf) -> list[tuple[Any, ...]]:
    """Return the times of all facts, by words, with evidence and who ended them."""
    rows = shelf.shop.sql(
        "SELECT i.text, i.valid_at, i.invalid_at, i.expired_at - i.created_at, b.text, i.n_evidence, i.flags "
        "FROM item i LEFT JOIN item b ON b.id = i.superseded_by ORDER BY i.rid"
    )
    return [
        *rows,
        *shelf.shop.sql("SELECT rid, until_at, valid_at, invalid_at FROM belief ORDER BY rid, until_at"),
    ]


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=TOLD)
@example([(0, 0, 0, ("lives_in", "France", True), None), (1, 0, 0, ("lives_in", "France", True), 30)])
@example(
    [
        (0, 0, -12, ("lives_in", "Nice", True), None),
        (1, 0, 0, ("lives_in", "France", True), None),
        (1, 0, 0, ("lives_in", "Nice", True), None),
    ]
)
def test_what_holds_alone_decides_as_everything_does(
    tmp_path_factory: pytest.TempPathFactory, steps: list[Any]
) -> None:
    told = in_order(steps)
    folder = tmp_path_factory.mktemp("latest")
    one, other = (Shelf(Workshop(folder / name), ALICE) for name in ("one.db", "other.db"))
    tell(one, told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timeline, "holding", lambda *_: None)
        tell(other, told)
    assert stored(one) == stored(other)
    assert values(one) == values(other)
    assert everything(one) == everything(other)
    assert profile(one) == profile(other)
    assert one.shop.verify() == other.shop.verify() == []
    one.shop.close()
    other.shop.close()


# Several messages a call, most of them without a time of their own, so that all of a call were said at one instant.
CALLS = st.lists(
    st.lists(
        st.tuples(st.sampled_from((0, 0, 0, 0, 1)), st.sampled_from((0, 0, 0, 2, 40, -12)), SLOTS),
        min_size=1,
        max_size=6,
    ),
    min_size=1,
    max_size=3,
)


def tell_at_once(shelf: Shelf, told: Sequence[Told]) -> None:
    """Tell all in one call."""
    pairs = [drafts(one) for one in told]
    stated = [replace(each, sources=((n, 0, len(each.text)),)) for n, (_, each) in enumerate(pairs)]
    shelf.shop.commit(*(episode for episode, _ in pairs), *stated, scope=shelf.scope)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(calls=CALLS)
@example([[(0, 0, ("lives_in", "Nice", True)), (0, 0, ("lives_in", "青岛", True))] * 2])
@example(
    [
        [(0, 0, ("lives_in", "France", True)), (0, 0, ("lives_in", "Lyon, France", True))],
        [(0, 0, ("lives_in", "France", True)), (0, 0, ("lives_in", "Nice", True))],
    ]
)
def test_what_is_said_at_one_instant_is_decided_by_its_place(
    tmp_path_factory: pytest.TempPathFactory, calls: list[Any]
) -> None:
    folder = tmp_path_factory.mktemp("at_once")
    one, other = (Shelf(Workshop(folder / name), ALICE) for name in ("one.db", "other.db"))
    day = 0
    for call in calls:
        day += call[0][0]
        told = [Told(day, ago, slot[0], slot[1], slot[2]) for _, ago, slot in call]
        tell_at_once(one, told)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(timeline, "holding", lambda *_: None)
            tell_at_once(other, told)
    assert stored(one) == stored(other)
    assert values(one) == values(other)
    assert everything(one) == everything(other)
    assert profile(one) == profile(other)
    assert one.shop.verify() == other.shop.verify() == []
    one.shop.close()
    other.shop.close()


@pytest.mark.parametrize("things", [("青岛",), tuple(f"Town {n}" for n in range(30))], ids=["again", "anew"])
def test_what_is_told_in_order_costs_the_same_however_much_was_told(
    tmp_path: Path, things: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Workshop(tmp_path / "one.db")
    read = list[int]()

    def counting(*arguments: Any) -> Any:
        found = holding(*arguments)
        read.append(-1 if found is None else len(found[0]))
        return found

    monkeypatch.setattr(timeline, "holding", counting)
    for n in range(30):
        shop.commit(*drafts(Told(n, 0, "lives_in", things[n % len(things)])))
    assert read == [1] * 29
    shop.commit(*drafts(Told(3, 0, "lives_in", "Oslo")))
    assert read[-1] == -1, "what comes late is arranged among everything"
    assert shop.verify() == []
    read.clear()
    tell_at_once(Shelf(shop, BOB), [Told(40, 0, "lives_in", things[n % len(things)]) for n in range(30)])
    assert read == [1] * 29, "so does what is told in one call"
    shop.close()
