"""Documents in plain Python: the reference for the face of an engine, and drafts of them in a line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

from polymem.domain.batch import ItemDraft
from polymem.domain.change import StoreDocument
from polymem.domain.document import Document, Place, StoredChunk
from polymem.domain.scope import Scope
from polymem.testing.clock import NOON
from polymem.testing.drafting import episode_of, new_id

__all__ = ["Kept", "MemoryDocuments", "chunk_of", "document_of", "part_of", "parts_of", "stored"]

Kept: TypeAlias = tuple[Document, tuple[StoredChunk, ...]]
"""A document with the chunks that are left of it, in order."""
_DIGEST: Final = hashlib.sha256(b"").hexdigest()


class MemoryDocuments:
    """Implements :class:`polymem.ports.documents.DocumentFace` over a list.

    Args:
        kept: The documents of the partition.
    """

    def __init__(self, kept: Iterable[Kept] = ()) -> None:
        self._kept = {document.id: (document, chunks) for document, chunks in kept}

    @property
    def kept(self) -> list[Kept]:
        """The documents with what is left of them."""
        return list(self._kept.values())

    def get(self, document_id: str, scope: Scope) -> Document | None:
        """Return a document whose rows carry all ids of *scope*; None if there is none."""
        return next((document for document in self.listed(scope) if document.id == document_id), None)

    def by_uri(self, uris: Sequence[str], scope: Scope) -> dict[str, Document]:
        """Return those of *uris* that are known, by URI, among documents with exactly the agent and run of *scope*."""
        exact = (scope.agent_id, scope.run_id)
        return {
            document.uri: document
            for document in self.listed(scope)
            if document.uri in uris and (document.agent_id, document.run_id) == exact
        }

    def listed(self, scope: Scope, *, folder: str | None = None) -> list[Document]:
        """Return the documents whose rows carry all ids of *scope*, by URI; with *folder* those ingested with it alone."""
        found = [
            document
            for document, _ in self._kept.values()
            if scope.agent_id in {None, document.agent_id}
            and scope.run_id in {None, document.run_id}
            and folder in {None, document.folder}
        ]
        return sorted(found, key=lambda document: (document.uri, document.id))

    def chunks(self, document_id: str) -> list[StoredChunk]:
        """Return the chunks of a document in their order, those that were deleted or erased left out."""
        return list(self._kept[document_id][1]) if document_id in self._kept else []

    def withheld(self, texts: Sequence[str], scope: Scope, *, uri: str) -> frozenset[int]:
        """Return none: what was forgotten is not known here."""
        del texts, scope, uri
        return frozenset()

    def withholds(self, scope: Scope) -> bool:
        """Tell that nothing is withheld."""
        del scope
        return False

    def places(self, item_ids: Sequence[str]) -> dict[str, Place]:
        """Return where items stand in their documents, by id; those that are of none are left out."""
        return {
            chunk.item_id: Place(
                document.id,
                document.uri,
                document.title,
                chunk.start,
                chunk.stop,
                chunk.page,
                chunk.last_page,
                chunk.page_starts,
            )
            for document, chunks in self._kept.values()
            for chunk in chunks
            if chunk.item_id in item_ids
        }


def document_of(uri: str, **fields: Any) -> Document:
    """Return a document at *uri*; *fields* are those of ``Document``."""
    given: dict[str, Any] = {
        "folder": "",
        "title": "",
        "media_type": "text/plain",
        "digest": _DIGEST,
        "form": "text/1",
    }
    given |= {"metadata": {}, "n_pages": 0, "n_chars": 0, "n_chunks": 0, "size": 0, "modified_at": None}
    given |= {"id": new_id(), "uri": uri, "ingested_at": NOON}
    return Document(**(given | fields))


def part_of(document: Document, text: str, **fields: Any) -> ItemDraft:
    """Draft a chunk of *document*; *fields* are those of ``ItemDraft``."""
    inherited = dict(document.metadata) | {"title": document.title, "document": document.id}
    given: dict[str, Any] = {"role": "document", "metadata": inherited}
    return episode_of(text, **(given | fields))


def parts_of(document: Document, *texts: str, **fields: Any) -> list[ItemDraft]:
    """Draft chunks of *document*."""
    return [part_of(document, text, **fields) for text in texts]


def chunk_of(item_id: str, text: str, *, start: int = 0, page: int | None = None) -> StoredChunk:
    """Return the place of an item that says *text*."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return StoredChunk(item_id, digest, start, start + len(text), page, page)


def stored(document: Document, parts: Iterable[ItemDraft]) -> StoreDocument:
    """Return the change that keeps *document* with *parts* in this order, one after the other."""
    chunks: list[StoredChunk] = []
    for part in parts:
        start = chunks[-1].stop + 2 if chunks else 0
        chunks.append(chunk_of(part.id, part.text, start=start, page=len(chunks) // 2 + 1))
    return StoreDocument(document, tuple(chunks))
