"""What the port makes of a model's output."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from polymem.errors import DimensionError, InvalidOutputError, ModelError
from polymem.ports.embedder import runs_in_process, unit_rows

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@given(hnp.arrays(np.float64, st.tuples(st.integers(0, 5), st.integers(1, 6)), elements=FINITE))
def test_rows_are_unit_or_zero_whatever_their_size(vectors):
    rows = unit_rows(vectors, n=len(vectors), dim=vectors.shape[1], embedder="e")
    assert rows.dtype == np.float32
    norms = np.linalg.norm(rows.astype(np.float64), axis=1)
    assert np.allclose(norms, np.any(vectors != 0, axis=1), atol=1e-6)


@pytest.mark.parametrize("scale", [1e-300, 1e-30, 1.0, 1e30, 1e300])
def test_the_direction_is_kept(scale):
    assert np.allclose(unit_rows([[3 * scale, -4 * scale]], n=1, dim=2, embedder="e"), [[0.6, -0.8]])


@pytest.mark.parametrize(
    "vectors",
    [
        [[1.0, 2.0], [3.0]],
        [1.0, 2.0],
        [[[1.0]]],
        [["1.0", "2.0"]],
        [["猫", "狗"]],
        [[None, 1.0]],
        [[1j, 0]],
        [[True, False]],
        {"a": 1},
        None,
        "向量",
        [[float("nan"), 1.0]],
        [[float("inf"), 1.0]],
        [[10**400, 1]],
        [[1.0, 2.0], [1.0, 2.0]],
        [],
    ],
    ids=repr,
)
def test_what_is_no_matrix_of_numbers_is_refused(vectors):
    with pytest.raises(InvalidOutputError) as caught:
        unit_rows(vectors, n=1, dim=2, embedder="嵌入-v1")
    assert caught.value.embedder == "嵌入-v1"
    assert isinstance(caught.value, ModelError)


def test_another_width_is_told_apart():
    with pytest.raises(DimensionError) as caught:
        unit_rows([[1.0, 2.0, 3.0]], n=1, dim=2, embedder="e")
    assert (caught.value.expected, caught.value.actual) == (2, 3)


def test_the_row_that_is_not_finite_is_named():
    with pytest.raises(InvalidOutputError) as caught:
        unit_rows([[1.0], [float("-inf")]], n=2, dim=1, embedder="e")
    assert caught.value.row == 1


def test_no_texts_and_no_vectors():
    assert unit_rows([], n=0, dim=7, embedder="e").shape == (0, 7)


@pytest.mark.parametrize(
    ("declared", "expected"), [({}, False), ({"in_process": False}, False), ({"in_process": True}, True)]
)
def test_in_process_is_what_the_embedder_declares(declared, expected):
    embedder: Any = type("Remote", (), {"name": "r", "dim": 1, **declared})()
    assert runs_in_process(embedder) is expected
