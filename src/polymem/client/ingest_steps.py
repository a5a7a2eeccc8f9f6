"""What one commit of an ``ingest`` stores: documents as they were read against what the memory holds of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from polymem.documents.ahead import Reading
from polymem.documents.changes import Difference, chunk_digest, difference, stored_chunks
from polymem.documents.describe import describe, time_of
from polymem.domain.change import Change, StoreDocument
from polymem.domain.document import Chunk, Document, StoredChunk
from polymem.domain.slotted import dataclass
from polymem.text.indexed import HEADING_BREAK
from polymem.text.normalise import clean
from polymem.write.drafts import new_id
from polymem.write.messages import Message

if TYPE_CHECKING:
    from polymem.write.redact import Redactor

__all__ = [
    "MOST_CHUNKS",
    "Given",
    "Known",
    "Prepared",
    "Step",
    "changes_of",
    "messages_of",
    "prepare",
    "step_of",
]

MOST_CHUNKS: Final = 2_000
"""New chunks of one commit; a longer document takes several, so that no other writer waits long."""
Known: TypeAlias = tuple[Document, tuple[StoredChunk, ...]]
"""What is kept of a document, with its chunks."""
UNFINISHED: Final = ""
"""Form of a document of which a part is still to be stored: it is read again."""


@dataclass(frozen=True, slots=True)
class Given:
    """What the caller says of one document.

    Attributes:
        title: Its title, None for what it says itself.
        metadata: Its metadata, checked.
        stated_at: From when it holds, None for what it says itself.
        expires_at: From when it is hidden.
        form: What reads and cuts it, and all of this.
    """

    title: str | None
    metadata: Mapping[str, Any]
    stated_at: datetime | None
    expires_at: datetime | None
    form: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document that is ready to be stored.

    Attributes:
        document: What is kept of it; the id is its own only if it is new.
        messages: Its chunks as they are stored, without its id; None where only what is kept beside them changes.
        chunks: Where they stand.
        digests: What they say.
        n_redacted: Secrets taken out.
        n_withheld: Chunks that are left out or shortened, because words of theirs were forgotten.
        before: Id of the document that lay elsewhere with the same bytes, and whose file is gone; "" for none.
    """

    document: Document
    messages: tuple[Message, ...] | None = None
    chunks: tuple[Chunk, ...] = ()
    digests: tuple[str, ...] = ()
    n_redacted: int = 0
    n_withheld: int = 0
    before: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What one commit does with one document.

    Attributes:
        prepared: The document.
        document: What is kept of it.
        stored: The chunks it had before; None for a new document.
        difference: What of it is new.
        now: Places of the new chunks that this commit stores.
        moved: Whether it was kept under another address.
    """

    prepared: Prepared
    document: Document
    stored: tuple[StoredChunk, ...] | None
    difference: Difference
    now: tuple[int, ...]
    moved: bool = False

    @property
    def unfinished(self) -> bool:
        """Whether there is more to store than goes into one commit."""
        return len(self.now) < len(self.difference.new)

    @property
    def n_kept(self) -> int:
        """How many chunks stay as they are."""
        return len(self.difference.kept) - len(self.difference.new)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left of a document of which there were words."""
        return self.prepared.messages == () and self.prepared.n_withheld > 0


