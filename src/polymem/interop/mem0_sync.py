"""``Memory``: the verbs of the drop-in for programs without an event loop; no logic of its own."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from types import TracebackType
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from polymem.client.loop import LoopThread
from polymem.interop.mem0_aio import AsyncMemory
from polymem.ports.llm import LanguageModel

__all__ = ["Memory"]

P = ParamSpec("P")
R = TypeVar("R")


class Memory:
    """A memory with mem0's interface.

    Safe to share between threads, and usable in processes forked from this one.

    Args:
        config: Settings as mem0 takes them, see :mod:`polymem.interop.mem0_config`; by default the store lies in the
            user's data folder, or in ``POLYMEM_HOME``.
        llm: A language model, instead of the configured one.

    Raises:
        ConfigError: A setting is unknown or cannot be used.
        CapabilityError: A setting names a server or a model that cannot be used yet.
        StoreError: The store cannot be opened.
    """

    def __init__(self, config: Mapping[str, Any] | None = None, *, llm: LanguageModel | None = None) -> None:
        self._memory = AsyncMemory(config, llm=llm)
        self._loop = LoopThread(direct=self._memory.in_process)

    @classmethod
    def from_config(cls, config_dict: Mapping[str, Any]) -> Self:
        """Open the memory that *config_dict* describes."""
        return cls(config_dict)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish what was queued and let go of the file; safe to call twice."""
        if self._loop.alive:
            self._loop.run(self._memory.__aexit__(None, None, None))
            self._loop.stop()

    @staticmethod
    def _blocking(
        verb: Callable[Concatenate[AsyncMemory, P], Coroutine[Any, Any, R]],
    ) -> Callable[Concatenate[Memory, P], R]:
        """Return *verb* as a plain method with the same arguments, result, errors and documentation."""

        @wraps(verb)
        def call(self: Memory, /, *args: P.args, **kwargs: P.kwargs) -> R:
            return self._loop.run(verb(self._memory, *args, **kwargs))

        return call

    add = _blocking(AsyncMemory.add)
    get = _blocking(AsyncMemory.get)
    get_all = _blocking(AsyncMemory.get_all)
    search = _blocking(AsyncMemory.search)
    update = _blocking(AsyncMemory.update)
    delete = _blocking(AsyncMemory.delete)
    delete_all = _blocking(AsyncMemory.delete_all)
    history = _blocking(AsyncMemory.history)
    reset = _blocking(AsyncMemory.reset)
    chat = _blocking(AsyncMemory.chat)
