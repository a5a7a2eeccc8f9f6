"""Figures of one question, intervals, and how well scores tell what has no answer: by hand and by other ways."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.evals.bootstrap import N_DRAWS, auc_draws, bounds, mean_draws, numbered
from polymem.evals.measures import MEASURES, auc, figures


def named(found: list[str], evidence: set[str]) -> dict[str, float]:
    return dict(zip(MEASURES, figures(found, evidence), strict=True))


class TestFigures:
    def test_by_hand(self):
        found = [f"x{n}" for n in range(20)]
        got = named(found, {"x0", "x6", "x15", "gone"})
        assert got["R@5"] == 0.25
        assert got["R@10"] == 0.5
        assert got["R@20"] == 0.75
        assert got["all@10"] == 0
        assert got["MRR"] == 1
        best = sum(1 / math.log2(place + 1) for place in (1, 2, 3, 4))
        assert got["nDCG@10"] == pytest.approx((1 + 1 / math.log2(8)) / best)

    def test_the_best_order_is_one_in_all(self):
        assert set(named(["a", "b", "c"], {"a", "b"}).values()) == {1.0}

    def test_nothing_found_is_nought_in_all(self):
        assert set(named([], {"a"}).values()) == {0.0}
        assert set(named(["b"] * 3, {"a"}).values()) == {0.0}

    def test_more_evidence_than_places(self):
        evidence = {f"e{n}" for n in range(12)}
        got = named(sorted(evidence)[:10], evidence)
        assert got["nDCG@10"] == pytest.approx(1)
        assert got["all@10"] == 0

    def test_the_edges_of_the_depths(self):
        for place, depth in ((5, "R@5"), (10, "R@10"), (20, "R@20")):
            found = [f"x{n}" for n in range(1, 25)]
            assert named(found, {f"x{place}"})[depth] == 1
            assert named(found, {f"x{place + 1}"})[depth] == 0

    @given(st.permutations([f"x{n}" for n in range(15)]), st.sets(st.integers(0, 19), min_size=1))
    def test_they_grow_with_depth_and_stay_in_bounds(self, found: list[str], evidence: set[int]):
        got = named(found, {f"x{n}" for n in evidence})
        assert 0 <= got["R@5"] <= got["R@10"] <= got["R@20"] <= 1
        assert got["all@10"] == (got["R@10"] == 1)
        assert 0 <= got["nDCG@10"] <= 1 + 1e-12


class TestAuc:
    def test_by_hand(self):
        assert auc(np.array([3.0, 2.0]), np.array([1.0, 0.0])) == 1
        assert auc(np.array([0.0]), np.array([1.0])) == 0
        assert auc(np.array([1.0, 1.0]), np.array([1.0])) == 0.5

    @given(
        st.lists(st.integers(0, 5), min_size=1, max_size=12),
        st.lists(st.integers(0, 5), min_size=1, max_size=12),
    )
    def test_it_is_the_share_of_pairs_in_order(self, higher: list[int], lower: list[int]):
        pairs = [(a > b) + 0.5 * (a == b) for a in higher for b in lower]
        got = auc(np.array(higher, dtype=float), np.array(lower, dtype=float))
        assert got == pytest.approx(sum(pairs) / len(pairs))

    def test_its_interval_holds_it(self):
        random = np.random.default_rng(5)
        higher, lower = random.normal(1, 1, 60), random.normal(0, 1, 40)
        low, high = bounds(auc_draws(higher, lower, seed=1))
        assert low < auc(higher, lower) < high


class TestIntervals:
    def test_they_are_those_of_a_normal_mean(self):
        values = np.random.default_rng(3).normal(50, 10, size=(400, 1))
        low, high = bounds(mean_draws(values, seed=0))[:, 0]
        error = values.std() / math.sqrt(400)
        assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.35 * error)
        assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.35 * error)

    def test_whole_conversations_are_drawn(self):
        # Within a conversation all questions go alike, so that there are six values and not six hundred.
        talks = np.repeat(np.arange(6), 100)
        values = np.array([0.0, 100, 0, 100, 0, 100])[talks][:, None]
        low, high = bounds(mean_draws(values, seed=0))[:, 0]
        wide_low, wide_high = bounds(mean_draws(values, seed=0, groups=talks))[:, 0]
        assert high - low < 10
        assert wide_high - wide_low > 50

    def test_conversations_weigh_by_their_questions(self):
        talks = np.array([0] * 9 + [1])
        values = np.array([100.0] * 9 + [0.0])[:, None]
        draws = mean_draws(values, seed=0, groups=talks)
        assert set(np.round(draws[:, 0], 3)) <= {0.0, 90.0, 100.0}
        assert len(draws) == N_DRAWS

    def test_the_same_seed_is_the_same_interval(self):
        values = np.random.default_rng(0).random((30, 2))
        assert np.array_equal(mean_draws(values, seed=4), mean_draws(values, seed=4))
        assert not np.array_equal(mean_draws(values, seed=4), mean_draws(values, seed=5))

    def test_names_become_numbers_without_gaps(self):
        assert numbered(["b", "a", "b", "c"]).tolist() == [0, 1, 0, 2]
