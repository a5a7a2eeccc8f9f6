"""A question and texts to how far each text helps to answer it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polymem.errors import InvalidOutputError

__all__ = ["RerankFunction", "Reranker", "checked_scores", "log_odds"]

RerankFunction: TypeAlias = Callable[[str, list[str]], Any] | Callable[[str, list[str]], Awaitable[Any]]
"""Takes a question and ``n`` texts, gives anything that numpy reads as ``number[n]``, at once or when awaited."""

_NUMBERS: Final = "fiu"
_LEAST: Final = 1e-6
"""A probability nearer to 0 or 1 says nothing more than this one."""


class Reranker(Protocol):
    """Reads a question together with each text, which is slower than comparing vectors and often sees more.

    Example:
        A whole reranker, good for tests alone:

        >>> class Letters:
        ...     name = "letters/1"
        ...
        ...     async def score(self, query, texts):
        ...         shared = [len(set(query) & set(text)) for text in texts]
        ...         return checked_scores(shared, n=len(texts), reranker=self.name)
        >>> import asyncio
        >>> asyncio.run(Letters().score("茶", ["喝茶", "咖啡"])).tolist()
        [1.0, 0.0]
    """

    @property
    def name(self) -> str:
        """Kind and model in one string; what was calibrated with one name holds for that one."""
        ...

    async def score(self, query: str, texts: Sequence[str]) -> NDArray[np.float32]:
        """Score texts against a question.

        Args:
            query: The question.
            texts: Any texts, blank ones and none at all included.

        Returns:
            ``float32[len(texts)]`` in the order of `texts`: log odds, as the model sees them, that a text helps to
            answer the question; finite, higher is better. They need not be calibrated.

        Raises:
            ModelError: The model did not deliver; nothing of the batch is to be used.
        """
        ...


def checked_scores(scores: ArrayLike, *, n: int, reranker: str) -> NDArray[np.float32]:
    """Check what a model returned and bring it into the form of the port.

    Args:
        scores: What should be ``number[n]``, or ``number[n, 1]``.
        n: How many texts were asked about.
        reranker: Its name, for the error.

    Returns:
        ``float32[n]``.

    Raises:
        InvalidOutputError: It is not one finite real number for each text.

    Example:
        >>> checked_scores([2, [3]][:1], n=1, reranker="mine").tolist()
        [2.0]
    """
    try:
        raw = np.asarray(scores)
    except (TypeError, ValueError, RuntimeError) as error:
        # The cause is kept, its text is not: it may quote what the model returned.
        raise InvalidOutputError(f"{reranker!r} did not return numbers", reranker=reranker) from error
    if raw.ndim == 2 and raw.shape[1] == 1:
        raw = raw[:, 0]
    if n == 0 and raw.size == 0:
        return np.zeros(0, np.float32)
    if raw.dtype.kind not in _NUMBERS or raw.ndim != 1:
        raise InvalidOutputError(
            f"{reranker!r} returned {raw.dtype}{list(raw.shape)!r}, not one real number a text",
            reranker=reranker,
            shape=raw.shape,
        )
    if raw.size != n:
        raise InvalidOutputError(
            f"{reranker!r} returned {raw.size} scores for {n} texts",
            reranker=reranker,
            expected=n,
            actual=raw.size,
        )
    with np.errstate(over="ignore"):
        values = raw.astype(np.float32)
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values))[0])
        raise InvalidOutputError(
            f"{reranker!r} returned NaN or infinity for text {row}", reranker=reranker, row=row
        )
    return values


def log_odds(chances: ArrayLike, *, reranker: str) -> NDArray[np.float32]:
    """Return float32[n]: the log odds of probabilities, those of certainty cut at one in a million.

    Args:
        chances: ``number[n]``, each 0 to 1.
        reranker: Its name, for the error.

    Raises:
        InvalidOutputError: One lies outside.

    Example:
        >>> log_odds([0.5, 0.9], reranker="mine").round(2).tolist()
        [0.0, 2.200000047683716]
    """
    values = np.asarray(chances, dtype=np.float64)
    if not ((values >= 0) & (values <= 1)).all():
        raise InvalidOutputError(f"{reranker!r} returned a score outside of 0 to 1", reranker=reranker)
    inside = np.clip(values, _LEAST, 1 - _LEAST)
    return np.log(inside / (1 - inside)).astype(np.float32)
