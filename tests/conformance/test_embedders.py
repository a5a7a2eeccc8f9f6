"""The shipped embedders keep the promises of the port."""

import asyncio

import pytest

from polymem.errors import EmbeddingError
from polymem.models.embedders.callable import CallableEmbedder
from polymem.models.embedders.static.embedder import StaticEmbedder
from polymem.testing.embedder import EmbedderSuite
from polymem.testing.fakes import FailingEmbedder, WordEmbedder


@pytest.fixture(scope="module")
def encoders():
    return {dim: StaticEmbedder(dim=dim) for dim in (256, 64)}


class TestStaticEmbedder(EmbedderSuite):
    @pytest.fixture(params=[256, 64])
    def embedder(self, request, encoders):
        return encoders[request.param]


class TestCallableEmbedder(EmbedderSuite):
    @pytest.fixture
    def embedder(self):
        return CallableEmbedder(WordEmbedder().encode, name="words")


class TestCallableEmbedderOfACoroutine(EmbedderSuite):
    @pytest.fixture
    def embedder(self):
        async def words(texts):
            return WordEmbedder().encode(texts).tolist()

        return CallableEmbedder(words, name="words", dim=32)


class TestWordEmbedder(EmbedderSuite):
    @pytest.fixture
    def embedder(self):
        return WordEmbedder(dim=64)

    def test_one_string_is_not_a_list_of_texts(self, embedder):
        """A toy checks no arguments."""


class TestFailingEmbedder(TestWordEmbedder):
    @pytest.fixture
    def embedder(self):
        return FailingEmbedder(dim=64)

    def test_it_fails_for_as_long_as_it_is_told(self, embedder):
        embedder.fail(times=2)
        for _ in range(2):
            with pytest.raises(EmbeddingError):
                self.embed(embedder, ["x"])
        assert self.embed(embedder, ["x"]).shape == (1, 64)
        embedder.fail()
        with pytest.raises(EmbeddingError):
            asyncio.run(embedder.embed(["x"], purpose="query"))
        embedder.recover()
        assert self.embed(embedder, ["x"]).shape == (1, 64)
