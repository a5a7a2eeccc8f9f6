"""One ``ingest`` from its sources to its last commit: what is known is passed over, the rest read ahead and stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import field, replace
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from polymem.client.build import Parts
from polymem.client.ingest_forms import Forms
from polymem.client.ingest_steps import Prepared, Step, changes_of, messages_of, prepare, step_of
from polymem.client.loop import run_here
from polymem.documents.ahead import EMPTY, Ahead, Readers, Reading, read_origin
from polymem.documents.folders import missing_from, refuse_emptied
from polymem.documents.sources import Origin, Sources
from polymem.domain.batch import Outcome
from polymem.domain.document import Document, Failure, Ingested, IngestProgress, StoredChunk
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.errors import ConflictError, NotFoundError
from polymem.forget.documents import erase_documents
from polymem.ports.embedder import runs_in_process
from polymem.ports.event_loop import off_loop
from polymem.ports.extractor import derives_in_process
from polymem.ports.ledger import Snapshot
from polymem.write.drafts import new_id
from polymem.write.passages import commit_passages

if TYPE_CHECKING:
    from polymem.domain.batch import Enqueue, ItemDraft
    from polymem.write.messages import Message

__all__ = ["Ingestion", "Missing", "Wanted"]

Missing: TypeAlias = Literal["erase", "keep"]
TOGETHER: Final = 500
"""Chunks of small documents that share a commit."""
MOST_TOGETHER: Final = 200
"""Documents that share one."""
WORTH_A_PROCESS: Final = 1 << 20
"""Bytes for which a further process that reads is started: less are read before it is there."""
MOST_AHEAD: Final = 32 << 20
"""Bytes of files that are read before it is their turn, so that long ones do not fill the memory."""
MAX_TRIES: Final = 16
"""Times that a commit is made anew because somebody else stored the same documents."""
LEFT_ALONE: Final = frozenset(("unsupported", EMPTY))
"""Problems of what may lie in a folder anyway; of a file that was named they are failures."""
UNREADABLE: Final = "unreadable"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        scope: Whose memory.
        sources: What was found of what the caller named.
        forms: What is said of each document.
        missing: What becomes of documents whose file is gone from its folder; None erases them, unless the folder is empty.
        expires_at: From when chunks are hidden.
        enqueue: Leaves it to a derivation to say what is in them.
        infer: Whether anything is derived from them.
        workers: Documents read at a time.
    """

    scope: Scope
    sources: Sources
    forms: Forms
    missing: Missing | None
    expires_at: datetime | None
    enqueue: Enqueue | None
    infer: bool
    workers: int


@dataclass(slots=True)
class _Tally:
    """What was done so far."""

    added: set[str] = field(default_factory=set[str])
    changed: set[str] = field(default_factory=set[str])
    begun: set[str] = field(default_factory=set[str])
    failed: list[Failure] = field(default_factory=list[Failure])
    skipped: list[Failure] = field(default_factory=list[Failure])
    item_ids: set[str] = field(default_factory=set[str])
    unchanged: int = 0
    n_done: int = 0
    n_added: int = 0
    n_kept: int = 0
    n_erased: int = 0
    n_unembedded: int = 0
    n_redacted: int = 0


