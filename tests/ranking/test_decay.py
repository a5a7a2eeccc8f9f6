"""The curves of decay agree with where they come from, and do what a memory needs."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import fsrs as reference
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.ranking.decay import CURVES, act_r, act_r_unused, activation, fsrs, fsrs_unused

START = datetime(2024, 1, 1, tzinfo=UTC)


@given(st.lists(st.integers(0, 400), max_size=12), st.integers(0, 2_000))
def test_fsrs_is_that_of_the_package(gaps: list[int], since: int) -> None:
    scheduler = reference.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    at = START
    card, _ = scheduler.review_card(reference.Card(), reference.Rating.Good, at)
    times = [at]
    for gap in gaps:
        at += timedelta(days=gap)
        times.append(at)
        card, _ = scheduler.review_card(card, reference.Rating.Good, at)
    now = at + timedelta(days=since)
    ages = [(now - each) / timedelta(days=1) for each in times]
    assert fsrs(ages) == pytest.approx(scheduler.get_card_retrievability(card, now), rel=1e-9)


@given(st.lists(st.floats(0.01, 5_000), min_size=1, max_size=20))
def test_act_r_is_the_sum_over_all_uses(ages: list[float]) -> None:
    total = 0.0
    for age in ages:
        total += 1 / math.sqrt(age)
    assert activation(ages) == pytest.approx(math.log(total))
    assert act_r(ages) == pytest.approx(total / (1 + total))


@pytest.mark.parametrize("name", CURVES)
@given(days=st.lists(st.floats(0, 3_000), min_size=1, max_size=8), later=st.floats(1, 500))
def test_strength_falls_with_time_and_grows_with_use(name: str, days: list[float], later: float) -> None:
    curve, _ = CURVES[name]  # type: ignore[index]
    ages = sorted(days, reverse=True)
    strength = curve(ages)
    assert 0 < strength <= 1
    assert curve([age + later for age in ages]) <= strength
    assert curve([*ages, 0.0]) >= strength


@pytest.mark.parametrize(("many", "one"), [(fsrs_unused, fsrs), (act_r_unused, act_r)])
def test_many_at_once_are_each_alone(many, one) -> None:
    ages = np.array([0.0, 0.5, 1.0, 30.0, 365.0, 9_999.0])
    assert many(ages).tolist() == pytest.approx([one([age]) for age in ages.tolist()])


def test_spaced_uses_last_longer_than_crammed_ones() -> None:
    assert fsrs([60.0, 40.0, 20.0]) > fsrs([60.0, 59.9, 59.8])


def test_what_comes_from_the_future_is_of_now() -> None:
    assert fsrs([-5.0]) == 1.0
    assert act_r([-5.0]) == act_r([0.0]) > 0.99
