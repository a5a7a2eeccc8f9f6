"""Documents: what is read from a file, how it is cut, what is kept of it, and what an answer cites.

A document is read into *blocks* (headings, paragraphs, tables …), which are cut into *chunks*; each chunk is stored as one passage: an
episode with the role "document", whose metadata has the document's, "title", "document" (its id) and "heading". Where it
stands (span, page) is kept beside it, so that a chunk that merely moved is not written anew. Spans count characters of the document's text: the texts of its blocks, joined
by ``BLOCK_BREAK``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.item import JsonObject
from polymem.domain.place import Place
from polymem.domain.slotted import dataclass

__all__ = [
    "BLOCK_BREAK",
    "Answer",
    "Block",
    "BlockKind",
    "Chunk",
    "Citation",
    "Cut",
    "Document",
    "DocumentInput",
    "Failure",
    "IngestProgress",
    "Ingested",
    "Parsed",
    "Place",
    "StoredChunk",
]

BLOCK_BREAK: Final = "\n\n"
"""Between the texts of two blocks."""

BlockKind: TypeAlias = Literal["heading", "paragraph", "list_item", "table", "code"]


@dataclass(frozen=True, slots=True)
class DocumentInput:
    r"""A document that is in memory, to be ingested.

    Attributes:
        text: Its words; then *data* is not given.
        data: Its bytes, of any format that a file may have; the name says which.
        uri: Under which it is known when it comes again; the name by default.
        name: Name of a file, "report.pdf"; tells the format. A text without one is plain text.
        title: Its title, before what it says itself.
        metadata: Plain JSON for its chunks, over that of the call.

    Example:
        >>> DocumentInput(text="# 茶\n\n绿茶不发酵。", name="tea.md").name
        'tea.md'
    """

    text: str | None = None
    data: bytes | None = None
    uri: str | None = None
    name: str = ""
    title: str | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Block:
    """One piece of a document's structure, in reading order.

    Attributes:
        kind: What it is.
        text: Its words, clean; of a table its rows, cells joined by " | ", rows by line breaks.
        level: Of a heading, 1 for the highest; of a list item, its depth.
        page: The page on which it begins, from 1; None where the format has no pages.
        rows: Of a table, its cells.
        n_header: How many of the first rows are its header.
    """

    kind: BlockKind
    text: str
    level: int = 0
    page: int | None = None
    rows: tuple[tuple[str, ...], ...] = ()
    n_header: int = 0


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document as it was read.

    Attributes:
        blocks: In reading order.
        title: As the document says, or as its first heading says; "" where neither does.
        metadata: What was found: "author", "date" (ISO 8601), "language", "from", "to" …; plain JSON.
        media_type: "application/pdf" …
        n_pages: Number of pages; 0 where the format has none.
        notes: What was left out, as short codes ("images", "truncated", "encrypted_part" …), each once.
    """

    blocks: tuple[Block, ...]
    title: str = ""
    metadata: JsonObject = field(default_factory=dict[str, Any])
    media_type: str = "text/plain"
    n_pages: int = 0
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words of all blocks; spans count in it."""
        return BLOCK_BREAK.join(block.text for block in self.blocks)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a document, as it is stored and found.

    Attributes:
        text: Its words: those of the span, or, of a table that was split, the header and the rows of the span.
        start: Where it begins in the document's text.
        stop: Where it ends.
        page: The page on which it begins, from 1; None without pages.
        last_page: The page on which it ends.
        headings: The headings above it, the highest first.
        page_starts: Where the pages after its first one begin: (page, place in the document's text), in order.
    """

    text: str
    start: int
    stop: int
    page: int | None = None
    last_page: int | None = None
    headings: tuple[str, ...] = ()
    page_starts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """A document as it was read and cut.

    Attributes:
        chunks: In reading order.
        title: See :class:`Parsed`, as of all that follows.
        metadata: What was found.
        media_type: What it is.
        n_pages: Number of pages; 0 where the format has none.
        n_chars: Length of its text, in which the spans of the chunks count.
        notes: What was left out, as short codes.
    """

    chunks: tuple[Chunk, ...]
    title: str = ""
    metadata: JsonObject = field(default_factory=dict[str, Any])
    media_type: str = "text/plain"
    n_pages: int = 0
    n_chars: int = 0
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words of all chunks; of a table that was split the header comes with each part."""
        return BLOCK_BREAK.join(chunk.text for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """Where a stored chunk stands in its document.

    Attributes:
        item_id: The item that it is.
        digest: SHA-256, hex, of all that the item says (text, headings, metadata): equal means that nothing is to be done.
        start: Where it begins in the document's text.
        stop: Where it ends.
        page: The page on which it begins, from 1; None without pages.
        last_page: The page on which it ends.
        page_starts: Where the pages after its first one begin: (page, place in the document's text), in order.
    """

    item_id: str
    digest: str
    start: int
    stop: int
    page: int | None = None
    last_page: int | None = None
    page_starts: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """What is kept of a document beside its chunks.

    Attributes:
        id: Public id, the same while the document stays at its place (128 random bits).
        uri: Where it is: a ``file:`` URI, or what the caller named.
        folder: The URI of the folder with which it was ingested, "" when it was named itself.
        title: Its title.
        media_type: What it is.
        digest: SHA-256 of its bytes, hex.
        form: What read and cut it, with versions and settings; under another one it is read anew.
        metadata: Given and found; every chunk inherits it.
        n_pages: Number of pages; 0 where the format has none.
        n_chars: Length of its text.
        n_chunks: Number of its chunks.
        size: Bytes of the file.
        modified_at: When the file was changed last; None where there is no file.
        ingested_at: When it was stored as it is now (system time).
        agent_id: Agent on its rows.
        run_id: Run on its rows.
        notes: What was left out in reading, as short codes.
    """

    id: str
    uri: str
    folder: str
    title: str
    media_type: str
    digest: str
    form: str
    metadata: JsonObject
    n_pages: int
    n_chars: int
    n_chunks: int
    size: int
    modified_at: datetime | None
    ingested_at: datetime
    agent_id: str | None = None
    run_id: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that could not be read; the others were.

    Attributes:
        uri: Which one.
        problem: A short code: "unreadable", "unsupported", "encrypted", "damaged", "too_large", "too_many_pages",
            "too_deep", "expands", "timeout", "memory", "empty", "no_text", "missing_extra", "link", "emptied" …
        message: What to do, without any words of the document.
    """

    uri: str
    problem: str
    message: str


@dataclass(frozen=True, slots=True)
class Ingested:
    """What one ``ingest`` did.

    Attributes:
        added: Documents that are new.
        changed: Documents of which at least one chunk changed.
        unchanged: How many needed no work.
        moved: Documents whose file has another address now, with the same bytes; their chunks stayed, as far as they say the same.
        removed: Documents that are gone from their folder, or whose file was emptied; erased.
        stale: Documents that were taken in before and whose file cannot be read any more; they keep what they had. Why is in
            *failed*.
        failed: Files that could not be read, and folders that could not be listed or have lost all that lay in them.
        skipped: What was passed over in folders: files of unknown formats, empty ones, links, what lies too deep.
        n_chunks_added: Chunks stored.
        n_chunks_kept: Chunks of changed documents that stayed as they were.
        n_chunks_erased: Chunks erased.
        n_chunks_withheld: Chunks left out or shortened, since words of theirs were forgotten or deleted; see ``restore`` of
            ``ingest``.
        n_unembedded: Chunks stored without a vector because the embedder failed; retried later.
        n_redacted: Secrets taken out before anything was stored.
        pending: Ids of what is still to be derived from them by a model.
    """

    added: tuple[Document, ...] = ()
    changed: tuple[Document, ...] = ()
    unchanged: int = 0
    moved: tuple[Document, ...] = ()
    removed: tuple[Document, ...] = ()
    stale: tuple[Document, ...] = ()
    failed: tuple[Failure, ...] = ()
    skipped: tuple[Failure, ...] = ()
    n_chunks_added: int = 0
    n_chunks_kept: int = 0
    n_chunks_erased: int = 0
    n_chunks_withheld: int = 0
    n_unembedded: int = 0
    n_redacted: int = 0
    pending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class IngestProgress:
    """How far an ``ingest`` is.

    Attributes:
        n_done: Documents that are done: stored, unchanged or failed.
        n_total: Documents in all.
        name: The one that was done last.
        n_chunks: Chunks stored so far.
    """

    n_done: int
    n_total: int
    name: str = ""
    n_chunks: int = 0


@dataclass(frozen=True, slots=True)
class Citation:
    """What an answer rests on.

    Attributes:
        n: Its number in the text of the answer, from 1.
        item_id: The item that is cited.
        quote: The words cited; they stand in the item.
        start: Where the quote begins in the item's text.
        stop: Where it ends.
        place: Where the quote stands in its document; None for what is of no document.
        support: 0..1, the share of what the answer says there that the quote has words for.
        supported: Whether that is enough, and nothing in the quote speaks against it.
        title: Title of the document, "" for none.
        speaker: Who said it, "" where nobody is named or it is of a document.
        at: From when it holds; of a message, when it was said.
        episode_ids: The raw messages that a derived item comes from; of a message itself alone.
    """

    n: int
    item_id: str
    quote: str
    start: int
    stop: int
    place: Place | None = None
    support: float = 0.0
    supported: bool = False
    title: str = ""
    speaker: str = ""
    at: datetime | None = None
    episode_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a question.

    Attributes:
        text: The answer with its citations as [1], [2] …; says that nothing was found if so.
        found: Whether the memory holds an answer, as far as can be told.
        confidence: 0..1, that of the hits.
        citations: In the order of their numbers.
        item_ids: The items that were read for it, best first.
        model: The language model that wrote it; "" for sentences of the items themselves.
        usage: What it cost.
        signals: Why *found* is what it is, by name.
    """

    text: str
    found: bool
    confidence: float
    citations: tuple[Citation, ...] = ()
    item_ids: tuple[str, ...] = ()
    model: str = ""
    usage: Usage = NO_USAGE
    signals: Mapping[str, float] = field(default_factory=dict[str, float])
