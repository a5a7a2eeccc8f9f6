"""``AsyncMemory``: every verb of the memory; the only implementation. Verbs that read are in :mod:`.reading`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from polymem.client.arguments import check_bool, check_importance, moment
from polymem.client.asking import Asking
from polymem.client.build import EmbedderInput, build
from polymem.client.build_reranker import RerankerInput
from polymem.client.calibrating import Calibrating
from polymem.client.consolidating import Consolidating
from polymem.client.deriving import Deriving
from polymem.client.feedback import LearningFromUse
from polymem.client.graphing import Graphing
from polymem.client.ingesting import Ingesting
from polymem.client.upkeep import Upkeep
from polymem.domain.hit import Added
from polymem.domain.item import Item
from polymem.domain.metadata import check_metadata, own_keys
from polymem.errors import InputError, StoreError
from polymem.ports.clock import Clock
from polymem.ports.extractor import Extractor
from polymem.ports.llm import LanguageModel
from polymem.write.messages import MessagesInput, read_messages

if TYPE_CHECKING:
    from polymem.write.redact import RedactFunction

_KEEP: Final[Any] = object()


class AsyncMemory(Asking, Calibrating, Ingesting, Deriving, Graphing, LearningFromUse, Consolidating, Upkeep):
    """A memory in one file, for programs that run an event loop.

    Every verb names a scope: at least one of ``user_id``, ``agent_id``, ``run_id``, optionally ``tenant``. Rows must
    carry all the ids named. Naive datetimes are taken as UTC.

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
        >>> import asyncio, tempfile
        >>> async def main(path):
        ...     async with AsyncMemory(path) as m:
        ...         await m.add("我叫小红，我住在上海。", user_id="xiaohong")
        ...         hits = await m.search("她住在哪里？", user_id="xiaohong")
        ...         return hits[0].item.text
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     asyncio.run(main(folder + "/memory.db"))
        '我叫小红，我住在上海。'
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
        self._parts = build(
            path,
            config=config,
            embedder=embedder,
            extractor=extractor,
            llm=llm,
            reranker=reranker,
            clock=clock,
            redact=redact,
        )
        self._bound = None

    @classmethod
    def from_config(cls, config: Mapping[str, Any] | str | Path) -> Self:
        """Open the memory that *config* (settings, or a TOML file) describes."""
        return cls(config=config)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Finish what was queued and let go of the file; safe to call twice.

        On a handle from :meth:`scoped` this does nothing: the store belongs to the handle that opened it.
        """
        if self.owns_store:
            # Hints that cannot be written any more are no reason to keep the store open.
            with suppress(StoreError):
                await self._write_uses()
            await self._parts.pool.close()
            await self._parts.ledger.close()

    async def add(
        self,
        messages: MessagesInput,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        metadata: Mapping[str, Any] | None = None,
        timestamp: datetime | str | float | None = None,
        infer: bool = True,
        expires_at: datetime | str | float | None = None,
        idempotency_key: str | None = None,
        background: bool | None = None,
        prompt: str | None = None,
        memory_type: str | None = None,
        categories: Mapping[str, str] | Sequence[str] | None = None,
        includes: Sequence[str] | None = None,
        excludes: Sequence[str] | None = None,
    ) -> Added:
        """Remember messages, and what they say.

        With the rules that is one transaction. With a model it is two: the first stores the messages, which are found from
        then on; then the model reads them, and the second stores what they say. A model that fails loses nothing and is no
        error: the answer says what is still ``pending``, and :meth:`work` tries again.

        Args:
            messages: A text, a message ``{role, content, name?, timestamp?, metadata?}``, or a list of messages.
            user_id: Whose memory it is.
            agent_id: Which agent it belongs to.
            run_id: Which session it belongs to; context never crosses sessions.
            tenant: Which tenant; "default" where none is named.
            metadata: Plain JSON for every message of the call.
            timestamp: When it was said; a message's own timestamp wins; now by default.
            infer: Derive facts, preferences, events and relations; False stores the messages alone.
            expires_at: From when it is hidden.
            idempotency_key: The same key with the same payload returns the first result and stores nothing.
            background: Return as soon as the messages are stored, and let the model read them meanwhile; by default as
                the setting ``derivation.background`` says.
            prompt: Further words to the model for this call.
            memory_type: "procedural_memory" to derive one procedure instead of facts.
            categories: Names to file facts under, or names with what each means.
            includes: Topics to keep, beside those of the configuration.
            excludes: Topics to leave out, beside those of the configuration.

        Raises:
            InputError: An argument cannot be used; nothing was stored.
            CapabilityError: An argument is for a model, and the rules are at work; nothing was stored.
            ConflictError: The idempotency key was used with another payload.
            StoreError: The store failed; nothing was stored.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)
        stated_at = moment(timestamp, argument="timestamp")
        said_at = stated_at or self._parts.clock.now()
        read, n_redacted = read_messages(messages, metadata=metadata, said_at=said_at), 0
        if self._parts.redactor is not None:
            read, n_redacted = self._parts.redactor.messages(read, owner=scope.partition.owner)
        asked = self._asked(
            infer=check_bool(infer, argument="infer"),
            background=background,
            prompt=prompt,
            memory_type=memory_type,
            categories=categories,
            includes=includes,
            excludes=excludes,
        )
        added, lease = await self._parts.writer.add(
            scope,
            read,
            infer=infer,
            expires_at=moment(expires_at, argument="expires_at"),
            unstated_at=said_at if stated_at is None else None,
            idempotency_key=idempotency_key,
            enqueue=asked,
        )
        if n_redacted:
            added = replace(added, n_redacted=n_redacted)
        if lease is not None:
            added = await self._derive(added, lease, background=background)
        await self._write_due_uses()
        if not added.replayed:
            return added
        # Others may have said the same since.
        return replace(added, items=tuple(await self._confined(scope, added.items)))

    async def update(
        self,
        item_id: str,
        text: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        *,
        importance: float | None = None,
        valid_at: datetime | str | float | None = None,
        expires_at: datetime | str | float | None = _KEEP,
        infer: bool = True,
    ) -> Item:
        """Store a new version of an item; the old one stays in its history.

        Args:
            item_id: Which item.
            text: New words; what was derived from the old ones is retired and derived anew.
            metadata: Replaces the metadata.
            importance: 0..1.
            valid_at: From when it holds.
            expires_at: From when it is hidden; None for never.
            infer: Derive facts from the new words.

        Raises:
            InputError: Nothing to change, or an argument cannot be used.
            NotFoundError: No such item in this scope.
        """
        changes: dict[str, Any] = {}
        if importance is not None:
            changes["importance"] = check_importance(importance)
        if valid_at is not None:
            changes["valid_at"] = moment(valid_at, argument="valid_at")
        if expires_at is not _KEEP:
            changes["expires_at"] = moment(expires_at, argument="expires_at")
        if text is None and metadata is None and not changes:
            raise InputError("nothing to change: give text, metadata, importance or a time", argument="text")
        checked = None if metadata is None else self._clean(check_metadata(metadata))
        scope, item = await self._find(item_id)
        if checked is not None:
            checked = {**checked, **own_keys(item.metadata)}
        updated, lease = await self._parts.writer.update(
            scope,
            item,
            text=self._clean(text),
            metadata=checked,
            changes=changes,
            infer=check_bool(infer, argument="infer"),
            enqueue=self._asked_again(item_id),
        )
        if lease is not None:
            await self._derive_update(lease)
        (shown,) = await self._confined(self._bound, [updated])
        return shown
