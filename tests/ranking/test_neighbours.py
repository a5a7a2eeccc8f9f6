"""Sessions, windows and blended vectors."""

import numpy as np
import pytest

from polymem.ranking.neighbours import (
    NEIGHBOUR_SHARE,
    SESSION_GAP_US,
    Neighbours,
    blend,
    link,
    shrink,
    windows,
)


def chain(n):
    previous = np.arange(-1, n - 1, dtype=np.int32)
    following = np.arange(1, n + 1, dtype=np.int32)
    following[-1] = -1
    return Neighbours.of(previous, following, np.ones(n, dtype=np.float32))


def test_a_window_reaches_two_rows_each_way_and_stops_at_the_ends():
    found = windows(np.array([0, 2], dtype=np.int32), chain(4))
    assert found[:, 0].tolist() == [0, -1, 1, -1, 2]
    assert found[:, 1].tolist() == [2, 1, 3, 0, -1]


def test_context_never_crosses_a_run():
    run = np.array([0, 0, 1, 1], dtype=np.int32)
    valid = np.zeros(4, dtype=np.int64)
    previous, following = link(np.arange(4, dtype=np.int32), run, valid, np.zeros(4, dtype=np.int32), n=4)
    assert previous.tolist() == [-1, 0, -1, 2]
    assert following.tolist() == [1, -1, 3, -1]


def test_without_a_run_a_pause_ends_the_session():
    valid = np.array([0, SESSION_GAP_US, 3 * SESSION_GAP_US], dtype=np.int64)
    run = np.full(3, -1, dtype=np.int32)
    previous, _ = link(np.arange(3, dtype=np.int32), run, valid, np.zeros(3, dtype=np.int32), n=3)
    assert previous.tolist() == [-1, 0, -1]


def test_a_message_that_is_dated_back_stands_where_it_belongs():
    valid = np.array([10, 30, 20], dtype=np.int64)
    run = np.zeros(3, dtype=np.int32)
    previous, following = link(np.arange(3, dtype=np.int32), run, valid, np.zeros(3, dtype=np.int32), n=3)
    assert previous.tolist() == [-1, 2, 0]
    assert following.tolist() == [2, -1, 1]


def test_rows_that_are_no_episodes_have_no_neighbours():
    previous, following = link(
        np.array([0, 2], dtype=np.int32),
        np.zeros(3, dtype=np.int32),
        np.zeros(3, dtype=np.int64),
        np.zeros(3, dtype=np.int32),
        n=3,
    )
    assert (previous[1], following[1]) == (-1, -1)
    assert (previous[2], following[0]) == (0, 2)


def test_the_blend_is_the_cosine_of_the_sum():
    random = np.random.default_rng(0)
    vectors = random.standard_normal((3, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    query = vectors[0] * 0.6 + vectors[2] * 0.8
    mixed = vectors[1] + NEIGHBOUR_SHARE * (vectors[0] + vectors[2])
    expected = mixed @ query / np.linalg.norm(mixed)
    products = [[vectors[1] @ vectors[0]], [vectors[1] @ vectors[2]], [vectors[0] @ vectors[2]]]
    factor = shrink(np.ones((3, 1), dtype=np.float32), np.array(products, dtype=np.float32))
    links = [np.array(step, dtype=np.int32) for step in ([-1, 0, 1], [1, 2, -1])]
    near = Neighbours.of(links[0], links[1], np.full(3, factor[0]))
    assert blend(vectors @ query, near)[1] == pytest.approx(expected, rel=1e-5)


def test_a_row_without_a_vector_stands_for_its_neighbours_and_nothing_for_nothing():
    squares = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0]], dtype=np.float32)
    found = shrink(squares, np.zeros((3, 3), dtype=np.float32))
    assert found.tolist() == pytest.approx([1.0, 1 / NEIGHBOUR_SHARE, 0.0])


def test_vectors_that_cancel_out_are_not_blown_up():
    opposite = np.array([[-1 / NEIGHBOUR_SHARE], [0], [0]], dtype=np.float32)
    squares = np.array([[1], [1 / NEIGHBOUR_SHARE**2], [0]], dtype=np.float32)
    assert 0 < shrink(squares, opposite)[0] <= 100


@pytest.mark.parametrize("n", [5, 16_384, 40_001])
def test_a_long_blend_is_that_of_each_row(n):
    random = np.random.default_rng(n)
    links = [random.integers(-1, n, n).astype(np.int32) for _ in range(2)]
    near = Neighbours.of(links[0], links[1], random.random(n, dtype=np.float32))
    cosines = random.standard_normal(n).astype(np.float32)
    beside = sum(np.where(step >= 0, cosines[step], 0) for step in (near.previous, near.following))
    expected = (cosines + NEIGHBOUR_SHARE * beside) * near.shrink
    assert np.allclose(blend(cosines, near), expected, atol=1e-6)


def test_mean_rows_counts_what_a_window_holds():
    assert chain(10_000).mean_rows == pytest.approx(5.0, abs=0.01)
    for n in (3, 0):
        alone = [np.full(n, -1, dtype=np.int32) for _ in range(2)]
        assert Neighbours.of(alone[0], alone[1], np.ones(n, dtype=np.float32)).mean_rows == 1.0


def test_passages_are_next_to_passages_of_their_own_document_alone():
    speaker = np.array([0, -7, 1, -9, -7, -2, -2, 0], dtype=np.int32)
    run = np.full(8, -1, dtype=np.int32)
    # Pages that were added long apart are still pages of one document.
    valid = np.arange(8, dtype=np.int64) * np.array([0, 9, 0, 9, 9, 9, 9, 0]) * SESSION_GAP_US
    previous, following = link(np.arange(8, dtype=np.int32), run, valid, speaker, n=8)
    assert previous.tolist() == [-1, -1, 0, -1, 1, -1, -1, 2]
    assert following.tolist() == [2, 4, 7, -1, -1, -1, -1, -1]


def test_passages_without_a_title_are_next_to_nobody():
    speaker, run = np.full(3, -2, dtype=np.int32), np.array([0, 0, -1], dtype=np.int32)
    previous, following = link(np.arange(3, dtype=np.int32), run, np.zeros(3, dtype=np.int64), speaker, n=3)
    assert previous.tolist() == following.tolist() == [-1, -1, -1]


def test_passages_of_a_document_in_two_runs_are_not_next_to_each_other():
    speaker = np.full(3, -7, dtype=np.int32)
    run = np.array([0, 1, 0], dtype=np.int32)
    previous, _ = link(np.arange(3, dtype=np.int32), run, np.zeros(3, dtype=np.int64), speaker, n=3)
    assert previous.tolist() == [-1, -1, 0]