def prepare(
    reading: Reading, given: Given, *, redactor: Redactor | None, owner: str, now: datetime
) -> Prepared:
    """Return a document that was read as it is to be stored."""
    origin, cut = reading.origin, reading.cut
    if cut is None:
        raise ValueError("nothing was read")
    said = describe(cut, name=origin.name, given=given.metadata, title=given.title)
    title, metadata, n_redacted = said.title, said.metadata, 0
    if redactor is not None:
        (title, n_title), (metadata, n_metadata) = redactor.text(title), redactor.value(metadata)
        n_redacted = n_title + n_metadata
    shared = {**metadata, "title": title} if title else metadata
    said_at = time_of(metadata, stated=given.stated_at, modified_at=origin.modified_at, now=now)
    messages = list[Message]()
    for chunk in cut.chunks:
        heading = clean(HEADING_BREAK.join(chunk.headings))
        own = {**shared, "heading": heading} if heading else shared
        messages.append(Message("document", "", clean(chunk.text), said_at, own, {}))
    if redactor is not None:
        messages, n_more = _redacted(messages, redactor, owner=owner)
        n_redacted += n_more
    further = [moment.isoformat() for moment in (given.stated_at, given.expires_at) if moment is not None]
    document = Document(
        id=new_id(),
        uri=origin.uri,
        folder=origin.folder,
        title=title,
        media_type=cut.media_type,
        digest=reading.digest,
        form=given.form,
        metadata=metadata,
        n_pages=cut.n_pages,
        n_chars=cut.n_chars,
        n_chunks=len(messages),
        size=reading.size,
        modified_at=reading.modified_at,
        ingested_at=now,
        notes=tuple(dict.fromkeys((*cut.notes, *said.notes))),
    )
    digests = tuple(chunk_digest(message.text, message.metadata, further=further) for message in messages)
    return Prepared(document, tuple(messages), cut.chunks, digests, n_redacted)


def _redacted(messages: Sequence[Message], redactor: Redactor, *, owner: str) -> tuple[list[Message], int]:
    """Return *messages* without secrets; those of the metadata that all of them share are counted with the document."""
    cleaned, _ = redactor.messages(messages, owner=owner)
    return cleaned, sum(redactor.text(message.text)[1] for message in messages)


def step_of(prepared: Prepared, known: Known | None) -> Step | None:
    """Return what is to be done with a document, by what the memory holds of it now; None if it holds it already.

    Args:
        prepared: The document.
        known: What is kept of it.
    """
    document = prepared.document
    if known is None:
        if prepared.messages is None:
            # Somebody removed it meanwhile.
            return None
        return _step(prepared, document, None, difference((), prepared.digests))
    before, chunks = known
    moved = before.uri != document.uri
    folder = document.folder if moved else before.folder or document.folder
    document = replace(document, id=before.id, folder=folder, agent_id=before.agent_id, run_id=before.run_id)
    if prepared.messages is None:
        kept = Difference(tuple(chunk.item_id for chunk in chunks), ())
        return Step(prepared, document, chunks, kept, ())
    return replace(_step(prepared, document, chunks, difference(chunks, prepared.digests)), moved=moved)


def _step(
    prepared: Prepared, document: Document, stored: tuple[StoredChunk, ...] | None, found: Difference
) -> Step:
    now = found.new[:MOST_CHUNKS]
    if len(now) < len(found.new):
        document = replace(document, form=UNFINISHED)
    return Step(prepared, document, stored, found, now)


def messages_of(step: Step) -> list[Message]:
    """Return the messages that a step stores."""
    messages, own = step.prepared.messages or (), {"document": step.document.id}
    return [replace(messages[n], metadata={**messages[n].metadata, **own}) for n in step.now]


def changes_of(steps: Sequence[Step], item_ids: Sequence[str]) -> tuple[Change, ...]:
    """Return what is to be kept of documents.

    Args:
        steps: The steps of one commit.
        item_ids: The items that :func:`messages_of` them become, in order.
    """
    changes, ids = list[Change](), iter(item_ids)
    for step in steps:
        if step.prepared.messages is None:
            changes.append(StoreDocument(step.document, step.stored or ()))
            continue
        if step.is_empty:
            # What was kept of it goes with its last chunk.
            continue
        made = {n: next(ids) for n in step.now}
        there = [(n, kept or made.get(n)) for n, kept in enumerate(step.difference.kept)]
        places = [(n, item_id) for n, item_id in there if item_id is not None]
        chunks = stored_chunks(
            [step.prepared.chunks[n] for n, _ in places],
            [step.prepared.digests[n] for n, _ in places],
            [item_id for _, item_id in places],
        )
        changes.append(StoreDocument(replace(step.document, n_chunks=len(chunks)), chunks))
    return tuple(changes)