class Ingestion:
    """Stores documents.

    Args:
        parts: What the handle works with.
        wanted: What is asked for.
        readers: Makes what reads documents, for so many at a time.
        told: Is told how far it is.
    """

    def __init__(
        self,
        parts: Parts,
        wanted: Wanted,
        readers: Callable[[int], Readers],
        told: Callable[[IngestProgress], None],
    ) -> None:
        self._parts = parts
        self._wanted = wanted
        self._readers = readers
        self._told = told
        self._tally = _Tally()
        for each in wanted.sources.skipped:
            # What the system does not let be looked at may hold documents.
            (self._tally.failed if each.problem == UNREADABLE else self._tally.skipped).append(each)
        self._emptied: list[Document] = []
        self._waiting: list[Prepared] = []
        self._untold: list[str] = []

    async def run(self) -> Ingested:
        """Do it.

        Raises:
            InputError: A folder is empty of which documents are known.
            QuotaError: The scope is full; what was stored before stays.
            StoreError: The store failed; what was stored before stays.
        """
        for origin in self._wanted.sources.origins:
            # What is given for each is checked before anything is stored.
            self._wanted.forms.of(origin)
        known, gone = await self._known()
        todo = [origin for origin in self._wanted.sources.origins if not self._passed_over(origin, known)]
        self._tell()
        if todo:
            await self._read(todo, known)
        await self._flush()
        removed = await self._erase([*gone, *self._emptied])
        return await self._ingested(removed)

    async def _known(self) -> tuple[dict[str, Document], list[Document]]:
        """Return the documents that are known by their URI, and those whose files are gone."""
        scope, sources = self._wanted.scope, self._wanted.sources
        uris = [origin.uri for origin in sources.origins]

        def look(snapshot: Snapshot) -> tuple[dict[str, Document], list[Document]]:
            listed = snapshot.documents.listed(scope) if sources.folders else []
            return snapshot.documents.by_uri(uris, scope), listed

        known, listed = await self._parts.ledger.read(scope.partition, look)
        if self._wanted.missing == "keep":
            return known, []
        own = [each for each in listed if (each.agent_id, each.run_id) == (scope.agent_id, scope.run_id)]
        gone = await off_loop(partial(missing_from, sources, own))
        if self._wanted.missing is None:
            refuse_emptied(sources, gone)
        return known, gone

    def _passed_over(self, origin: Origin, known: Mapping[str, Document]) -> bool:
        """Tell whether nothing of a file has to be read; what is kept of it may still change."""
        before = known.get(origin.uri)
        if (
            before is None
            or origin.modified_at is None
            or (before.size, before.modified_at) != (origin.size, origin.modified_at)
            or before.form != self._wanted.forms.of(origin).form
        ):
            return False
        if origin.folder and not before.folder:
            self._waiting.append(Prepared(replace(before, folder=origin.folder)))
        self._tally.unchanged += 1
        self._untold.append(origin.name)
        return True

    # ---------------------------------------------------------------- reading
    async def _read(self, todo: Sequence[Origin], known: Mapping[str, Document]) -> None:
        n_bytes = sum(origin.size for origin in todo)
        n = min(self._wanted.workers, len(todo), 1 + n_bytes // WORTH_A_PROCESS)
        readers = self._readers(n)
        ahead = Ahead(
            todo,
            lambda origin: self._reading(origin, known, readers),
            n=n,
            weigh=lambda origin: origin.size,
            most=MOST_AHEAD,
        )

        def close() -> None:
            readers.close()
            ahead.close()

        try:
            while (reading := await off_loop(ahead.take)) is not None:
                await self._take(reading, known)
        finally:
            await off_loop(close)

    def _reading(self, origin: Origin, known: Mapping[str, Document], readers: Readers) -> Reading:
        before, form = known.get(origin.uri), self._wanted.forms.of(origin).form
        same = before.digest if before is not None and before.form == form else ""
        return read_origin(origin, readers, known=same)

    async def _take(self, reading: Reading, known: Mapping[str, Document]) -> None:
        """Take a document that was read; store those that wait where they are enough."""
        origin = reading.origin
        if reading.failure is not None:
            self._not_read(origin, reading.failure, known.get(origin.uri))
        elif reading.cut is None:
            before = known[origin.uri]
            folder = before.folder or origin.folder
            touched = replace(before, folder=folder, size=reading.size, modified_at=origin.modified_at)
            if touched != before:
                self._waiting.append(Prepared(touched))
            self._tally.unchanged += 1
        else:
            self._waiting.append(await self._prepared(reading))
        self._untold.append(origin.name)
        n_chunks = sum(len(each.chunks) for each in self._waiting)
        if not self._waiting:
            self._tell()
        elif n_chunks >= TOGETHER or len(self._waiting) >= MOST_TOGETHER:
            await self._flush()

    def _not_read(self, origin: Origin, failure: Failure, before: Document | None) -> None:
        """Keep why a document was not read; one whose file was emptied goes like one whose file is gone."""
        if failure.problem == EMPTY and before is not None and self._wanted.missing != "keep":
            self._emptied.append(before)
            return
        # In a folder lies whatever lies there; who names a file means it.
        passed = origin.folder and failure.problem in LEFT_ALONE
        (self._tally.skipped if passed else self._tally.failed).append(failure)

    async def _prepared(self, reading: Reading) -> Prepared:
        given = self._wanted.forms.of(reading.origin)
        preparing = partial(
            prepare,
            reading,
            given,
            redactor=self._parts.redactor,
            owner=self._wanted.scope.partition.owner,
            now=self._parts.clock.now(),
        )
        return await off_loop(preparing)

    def _tell(self) -> None:
        """Tell of the documents that are done: what is to be kept of them is."""
        names, self._untold = self._untold, []
        for name in names:
            self._tally.n_done += 1
            n_total = len(self._wanted.sources.origins)
            self._told(IngestProgress(self._tally.n_done, n_total, name, self._tally.n_added))

    # ---------------------------------------------------------------- storing
    async def _flush(self) -> None:
        """Store what waits, in one commit where nothing of it is too long."""
        waiting, self._waiting = self._waiting, []
        n_tries = 0
        while waiting:
            stored = await self._stored([each.document.uri for each in waiting])
            found = [step_of(each, stored.get(each.document.uri)) for each in waiting]
            steps = [step for step in found if step is not None]
            try:
                await self._commit(steps)
            except (ConflictError, NotFoundError):
                # Somebody else is at the same documents: look again at what is there.
                n_tries += 1
                if n_tries >= MAX_TRIES:
                    raise
                continue
            n_tries, waiting = 0, [step.prepared for step in steps if step.unfinished]
        self._tell()

    async def _stored(self, uris: Sequence[str]) -> dict[str, tuple[Document, tuple[StoredChunk, ...]]]:
        scope = self._wanted.scope

        def look(snapshot: Snapshot) -> dict[str, tuple[Document, tuple[StoredChunk, ...]]]:
            known = snapshot.documents.by_uri(uris, scope)
            return {uri: (each, tuple(snapshot.documents.chunks(each.id))) for uri, each in known.items()}

        return await self._parts.ledger.read(scope.partition, look)

    async def _commit(self, steps: Sequence[Step]) -> None:
        drafts = await self._drafts([message for step in steps for message in messages_of(step)])
        gone = [item_id for step in steps for item_id in step.difference.gone]
        outcome = await commit_passages(
            self._parts.writer,
            self._wanted.scope,
            drafts,
            partial(changes_of, steps),
            gone=gone,
            enqueue=self._wanted.enqueue,
        )
        self._count(steps, outcome, failed=drafts[1])

    async def _drafts(self, messages: Sequence[Message]) -> tuple[Sequence[ItemDraft], bool]:
        if not messages:
            return (), False
        writer = self._parts.writer
        infer = self._wanted.infer and derives_in_process(writer.extractor)
        making = writer.drafts(self._wanted.scope, messages, infer=infer, expires_at=self._wanted.expires_at)
        if not runs_in_process(writer.embedder):
            return await making
        return await off_loop(partial(_finished, making))

    def _count(self, steps: Sequence[Step], outcome: Outcome, *, failed: bool) -> None:
        tally = self._tally
        n_new = sum(len(step.now) for step in steps)
        tally.n_added += n_new
        tally.n_unembedded += n_new if failed else 0
        tally.n_erased += sum(len(step.difference.gone) for step in steps)
        tally.item_ids.update(item.id for item in outcome.items if item.kind == "episode")
        for step in steps:
            uri = step.document.uri
            if step.prepared.messages is None or uri in tally.begun:
                continue
            tally.begun.add(uri)
            tally.n_redacted += step.prepared.n_redacted
            if step.stored is None:
                tally.added.add(uri)
            elif step.difference.new or step.difference.gone:
                tally.changed.add(uri)
                tally.n_kept += len(step.difference.kept) - len(step.difference.new)
            else:
                tally.unchanged += 1

    async def _erase(self, gone: Sequence[Document]) -> list[Document]:
        parts = self._parts
        for start in range(0, len(gone), MOST_TOGETHER):
            block = gone[start : start + MOST_TOGETHER]
            ids = [each.id for each in block]
            await erase_documents(parts.ledger, parts.clock, self._wanted.scope, ids, tombstone_id=new_id())
            self._tally.n_erased += sum(each.n_chunks for each in block)
        return list(gone)

    async def _ingested(self, removed: Sequence[Document]) -> Ingested:
        tally, scope = self._tally, self._wanted.scope
        here = tally.added | tally.changed
        uris = [origin.uri for origin in self._wanted.sources.origins if origin.uri in here]
        now = await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.documents.by_uri(uris, scope)
        )
        return Ingested(
            added=tuple(now[uri] for uri in uris if uri in now and uri in tally.added),
            changed=tuple(now[uri] for uri in uris if uri in now and uri in tally.changed),
            unchanged=tally.unchanged,
            removed=tuple(removed),
            failed=tuple(sorted(tally.failed, key=lambda failure: failure.uri)),
            skipped=tuple(sorted(tally.skipped, key=lambda failure: failure.uri)),
            n_chunks_added=tally.n_added,
            n_chunks_kept=tally.n_kept,
            n_chunks_erased=tally.n_erased,
            n_unembedded=tally.n_unembedded,
            n_redacted=tally.n_redacted,
        )

    @property
    def item_ids(self) -> frozenset[str]:
        """The chunks that were stored."""
        return frozenset(self._tally.item_ids)

    @property
    def erased(self) -> bool:
        """Whether anything may have been erased."""
        return bool(self._tally.n_erased)


def _finished(
    work: Coroutine[Any, Any, tuple[Sequence[ItemDraft], bool]],
) -> tuple[Sequence[ItemDraft], bool]:
    return run_here(work)
