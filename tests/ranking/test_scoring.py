"""Dates, fusion, scores, token estimates."""

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.domain.timespan import Timespan, to_micros
from polymem.ranking.budget import estimate_tokens
from polymem.ranking.dates import GRADES, date_match
from polymem.ranking.fusion import reciprocal_ranks, shrunk_z, weighted
from polymem.ranking.scoring import TYPICAL_ROWS, Weights, base_odds, importance_odds, recency_odds, score_of

DAY = datetime(2024, 5, 1, tzinfo=UTC)


def micros(*moments):
    return np.array([to_micros(moment) for moment in moments], dtype=np.int64)


def test_the_day_fits_best_and_the_days_around_it_less_and_less():
    span = Timespan(DAY, DAY + timedelta(days=1), "day")
    times = [DAY + timedelta(days=offset, hours=12) for offset in (0, 1, 3, 7, 20)]
    fit = date_match(micros(*times), [span])
    assert fit[0] == 1.0
    assert (np.diff(fit) < 0).all()
    assert fit[-1] == 0.0
    before = date_match(micros(DAY - timedelta(hours=1)), [span])
    assert 0.5 < before[0] < 1.0


def test_a_coarser_unit_says_less():
    fits = [
        date_match(micros(DAY), [Timespan(DAY, DAY + timedelta(days=365), unit)])[0]
        for unit in ("day", "week", "month", "year")
    ]
    assert fits == sorted(fits, reverse=True)
    assert fits[-1] > 0
    assert all(0 < grade <= 1 for grade in GRADES.values())


def test_the_best_of_several_spans_counts_and_none_counts_nothing():
    far = Timespan(DAY - timedelta(days=99), DAY - timedelta(days=98), "day")
    near = Timespan(DAY, DAY + timedelta(days=1), "day")
    assert date_match(micros(DAY), [far, near])[0] == 1.0
    assert date_match(micros(DAY), [])[0] == 0.0


SIGNALS = st.lists(st.floats(0, 10, width=32), min_size=3, max_size=3)


@given(own=SIGNALS, dense=SIGNALS)
def test_a_row_that_is_better_in_every_signal_is_never_below(own, dense):
    signals = {"own": np.array(own, dtype=np.float32), "dense": np.array(dense, dtype=np.float32)}
    weights = {"own": 0.5, "dense": 0.4}
    for fuse in (weighted, reciprocal_ranks):
        total = np.sum(list(fuse(signals, weights).values()), axis=0)
        for one in range(3):
            for other in range(3):
                if own[one] >= own[other] and dense[one] >= dense[other]:
                    assert total[one] >= total[other] - 1e-5


def test_reciprocal_ranks_share_ties_and_ignore_what_has_no_signal():
    ranks = reciprocal_ranks({"own": np.array([3, 1, 3, 0], dtype=np.float32)}, {"own": 1.0})["own"]
    assert ranks[0] == ranks[2] > ranks[1] > ranks[3] == 0.0


def test_few_values_are_no_ground_for_a_large_deviation():
    values = np.array([0.4, 0.5])
    mean, spread = shrunk_z(values.sum(), float(values @ values), 2)
    assert 0.2 < mean < 0.45
    assert spread > 0.08
    many = np.random.default_rng(0).normal(0.4, 0.02, 10_000)
    mean, spread = shrunk_z(many.sum(), float(many @ many), many.size)
    assert spread == pytest.approx(0.02, rel=0.1)
    assert shrunk_z(0.0, 0.0, 0)[1] > 0


def test_scores_lie_between_zero_and_one_and_keep_the_order():
    total = np.array([-1e6, -3, 0, 3, 1e6], dtype=np.float32)
    scores = score_of(total)
    assert ((scores >= 0) & (scores <= 1)).all()
    assert (np.diff(scores) > 0).all()
    assert scores[2] == 0.5


def test_importance_is_neutral_at_a_half_and_bounded():
    odds = importance_odds(np.array([0, 0.5, 1], dtype=np.float32), Weights(importance=0.2))
    assert odds[1] == 0.0
    assert np.exp(odds[2]) == pytest.approx(1.2)
    assert np.exp(odds[0]) == pytest.approx(1 / 1.2)


def test_recency_halves_is_bounded_and_takes_the_future_as_now():
    weights = Weights(recency=0.1, half_life_days=30)
    now = to_micros(DAY)
    odds = recency_odds(
        micros(DAY + timedelta(days=9), DAY, DAY - timedelta(days=30), DAY - timedelta(days=9000)),
        now,
        weights,
    )
    assert np.exp(odds[1]) == pytest.approx(1.1)
    assert odds[0] == odds[1]
    assert odds[2] == pytest.approx(odds[1] / 2, rel=1e-3)
    assert odds[3] == pytest.approx(0.0, abs=1e-6)


def test_tokens_are_counted_on_the_high_side():
    assert estimate_tokens("") == 0
    assert estimate_tokens("我喜欢喝茶") == 5
    assert estimate_tokens("tea" * 7) == 6
    assert estimate_tokens("茶 tea") == 3


def test_the_odds_fall_as_the_scope_grows():
    weights = Weights()
    assert base_odds(TYPICAL_ROWS - 1, weights) == pytest.approx(weights.base)
    assert base_odds(4 * TYPICAL_ROWS - 1, weights) == pytest.approx(
        weights.base - 2 * weights.crowd * math.log(2)
    )
