"""Both kernels compute the same numbers, and those are the right ones."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from polymem.engines.sqlite import kernel

PATHS = ["simsimd", "numpy"]


@pytest.fixture(params=PATHS)
def path(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "numpy":
        monkeypatch.setattr(kernel, "_cdist", None)
        monkeypatch.setattr(kernel, "_dot", None)
    else:
        assert kernel._cdist is not None, "simsimd belongs to the core install"
    return request.param


@pytest.mark.parametrize("dim", [1, 7, 64, 256, 1_000, 1_025, 3_072])
@pytest.mark.parametrize("n", [1, 5, 4_097])
def test_products_are_exact(path: str, dim: int, n: int) -> None:
    rng = np.random.default_rng(dim * n)
    query = rng.integers(-127, 128, dim, dtype=np.int8)
    matrix = rng.integers(-127, 128, (n, dim), dtype=np.int8)
    truth = matrix.astype(np.int64) @ query.astype(np.int64)
    assert (kernel.dot_int8(query, matrix) == truth.astype(np.float32)).all()
    others = rng.integers(-127, 128, (n, dim), dtype=np.int8)
    truth = (matrix.astype(np.int64) * others).sum(axis=1)
    assert (kernel.dot_pairs(matrix, others) == truth.astype(np.float32)).all()


def test_a_scan_leaves_no_reference_behind(path: str) -> None:
    query, matrix = np.ones(8, np.int8), np.ones((4, 8), np.int8)
    before = sys.getrefcount(None)
    for _ in range(1_000):
        kernel.dot_int8(query, matrix)
        kernel.dot_pairs(matrix, matrix)
    assert abs(sys.getrefcount(None) - before) < 200


def test_products_at_the_edge_of_the_range_are_exact(path: str) -> None:
    query = np.full(4_096, 127, np.int8)
    matrix = np.vstack([query, -query])
    assert kernel.dot_int8(query, matrix).tolist() == [127.0 * 127 * 4_096, -127.0 * 127 * 4_096]


def test_a_matrix_may_be_a_read_only_blob(path: str) -> None:
    matrix = np.frombuffer(bytes([1, 2, 3, 4]), np.int8).reshape(2, 2)
    assert kernel.dot_int8(np.array([1, 1], np.int8), matrix).tolist() == [3, 7]


def test_nothing_times_anything_is_nothing(path: str) -> None:
    assert kernel.dot_int8(np.ones(4, np.int8), np.zeros((0, 4), np.int8)).shape == (0,)
    assert kernel.dot_int8(np.zeros(0, np.int8), np.zeros((3, 0), np.int8)).tolist() == [0, 0, 0]


@settings(deadline=None)
@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=2, max_side=20),
        elements=st.floats(-1e4, 1e4, width=32),
    )
)
def test_quantised_rows_are_within_half_a_step(vectors: np.ndarray) -> None:
    narrow, scales = kernel.quantise(vectors)
    assert narrow.dtype == np.int8
    assert scales.dtype == np.float32
    assert np.abs(narrow.astype(int)).max() <= 127
    assert (np.abs(narrow * scales[:, None] - vectors) <= scales[:, None] * 0.501 + 1e-30).all()
    for vector, row, scale in zip(vectors, narrow, scales, strict=True):
        alone, factor = kernel.narrow(vector)
        assert alone.tolist() == row.tolist()
        assert factor == scale


def test_a_zero_row_has_scale_zero_and_a_tiny_one_does_not_overflow() -> None:
    narrow, scales = kernel.quantise(np.array([[0, 0], [1e-42, 0], [-0.5, 0.25]], np.float32))
    assert narrow.tolist() == [[0, 0], [0, 0], [-127, 64]]
    assert scales[:2].tolist() == [0, 0]


def test_quantising_nothing() -> None:
    for shape in ((0, 8), (3, 0), (0, 0)):
        narrow, scales = kernel.quantise(np.zeros(shape, np.float32))
        assert narrow.shape == shape
        assert scales.shape == shape[:1]
