"""``AsyncMemory`` with mem0's interface; the only implementation of the drop-in."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from types import TracebackType
from typing import Any, Final, NoReturn, Self, TypeAlias

from polymem.domain.hit import Added
from polymem.errors import CapabilityError, InputError, NotFoundError
from polymem.interop.mem0_config import native_settings
from polymem.interop.mem0_filters import expiry, read_filters
from polymem.interop.mem0_reading import Reading
from polymem.interop.mem0_request import check_metadata, named_ids, one_of, refuse
from polymem.interop.mem0_rows import Rows, added_row, is_ended, relation_rows
from polymem.interop.mem0_shown import marked
from polymem.interop.mem0_store import MAX_RELATIONS, MemoryNotFoundError, Store
from polymem.ports.llm import LanguageModel
from polymem.write.messages import MessagesInput

__all__ = ["AsyncMemory"]

Day: TypeAlias = date | datetime | str
Message: TypeAlias = dict[str, str]

_KEEP: Final[Any] = object()
_PROCEDURAL: Final = "procedural_memory"
_NO_MODEL: Final = "no language model is configured"
_NO_OTHER: Final = "the configured model is used; remove it"


class AsyncMemory(Reading):
    """A memory with mem0's interface, for programs that run an event loop.

    Without a language model rows are the messages as they were said; what is derived from them helps to find them and
    gives the relations. With one the rows are what it derived: facts, and procedures. ``infer=False`` stores messages as
    rows with either, and what a row is stays as it was when it was stored.

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
        self._store = Store(config=native_settings(config), llm=llm)

    @classmethod
    def from_config(cls, config_dict: Mapping[str, Any]) -> Self:
        """Open the memory that *config_dict* describes; some generations await this, and may."""
        return cls(config_dict)

    def __await__(self) -> Generator[None, None, Self]:
        yield from ()
        return self

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._store.close()

    @property
    def in_process(self) -> bool:
        """Whether no verb waits for the network."""
        return self._store.in_process

    def close(self) -> _Done:
        """Finish what was queued and let go of the file; safe to call twice, with ``await`` or without."""
        # The native verb needs a loop; the caller's may be running, or there is none.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(self._store.close())).result()
        return _Done()

    async def add(
        self,
        messages: MessagesInput,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        metadata: Mapping[str, Any] | None = None,
        filters: Mapping[str, Any] | None = None,
        prompt: str | None = None,
        *,
        infer: bool = True,
        memory_type: str | None = None,
        timestamp: datetime | str | float | None = None,
        expiration_date: Day | None = None,
        llm: object = None,
    ) -> Rows:
        """Remember messages.

        Args:
            messages: A text, a message or a list of messages.
            user_id: Whose memory it is.
            agent_id: Which agent it belongs to.
            run_id: Which session it belongs to.
            metadata: Plain JSON for every message.
            filters: Ids, as another way to give them.
            prompt: Further instructions to the language model, for this call.
            infer: Derive facts and relations; False stores the messages alone, as well indexed.
            memory_type: "procedural_memory" to have it derive one procedure instead of facts.
            timestamp: When it was said; a message's own ``timestamp`` wins; now by default.
            expiration_date: The last day (UTC) on which it is seen.
            llm: Not supported.

        Returns:
            A row ``{id, memory, event, role, actor_id?}`` for each message that has text. With a model and ``infer``
            instead for each new fact ("ADD") and each that it ended ("DELETE"); where the model failed, for the messages
            ("PENDING"), with ``pending`` and ``problem``. ``relations`` is what became known, with ``deleted_entities``.

        Raises:
            InputError: An argument cannot be used; nothing was stored. Also a ``ValueError``.
            CapabilityError: An argument asks for a language model, and none is configured.
        """
        self._check_asked(memory_type=memory_type, prompt=prompt, llm=llm)
        ids, condition = read_filters(named_ids(user_id, agent_id, run_id), filters)
        if condition is not None:
            raise InputError("filters of add may hold user_id, agent_id and run_id alone", argument="filters")
        check_metadata(metadata, messages)
        asks = infer is True and self._store.asks_a_model
        added = await self._store.add(
            messages,
            **ids,
            metadata=marked(metadata) if asks else metadata,
            timestamp=timestamp,
            infer=infer,
            prompt=prompt,
            memory_type=memory_type,
            expires_at=None if expiration_date is None else expiry(expiration_date),
        )
        if asks:
            await self._store.tend(ids, added)
        return await self._told(ids, added)

    async def update(
        self,
        memory_id: str,
        text: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        expiration_date: Day | None = _KEEP,
        *,
        data: str | None = None,
    ) -> Message:
        """Change a memory; what it was stays in its history.

        Args:
            memory_id: Which memory.
            text: New words.
            metadata: Merged into the metadata.
            expiration_date: The last day (UTC) on which it is seen; None for no end.
            data: The same as text.

        Raises:
            InputError: Nothing to change, or an argument cannot be used. Also a ``ValueError``.
            MemoryNotFoundError: There is no such memory. Also a ``ValueError``.
        """
        words = one_of({"text": text, "data": data})
        changes: dict[str, Any] = {}
        if expiration_date is not _KEEP:
            changes["expires_at"] = None if expiration_date is None else expiry(expiration_date)
        if words is None and metadata is None and not changes:
            raise InputError("nothing to change: give text, metadata or expiration_date", argument="text")
        check_metadata(metadata)
        item = await self._store.get(memory_id)
        if item is None or is_ended(item):
            _missing(memory_id)
        if metadata is not None:
            changes["metadata"] = {**item.metadata, **metadata}
        try:
            await self._store.update(memory_id, words, **changes)
        except NotFoundError as error:
            _missing(memory_id, error)
        return {"message": "Memory updated successfully!"}

    async def delete(self, memory_id: str) -> Message:
        """Delete a memory and what rests on it alone; its history stays.

        Raises:
            MemoryNotFoundError: There is no such memory. Also a ``ValueError``.
        """
        try:
            await self._store.delete(memory_id)
        except NotFoundError as error:
            _missing(memory_id, error)
        return {"message": "Memory deleted successfully!"}

    async def delete_all(
        self, user_id: object = None, agent_id: object = None, run_id: object = None
    ) -> Message:
        """Delete every memory that carries all the ids, of whichever user.

        Raises:
            ScopeError: No id is given, or one is a wildcard. Also a ``ValueError``.
        """
        ids = named_ids(user_id, agent_id, run_id)
        await self._store.delete_everywhere(ids)
        return {"message": "Memories deleted successfully!"}

    async def reset(self) -> None:
        """Erase everything in the store, of every user, history included."""
        await self._store.erase_everything()

    async def chat(self, query: str) -> NoReturn:
        """Refuse: a memory does not talk.

        Raises:
            CapabilityError: Always.
        """
        raise CapabilityError(
            "chat is not part of a memory; search, and hand the rows to a model", capability="chat"
        )

    def _check_asked(self, *, memory_type: object, prompt: object, llm: object) -> None:
        if memory_type is not None and memory_type != _PROCEDURAL:
            raise InputError(f"memory_type must be {_PROCEDURAL!r} or None", argument="memory_type")
        refuse({"llm": llm}, _NO_OTHER)
        if not self._store.asks_a_model:
            refuse({"memory_type": memory_type, "prompt": prompt}, _NO_MODEL)

    async def _told(self, ids: dict[str, Any], added: Added) -> Rows:
        """Return what an ``add`` did."""
        extra = {"message": "ok"}
        if added.pending is not None:
            extra |= {"pending": added.pending, "problem": added.problem}
        rows = [added_row(item, event) for event, item in await self._store.changed_rows(ids, added)]
        return Rows(rows, relations=await self._changes(ids, added), extra=extra)

    async def _changes(self, ids: dict[str, Any], added: Added) -> Rows:
        """Return what an ``add`` did to the graph."""
        new = {item.id for item in added.items if item.kind != "episode"}
        found = await self._store.relations(**ids, limit=min(len(new), MAX_RELATIONS)) if new else []
        closed = await self._store.relations_before(ids, added) if added.superseded else []
        return relation_rows([relation for relation in found if relation.item_id in new], closed)


class _Done:
    """What a verb returns that may be awaited and need not be."""

    def __await__(self) -> Generator[None, None, None]:
        yield from ()


def _missing(memory_id: object, cause: NotFoundError | None = None) -> NoReturn:
    raise MemoryNotFoundError.of(memory_id) from cause
