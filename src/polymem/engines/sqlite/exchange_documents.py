"""Documents and the places of their chunks, as records of the exchange format and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterator
from typing import Any, Final, cast

from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.documents_kept import INSERT_CHUNK, INSERT_DOCUMENT
from polymem.engines.sqlite.documents_order import note_order
from polymem.engines.sqlite.exchange import Fields, iso, maybe_iso, refuse
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.faces import REMOVED
from polymem.ports.ledger import Record

__all__ = ["RestoredDocuments", "exported"]

_MEANT: Final = "(:agent IS NULL OR d.agent_id = :agent) AND (:run IS NULL OR d.run_id = :run)"
_DOCUMENTS: Final = (
    "SELECT id, agent_id, run_id, uri, folder, title, media_type, digest, form, metadata, n_pages, n_chars, n_chunks, size, "
    f"modified_at, ingested_at, notes FROM document d WHERE partition = :no AND {_MEANT} ORDER BY no"
)
_CHUNKS: Final = (
    "SELECT d.id, c.item, c.digest, c.start, c.stop, c.page, c.last_page, c.page_starts FROM document d JOIN chunk c "
    f"ON c.partition = d.partition AND c.document = d.no WHERE d.partition = :no AND {_MEANT} ORDER BY d.no, c.n"
)
_KNOWN: Final = "SELECT 1 FROM document WHERE partition = ?1 AND (id = ?2 OR (uri = ?3 AND agent_id IS ?4 AND run_id IS ?5))"
_ITEM: Final = f"SELECT max(agent_id IS ?2 AND run_id IS ?3 AND flags & {REMOVED} = 0) FROM item WHERE id = ?1 AND rid BETWEEN ?4 AND ?5"


def exported(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    """Yield the documents of a partition, then the places of their chunks in order."""
    for row in connection.execute(_DOCUMENTS, keys):
        key, agent, run, *texts, metadata, n_pages, n_chars, n_chunks, size, modified, ingested, notes = row
        uri, folder, title, media_type, digest, form = texts
        yield {
            "type": "document",
            "id": id_text(key),
            "agent_id": agent,
            "run_id": run,
            "uri": uri,
            "folder": folder,
            "title": title,
            "media_type": media_type,
            "digest": digest,
            "form": form,
            "metadata": json.loads(metadata),
            "n_pages": n_pages,
            "n_chars": n_chars,
            "n_chunks": n_chunks,
            "size": size,
            "modified_at": maybe_iso(modified),
            "ingested_at": iso(ingested),
            "notes": json.loads(notes),
        }
    for document, item, digest, start, stop, page, last_page, starts in connection.execute(_CHUNKS, keys):
        yield {
            "type": "chunk",
            "document": id_text(document),
            "item": id_text(item),
            "digest": digest.hex(),
            "start": start,
            "stop": stop,
            "page": page,
            "last_page": last_page,
            "page_starts": json.loads(starts) if starts else [],
        }


_PLACE: Final = ("digest", "start", "stop", "page", "last_page", "page_starts")


@dataclass(slots=True)
class _Kept:
    """A document that came along.

    Attributes:
        no: Its number.
        whose: Agent and run on its rows.
        had_chunks: Whether it had any where it comes from.
        n_chunks: How many it has here.
    """

    no: int
    whose: tuple[str | None, str | None]
    had_chunks: bool
    n_chunks: int = 0


class RestoredDocuments:
    """Documents of an import; those that are there already are passed over with their chunks.

    So are chunks whose item was removed here, and documents of which no chunk is left: what was forgotten does not
    come back.

    Args:
        writer: The partition.
        passed_over: Items that were there already, or had been erased.
    """

    def __init__(self, writer: PartitionWriter, passed_over: Container[bytes]) -> None:
        self._writer = writer
        self._passed_over = passed_over
        self._known: set[bytes] = set()
        self._kept: dict[bytes, _Kept] = {}

    def add(self, name: str, fields: Fields, line: int) -> None:
        """Store a document, or the place of a chunk."""
        if name == "document":
            self._add_document(fields, line)
        elif fields["document"] in self._kept:
            self._add_chunk(self._kept[fields["document"]], fields, line)
        elif fields["document"] not in self._known:
            refuse(line, "names a document that is not there", field="document")

    def finish(self) -> None:
        """Let go of the documents of which no chunk came along, and count those of the others."""
        connection = self._writer.connection
        for kept in self._kept.values():
            if kept.had_chunks and not kept.n_chunks:
                connection.execute("DELETE FROM document WHERE no = ?", (kept.no,))
            else:
                connection.execute("UPDATE document SET n_chunks = ? WHERE no = ?", (kept.n_chunks, kept.no))
                note_order(self._writer, kept.no)
        self._kept.clear()

    def _add_document(self, fields: Fields, line: int) -> None:
        writer, key = self._writer, fields["id"]
        partition = writer.partition
        owner = f"{partition.kind}_id"
        if partition.kind != "user" and fields[owner] != partition.owner:
            refuse(line, "is not the owner's", field=owner)
        if key in self._kept or key in self._known:
            refuse(line, "comes a second time", field="id")
        whose = (fields["agent_id"], fields["run_id"])
        if writer.connection.execute(_KNOWN, (writer.no, key, fields["uri"], *whose)).fetchone():
            self._known.add(key)
            return
        order = ("agent_id", "run_id", "uri", "folder", "title", "media_type", "digest", "form", "metadata")
        figures = ("n_pages", "n_chars", "n_chunks", "size", "modified_at", "ingested_at", "notes")
        values = (None, writer.no, key, *(fields[name] for name in (*order, *figures)), 0)
        writer.at = max(writer.at, fields["ingested_at"])
        no = cast("int", writer.connection.execute(INSERT_DOCUMENT, values).lastrowid)
        self._kept[key] = _Kept(no, whose, had_chunks=fields["n_chunks"] > 0)

    def _add_chunk(self, kept: _Kept, fields: Fields, line: int) -> None:
        writer, item = self._writer, fields["item"]
        known = item in self._passed_over
        low = writer.rid(0)
        (fits,) = writer.connection.execute(_ITEM, (item, *kept.whose, low, low | POSITION_MASK)).fetchone()
        if not fits and known:
            return
        if not fits:
            refuse(line, "names an item that is not there, or of another scope", field="item")
        if fields["stop"] < fields["start"]:
            refuse(line, "ends before it begins", field="stop")
        values = (writer.no, kept.no, kept.n_chunks, item, *(fields[name] for name in _PLACE))
        # What is there already may be a chunk of a document that is.
        sql = INSERT_CHUNK.replace("INSERT", "INSERT OR IGNORE", 1) if known else INSERT_CHUNK
        kept.n_chunks += writer.connection.execute(sql, values).rowcount
