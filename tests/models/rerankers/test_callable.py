"""A function of the caller's as a reranker."""

import asyncio
import functools
import threading

import numpy as np
import pytest

from polymem.errors import ConfigError, InvalidOutputError, ModelError, RateLimitError
from polymem.models.rerankers.callable import CallableReranker


def scored(function, texts=("绿茶", "coffee")):
    return asyncio.run(CallableReranker(function, name="mine").score("茶", list(texts))).tolist()


@pytest.mark.parametrize(
    "returned",
    [[2, 1], (2.0, 1.0), np.array([2, 1], np.float16), np.array([[2.0], [1.0]]), [np.float32(2), 1]],
)
def test_whatever_numpy_reads_as_numbers(returned):
    assert scored(lambda _query, _texts: returned) == [2, 1]


@pytest.mark.parametrize(
    "returned",
    [
        None,
        [],
        [1],
        [1, 2, 3],
        ["芝麻", "2"],
        [1, None],
        [[1, 2], [3, 4]],
        [1, float("nan")],
        [1, 1e99],
        [1, 2j],
        [1, float("-inf")],
        {"a": 1},
        "芝麻",
        [[1], [2, 3]],
        [True, False],
    ],
)
def test_what_is_not_one_finite_number_a_text_is_an_error_without_its_words(returned):
    with pytest.raises(InvalidOutputError) as caught:
        scored(lambda _query, _texts: returned)
    assert "芝麻" not in str(caught.value)


def test_a_plain_function_runs_in_a_thread_and_gets_clean_texts():
    seen = []

    def function(query, texts):
        seen.append((query, texts, threading.current_thread() is threading.main_thread()))
        return [1.0] * len(texts)

    scored(function, ["茶\ud800"])
    assert seen == [("茶", ["茶\ufffd"], False)]


def test_an_error_of_its_own_keeps_its_cause_and_one_of_ours_goes_on():
    def fails(query, texts):
        raise KeyError(texts[0])

    with pytest.raises(ModelError) as caught:
        scored(fails)
    assert isinstance(caught.value.__cause__, KeyError)
    assert "绿茶" not in str(caught.value)

    def limited(query, texts):
        raise RateLimitError("later")

    with pytest.raises(RateLimitError):
        scored(limited)


def test_names():
    def mine(query, texts): ...

    assert CallableReranker(mine).name.endswith("test_names.<locals>.mine")
    for nameless in (lambda query, texts: [], functools.partial(mine)):
        with pytest.raises(ConfigError):
            CallableReranker(nameless)
    with pytest.raises(ConfigError):
        CallableReranker(mine, name=" ")
