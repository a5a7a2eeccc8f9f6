"""Where a hit stands in its document."""

from __future__ import annotations

from polymem.domain.slotted import dataclass

__all__ = ["Place"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a hit stands in its document.

    Attributes:
        document_id: The document.
        uri: Where the document is.
        title: Its title.
        start: Where the hit's words begin in the document's text.
        stop: Where they end.
        page: The page on which they begin, from 1; None without pages.
        last_page: The page on which they end.
        page_starts: Where the pages after the first one begin: (page, place in the document's text), in order.
    """

    document_id: str
    uri: str
    title: str
    start: int
    stop: int
    page: int | None = None
    last_page: int | None = None
    page_starts: tuple[tuple[int, int], ...] = ()

    def within(self, start: int, stop: int) -> Place:
        """Return the place of a part, by its characters in the document's text; it names the pages on which the part stands.

        Example:
            >>> place = Place("d", "file:///a.pdf", "A", 100, 900, 3, 5, ((4, 300), (5, 700)))
            >>> part = place.within(350, 400)
            >>> part.page, part.last_page
            (4, 4)
        """
        starts = self.page_starts
        before = [page for page, begins in starts if begins <= start]
        inside = tuple((page, begins) for page, begins in starts if start < begins < stop)
        page = before[-1] if before else self.page
        last_page = inside[-1][0] if inside else page
        if not starts:
            # Chunks of older versions say no more than from where to where they go.
            last_page = self.last_page
        return Place(self.document_id, self.uri, self.title, start, stop, page, last_page, inside)
