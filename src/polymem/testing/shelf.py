"""Documents on a workbench: stored in a line, and what is kept of them."""

from __future__ import annotations

from typing import Any

from polymem.domain.document import Document, Place
from polymem.domain.scope import Scope
from polymem.testing.bench import ALICE, Bench
from polymem.testing.documents import document_of, parts_of, stored

__all__ = ["at", "chunk_ids", "found", "ingest", "listed", "places"]


def ingest(
    bench: Bench, uri: str, *texts: str, scope: Scope = ALICE, **fields: Any
) -> tuple[Document, list[str]]:
    """Store a document in one commit; return it and the ids of its chunks."""
    document = document_of(uri, **fields)
    parts = parts_of(document, *texts)
    bench.commit(*parts, scope=scope, changes=(stored(document, parts),))
    return document, [part.id for part in parts]


def listed(bench: Bench, scope: Scope = ALICE, **fields: Any) -> list[str]:
    """Return the addresses of the documents of *scope*."""
    return bench.read(lambda s: [one.uri for one in s.documents.listed(scope, **fields)], scope=scope)


def chunk_ids(bench: Bench, document: Document, scope: Scope = ALICE) -> list[str]:
    """Return the ids of what is left of a document."""
    return bench.read(lambda s: [chunk.item_id for chunk in s.documents.chunks(document.id)], scope=scope)


def found(bench: Bench, document_id: str, scope: Scope = ALICE) -> Document | None:
    """Return a document by its id."""
    return bench.read(lambda s: s.documents.get(document_id, scope), scope=scope)


def at(bench: Bench, uri: str, scope: Scope = ALICE) -> Document | None:
    """Return the document at an address."""
    return bench.read(lambda s: s.documents.by_uri([uri], scope).get(uri), scope=scope)


def places(bench: Bench, *ids: str, scope: Scope = ALICE) -> dict[str, Place]:
    """Return where items stand."""
    return bench.read(lambda s: s.documents.places(ids), scope=scope)
