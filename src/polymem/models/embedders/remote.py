"""Embeddings of any provider that pydantic-ai speaks to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ConfigError, EmbeddingError, InputError, ModelError
from polymem.models.connection import Connection
from polymem.models.patience import Patience, Turnstile
from polymem.ports.embedder import Purpose, unit_rows
from polymem.text.normalise import clean

if TYPE_CHECKING:
    from pydantic_ai.embeddings import EmbeddingSettings

__all__ = ["RemoteEmbedder"]


class RemoteEmbedder:
    """Embed with a model of a provider, each text for its purpose where the model tells them apart.

    Texts go in batches, one after the other. Blank texts are not sent and get the zero row.

    Args:
        connection: Where the model is.
        dim: Width of its vectors; another width in an answer is an error.
        patience: Time-outs, attempts and how many requests at a time.
        batch_size: Most texts in one request.
        max_chars: What is longer is cut, since providers refuse texts over their limit.
        shorten: Ask for `dim` dimensions of a wider model.

    Raises:
        ConfigError: A value cannot be used, or the provider has no embeddings.

    Example:
        >>> RemoteEmbedder(Connection("google", "gemini-embedding-001", api_key="secret"), dim=3072).name
        'google:gemini-embedding-001/3072'
    """

    in_process: Final = False

    def __init__(
        self,
        connection: Connection,
        *,
        dim: int,
        patience: Patience | None = None,
        batch_size: int = 100,
        max_chars: int = 6_000,
        shorten: bool = False,
    ) -> None:
        for setting, number in (("dim", dim), ("batch_size", batch_size), ("max_chars", max_chars)):
            if number < 1:
                raise ConfigError(
                    f"{setting} must be at least 1, not {number!r}", setting=setting, value=number
                )
        if not connection.preset.embeds:
            raise ConfigError(f"{connection.provider!r} has no embeddings", setting="provider")
        self._at = connection
        self._dim = dim
        self._turnstile = Turnstile(
            Patience(timeout_s=connection.timeout_s) if patience is None else patience,
            connection.name,
            connection.api_key,
        )
        self._batch_size = batch_size
        self._max_chars = max_chars
        self._options: EmbeddingSettings = {"dimensions": dim} if shorten else {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self.name!r}, url={self._at.base_url!r})"

    @property
    def name(self) -> str:
        """Provider, model and width."""
        return f"{self._at.name}/{self._dim}"

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._dim

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed; see :meth:`polymem.ports.embedder.Embedder.embed`.

        Raises:
            InputError: `texts` is one string.
            ModelTimeoutError: The provider took too long.
            RateLimitError: It refused further requests for now.
            EmbeddingError: It answered with an error or could not be reached.
            InvalidOutputError: Its answer has not the agreed form, or holds NaN or infinity.
            DimensionError: Its vectors have another width.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        rows = np.zeros((len(texts), self._dim), np.float32)
        wanted = [row for row, text in enumerate(texts) if text.strip()]
        for begin in range(0, len(wanted), self._batch_size):
            batch = wanted[begin : begin + self._batch_size]
            rows[batch] = await self._request(
                [clean(texts[row][: self._max_chars]) for row in batch], purpose
            )
        return rows

    async def _request(self, texts: list[str], purpose: Purpose) -> NDArray[np.float32]:
        async def send() -> Sequence[Sequence[float]]:
            async with self._at.embedding_model() as model:
                kind: Literal["query", "document"] = "query" if purpose == "query" else "document"
                found = await model.embed(texts, input_type=kind, settings=self._options)
                return found.embeddings

        try:
            vectors = await self._turnstile.ask(send)
        except ModelError as error:
            if type(error) is not ModelError:
                raise
            raise EmbeddingError(str(error), **error.facts) from None
        return unit_rows(vectors, n=len(texts), dim=self._dim, embedder=self.name)
