"""The adapter to ONNX Runtime, on a model of fifteen nodes that the test writes."""

import asyncio
import os
import threading
import time

import numpy as np
import pytest

from polymem.errors import ConfigError, InvalidOutputError, MissingExtraError, ModelError
from polymem.models.rerankers import onnx
from polymem.models.rerankers.onnx import OnnxReranker
from tests.models.rerankers.tiny_onnx import write_model

pytest.importorskip("onnxruntime")
WORDS = ["green", "tea", "i", "drink", "train", *"我每天喝绿茶坐火车"]


def scored(reranker, query, texts):
    return asyncio.run(reranker.score(query, texts)).tolist()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp("cross") / "tiny-cross", words=WORDS)


def test_pairs_are_read_together(folder):
    reranker = OnnxReranker(folder)
    assert reranker.name == "onnx:tiny-cross"
    assert scored(reranker, "green tea", ["I drink green tea", "I drink tea", "the train"]) == [2, 1, 0]
    assert scored(reranker, "喝绿茶", ["我每天喝绿茶", "我坐火车"]) == [3, 0]


def test_batches_of_unlike_length_keep_their_order(folder):
    texts = ["tea " * n for n in (9, 1, 5, 30, 2, 7, 3)]
    assert scored(OnnxReranker(folder, batch_size=2), "tea", texts) == [9, 1, 5, 30, 2, 7, 3]


def test_long_texts_are_read_from_the_beginning(folder):
    reranker = OnnxReranker(folder, max_tokens=16)
    assert scored(reranker, "茶", ["茶" * 10_000]) == [14]
    assert scored(reranker, "茶", ["火" * 10_000 + "茶"]) == [0]


@pytest.mark.parametrize("inside", ["onnx/model.onnx", "model.onnx"])
def test_where_a_model_may_lie(tmp_path, inside):
    folder = write_model(tmp_path / "名字", inside=inside, words=WORDS)
    assert OnnxReranker(folder).name == "onnx:名字"
    assert scored(OnnxReranker(folder / inside), "茶", ["绿茶"]) == [1]


def test_a_file_of_another_name_is_told_apart(tmp_path):
    folder = write_model(tmp_path / "m", inside="onnx/model_int8.onnx", words=WORDS)
    assert OnnxReranker(folder / "onnx/model_int8.onnx").name == "onnx:m/model_int8"


def test_of_two_classes_the_second_is_the_one_that_helps(tmp_path):
    folder = write_model(tmp_path, words=WORDS, outputs=2)
    assert scored(OnnxReranker(folder), "绿茶", ["绿茶", "火车"]) == [2, 0]


@pytest.mark.parametrize("options", [{"outputs": 3}, {"spoiled": True}])
def test_what_no_cross_encoder_says_is_an_error(tmp_path, options):
    with pytest.raises(InvalidOutputError) as caught:
        scored(OnnxReranker(write_model(tmp_path, words=WORDS, **options)), "芝麻", ["芝麻开门"])
    assert "芝麻" not in str(caught.value)


def test_a_model_of_another_kind_is_an_error(tmp_path):
    with pytest.raises(ModelError, match="pixel_values"):
        scored(OnnxReranker(write_model(tmp_path, extra_input=True)), "茶", ["茶"])


@pytest.mark.parametrize("broken", ["model.onnx", "tokenizer.json"])
def test_a_file_that_is_no_model_is_an_error(tmp_path, broken):
    folder = write_model(tmp_path, words=WORDS)
    (folder / broken).write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="cannot be loaded"):
        scored(OnnxReranker(folder), "茶", ["茶"])


@pytest.mark.parametrize("missing", ["model.onnx", "tokenizer.json"])
def test_a_missing_file_is_told_at_once(tmp_path, missing):
    folder = write_model(tmp_path, words=WORDS)
    (folder / missing).unlink()
    with pytest.raises(ConfigError, match="there is no"):
        OnnxReranker(folder)


def test_a_name_of_a_model_is_no_folder_and_nothing_is_downloaded():
    with pytest.raises(ConfigError):
        OnnxReranker("cross-encoder/ms-marco-MiniLM-L6-v2")


@pytest.mark.parametrize("options", [{"max_tokens": 7}, {"batch_size": 0}, {"threads": -1}])
def test_limits_that_cannot_be_used(folder, options):
    with pytest.raises(ConfigError):
        OnnxReranker(folder, **options)


def test_without_the_extra_the_line_that_installs_it_is_told(folder, monkeypatch):
    monkeypatch.setattr(onnx, "find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r"polymem\[rerank\]"):
        OnnxReranker(folder)


def test_the_event_loop_goes_on_meanwhile(folder, monkeypatch):
    reranker = OnnxReranker(folder)
    inside = threading.Event()

    def slow(loaded, pairs):
        inside.set()
        time.sleep(0.2)
        return np.zeros((len(pairs), 1), np.float32)

    monkeypatch.setattr(reranker, "_run", slow)

    async def both():
        asked = asyncio.create_task(reranker.score("茶", ["绿茶"]))
        ticks = 0
        while not asked.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return ticks

    assert asyncio.run(both()) >= 5
    assert inside.is_set()


def test_a_forked_child_loads_its_own(folder):
    reranker = OnnxReranker(folder)
    scored(reranker, "茶", ["绿茶"])
    before = reranker._gate
    reranker._pid = os.getpid() + 1
    before.acquire()
    assert scored(reranker, "茶", ["绿茶"]) == [1]
    assert reranker._gate is not before
