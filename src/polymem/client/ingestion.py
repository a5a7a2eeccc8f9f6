"""One ``ingest`` from its sources to its last commit: what is known is passed over, the rest read ahead and stored."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from polymem.client.build import Parts
from polymem.client.ingest_known import Before, Wanted, before_of, kept_of
from polymem.client.ingest_steps import Prepared, Step, changes_of, messages_of, prepare, step_of
from polymem.client.ingest_tally import Tally
from polymem.client.loop import run_here
from polymem.documents.ahead import EMPTY, Ahead, Readers, Reading, read_origin
from polymem.documents.folders import Absent, emptied_failures, is_gone
from polymem.documents.sources import Origin
from polymem.domain.change import Release
from polymem.domain.document import Document, Failure, Ingested, IngestProgress
from polymem.errors import ConflictError, NotFoundError
from polymem.forget.documents import erase_documents
from polymem.ports.embedder import runs_in_process
from polymem.ports.event_loop import off_loop
from polymem.ports.extractor import derives_in_process
from polymem.write.drafts import new_id
from polymem.write.passages import commit_passages

if TYPE_CHECKING:
    from polymem.domain.batch import ItemDraft
    from polymem.write.messages import Message

__all__ = ["Ingestion"]

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
        self._tally = Tally()
        self._before = Before({}, Absent(), {})
        self._gone: dict[str, Document] = {}
        self._lost: dict[str, tuple[Document, str]] = {}
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
        self._before = await before_of(self._parts, self._wanted)
        self._gone = {each.id: each for each in self._before.absent.gone}
        self._lost = {each.id: (each, folder) for each, folder in self._before.absent.emptied}
        self._note_unread()
        todo = [origin for origin in self._wanted.sources.origins if not self._passed_over(origin)]
        self._tell()
        if todo:
            await self._read(todo)
        await self._flush()
        gone = () if self._wanted.missing == "keep" else self._gone.values()
        removed = await self._erase([*gone, *self._emptied])
        return await self._ingested(removed)

    def _note_unread(self) -> None:
        """Note what was passed over; of what is known that is no small matter."""
        tally, absent = self._tally, self._before.absent
        stale = {each.id: each for each in absent.stale}
        for each in self._wanted.sources.skipped:
            before = self._before.known.get(each.uri)
            if before is not None:
                stale[before.id] = before
            # What the system does not let be looked at may hold documents.
            is_failure = before is not None or each.problem == UNREADABLE
            (tally.failed if is_failure else tally.skipped).append(each)
        tally.stale.extend(stale.values())

    def _passed_over(self, origin: Origin) -> bool:
        """Tell whether nothing of a file has to be read; what is kept of it may still change."""
        before = self._before.known.get(origin.uri)
        if (
            before is None
            or self._wanted.restore
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
    async def _read(self, todo: Sequence[Origin]) -> None:
        n_bytes = sum(origin.size for origin in todo)
        n = min(self._wanted.workers, len(todo), 1 + n_bytes // WORTH_A_PROCESS)
        readers = self._readers(n)
        ahead = Ahead(
            todo,
            lambda origin: self._reading(origin, readers),
            n=n,
            weigh=lambda origin: origin.size,
            most=MOST_AHEAD,
        )

        def close() -> None:
            readers.close()
            ahead.close()

        try:
            while (reading := await off_loop(ahead.take)) is not None:
                await self._take(reading)
        finally:
            await off_loop(close)

    def _reading(self, origin: Origin, readers: Readers) -> Reading:
        before, form = self._before.known.get(origin.uri), self._wanted.forms.of(origin).form
        is_same = before is not None and before.form == form and not self._wanted.restore
        return read_origin(origin, readers, known=before.digest if before is not None and is_same else "")

    async def _take(self, reading: Reading) -> None:
        """Take a document that was read; store those that wait where they are enough."""
        origin = reading.origin
        if reading.failure is not None:
            self._not_read(origin, reading.failure)
        elif reading.cut is None:
            before = self._before.known[origin.uri]
            folder = before.folder or origin.folder
            touched = replace(before, folder=folder, size=reading.size, modified_at=reading.modified_at)
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

    def _not_read(self, origin: Origin, failure: Failure) -> None:
        """Keep why a document was not read; one whose file was emptied goes like one whose file is gone."""
        before = self._before.known.get(origin.uri)
        if before is None:
            # In a folder lies whatever lies there; who names a file means it.
            passed = origin.folder and failure.problem in LEFT_ALONE
            (self._tally.skipped if passed else self._tally.failed).append(failure)
        elif failure.problem != EMPTY:
            self._tally.failed.append(failure)
            self._tally.stale.append(before)
        elif self._wanted.missing == "keep":
            self._tally.skipped.append(failure)
        else:
            self._emptied.append(before)

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
        return replace(await off_loop(preparing), before=self._moved(reading))

    def _moved(self, reading: Reading) -> str:
        """Return the id of the document whose file is gone and had the same bytes, if this one is new; "" for none."""
        if reading.origin.uri in self._before.known or reading.origin.path is None:
            return ""
        alike = self._before.elsewhere.get(reading.digest, [])
        found = next((each for each in alike if is_gone(each.uri)), None)
        if found is None:
            return ""
        alike.remove(found)
        self._gone.pop(found.id, None)
        self._lost.pop(found.id, None)
        return found.id

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
            kept = await kept_of(self._parts, self._wanted, waiting)
            found = [step_of(each.prepared, each.known) for each in kept]
            steps = [step for step in found if step is not None]
            back = [Release(each.back, each.prepared.document.uri) for each in kept if each.back]
            try:
                await self._commit(steps, back)
            except (ConflictError, NotFoundError):
                # Somebody else is at the same documents: look again at what is there.
                n_tries += 1
                if n_tries >= MAX_TRIES:
                    raise
                continue
            n_tries, waiting = 0, [step.prepared for step in steps if step.unfinished]
        self._tell()

    async def _commit(self, steps: Sequence[Step], back: Sequence[Release]) -> None:
        """Carry out *steps*; what *back* says is withheld no longer."""
        drafts = await self._drafts([message for step in steps for message in messages_of(step)])
        gone = [item_id for step in steps for item_id in step.difference.gone]
        outcome = await commit_passages(
            self._parts.writer,
            self._wanted.scope,
            drafts,
            lambda made: (*back, *changes_of(steps, made)),
            gone=gone,
            enqueue=self._wanted.enqueue,
        )
        self._tally.count(steps, outcome, failed=drafts[1])

    async def _drafts(self, messages: Sequence[Message]) -> tuple[Sequence[ItemDraft], bool]:
        if not messages:
            return (), False
        writer = self._parts.writer
        infer = self._wanted.infer and derives_in_process(writer.extractor)
        making = writer.drafts(self._wanted.scope, messages, infer=infer, expires_at=self._wanted.expires_at)
        if not runs_in_process(writer.embedder):
            return await making
        return await off_loop(partial(_finished, making))

    async def _erase(self, gone: Sequence[Document]) -> list[Document]:
        parts, ids = self._parts, [each.id for each in gone]
        if ids:
            await erase_documents(parts.ledger, parts.clock, self._wanted.scope, ids, tombstone_id=new_id())
        self._tally.n_erased += sum(each.n_chunks for each in gone)
        return list(gone)

    async def _ingested(self, removed: Sequence[Document]) -> Ingested:
        tally, scope = self._tally, self._wanted.scope
        # What was found elsewhere is not missed any longer.
        tally.stale.extend(each for each, _ in self._lost.values())
        tally.failed.extend(emptied_failures(folder for _, folder in self._lost.values()))
        here = tally.added | tally.changed | tally.moved
        uris = [origin.uri for origin in self._wanted.sources.origins if origin.uri in here]
        now = await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.documents.by_uri(uris, scope)
        )
        return tally.result(now, uris, removed)

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
