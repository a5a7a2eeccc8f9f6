"""Rerankers for tests: one that counts shared words, one that fails on command."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ModelError
from polymem.ports.reranker import checked_scores
from polymem.testing.fakes import Failing
from polymem.text.tokenise import terms

__all__ = ["FailingReranker", "WordReranker", "shared_words"]


def shared_words(query: str, text: str) -> float:
    """Return how many index terms of *query* occur in *text*, less a little for each that does not.

    Example:
        >>> shared_words("绿茶", "我爱喝绿茶") > shared_words("绿茶", "我爱喝咖啡")
        True
    """
    wanted, there = frozenset(terms(query)), frozenset(terms(text))
    return len(wanted & there) - 0.1 * len(wanted - there)


class WordReranker:
    """Counts shared words, or asks a function: deterministic and instant. Good for tests alone.

    Args:
        function: From the question and one text to a score.
        name: Its name.

    Attributes:
        asked: Every question with its texts, in order.

    Example:
        >>> import asyncio
        >>> asyncio.run(WordReranker().score("tea", ["green tea", "coffee"])).tolist()[0]
        1.0
    """

    def __init__(
        self, function: Callable[[str, str], float] = shared_words, *, name: str = "words/1"
    ) -> None:
        self.name = name
        self._function = function
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score each text by itself."""
        self.asked.append((query, tuple(texts)))
        found = [self._function(query, text) for text in texts]
        return checked_scores(found, n=len(texts), reranker=self.name)


class FailingReranker(Failing):
    """A :class:`WordReranker` that can be told to fail, as an endpoint does.

    Args:
        inner: What scores while it works.
    """

    def __init__(self, inner: WordReranker | None = None) -> None:
        super().__init__()
        self.inner = WordReranker() if inner is None else inner
        self.name = "failing-words/1"

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score, or fail."""
        self._call(ModelError("told to fail"))
        return await self.inner.score(query, texts)
