"""A function of the caller's as an embedder."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest

from polymem.errors import (
    ConfigError,
    DimensionError,
    EmbeddingError,
    InputError,
    InvalidOutputError,
    RateLimitError,
)
from polymem.models.embedders.callable import CallableEmbedder
from polymem.ports.embedder import Embedder, Purpose, runs_in_process

TEXTS = ["a cat", "一只猫", ""]


def lengths(texts: list[str]) -> list[list[float]]:
    return [[3.0 * len(text), 4.0 * len(text)] for text in texts]


async def lengths_later(texts: list[str]) -> list[list[float]]:
    await asyncio.sleep(0)
    return lengths(texts)


class Model:
    """A model object that is called itself."""

    def __init__(self) -> None:
        self.seen: list[list[str]] = []

    def __call__(self, texts: list[str]) -> np.ndarray:
        self.seen.append(texts)
        return np.array(lengths(texts), np.float16)


def embed(embedder: Embedder, texts: Sequence[str] = TEXTS, purpose: Purpose = "passage") -> np.ndarray:
    return asyncio.run(embedder.embed(texts, purpose=purpose))


@pytest.mark.parametrize("function", [lengths, lengths_later, Model(), partial(lengths_later)])
def test_functions_of_all_kinds_give_unit_rows(function):
    vectors = embed(CallableEmbedder(function, name="n", dim=2))
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, [[0.6, 0.8], [0.6, 0.8], [0, 0]], atol=1e-6)


def test_a_function_that_returns_a_coroutine_is_awaited():
    assert embed(CallableEmbedder(lambda texts: lengths_later([*texts]), name="n", dim=2)).shape == (3, 2)


def test_name_and_width_are_found_out():
    embedder = CallableEmbedder(lengths)
    assert (embedder.name, embedder.dim) == (f"{__name__}.lengths", 2)
    assert CallableEmbedder(Model()).name == f"{__name__}.Model"
    assert asyncio.run(CallableEmbedder.probed(lengths_later)).dim == 2
    assert asyncio.run(CallableEmbedder.probed(lengths, name="我的模型")).name == "我的模型"


@pytest.mark.parametrize("function", [lambda texts: lengths([*texts]), partial(lengths)])
def test_a_function_without_a_name_needs_one(function):
    with pytest.raises(ConfigError) as caught:
        CallableEmbedder(function, dim=2)
    assert caught.value.setting == "name"


@pytest.mark.parametrize(
    "function",
    [lengths_later, lambda texts: lengths_later([*texts])],
    ids=["coroutine function", "gives a coroutine"],
)
def test_the_width_of_a_coroutine_function_must_be_given(function):
    with pytest.raises(ConfigError) as caught:
        CallableEmbedder(function, name="n")
    assert caught.value.setting == "dim"


@pytest.mark.parametrize(
    ("setting", "options"), [("dim", {"dim": 0}), ("dim", {"dim": -3}), ("name", {"name": " "})]
)
def test_settings_out_of_range_are_refused(setting, options):
    with pytest.raises(ConfigError) as caught:
        CallableEmbedder(lengths, **options)
    assert caught.value.setting == setting


def test_a_plain_function_runs_in_another_thread():
    threads: list[int] = []

    def note(texts: list[str]) -> list[list[float]]:
        threads.append(threading.get_ident())
        return lengths(texts)

    embedder = CallableEmbedder(note, dim=2)
    embed(embedder)
    assert threads != [threading.get_ident()]
    assert not runs_in_process(embedder)


def test_prefixes_and_sound_texts_reach_the_function():
    model = Model()
    embedder = CallableEmbedder(model, dim=2, prefixes={"query": "查询："})
    embed(embedder, ["猫\ud800", "b"], purpose="query")
    embed(embedder, ["猫", "b"], purpose="passage")
    assert model.seen == [["查询：猫\ufffd", "查询：b"], ["猫", "b"]]


def test_no_texts_make_no_call():
    model = Model()
    assert embed(CallableEmbedder(model, dim=2), []).shape == (0, 2)
    assert model.seen == []


def test_one_string_is_refused():
    with pytest.raises(InputError):
        embed(CallableEmbedder(lengths, dim=2), "猫")


@pytest.mark.parametrize(
    ("returned", "error"),
    [
        ([[1.0, float("nan")]], InvalidOutputError),
        ([[float("inf"), 1.0]], InvalidOutputError),
        ([[1.0, 2.0]] * 2, InvalidOutputError),
        ([[1.0, 2.0, 3.0]], DimensionError),
        ("text", InvalidOutputError),
        (None, InvalidOutputError),
    ],
    ids=repr,
)
@pytest.mark.parametrize("later", [False, True])
def test_what_a_function_returns_is_checked(returned, error, later):
    async def give_later(texts: list[str]) -> object:
        return returned

    function = give_later if later else lambda texts: returned
    with pytest.raises(error) as caught:
        embed(CallableEmbedder(function, name="n", dim=2), ["猫"])
    assert caught.value.embedder == "n"


@pytest.mark.parametrize("returned", [None, [1.0, 2.0], [], [[1.0], [2.0, 3.0]]], ids=repr)
def test_a_width_that_cannot_be_read_is_an_error(returned):
    with pytest.raises(InvalidOutputError):
        CallableEmbedder(lambda texts: returned, name="n")


@pytest.mark.parametrize("later", [False, True])
def test_what_a_function_raises_becomes_an_error_without_the_text(later):
    def fail(texts: list[str]) -> None:
        raise ZeroDivisionError(texts[0])

    async def fail_later(texts: list[str]) -> None:
        fail(texts)

    embedder = CallableEmbedder(fail_later if later else fail, name="n", dim=2)
    with pytest.raises(EmbeddingError) as caught:
        embed(embedder, ["秘密"])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert "秘密" not in str(caught.value) + repr(caught.value)


def test_a_failing_probe_is_an_embedding_error():
    def fail(texts: list[str]) -> None:
        raise OSError

    with pytest.raises(EmbeddingError):
        CallableEmbedder(fail, name="n")


def test_errors_of_the_house_pass_unchanged():
    def busy(texts: list[str]) -> None:
        raise RateLimitError("later", retry_after_s=3.0)

    with pytest.raises(RateLimitError) as caught:
        embed(CallableEmbedder(busy, name="n", dim=2))
    assert caught.value.retry_after_s == 3.0
