"""Documents are kept and dropped inside the transaction of a batch, after its removals and drafts."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, cast

from polymem.domain.change import DropDocument, Release, StoreDocument
from polymem.domain.document import Document, StoredChunk
from polymem.domain.metadata import check_metadata, encode_json, text_fault
from polymem.domain.scope import Scope
from polymem.engines.sqlite.codec import id_bytes, micros
from polymem.engines.sqlite.documents_order import note_order
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.engines.sqlite.withheld import release
from polymem.errors import ConflictError, InputError, NotFoundError
from polymem.ports.faces import REMOVED

__all__ = [
    "INSERT_CHUNK",
    "INSERT_DOCUMENT",
    "drop_document",
    "encode_page_starts",
    "release_passages",
    "store_document",
]

MAX_NUMBER: Final = 2**53 - 1
_DIGEST: Final = re.compile("[0-9a-f]{64}")
_TEXTS: Final = ("uri", "folder", "title", "media_type", "digest", "form")
_NUMBERS: Final = ("n_pages", "n_chars", "size")

INSERT_DOCUMENT: Final = (
    "INSERT INTO document (no, partition, id, agent_id, run_id, uri, folder, title, media_type, digest, form, metadata, "
    f"n_pages, n_chars, n_chunks, size, modified_at, ingested_at, notes, moved) VALUES ({', '.join('?' * 20)})"
)
INSERT_CHUNK: Final = "INSERT INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_FOUND: Final = "SELECT no, agent_id, run_id, moved FROM document WHERE partition = ? AND id = ?"
_ADDRESS: Final = (
    "SELECT 1 FROM document WHERE partition = ? AND uri = ? AND agent_id IS ? AND run_id IS ? AND id <> ?"
)
_LIVE: Final = (
    "SELECT DISTINCT w.it FROM wanted w CROSS JOIN item i ON i.id = w.it WHERE i.rid BETWEEN ? AND ? "
    f"AND i.flags & {REMOVED} = 0 AND i.agent_id IS ? AND i.run_id IS ?"
)
_OF_ANOTHER: Final = "SELECT 1 FROM wanted w CROSS JOIN chunk c ON c.partition = ? AND c.item = w.it WHERE c.document IS NOT ? LIMIT 1"


def store_document(
    writer: PartitionWriter, remover: Remover, facts: FactWriter, change: StoreDocument
) -> None:
    """Keep a document and the order of its chunks; agent and run are those of the scope, the time is that of the write.

    Raises:
        NotFoundError: The scope does not hold a chunk, or the document is one of another scope.
        ConflictError: Its address is that of another document, a chunk is of another document, or it has chunks that are
            neither kept nor removed: somebody else changed it meanwhile.
        InputError: A field cannot be stored.
    """
    del facts
    document, scope, connection = change.document, remover.scope, writer.connection
    key = _key_of(document)
    chunks = {id_bytes(chunk.item_id) or b"": chunk for chunk in change.chunks}
    _check(document, change.chunks, n_items=len(chunks))
    found = connection.execute(_FOUND, (writer.no, key)).fetchone()
    if found is not None and found[1:3] != (scope.agent_id, scope.run_id):
        raise NotFoundError("no such document in this scope", document_id=document.id)
    address = (writer.no, document.uri, scope.agent_id, scope.run_id, key)
    if connection.execute(_ADDRESS, address).fetchone():
        raise ConflictError("another document is kept under this address; read it and retry")
    no, moved = (None, 0) if found is None else (found[0], found[3])
    for item in _missing(writer, scope, list(chunks)):
        if chunks[item].item_id not in remover.swept:
            raise NotFoundError("no such item in this scope", item_id=chunks[item].item_id)
        # Its end has come with this write.
        del chunks[item]
    _check_whose(writer, no, list(chunks))
    if no is not None:
        connection.execute("DELETE FROM chunk WHERE partition = ? AND document = ?", (writer.no, no))
        connection.execute("DELETE FROM document WHERE no = ?", (no,))
    kept = connection.execute(
        INSERT_DOCUMENT, (no, writer.no, key, *_values(document, scope, len(chunks), writer.at), moved)
    ).lastrowid
    no = cast("int", kept)
    connection.executemany(
        INSERT_CHUNK,
        [
            (writer.no, no, n, item, bytes.fromhex(c.digest), *_place(c))
            for n, (item, c) in enumerate(chunks.items())
        ],
    )
    note_order(writer, no)


def drop_document(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: DropDocument) -> None:
    """Keep nothing of a document whose chunks are gone; passed over where it went with the last of them in this write.

    Raises:
        NotFoundError: The scope does not hold it.
        ConflictError: It has chunks that the batch does not remove: somebody else changed it meanwhile.
    """
    del facts
    key, scope, connection = id_bytes(change.document_id), remover.scope, writer.connection
    found = connection.execute(_FOUND, (writer.no, key)).fetchone()
    if found is None and key in writer.ended_documents:
        return
    if found is None or scope.agent_id not in {None, found[1]} or scope.run_id not in {None, found[2]}:
        raise NotFoundError("no such document in this scope", document_id=change.document_id)
    if connection.execute(
        "SELECT 1 FROM chunk WHERE partition = ? AND document = ? LIMIT 1", (writer.no, found[0])
    ).fetchone():
        raise ConflictError("the document has other chunks than are removed; read it again and retry")
    connection.execute("DELETE FROM document WHERE no = ?", found[:1])
    remover.counts["documents"] += 1


def release_passages(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Release) -> None:
    """Let passages be stored again that were forgotten."""
    del facts
    release(writer, remover.scope, change.uri, change.texts)


def encode_page_starts(page_starts: tuple[tuple[int, int], ...]) -> str:
    """Return the beginnings of pages in their stored form, "" for none."""
    return json.dumps(page_starts, separators=(",", ":")) if page_starts else ""


def _place(chunk: StoredChunk) -> tuple[object, ...]:
    return (chunk.start, chunk.stop, chunk.page, chunk.last_page, encode_page_starts(chunk.page_starts))


def _missing(writer: PartitionWriter, scope: Scope, items: list[bytes]) -> list[bytes]:
    """Return those of *items* that are no live rows of exactly the agent and run of *scope*."""
    low = writer.rid(0)
    values = (low, low | POSITION_MASK, scope.agent_id, scope.run_id)
    live: set[bytes] = set()
    for part in in_parts(items):
        live.update(key for (key,) in writer.connection.execute(wanted(len(part)) + _LIVE, (*part, *values)))
    return [item for item in items if item not in live]


def _check_whose(writer: PartitionWriter, no: int | None, items: list[bytes]) -> None:
    connection = writer.connection
    for part in in_parts(items):
        if connection.execute(wanted(len(part)) + _OF_ANOTHER, (*part, writer.no, no)).fetchone():
            raise ConflictError("a chunk is of another document; read it again and retry")
    rows = connection.execute("SELECT item FROM chunk WHERE partition = ? AND document IS ?", (writer.no, no))
    if not {item for (item,) in rows} <= set(items):
        raise ConflictError("the document has other chunks meanwhile; read it again and retry")


def _values(document: Document, scope: Scope, n_chunks: int, at: int) -> tuple[object, ...]:
    return (
        *(scope.agent_id, scope.run_id),
        *(getattr(document, name) for name in _TEXTS),
        encode_json(check_metadata(dict(document.metadata))),
        *(document.n_pages, document.n_chars, n_chunks, document.size),
        *(micros(document.modified_at), at, json.dumps(list(document.notes), ensure_ascii=False)),
    )


def _key_of(document: Document) -> bytes:
    key = id_bytes(document.id)
    if key is None:
        raise InputError("the document's id is not a public id", argument="document")
    return key


def _check(document: Document, chunks: tuple[StoredChunk, ...], *, n_items: int) -> None:
    """Refuse what could not be given back.

    Raises:
        InputError: A field is not of its kind; its value is not in the message.
    """
    for fault in (*_faults(document), *_chunk_faults(chunks)):
        raise InputError(f"a document cannot be kept: {fault}", argument="document")
    if n_items != len(chunks):
        raise InputError("a document cannot be kept: a chunk comes twice", argument="document")


def _faults(document: Document) -> Iterator[str]:
    named = {name: getattr(document, name) for name in _TEXTS}
    for name, value in (*named.items(), *(("notes", note) for note in document.notes)):
        if not isinstance(value, str) or text_fault(value):
            yield f"{name} is not text that can be stored"
    if not document.uri:
        yield "uri is empty"
    for name in _NUMBERS:
        if not _is_number(getattr(document, name)):
            yield f"{name} is not a whole number"


def _chunk_faults(chunks: tuple[StoredChunk, ...]) -> Iterator[str]:
    for chunk in chunks:
        if not _DIGEST.fullmatch(chunk.digest):
            yield "a chunk's digest is not SHA-256 in hex"
        if not (_is_number(chunk.start) and _is_number(chunk.stop) and chunk.start <= chunk.stop):
            yield "a chunk's span is none"
        if not all(page is None or (_is_number(page) and page > 0) for page in (chunk.page, chunk.last_page)):
            yield "a chunk's page is none"
        if not all(_is_number(page) and _is_number(start) for page, start in chunk.page_starts):
            yield "where a chunk's pages begin makes no sense"


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_NUMBER
