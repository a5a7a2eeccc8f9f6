"""Every reranker of the package passes the suite of rerankers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from polymem.errors import ModelError
from polymem.models.endpoint import Endpoint
from polymem.models.rerankers.callable import CallableReranker
from polymem.models.rerankers.endpoint import EndpointReranker
from polymem.models.rerankers.onnx import OnnxReranker
from polymem.models.rerankers.prompted import PromptedReranker
from polymem.testing.cases import TALK
from polymem.testing.models import Asked, ScriptedModel
from polymem.testing.reranker import RerankerSuite
from polymem.testing.reranking import FailingReranker, WordReranker, shared_words
from tests.models.rerankers.tiny_onnx import write_model
from tests.wire.server import KEY, Answer, ScriptedServer, Seen


def relevance(query: str, text: str) -> float:
    """Return shared words as a probability."""
    return max(0.0, min(1.0, 0.02 + 0.1 * shared_words(query, text)))


class TestWordReranker(RerankerSuite):
    """The fake keeps what the adapters promise."""

    @pytest.fixture
    def reranker(self) -> WordReranker:
        return WordReranker()

    def test_one_string_is_not_a_list_of_texts(self, reranker: Any) -> None:
        """A toy checks no arguments."""


class TestFailingReranker(TestWordReranker):
    """The fake that fails."""

    @pytest.fixture
    def reranker(self) -> FailingReranker:
        return FailingReranker()

    @pytest.fixture
    def broken(self) -> FailingReranker:
        failing = FailingReranker()
        failing.fail(ModelError("told to fail"))
        return failing


class TestCallableReranker(RerankerSuite):
    """A function of the caller's, in a thread."""

    @pytest.fixture
    def reranker(self) -> CallableReranker:
        return CallableReranker(lambda query, texts: [shared_words(query, text) for text in texts], name="w")

    @pytest.fixture
    def broken(self) -> CallableReranker:
        def raises(query: str, texts: list[str]) -> list[float]:
            raise ValueError(f"{query}{texts}")

        return CallableReranker(raises)


class TestCallableRerankerOfACoroutine(RerankerSuite):
    """A coroutine function."""

    @pytest.fixture
    def reranker(self) -> CallableReranker:
        async def words(query: str, texts: list[str]) -> list[float]:
            return [shared_words(query, text) for text in texts]

        return CallableReranker(words)


class TestEndpointReranker(RerankerSuite):
    """A server that speaks as Cohere's does, and answers in order of relevance."""

    provider, documents, results, score_name = "cohere", "documents", "results", "relevance_score"

    @pytest.fixture
    def reranker(self) -> Iterator[EndpointReranker]:
        with ScriptedServer(self.answer) as server:
            yield EndpointReranker(
                self.provider, "m", endpoint=Endpoint(server.url, api_key=KEY), batch_size=7
            )

    @pytest.fixture
    def broken(self) -> Iterator[EndpointReranker]:
        with ScriptedServer(lambda _seen: Answer({"message": "芝麻开门"}, 400)) as server:
            yield EndpointReranker(self.provider, "m", endpoint=Endpoint(server.url, api_key=KEY))

    def answer(self, seen: Seen) -> Answer:
        assert all(text.strip() for text in seen.body[self.documents])
        found = [
            {"index": n, self.score_name: relevance(seen.body["query"], text)}
            for n, text in enumerate(seen.body[self.documents])
        ]
        found.sort(key=lambda one: -one[self.score_name])
        return Answer({self.results: found} if self.results else found)


class TestTeiReranker(TestEndpointReranker):
    """Other names for everything, and log odds."""

    provider, documents, results, score_name = "tei", "texts", "", "score"


class TestPromptedReranker(RerankerSuite):
    """A language model that grades by shared words."""

    @pytest.fixture
    def reranker(self) -> PromptedReranker:
        return PromptedReranker(ScriptedModel(self.graded))

    @pytest.fixture
    def broken(self) -> PromptedReranker:
        return PromptedReranker(ScriptedModel(lambda _asked: ModelError("told to fail")))

    @staticmethod
    def graded(asked: Asked) -> dict[str, Any]:
        question, *texts = (json.loads(line) for line in asked.prompt.split("\n"))
        return {
            "grades": [
                {"n": one["n"], "grade": min(3, max(0, int(shared_words(question["question"], one["text"]))))}
                for one in texts
            ]
        }


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> OnnxReranker:
    pytest.importorskip("onnxruntime")
    words = sorted({*"".join(TALK), *" ".join(TALK).lower().replace(".", " ").split()})
    return OnnxReranker(write_model(tmp_path_factory.mktemp("m"), words=words), batch_size=4)


class TestOnnxReranker(RerankerSuite):
    """ONNX Runtime, on a model made here."""

    @pytest.fixture
    def reranker(self, tiny: OnnxReranker) -> OnnxReranker:
        return tiny

    @pytest.fixture
    def broken(self, tmp_path: Path) -> OnnxReranker:
        pytest.importorskip("onnxruntime")
        return OnnxReranker(write_model(tmp_path, words=["x"], spoiled=True))
