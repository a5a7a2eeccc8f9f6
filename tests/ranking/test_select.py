"""The largest few, and the order of what ties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polymem.ranking.select import order, top


@given(
    scores=st.lists(st.integers(-5, 5), max_size=60),
    n_wanted=st.integers(1, 20),
    above=st.sampled_from([-np.inf, 0.0]),
    data=st.data(),
)
def test_top_returns_the_largest_values(scores, n_wanted, above, data):
    among = np.array(
        data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))), dtype=bool
    )
    values = np.array(scores, dtype=np.float32)
    found = top(values, n_wanted, among=among, above=above)
    eligible = sorted(
        (value for value, ok in zip(values, among, strict=True) if ok and value > above), reverse=True
    )
    assert sorted(values[found], reverse=True) == eligible[:n_wanted]
    assert among[found].all()
    assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("n", [6_400, 6_401, 40_000, 70_001])
def test_blocks_find_the_same_as_sorting(n):
    random = np.random.default_rng(n)
    scores = random.integers(0, 200, n).astype(np.float32)
    scores[-3:] = 500
    found = top(scores, 50)
    assert sorted(scores[found]) == sorted(np.sort(scores)[-50:])
    assert {n - 1, n - 2, n - 3} <= set(found.tolist())


def test_blocks_leave_out_what_may_not_be_returned():
    scores = np.arange(20_000, dtype=np.float32)
    found = top(scores, 20, among=scores % 3 == 1, above=19_950.0)
    assert found.tolist() == [n for n in range(19_951, 20_000) if n % 3 == 1]


def test_ties_go_to_the_newer_then_to_the_later_position():
    scores = np.array([1, 1, 2, 1], dtype=np.float32)
    valid = np.array([5, 9, 0, 9], dtype=np.int64)
    positions = np.array([10, 11, 12, 13], dtype=np.int32)
    assert positions[order(scores, valid, positions)].tolist() == [12, 13, 11, 10]
