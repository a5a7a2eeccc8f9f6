"""Reranker scores as bounded evidence beside the fused score, and how much they should count."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.ranking.blend import (
    LIMIT,
    MIN_EXAMPLES,
    WEIGHTS,
    Blend,
    Example,
    evidence,
    fit_blend,
    log_odds_of,
)

SCORES = st.lists(st.floats(-1e4, 1e4, width=32), max_size=40).map(lambda s: np.array(s, np.float32))
BLENDS = st.builds(
    Blend,
    st.floats(0, 1),
    st.none() | st.floats(0, 1e3),
    st.none() | st.floats(-1e3, 1e3),
)


@given(SCORES, BLENDS)
def test_it_is_finite_bounded_and_grows_with_the_score(scores, blend):
    parts = evidence(scores, blend)
    assert parts.shape == scores.shape
    assert parts.dtype == np.float32
    assert np.isfinite(parts).all()
    assert (np.abs(parts) <= blend.weight * LIMIT + 1e-6).all()
    assert (np.diff(parts[np.argsort(scores, kind="stable")]) >= 0).all()


@given(SCORES, st.floats(0.01, 100), st.floats(-100, 100))
def test_without_calibration_the_unit_of_a_score_does_not_matter(scores, unit, zero):
    if scores.size and scores.std() > 1e-3 * (1 + np.abs(scores).max()):
        moved = scores.astype(np.float64) * unit + zero
        assert np.allclose(evidence(scores, Blend()), evidence(moved, Blend()), atol=1e-2)


def test_equal_scores_say_nothing_unless_they_are_calibrated():
    equal = np.full(5, 7, np.float32)
    assert evidence(equal, Blend()).tolist() == [0] * 5
    assert evidence(equal, Blend(1, 0.5, -3.0)).tolist() == [0.5] * 5
    assert evidence(np.zeros(0, np.float32), Blend()).size == 0


def test_a_weight_of_nothing_moves_nothing():
    assert not evidence(np.array([9, -9], np.float32), Blend(0.0)).any()
    assert not evidence(np.array([9, -9], np.float32), Blend(0.0, 1.0, 1.0)).any()


def test_neighbours_change_places_and_what_is_sure_stays():
    odds = log_odds_of([0.98, 0.5, 0.45, 0.02])
    against = evidence(np.array([-9, 0, 4, 9], np.float32), Blend())
    total = odds + against
    # The third passes the second; the first, which all signals are sure of, is not buried by one model's no.
    assert np.argsort(-total).tolist() == [0, 2, 1, 3]


def test_log_odds_of_scores_are_finite():
    odds = log_odds_of([0.0, 0.5, 1.0])
    assert odds[1] == 0
    assert odds[0] < -30 < 30 < odds[2]
    assert np.isfinite(odds).all()


def questions(n, *, worth, noise=1.0, seed=7):
    """Return questions of 20 hits: one helps, the fused score knows it somewhat, the reranker by *worth*."""
    random = np.random.default_rng(seed)
    made = []
    for _ in range(n):
        useful = np.zeros(20, bool)
        useful[random.integers(20)] = True
        odds = random.normal(-2, 1, 20) + 1.0 * useful
        scores = (random.normal(-5, noise, 20) + worth * useful).astype(np.float32)
        made.append(Example(odds, scores, useful))
    return made


def fit(examples) -> Any:
    """Return a fit of enough examples, whose scale is known."""
    return fit_blend(examples)


def first(examples, blend):
    """Return how often a useful hit comes first."""
    return np.mean(
        [example.useful[np.argmax(example.odds + evidence(example.scores, blend))] for example in examples]
    )


def test_a_reranker_that_knows_gets_weight_and_helps_on_other_questions():
    fitted = fit(questions(30, worth=3))
    assert fitted.blend.weight >= 0.75
    assert fitted.blend.scale > 0.5
    assert fitted.loss_with < fitted.loss_without
    others = questions(200, worth=3, seed=8)
    assert first(others, fitted.blend) > first(others, Blend(0.0)) + 0.2


@pytest.mark.parametrize("worth", [0, -2])
def test_a_reranker_that_knows_nothing_or_the_opposite_gets_none(worth):
    fitted = fit(questions(30, worth=worth))
    assert fitted.blend.weight * fitted.blend.scale < 0.2
    others = questions(200, worth=worth, seed=8)
    assert first(others, fitted.blend) > first(others, Blend(0.0)) - 0.05
    if worth < 0:
        assert fitted.blend.scale == 0.0


def test_the_unit_of_a_score_is_found_out():
    examples = questions(40, worth=2)
    wide = [Example(one.odds, one.scores * np.float32(50), one.useful) for one in examples]
    a, b = fit(examples), fit(wide)
    assert a.blend.weight == b.blend.weight
    assert a.blend.scale == pytest.approx(50 * b.blend.scale, rel=1e-3)


def test_the_mean_hit_neither_gains_nor_loses():
    examples = questions(30, worth=3)
    blend = fit(examples).blend
    scores = np.concatenate([example.scores for example in examples]).astype(np.float64)
    assert blend.scale * scores.mean() + blend.offset == pytest.approx(0, abs=1e-6)


def test_few_examples_or_such_as_tell_nothing_are_no_fit():
    told = questions(MIN_EXAMPLES, worth=3)
    assert fit_blend(told) is not None
    assert fit_blend(told[1:]) is None
    mute = [Example(one.odds, one.scores, np.zeros(20, bool)) for one in told]
    assert fit_blend([*told[1:], *mute, Example(told[0].odds, told[0].scores, np.ones(20, bool))]) is None


def test_equal_scores_everywhere_have_no_scale_to_find():
    flat = [Example(one.odds, np.full(20, 3, np.float32), one.useful) for one in questions(10, worth=1)]
    fitted = fit(flat)
    assert fitted.blend.weight == 0.0
    assert np.isfinite([fitted.blend.scale, fitted.blend.offset]).all()


def test_the_settings_hold_all_of_it():
    fitted = fit(questions(10, worth=2))
    assert fitted.settings == {
        "reranker": {
            "scale": fitted.blend.scale,
            "offset": fitted.blend.offset,
            "weight": fitted.blend.weight,
        }
    }
    assert fitted.blend.weight in WEIGHTS
    assert fitted.n_queries == 10
