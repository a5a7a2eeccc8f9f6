"""Any function from texts to vectors as an embedder."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.errors import ConfigError, EmbeddingError, InputError, InvalidOutputError, ModelError
from polymem.ports.embedder import EmbedFunction, Purpose, unit_rows
from polymem.text.normalise import clean

__all__ = ["CallableEmbedder"]

_PROBE: Final = "a short text to measure the width of the vectors"


class CallableEmbedder:
    """Embed with a function of the caller's.

    A plain function runs in a thread, a coroutine function in the event loop; calls may overlap. What comes
    back is checked and brought to unit length.

    Args:
        function: Takes a list of texts, returns one vector each.
        name: Recorded in the store; name the model and its version. Without it the function's module and
            qualified name serve.
        dim: Width of the vectors. Without it the function is called once, now, to find out.
        prefixes: Put before queries and passages, for models trained so: ``{"query": "query: "}``.

    Raises:
        ConfigError: A name is needed (a lambda or a partial has none), or a width (of a coroutine function,
            which cannot be called here: see :meth:`probed`), or `dim` is not positive.
        ModelError: The function was called for the width and did not deliver.

    Example:
        >>> import asyncio
        >>> embedder = CallableEmbedder(lambda texts: [[len(t), 1.0] for t in texts], name="lengths-v1")
        >>> embedder.dim
        2
        >>> asyncio.run(embedder.embed(["abc"], purpose="query")).round(2).tolist()
        [[0.949999988079071, 0.3199999928474426]]
    """

    in_process: Final = False

    def __init__(
        self,
        function: EmbedFunction,
        *,
        name: str | None = None,
        dim: int | None = None,
        prefixes: Mapping[Purpose, str] | None = None,
    ) -> None:
        self._function = function
        self._prefixes = dict(prefixes or {})
        self._name = _name_of(function) if name is None else name
        if not self._name.strip():
            raise ConfigError("name must not be blank", setting="name")
        self._dim = self._measure() if dim is None else dim
        if self._dim < 1:
            raise ConfigError(f"dim must be at least 1, not {self._dim}", setting="dim", value=self._dim)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(name={self._name!r}, dim={self._dim})"

    @classmethod
    async def probed(
        cls,
        function: EmbedFunction,
        *,
        name: str | None = None,
        prefixes: Mapping[Purpose, str] | None = None,
    ) -> CallableEmbedder:
        """Make an embedder of a function, plain or coroutine, whose width is found by calling it once.

        Args:
            function: As for the class.
            name: As for the class.
            prefixes: As for the class.

        Raises:
            ConfigError: A name is needed.
            ModelError: The function did not deliver.

        Example:
            >>> import asyncio
            >>> async def constant(texts):
            ...     return [[1.0, 0.0, 0.0] for _ in texts]
            >>> asyncio.run(CallableEmbedder.probed(constant, name="constant-v1")).dim
            3
        """
        chosen = _name_of(function) if name is None else name
        dim = _width(await _call(function, [_PROBE], embedder=chosen), embedder=chosen)
        return cls(function, name=chosen, dim=dim, prefixes=prefixes)

    @property
    def name(self) -> str:
        """The given name, or where the function is defined."""
        return self._name

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._dim

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed texts with one call of the function; with none where there are no texts.

        Args:
            texts: Any texts, lone surrogates are passed on as U+FFFD.
            purpose: Chooses the prefix.

        Returns:
            ``float32[len(texts), dim]``: unit rows in the order of `texts`; a row of zeros stays one.

        Raises:
            InputError: `texts` is one string.
            EmbeddingError: The function raised; the cause is kept.
            InvalidOutputError: It did not return a matrix of finite numbers with a row for each text.
            DimensionError: Its rows have another width.
        """
        if isinstance(texts, str):
            raise InputError("texts must be a sequence of strings, not one string", argument="texts")
        if not texts:
            return np.zeros((0, self._dim), np.float32)
        prefix = self._prefixes.get(purpose, "")
        prepared = [prefix + clean(text) for text in texts]
        returned = await _call(self._function, prepared, embedder=self._name)
        return unit_rows(returned, n=len(texts), dim=self._dim, embedder=self._name)

    def _measure(self) -> int:
        if _is_coroutine_function(self._function):
            raise ConfigError(
                f"{self._name!r} is a coroutine function: give its dim, or use `await CallableEmbedder.probed(...)`",
                setting="dim",
            )
        with _Reported(self._name):
            returned: Any = self._function([_PROBE])
        return _width(returned, embedder=self._name)


async def _call(function: EmbedFunction, texts: list[str], *, embedder: str) -> Any:
    """Call a function of either kind."""
    with _Reported(embedder):
        if _is_coroutine_function(function):
            returned: Any = function(texts)
        else:
            returned = await asyncio.to_thread(function, texts)
        return await returned if inspect.isawaitable(returned) else returned


class _Reported:
    """Turn whatever a foreign function raises into an error of the port."""

    def __init__(self, embedder: str) -> None:
        self._embedder = embedder

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and not isinstance(error, ModelError):
            # The type alone: what a foreign function writes into its message may quote the texts.
            raise EmbeddingError(
                f"{self._embedder!r} raised {type(error).__name__}", embedder=self._embedder
            ) from error


def _width(returned: Any, *, embedder: str) -> int:
    if inspect.iscoroutine(returned):
        returned.close()
        raise ConfigError(f"{embedder!r} must be awaited: give its dim", setting="dim")
    try:
        shape = np.shape(returned)
    except (TypeError, ValueError, RuntimeError) as error:
        raise InvalidOutputError(
            f"{embedder!r} did not return a matrix of numbers", embedder=embedder
        ) from error
    if len(shape) != 2 or shape[0] != 1:
        raise InvalidOutputError(
            f"{embedder!r} returned {list(shape)!r} for one text", embedder=embedder, shape=shape
        )
    return int(shape[1])


def _name_of(function: EmbedFunction) -> str:
    named: Any = function if hasattr(function, "__qualname__") else type(function)
    name = f"{named.__module__}.{named.__qualname__}"
    if "<lambda>" in name or name.startswith("functools."):
        raise ConfigError(
            "a lambda or partial has no name of its own: hand in a function of your own, or CallableEmbedder(function, name=...)",
            setting="name",
        )
    return name


def _is_coroutine_function(function: EmbedFunction) -> bool:
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(type(function).__call__)
