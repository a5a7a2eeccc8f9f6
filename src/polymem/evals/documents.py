"""Passages of a set as documents: those of one title are pages of one, and a hit is known by its document and page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from polymem.domain.document import DocumentInput, Place
from polymem.domain.slotted import dataclass
from polymem.evals.cases import Corpus, Row

__all__ = ["Shelf", "shelf_of"]

PAGE_BREAK = "\f"


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is ingested, and the passage behind every page.

    Attributes:
        inputs: The documents.
        pages: Ids of the passages of each document in the order of its pages, by URI.
    """

    inputs: tuple[DocumentInput, ...]
    pages: dict[str, tuple[str, ...]]

    def rows_at(self, place: Place | None) -> tuple[str, ...]:
        """Return the passages that a hit is of: those of its pages."""
        if place is None:
            return ()
        ids = self.pages[place.uri]
        if place.page is None:
            return ids
        return ids[place.page - 1 : (place.last_page or place.page)]


def shelf_of(corpus: Corpus) -> Shelf:
    """Return the passages of *corpus* as documents; those without a title are one each."""
    inputs: list[DocumentInput] = []
    pages: dict[str, tuple[str, ...]] = {}
    for n, rows in enumerate(_by_title(corpus.rows)):
        uri = f"eval:{n}"
        # Blanks around a page would shift nothing but the spans, yet a page without words has to stay one.
        text = PAGE_BREAK.join(row.text.replace(PAGE_BREAK, " ") for row in rows)
        title = " ".join(rows[0].title.split()) or None
        inputs.append(DocumentInput(text=text, uri=uri, title=title))
        pages[uri] = tuple(row.id for row in rows)
    return Shelf(tuple(inputs), pages)


def _by_title(rows: Iterable[Row]) -> Iterable[Sequence[Row]]:
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row.title.strip() or f"\n{row.id}", []).append(row)
    return groups.values()
