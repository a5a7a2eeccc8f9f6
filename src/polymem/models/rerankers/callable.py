"""Any function from a question and texts to scores as a reranker."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ConfigError, InputError, ModelError
from polymem.ports.reranker import RerankFunction, checked_scores
from polymem.text.normalise import clean

__all__ = ["CallableReranker"]


class CallableReranker:
    """Rerank with a function of the caller's.

    A plain function runs in a thread, a coroutine function in the event loop; calls may overlap. What it returns may be of any
    scale: higher is better.

    Args:
        function: Takes the question and a list of texts, returns one number for each.
        name: Without it the function's module and qualified name serve.

    Raises:
        ConfigError: A name is needed (a lambda or a partial has none).

    Example:
        >>> import asyncio
        >>> shared = CallableReranker(lambda q, texts: [len(set(q) & set(t)) for t in texts], name="shared-v1")
        >>> asyncio.run(shared.score("绿茶", ["喝绿茶", "咖啡"])).tolist()
        [2.0, 0.0]
    """

    def __init__(self, function: RerankFunction, *, name: str | None = None) -> None:
        self._function = function
        self._name = _name_of(function) if name is None else name
        if not self._name.strip():
            raise ConfigError("name must not be blank", setting="name")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r})"

    @property
    def name(self) -> str:
        """The given name, or where the function is defined."""
        return self._name

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score with one call of the function, with none where there are no texts.

        Raises:
            InputError: `texts` is one string.
            ModelError: The function raised; the cause is kept.
            InvalidOutputError: It did not return one finite number for each text.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        if not texts:
            return np.zeros(0, np.float32)
        returned = await self._call(clean(query), [clean(text) for text in texts])
        return checked_scores(returned, n=len(texts), reranker=self._name)

    async def _call(self, query: str, texts: list[str]) -> Any:
        function = self._function
        try:
            if inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__):
                returned: Any = function(query, texts)
            else:
                returned = await asyncio.to_thread(function, query, texts)
            return await returned if inspect.isawaitable(returned) else returned
        except ModelError:
            raise
        except Exception as error:
            # The type alone: what a foreign function writes into its message may quote the texts.
            raise ModelError(f"{self._name!r} raised {type(error).__name__}", reranker=self._name) from error


def _name_of(function: RerankFunction) -> str:
    named: Any = function if hasattr(function, "__qualname__") else type(function)
    name = f"{named.__module__}.{named.__qualname__}"
    if "<lambda>" in name or name.startswith("functools."):
        raise ConfigError(
            "a lambda or partial has no name of its own: hand in a function of your own, or CallableReranker(function, name=...)",
            setting="name",
        )
    return name
