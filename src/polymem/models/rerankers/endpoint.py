"""Reranking by any server that speaks as Cohere's ``/rerank`` does, or nearly so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.errors import ConfigError, InputError, InvalidOutputError
from polymem.models.budget import Budget
from polymem.models.endpoint import Endpoint
from polymem.models.presets import RERANKERS
from polymem.ports.reranker import checked_scores, log_odds
from polymem.text.normalise import clean

__all__ = ["EndpointReranker"]

MAX_QUERY_CHARS: Final = 2_000
"""Of a longer question the beginning is sent."""
_BLANK: Final = -13.8
"""Log odds of a text without words, which is not sent: one in a million."""
_ONE_CALL: Final = Usage(calls=1)


class EndpointReranker:
    """Rerank with a model behind an endpoint (Cohere, Jina, Voyage, vLLM, TEI, Infinity …).

    Texts go in batches, one after the other. Blank texts are not sent.

    Args:
        provider: A key of :data:`polymem.models.presets.RERANKERS`.
        model: The model as the server names it; "" where it needs none.
        endpoint: Where the server is, with key, timeout and attempts; the provider's own without a key by default.
        batch_size: Most texts in one request.
        max_chars: What is longer is cut.
        budget: What may be spent, in calls; None for no limit.

    Raises:
        ConfigError: A value cannot be used.

    Example:
        >>> from polymem.models.endpoint import Endpoint
        >>> EndpointReranker("cohere", "rerank-v3.5", endpoint=Endpoint("https://api.cohere.com/v2")).name
        'cohere:rerank-v3.5'
    """

    def __init__(
        self,
        provider: str,
        model: str = "",
        *,
        endpoint: Endpoint | None = None,
        batch_size: int = 100,
        max_chars: int = 2_000,
        budget: Budget | None = None,
    ) -> None:
        if provider not in RERANKERS:
            raise ConfigError(f"unknown provider {provider!r}", setting="provider")
        self._preset = RERANKERS[provider]
        if self._preset.needs_model and not model.strip():
            raise ConfigError("model must not be blank", setting="model")
        for setting, number in (("batch_size", batch_size), ("max_chars", max_chars)):
            if number < 1:
                raise ConfigError(
                    f"{setting} must be at least 1, not {number!r}", setting=setting, value=number
                )
        self._model = model
        self._name = f"{provider}:{model}" if model else provider
        self._endpoint = Endpoint(self._preset.base_url) if endpoint is None else endpoint
        self._batch_size = batch_size
        self._max_chars = max_chars
        self._budget = budget

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r}, url={self._endpoint.base_url!r})"

    @property
    def name(self) -> str:
        """Provider and model."""
        return self._name

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score with one request per batch; see :meth:`polymem.ports.reranker.Reranker.score`.

        Raises:
            InputError: `texts` is one string.
            ModelTimeoutError: The server took too long.
            RateLimitError: It refused further requests for now.
            BudgetError: The budget is used up; nothing was sent.
            InvalidOutputError: Its answer is not one finite score for each text.
            ModelError: It answered with an error or could not be reached.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        scores = np.full(len(texts), _BLANK, np.float32)
        asked = clean(query[:MAX_QUERY_CHARS])
        wanted = [place for place, text in enumerate(texts) if text.strip()] if asked.strip() else []
        for begin in range(0, len(wanted), self._batch_size):
            batch = wanted[begin : begin + self._batch_size]
            scores[batch] = await self._request(
                asked, [clean(texts[place][: self._max_chars]) for place in batch]
            )
        return scores

    async def _request(self, query: str, texts: list[str]) -> NDArray[np.float32]:
        preset = self._preset
        body: dict[str, Any] = {"query": query, preset.documents: texts, **preset.more}
        if self._model:
            body["model"] = self._model
        if preset.top:
            body[preset.top] = len(texts)
        if self._budget is not None:
            self._budget.begin()
        spent = NO_USAGE
        try:
            answer = await self._endpoint.post(preset.path, body)
            spent = _ONE_CALL
        finally:
            if self._budget is not None:
                self._budget.end(spent)
        found = self._in_order(answer, n=len(texts))
        scores = checked_scores(found, n=len(texts), reranker=self._name)
        return scores if preset.raw else log_odds(scores, reranker=self._name)

    def _in_order(self, answer: Any, *, n: int) -> list[Any]:
        """Return the scores in the order of the texts: servers answer in order of relevance."""
        preset = self._preset
        try:
            results = answer[preset.results] if preset.results else answer
            by_index = {entry["index"]: entry[preset.score] for entry in cast("list[Any]", results)}
            # One for each, none twice; True would pass for 1.
            numbers = {type(score) for score in by_index.values()} <= {int, float}
            if len(results) == n and numbers and all(type(index) is int for index in by_index):
                return [by_index[index] for index in range(n)]
        except (KeyError, TypeError) as error:
            # The type alone: a KeyError quotes what the server sent.
            reason = type(error).__name__
        else:
            reason = "other numbers, or another number of them"
        raise InvalidOutputError(
            f"{self._name!r} did not give one score for each of {n} texts ({reason})",
            reranker=self._name,
            expected=n,
        )
