"""``Memory``: the verbs of :class:`~polymem.client.aio.AsyncMemory` for programs without an event loop."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from functools import wraps
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, Self, TypeVar

from polymem.client.aio import AsyncMemory
from polymem.client.build import EmbedderInput
from polymem.client.build_reranker import RerankerInput
from polymem.client.loop import LoopThread
from polymem.ports.clock import Clock
from polymem.ports.extractor import Extractor
from polymem.ports.llm import LanguageModel

if TYPE_CHECKING:
    from polymem.write.redact import RedactFunction

P = ParamSpec("P")
R = TypeVar("R")


def _blocking(
    verb: Callable[Concatenate[AsyncMemory, P], Coroutine[Any, Any, R]],
) -> Callable[Concatenate[Memory, P], R]:
    """Return *verb* as a plain method with the same arguments, result, errors and documentation."""

    @wraps(verb)
    def call(self: Memory, /, *args: P.args, **kwargs: P.kwargs) -> R:
        # This is a method, made outside of its class.
        return self._loop.run(verb(self._memory, *args, **kwargs))  # pyright: ignore[reportPrivateUsage]

    return call


def _streaming(
    verb: Callable[Concatenate[AsyncMemory, P], AsyncGenerator[R]],
) -> Callable[Concatenate[Memory, P], Generator[R]]:
    """Return *verb*, which yields, as a plain generator with the same arguments, errors and documentation."""

    @wraps(verb)
    def call(self: Memory, /, *args: P.args, **kwargs: P.kwargs) -> Generator[R]:
        # As in _blocking.
        loop, memory = self._loop, self._memory  # pyright: ignore[reportPrivateUsage]
        pieces = verb(memory, *args, **kwargs)
        try:
            while (piece := loop.run(_next(pieces))) is not None:
                yield piece
        finally:
            loop.run(_close(pieces))

    return call


async def _next(pieces: AsyncGenerator[R]) -> R | None:
    return await anext(pieces, None)


async def _close(pieces: AsyncGenerator[Any]) -> None:
    await pieces.aclose()


class Memory:
    """A memory in one file.

    The verbs, their arguments, results and errors are those of :class:`~polymem.client.aio.AsyncMemory`; they run on
    one event loop in a thread of their own. Safe to share between threads, and usable in processes forked from this one.

    Args:
        path: The store's file; by default ``memory.db`` in the user's data folder.
        config: Settings as a mapping, or the path of a TOML file.
        embedder: An embedder, or any function from texts to vectors, instead of the configured one.
        extractor: What derives statements from messages, instead of the rules.
        llm: A language model, instead of the configured one.
        reranker: A reranker, or any function from a question and texts to scores, instead of the configured one.
        clock: Where "now" comes from, instead of the machine's clock.
        redact: A function from text to text, applied after ``redaction.patterns`` to all that is handed in.

    Raises:
        ConfigError: A setting is unknown or cannot be used.
        StoreError: The store cannot be opened.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder, Memory(folder + "/memory.db") as m:
        ...     _ = m.add("I love hiking.", user_id="alice")
        ...     [hit.item.text for hit in m.search("outdoor hobbies", user_id="alice", limit=1)]
        ['I love hiking.']
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        config: Mapping[str, Any] | str | Path | None = None,
        embedder: EmbedderInput | None = None,
        extractor: Extractor | None = None,
        llm: LanguageModel | None = None,
        reranker: RerankerInput | None = None,
        clock: Clock | None = None,
        redact: RedactFunction | None = None,
    ) -> None:
        self._memory = AsyncMemory(
            path,
            config=config,
            embedder=embedder,
            extractor=extractor,
            llm=llm,
            reranker=reranker,
            clock=clock,
            redact=redact,
        )
        self._loop = LoopThread(direct=self._memory.in_process)

    @classmethod
    def from_config(cls, config: Mapping[str, Any] | str | Path) -> Self:
        """Open the memory that *config* (settings, or a TOML file) describes."""
        return cls(config=config)

    def scoped(
        self, *, user_id: object = None, agent_id: object = None, run_id: object = None, tenant: object = None
    ) -> Self:
        """Return a handle bound to a scope: verbs need no ids, and no item outside the scope can be reached by id.

        Raises:
            ScopeError: An id is unusable, or this handle is bound to another one.
        """
        handle = object.__new__(type(self))
        handle._memory = self._memory.scoped(user_id=user_id, agent_id=agent_id, run_id=run_id, tenant=tenant)
        handle._loop = self._loop
        return handle

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish what was queued and let go of the file; safe to call twice, and nothing on a scoped handle."""
        if self._memory.owns_store and self._loop.alive:
            self._loop.run(self._memory.close())
            self._loop.stop()

    add = _blocking(AsyncMemory.add)
    update = _blocking(AsyncMemory.update)
    delete = _blocking(AsyncMemory.delete)
    delete_all = _blocking(AsyncMemory.delete_all)
    forget = _blocking(AsyncMemory.forget)
    verify_erasure = _blocking(AsyncMemory.verify_erasure)
    chain_head = _blocking(AsyncMemory.chain_head)
    archive = _blocking(AsyncMemory.archive)
    restore = _blocking(AsyncMemory.restore)
    reinforce = _blocking(AsyncMemory.reinforce)
    apply_policies = _blocking(AsyncMemory.apply_policies)
    search = _blocking(AsyncMemory.search)
    ask = _blocking(AsyncMemory.ask)
    ingest = _blocking(AsyncMemory.ingest)
    documents = _blocking(AsyncMemory.documents)
    document = _blocking(AsyncMemory.document)
    remove_document = _blocking(AsyncMemory.remove_document)
    ask_stream = _streaming(AsyncMemory.ask_stream)
    context = _blocking(AsyncMemory.context)
    get = _blocking(AsyncMemory.get)
    get_all = _blocking(AsyncMemory.get_all)
    history = _blocking(AsyncMemory.history)
    profile = _blocking(AsyncMemory.profile)
    feedback = _blocking(AsyncMemory.feedback)
    learn = _blocking(AsyncMemory.learn)
    unlearn = _blocking(AsyncMemory.unlearn)
    weights = _blocking(AsyncMemory.weights)
    calibrate_reranker = _blocking(AsyncMemory.calibrate_reranker)
    entities = _blocking(AsyncMemory.entities)
    relations = _blocking(AsyncMemory.relations)
    neighbours = _blocking(AsyncMemory.neighbours)
    paths = _blocking(AsyncMemory.paths)
    graph = _blocking(AsyncMemory.graph)
    merge_entities = _blocking(AsyncMemory.merge_entities)
    split_entity = _blocking(AsyncMemory.split_entity)
    resolve_entities = _blocking(AsyncMemory.resolve_entities)
    consolidate = _blocking(AsyncMemory.consolidate)
    backup = _blocking(AsyncMemory.backup)
    export = _blocking(AsyncMemory.export)
    import_ = _blocking(AsyncMemory.import_)
    stats = _blocking(AsyncMemory.stats)
    verify = _blocking(AsyncMemory.verify)
    rebuild = _blocking(AsyncMemory.rebuild)
    work = _blocking(AsyncMemory.work)
    pending = _blocking(AsyncMemory.pending)
    retry = _blocking(AsyncMemory.retry)
    reextract = _blocking(AsyncMemory.reextract)
