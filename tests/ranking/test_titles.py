"""How far passages fit a question of themselves."""

import numpy as np
import pytest

from polymem.ports.faces import Postings
from polymem.ranking.bm25 import gather, own_scores
from polymem.ranking.titles import centre, covered, likeness, min_max, rarity, stretch


def occurrences(*lists, n_rows):
    postings = [
        Postings(np.array(found, dtype=np.int32), np.ones(len(found), dtype=np.uint8)) for found in lists
    ]
    return gather(postings, n_rows=n_rows, mean_length=4.0)


def measured(matches, cosines, n):
    own = own_scores(matches, np.full(n, 4, dtype=np.int32))
    return likeness(cosines, own, covered(matches, n), matches)


def test_the_passage_with_all_words_and_the_nearest_vector_is_wholly_alike():
    matches = occurrences([0, 1], [0], n_rows=4)
    found = measured(matches, np.array([0.9, 0.5, 0.2, 0.1], dtype=np.float32), 4)
    assert found.trust == 1.0
    assert found.whole[0] == pytest.approx(1.0)
    assert list(np.argsort(-found.whole)) == [0, 1, 2, 3]
    assert found.whole[3] == 0.0


def test_where_words_are_of_another_language_the_vectors_decide():
    cosines = np.array([0.1, 0.8, 0.3], dtype=np.float32)
    one_of_many = occurrences([0], *([[]] * 9), n_rows=3)
    found = measured(one_of_many, cosines, 3)
    assert found.trust < 0.5
    assert int(found.whole.argmax()) == 1
    none = measured(occurrences([], [], n_rows=3), cosines, 3)
    assert none.trust == 0.0
    assert none.whole == pytest.approx(min_max(cosines))


def test_without_vectors_words_alone_count():
    found = measured(occurrences([2], n_rows=3), None, 3)
    assert found.dense.tolist() == [0, 0, 0]
    assert int(found.words.argmax()) == 2


def test_a_common_name_says_less():
    assert rarity(1, 1000) == pytest.approx(1.0)
    assert rarity(1, 1000) > rarity(10, 1000) > rarity(500, 1000) > 0
    assert rarity(0, 0) == rarity(1, 2)


def test_alike_values_stretch_to_nothing():
    assert min_max(np.full(3, 0.4, dtype=np.float32)).tolist() == [0, 0, 0]
    assert min_max(np.empty(0, dtype=np.float32)).size == 0


def test_activity_is_one_for_the_best_and_falls_steeply():
    scores = np.array([0.5, 2.0, 1.0, -1.0], dtype=np.float32)
    best = np.array([1, 2, 0, 3], dtype=np.int32)
    assert stretch(best, scores, power=4.0) == pytest.approx([1, 1 / 16, 1 / 256, 0])
    assert stretch(best[:0], scores, power=4.0).size == 0
    assert stretch(best, np.zeros(4, dtype=np.float32), power=4.0).tolist() == [0, 0, 0, 0]


def test_the_middle_of_vectors_has_length_one_unless_they_cancel_out():
    axes = np.eye(2, dtype=np.float32)
    assert centre(axes) == pytest.approx([2**-0.5, 2**-0.5])
    assert centre(np.stack([axes[0], -axes[0]])).tolist() == [0, 0]
