"""Verbs of documents: taking them in, listing them, removing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

from polymem.client.arguments import check_bool, moment
from polymem.client.deriving import Deriving
from polymem.client.forgetting import clear_memos
from polymem.client.progress import Reporter
from polymem.domain.document import Document, DocumentInput, Ingested, IngestProgress
from polymem.domain.event import Receipt
from polymem.domain.scope import Scope
from polymem.errors import InputError, NotFoundError
from polymem.write.drafts import new_id

if TYPE_CHECKING:
    from polymem.client.ingest_known import Wanted

__all__ = ["Ingesting"]

SourceInput: TypeAlias = str | Path | DocumentInput | Sequence[str | Path | DocumentInput]
MetadataInput: TypeAlias = Mapping[str, Any] | Callable[[Path], Mapping[str, Any]]
_MOST_PENDING: Final = 10_000


class Ingesting(Deriving):
    """The part of the handle for documents."""

    async def ingest(
        self,
        source: SourceInput,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        metadata: MetadataInput | None = None,
        title: str | None = None,
        include: str | Sequence[str] | None = None,
        recursive: bool = True,
        missing: Literal["erase", "keep"] | None = None,
        restore: bool = False,
        infer: bool | None = None,
        timestamp: datetime | str | float | None = None,
        expires_at: datetime | str | float | None = None,
        progress: Callable[[IngestProgress], None] | None = None,
    ) -> Ingested:
        """Take documents in, or what has changed of them since the last time; what is unchanged is not even read.

        Each document is cut into passages, which are stored as messages with the role "document" are. A file that cannot
        be read is reported and the others are taken in. What was committed stands: broken off, the same call goes on
        where it was.

        Args:
            source: A file, a folder, a pattern (``notes/**/*.md``), a :class:`DocumentInput` for what is in memory, or a list.
            user_id: Whose memory it is.
            agent_id: Which agent it belongs to.
            run_id: Which session it belongs to.
            tenant: Which tenant; "default" where none is named.
            metadata: Plain JSON for every passage, over what the documents say themselves (author, date …); or a function
                from the path of a file to it.
            title: The title, where one document is named; else what it says itself, else the name of its file.
            include: Patterns, of which a file of a folder has to fit one: ``*.md`` by its name, ``docs/*.md`` by its path.
            recursive: Whether folders within a folder are read.
            missing: What becomes of documents that came with a folder and whose files are gone: "erase" or "keep". By
                default they are erased, unless nothing is left of them all, or of a folder within. So are those whose file was
                emptied.
            restore: Take in again what was forgotten or deleted of these documents; left out else, while it says the same.
            infer: Derive facts; by default where a language model is configured.
            timestamp: From when they hold; by default their date, else when the file was changed, and never ahead of now.
            expires_at: From when they are hidden.
            progress: Called with an :class:`IngestProgress` after each document, in a thread of its own.

        Raises:
            InputError: An argument cannot be used, a path does not exist, or a folder has lost all of its documents.
            QuotaError: The scope is full; what was stored before stays.
            StoreError: The store failed; what was stored before stays.
        """
        for name, value in (
            ("recursive", recursive),
            ("restore", restore),
            *(() if infer is None else (("infer", infer),)),
        ):
            check_bool(value, argument=name)
        if missing not in {None, "erase", "keep"}:
            raise InputError('missing must be "erase" or "keep"', argument="missing")
        from polymem.client.ingest_wanted import Asked, wanted_of

        asked = Asked(
            self._scope(user_id, agent_id, run_id, tenant),
            source,
            metadata=metadata,
            title=title,
            include=include,
            recursive=recursive,
            missing=missing,
            restore=restore,
            infer=self._parts.llm is not None if infer is None else infer,
            stated_at=moment(timestamp, argument="timestamp"),
            expires_at=moment(expires_at, argument="expires_at"),
        )
        with Reporter(progress) as reporter:
            done = await self._ingest(await wanted_of(self._parts, asked), reporter.tell)
        await reporter.settled()
        return done

    async def _ingest(self, wanted: Wanted, told: Callable[[IngestProgress], None]) -> Ingested:
        from polymem.client.ingest_wanted import readers_of
        from polymem.client.ingestion import Ingestion

        ingestion = Ingestion(self._parts, wanted, partial(readers_of, self._parts), told)
        try:
            done = await ingestion.run()
        finally:
            if ingestion.erased:
                clear_memos()
        if wanted.enqueue is None or not ingestion.item_ids:
            return done
        if not self._in_background(None):
            await self._parts.pool.work(limit=None, scope=wanted.scope, told=lambda _: None)
        left = await self._parts.pool.deriver.queue.pending(wanted.scope, limit=_MOST_PENDING)
        own = [each for each in left if not ingestion.item_ids.isdisjoint(each.episode_ids)]
        if self._in_background(None):
            for each in own:
                self._parts.pool.start(each)
        return replace(done, pending=tuple(each.id for each in own))

    async def documents(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        folder: str | Path | None = None,
    ) -> list[Document]:
        """Return the documents of a scope, by URI.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this session.
            tenant: Which tenant.
            folder: Only those that came with this folder: its path or URI.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)
        uri = None if folder is None else _folder_uri(folder)
        return await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.documents.listed(scope, folder=uri)
        )

    async def document(
        self,
        document_id: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> Document | None:
        """Return a document by its id, None where the scope has none of that id.

        Its passages are ``get_all(filters={"role": "document", "metadata.document": document_id})``.

        Args:
            document_id: Which one.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this session.
            tenant: Which tenant.
        """
        scope, name = self._scope(user_id, agent_id, run_id, tenant), _document_id(document_id)
        return await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.documents.get(name, scope)
        )

    async def remove_document(
        self,
        document_id: str | None = None,
        *,
        folder: str | Path | None = None,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        dry_run: bool = False,
    ) -> Receipt:
        """Erase a document, or all of a folder: their passages, what was derived from them alone, titles, addresses and metadata.

        While its file stays where it is, the next ``ingest`` of it takes it in again.

        Args:
            document_id: Which one; or else
            folder: All that lie in this folder at any depth, by its path or URI, or that fit a pattern (``notes/**/*.md``),
                however they came. It need not be there any more.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this session.
            tenant: Which tenant.
            dry_run: Only say what would go.

        Returns:
            The receipt, which :meth:`verify_erasure` checks.

        Raises:
            InputError: Neither a document nor a folder is named, or both are.
            NotFoundError: No such document in this scope, or none in the folder.
        """
        from polymem.forget.documents import erase_documents

        check_bool(dry_run, argument="dry_run")
        scope = self._scope(user_id, agent_id, run_id, tenant)
        ids = [each.id for each in await self._meant(scope, document_id, folder)]
        parts = self._parts
        try:
            return await erase_documents(
                parts.ledger, parts.clock, scope, ids, tombstone_id=new_id(), dry_run=dry_run
            )
        finally:
            clear_memos()

    async def _meant(self, scope: Scope, document_id: object, folder: str | Path | None) -> list[Document]:
        """Return the document that is named, or those of the folder that is."""
        if (document_id is None) == (folder is None):
            raise InputError("name either a document by its id or a folder", argument="document_id")
        if folder is None:
            found = await self._on(scope).document(cast("str", document_id))
            if found is None:
                raise NotFoundError("no such document in this scope", document_id=document_id)
            return [found]
        from polymem.documents.folders import under

        listed = await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.documents.listed(scope)
        )
        there = under(folder, listed)
        if not there:
            raise NotFoundError("no document of this scope lies there", folder=str(folder))
        return there


def _document_id(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InputError("document_id must be the id of a document", argument="document_id")
    return value


def _folder_uri(folder: object) -> str:
    from polymem.documents.folders import folder_uri

    return folder_uri(folder)
