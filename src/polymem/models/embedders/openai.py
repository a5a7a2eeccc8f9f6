"""Embeddings from any server that speaks OpenAI's ``/embeddings``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ConfigError, EmbeddingError, InputError, InvalidOutputError
from polymem.models.endpoint import Endpoint
from polymem.ports.embedder import Purpose, unit_rows
from polymem.text.normalise import clean

__all__ = ["OpenAIEmbedder"]


class OpenAIEmbedder:
    """Embed with a model behind an OpenAI-compatible endpoint (OpenAI, vLLM, Ollama, TEI, DashScope …).

    Texts go in batches, one after the other. Blank texts are not sent and get the zero row.

    Args:
        model: The model as the server names it.
        dim: Width of its vectors; another width in an answer is an error.
        endpoint: Where the server is, with key, timeout and attempts; OpenAI's without a key by default.
        name: Recorded in the store; ``openai:<model>/<dim>`` by default. Give one where `model` says too
            little, or prefixes are used.
        prefixes: Put before queries and passages, for models trained so.
        batch_size: Most texts in one request.
        max_chars: What is longer is cut, since servers refuse texts over their limit (8,191 tokens at
            OpenAI; a Chinese character may take more than one).
        shorten: Ask the server for `dim` dimensions of a wider model.

    Raises:
        ConfigError: A value cannot be used.

    Example:
        >>> from polymem.models.endpoint import Endpoint
        >>> local = Endpoint("http://localhost:11434/v1")
        >>> OpenAIEmbedder("bge-m3", dim=1024, endpoint=local).name
        'openai:bge-m3/1024'
    """

    in_process: Final = False

    def __init__(
        self,
        model: str,
        *,
        dim: int,
        endpoint: Endpoint | None = None,
        name: str | None = None,
        prefixes: Mapping[Purpose, str] | None = None,
        batch_size: int = 128,
        max_chars: int = 6_000,
        shorten: bool = False,
    ) -> None:
        for setting, text in (("model", model), ("name", model if name is None else name)):
            if not text.strip():
                raise ConfigError(f"{setting} must not be blank", setting=setting)
        for setting, number in (("dim", dim), ("batch_size", batch_size), ("max_chars", max_chars)):
            if number < 1:
                raise ConfigError(
                    f"{setting} must be at least 1, not {number!r}", setting=setting, value=number
                )
        self._model = model
        self._dim = dim
        self._endpoint = Endpoint() if endpoint is None else endpoint
        self._name = f"openai:{model}/{dim}" if name is None else name
        self._prefixes = dict(prefixes or {})
        self._batch_size = batch_size
        self._max_chars = max_chars
        self._options: dict[str, Any] = {"dimensions": dim} if shorten else {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r}, dim={self._dim}, url={self._endpoint.base_url!r})"

    @property
    def name(self) -> str:
        """The given name, or model and width."""
        return self._name

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._dim

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed texts with one request per batch; with none where there is nothing to send.

        Args:
            texts: Any texts; lone surrogates are sent as U+FFFD.
            purpose: Chooses the prefix.

        Returns:
            ``float32[len(texts), dim]``: unit rows in the order of `texts`, zero rows for blank texts.

        Raises:
            InputError: `texts` is one string.
            ModelTimeoutError: The server took too long.
            RateLimitError: It refused further requests for now.
            EmbeddingError: It answered with an error or could not be reached.
            InvalidOutputError: Its answer has not the agreed form, or holds NaN or infinity.
            DimensionError: Its vectors have another width.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        prefix = self._prefixes.get(purpose, "")
        rows = np.zeros((len(texts), self._dim), np.float32)
        wanted = [row for row, text in enumerate(texts) if text.strip()]
        for begin in range(0, len(wanted), self._batch_size):
            batch = wanted[begin : begin + self._batch_size]
            rows[batch] = await self._request(
                [clean(prefix + texts[row][: self._max_chars]) for row in batch]
            )
        return rows

    async def _request(self, texts: list[str]) -> NDArray[np.float32]:
        answer = await self._endpoint.post(
            "/embeddings",
            {"model": self._model, "input": texts, "encoding_format": "float", **self._options},
            failure=EmbeddingError,
        )
        vectors = self._in_order(answer, n=len(texts))
        return unit_rows(vectors, n=len(texts), dim=self._dim, embedder=self._name)

    def _in_order(self, answer: Any, *, n: int) -> list[Any]:
        """Sort the vectors by the `index` that each carries: servers may answer in any order."""
        try:
            by_index = {entry["index"]: entry["embedding"] for entry in answer["data"]}
            if len(answer["data"]) == n:
                return [by_index[index] for index in range(n)]
        except (KeyError, TypeError) as error:
            # The type alone: a KeyError quotes what the server sent.
            reason = type(error).__name__
        else:
            reason = "another number of vectors"
        raise InvalidOutputError(
            f"{self._name!r} did not get one vector for each of {n} texts ({reason})",
            embedder=self._name,
            expected=n,
        )
