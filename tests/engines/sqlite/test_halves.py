"""Vectors of a batch are stored as each alone would be."""

from __future__ import annotations

import numpy as np
import pytest

from polymem.engines.sqlite.insert import checked_vector, half_precision, halves
from polymem.errors import DimensionError


@pytest.mark.parametrize("n", [1, 2, 65])
def test_many_have_the_bytes_of_each_alone(n):
    rows = np.random.default_rng(n).normal(size=(n, 48)).astype(np.float32)
    rows[0, :3] = 0.0, 1e-8, 6e-5
    expected = [row.astype(np.float16).tobytes() for row in rows]
    assert halves(list(rows)) == expected == [half_precision(row, dim=48) for row in rows]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("n", [1, 3])
def test_one_that_is_not_finite_is_refused_among_many(bad, n):
    rows = np.ones((n, 4), np.float32)
    rows[-1, 2] = bad
    with pytest.raises(DimensionError, match="NaN or infinity"):
        halves(list(rows))


def test_infinities_that_cancel_out_are_refused():
    rows = np.array([[np.inf, 0], [-np.inf, 0]], np.float32)
    with pytest.raises(DimensionError, match="NaN or infinity"):
        halves(list(rows))


def test_large_values_are_no_infinity():
    rows = np.full((2, 4), 3e38, np.float32)
    with np.errstate(over="ignore"):
        assert halves(list(rows)) == [half_precision(row, dim=4) for row in rows]


def test_another_size_is_refused():
    with pytest.raises(DimensionError, match="dimension 4"):
        checked_vector([1.0, 2.0], dim=4)
