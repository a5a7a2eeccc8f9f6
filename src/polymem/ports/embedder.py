"""Texts to vectors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, Literal, Protocol, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polymem.errors import DimensionError, InvalidOutputError

__all__ = ["EmbedFunction", "Embedder", "Purpose", "SyncEmbedder", "runs_in_process", "unit_rows"]

Purpose: TypeAlias = Literal["query", "passage"]
"""What a text is embedded for: to be looked for with, or to be found."""

EmbedFunction: TypeAlias = Callable[[list[str]], Any] | Callable[[list[str]], Awaitable[Any]]
"""Takes ``n`` texts, gives anything that numpy reads as ``number[n, dim]``, at once or when awaited."""

_NUMBERS: Final = "fiu"


class Embedder(Protocol):
    """Turns texts into unit vectors whose dot product says how alike they are.

    Example:
        A whole embedder, good for tests alone:

        >>> class Letters:
        ...     name, dim = "letters/26", 26
        ...
        ...     async def embed(self, texts, *, purpose):
        ...         counts = [[text.count(chr(97 + n)) for n in range(26)] for text in texts]
        ...         return unit_rows(counts, n=len(texts), dim=26, embedder=self.name)
        >>> import asyncio
        >>> asyncio.run(Letters().embed(["ab", "?"], purpose="query")).shape
        (2, 26)
    """

    @property
    def name(self) -> str:
        """Model, version and width in one string; whatever changes the vectors changes it.

        It is recorded in the store, and a store made with one name refuses another.
        """
        ...

    @property
    def dim(self) -> int:
        """Width of the vectors, the same for the life of the object."""
        ...

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed texts.

        Args:
            texts: Any texts, blank ones and none at all included.
            purpose: Whether they are queries or passages; many models treat the two differently.

        Returns:
            ``float32[len(texts), dim]`` in the order of `texts`: unit rows, and the zero row for a text that
            the model knows nothing of.

        Raises:
            ModelError: The model did not deliver; nothing of the batch is to be used.
        """
        ...


class SyncEmbedder(Embedder, Protocol):
    """An embedder that is quick enough to be called without a thread of its own.

    For encoders that compute in this process: to hop to another thread and back takes longer than they need
    for a text. Whoever holds an :class:`Embedder` asks :func:`runs_in_process`.
    """

    @property
    def in_process(self) -> bool:
        """True: :meth:`encode` is there, neither blocks nor waits, and may be called from any thread."""
        ...

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts in the calling thread, queries and passages alike.

        Args:
            texts: As in :meth:`Embedder.embed`.

        Returns:
            ``float32[len(texts), dim]``, as :meth:`Embedder.embed`.
        """
        ...


def runs_in_process(embedder: Embedder) -> TypeGuard[SyncEmbedder]:
    """Tell whether an embedder declares that it may be called directly.

    Args:
        embedder: Any embedder; one that declares nothing is taken to need `await`.

    Example:
        >>> class Remote:
        ...     name, dim = "remote/8", 8
        ...
        ...     async def embed(self, texts, *, purpose): ...
        >>> runs_in_process(Remote())
        False
    """
    return bool(getattr(embedder, "in_process", False))


def unit_rows(vectors: ArrayLike, *, n: int, dim: int, embedder: str) -> NDArray[np.float32]:
    """Check what a model returned and bring it into the form of the port.

    Args:
        vectors: What should be ``number[n, dim]``; lists, arrays and whatever numpy can read.
        n: How many texts were asked for.
        dim: The width that the embedder promises.
        embedder: Its name, for the error.

    Returns:
        ``float32[n, dim]`` with rows of length 1; a row of zeros stays one.

    Raises:
        InvalidOutputError: It is not a matrix of `n` rows of finite real numbers.
        DimensionError: The rows have another width than `dim`.

    Example:
        >>> unit_rows([[3, 4], [0, 0]], n=2, dim=2, embedder="mine").tolist()
        [[0.6000000238418579, 0.800000011920929], [0.0, 0.0]]
    """
    try:
        raw = np.asarray(vectors)
    except (TypeError, ValueError, RuntimeError) as error:
        # The cause is kept, its text is not: it may quote what the model returned.
        raise InvalidOutputError(
            f"{embedder!r} did not return a matrix of numbers", embedder=embedder
        ) from error
    if n == 0 and raw.size == 0:
        return np.zeros((0, dim), np.float32)
    if raw.dtype.kind not in _NUMBERS or raw.ndim != 2:
        raise InvalidOutputError(
            f"{embedder!r} returned {raw.dtype}{list(raw.shape)!r}, not a matrix of real numbers",
            embedder=embedder,
            shape=raw.shape,
        )
    if len(raw) != n:
        raise InvalidOutputError(
            f"{embedder!r} returned {len(raw)} vectors for {n} texts",
            embedder=embedder,
            expected=n,
            actual=len(raw),
        )
    if raw.shape[1] != dim:
        raise DimensionError(
            f"{embedder!r} returned vectors of {raw.shape[1]} dimensions, not {dim}",
            embedder=embedder,
            expected=dim,
            actual=raw.shape[1],
        )
    if not np.isfinite(raw).all():
        row = int(np.flatnonzero(~np.isfinite(raw).all(axis=1))[0])
        raise InvalidOutputError(
            f"{embedder!r} returned NaN or infinity in row {row}", embedder=embedder, row=row
        )
    # Scaled by the largest part first, so that no square overflows or vanishes.
    rows = raw.astype(np.float64)
    peak = np.abs(rows).max(axis=1, keepdims=True, initial=0.0)
    rows /= np.where(peak > 0, peak, 1.0)
    norms = np.sqrt(np.einsum("nd,nd->n", rows, rows))[:, np.newaxis]
    return (rows / np.where(norms > 0, norms, 1.0)).astype(np.float32)
