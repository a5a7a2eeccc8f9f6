"""Documents beside their chunks: what a reader learns of them inside one read transaction.

The tables tell the present alone: whoever looks with ``as_of`` or ``known_at`` sees the documents as they are kept now.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any, Final

from polymem.domain.document import Document, Place, StoredChunk
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.codec import id_bytes, id_text, moment
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.engines.sqlite.withheld import find_withheld, has_withheld

__all__ = ["SqliteDocuments"]

_COLUMNS: Final = (
    "d.id, d.uri, d.folder, d.title, d.media_type, d.digest, d.form, d.metadata, d.n_pages, d.n_chars, d.n_chunks, d.size, "
    "d.modified_at, d.ingested_at, d.agent_id, d.run_id, d.notes"
)
_read: Final = json.JSONDecoder().raw_decode
_CARRIES: Final = "(?2 IS NULL OR d.agent_id = ?2) AND (?3 IS NULL OR d.run_id = ?3)"
_GET: Final = f"SELECT {_COLUMNS} FROM document d WHERE d.partition = ?1 AND d.id = ?4 AND {_CARRIES}"
_LISTED: Final = f"SELECT {_COLUMNS} FROM document d WHERE d.partition = ?1 AND {_CARRIES}"
_BY_URI: Final = (
    f"SELECT {_COLUMNS} FROM wanted w CROSS JOIN document d ON d.partition = ? AND d.uri = w.it "
    "WHERE d.agent_id IS ? AND d.run_id IS ?"
)
_CHUNKS: Final = (
    "SELECT c.item, c.digest, c.start, c.stop, c.page, c.last_page, c.page_starts FROM document d CROSS JOIN chunk c "
    "ON c.partition = d.partition AND c.document = d.no WHERE d.partition = ? AND d.id = ? ORDER BY c.n"
)
_PLACES: Final = (
    "SELECT c.item, d.id, d.uri, d.title, c.start, c.stop, c.page, c.last_page, c.page_starts FROM wanted w "
    "CROSS JOIN chunk c ON c.partition = ? AND c.item = w.it CROSS JOIN document d ON d.no = c.document"
)


@dataclass(frozen=True, slots=True)
class SqliteDocuments:
    """Implements :class:`polymem.ports.documents.DocumentFace` over one read transaction.

    Attributes:
        connection: Inside the transaction.
        no: Number of the partition, -1 when it has no rows yet.
    """

    connection: sqlite3.Connection
    no: int

    def get(self, document_id: str, scope: Scope) -> Document | None:
        """Return a document whose rows carry all ids of *scope*; None if there is none."""
        values = (self.no, scope.agent_id, scope.run_id, id_bytes(document_id))
        row = self.connection.execute(_GET, values).fetchone()
        return None if row is None else _document(row)

    def by_uri(self, uris: Sequence[str], scope: Scope) -> dict[str, Document]:
        """Return those of *uris* that are known, by URI, among documents with exactly the agent and run of *scope*."""
        found: dict[str, Document] = {}
        for part in in_parts(list(dict.fromkeys(uris))):
            values = (*part, self.no, scope.agent_id, scope.run_id)
            for row in self.connection.execute(wanted(len(part)) + _BY_URI, values):
                found[row[1]] = _document(row)
        return found

    def listed(self, scope: Scope, *, folder: str | None = None) -> list[Document]:
        """Return the documents whose rows carry all ids of *scope*, by URI; with *folder* those ingested with it alone."""
        values: tuple[object, ...] = (self.no, scope.agent_id, scope.run_id)
        sql = _LISTED
        if folder is not None:
            sql, values = f"{sql} AND d.folder = ?4", (*values, folder)
        rows = self.connection.execute(f"{sql} ORDER BY d.uri, d.id", values)
        return [_document(row) for row in rows]

    def chunks(self, document_id: str) -> list[StoredChunk]:
        """Return the chunks of a document in their order, those that were deleted or erased left out."""
        rows = self.connection.execute(_CHUNKS, (self.no, id_bytes(document_id)))
        return [StoredChunk(id_text(item), digest.hex(), *_place(place)) for item, digest, *place in rows]

    def withheld(self, texts: Sequence[str], scope: Scope, *, uri: str) -> frozenset[int]:
        """Return the places in *texts* of those that may not be stored at an address with exactly the agent and run of *scope*."""
        return find_withheld(self.connection, self.no, texts, scope, uri=uri)

    def withholds(self, scope: Scope) -> bool:
        """Tell whether anything is withheld of rows that carry all ids of *scope*."""
        return has_withheld(self.connection, self.no, scope)

    def places(self, item_ids: Sequence[str]) -> dict[str, Place]:
        """Return where items stand in their documents, by id; those that are of none are left out."""
        named = {key: item_id for item_id in item_ids if (key := id_bytes(item_id))}
        found: dict[str, Place] = {}
        documents: dict[bytes, str] = {}
        for part in in_parts(list(named)):
            rows = self.connection.execute(wanted(len(part)) + _PLACES, (*part, self.no)).fetchall()
            for item, key, uri, title, *place in rows:
                # Hits are often of one document.
                document = documents.get(key) or documents.setdefault(key, id_text(key))
                found[named[item]] = Place(document, uri, title, *_place(place))
        return found


def _place(stored: list[Any]) -> tuple[int, int, int | None, int | None, tuple[tuple[int, int], ...]]:
    start, stop, page, last_page, starts = stored
    page_starts = tuple((number, begins) for number, begins in _read(starts)[0]) if starts else ()
    return start, stop, page, last_page, page_starts


def _document(row: tuple[Any, ...]) -> Document:
    (
        key,
        uri,
        folder,
        title,
        media_type,
        digest,
        form,
        metadata,
        *figures,
        modified,
        ingested,
        agent,
        run,
        notes,
    ) = row
    n_pages, n_chars, n_chunks, size = figures
    return Document(
        id=id_text(key),
        uri=uri,
        folder=folder,
        title=title,
        media_type=media_type,
        digest=digest,
        form=form,
        metadata={} if metadata == "{}" else _read(metadata)[0],
        n_pages=n_pages,
        n_chars=n_chars,
        n_chunks=n_chunks,
        size=size,
        modified_at=moment(modified),
        ingested_at=from_micros(ingested),
        agent_id=agent,
        run_id=run,
        notes=() if notes == "[]" else tuple(_read(notes)[0]),
    )
