"""Documents inside a snapshot: what is kept of them beside their chunks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from polymem.domain.document import Document, Place, StoredChunk
from polymem.domain.scope import Scope

__all__ = ["DocumentFace"]


class DocumentFace(Protocol):
    """The documents of one partition at one instant.

    They are told as they are kept at that instant, whatever ``as_of`` or ``known_at`` a reader looks with: a document has
    no history of its own, its chunks have theirs as items.

    Example:
        ``await ledger.read(scope.partition, lambda snapshot: snapshot.documents.listed(scope))``
    """

    def get(self, document_id: str, scope: Scope) -> Document | None:
        """Return a document whose rows carry all ids of *scope*; None if there is none."""
        ...

    def by_uri(self, uris: Sequence[str], scope: Scope) -> dict[str, Document]:
        """Return those of *uris* that are known, by URI, among documents with exactly the agent and run of *scope*."""
        ...

    def listed(self, scope: Scope, *, folder: str | None = None) -> list[Document]:
        """Return the documents whose rows carry all ids of *scope*, by URI; with *folder* those ingested with it alone."""
        ...

    def chunks(self, document_id: str) -> list[StoredChunk]:
        """Return the chunks of a document in their order, those that were deleted or erased left out."""
        ...

    def withheld(self, texts: Sequence[str], scope: Scope, *, uri: str) -> frozenset[int]:
        """Return the places in *texts* of those that may not be stored at an address with exactly the agent and run of *scope*.

        They are passages or paragraphs that were forgotten; case and white space do not count.
        """
        ...

    def withholds(self, scope: Scope) -> bool:
        """Tell whether anything is withheld of rows that carry all ids of *scope*."""
        ...

    def places(self, item_ids: Sequence[str]) -> dict[str, Place]:
        """Return where items stand in their documents, by id; those that are of none are left out."""
        ...
