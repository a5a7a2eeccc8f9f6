"""PDF, through pdfium: pages in reading order, headings by outline and type, no running headers and footers."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from polymem.documents.media import PDF
from polymem.documents.readers.building import Building, Source, one_line, third_party
from polymem.documents.readers.pdf_blocks import Type, add_page, heading_key
from polymem.documents.readers.pdf_lines import Line, body_size, lines_of, without_running
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from polymem.text.lazy import lazy

__all__ = ["read"]

_PASSWORD: Final = 4
_KEYS: Final = {"Author": "author", "Subject": "subject", "Keywords": "keywords"}
_DATE: Final = lazy(r"D?:?(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")
_NO_TITLE: Final = lazy(
    r"(?i:untitled.*|microsoft word\b.*|.*\.(?:docx?|pdf|indd|tex|dvi|qxd|rtf|xlsx?|pptx?)|\W*|(?:无标题|未命名).*)"
)
_MAX_OUTLINE: Final = 5_000
_MAX_DEPTH: Final = 6
_MAX_TOLD: Final = 1 << 16
"""Bytes of a title that are looked at; far less is kept."""


def read(source: Source) -> Parsed:
    """Read a PDF.

    A paragraph that goes on over the page is two blocks, so that every block has its page. Rows of figures are tables of one
    column, one line a row.

    Raises:
        ReadError: It is encrypted, damaged, has more pages or characters than allowed, or no text (a scan).
    """
    pdfium = third_party("pypdfium2", "pypdfium2")
    try:
        document = pdfium.PdfDocument(source.content)
    except pdfium.PdfiumError as error:
        if getattr(error, "err_code", None) == _PASSWORD or "password" in str(error).lower():
            raise ReadError("encrypted", "needs a password; save it without one") from error
        raise ReadError("damaged", "is no sound PDF") from error
    try:
        return _read(pdfium, document, source)
    finally:
        document.close()


def _read(pdfium: Any, document: Any, source: Source) -> Parsed:
    n_pages = len(document)
    if n_pages > source.limits.max_pages:
        raise ReadError(
            "too_many_pages",
            f"has {n_pages} pages, more than {source.limits.max_pages}; raise max_pages to read it",
        )
    building = Building(source.limits)
    _metadata(pdfium.raw, building, document)
    pages: list[list[Line]] = []
    for n in range(n_pages):
        lines = _lines(pdfium, document, n)
        building.check(sum(len(line.text) for line in lines or ()))
        if not lines:
            building.note("damaged_pages" if lines is None else "pages_without_text")
        pages.append(lines or [])
    body = body_size(pages)
    pages = without_running(pages, body)
    kind = Type(body, pages, _outline(pdfium, document))
    for n, page in enumerate(pages, start=1):
        add_page(building, page, n, kind)
    return building.parsed(PDF, n_pages=n_pages)


def _lines(pdfium: Any, document: Any, n: int) -> list[Line] | None:
    """Return the lines of a page; None where it cannot be read."""
    try:
        page = document[n]
    except pdfium.PdfiumError:
        return None
    try:
        text = page.get_textpage()
    except pdfium.PdfiumError:
        page.close()
        return None
    try:
        return lines_of(pdfium.raw, text)
    finally:
        text.close()
        page.close()


def _outline(pdfium: Any, document: Any) -> dict[tuple[int, str], int]:
    """Return the levels of the headings that the outline names, by page and words."""
    levels: dict[tuple[int, str], int] = {}
    try:
        for n, entry in enumerate(document.get_toc(max_depth=_MAX_DEPTH)):
            if n >= _MAX_OUTLINE:
                break
            goal = entry.get_dest()
            index = goal.get_index() if goal else None
            if index is not None:
                words = _told(partial(pdfium.raw.FPDFBookmark_GetTitle, entry))
                levels.setdefault((index + 1, heading_key(one_line(words))), min(entry.level + 1, _MAX_DEPTH))
    except (pdfium.PdfiumError, ValueError):
        return levels
    return levels


def _metadata(raw: Any, building: Building, document: Any) -> None:
    def said(key: str) -> str:
        return _told(partial(raw.FPDF_GetMetaText, document, key.encode() + b"\0"))

    title = one_line(said("Title"))
    building.title = "" if _NO_TITLE.fullmatch(title) else title
    for key, name in _KEYS.items():
        building.found(name, said(key))
    building.found("date", _iso(said("CreationDate")))


def _told(write: Callable[[Any, int], int]) -> str:
    """Return what pdfium writes into a buffer, with U+FFFD for what is no UTF-16: a damaged title costs no document."""
    n_bytes = write(None, 0)
    buffer = ctypes.create_string_buffer(max(n_bytes, 2))
    write(buffer, n_bytes)
    return buffer.raw[: min(max(n_bytes - 2, 0), _MAX_TOLD)].decode("utf-16-le", "replace")


def _iso(date: str) -> str:
    """Return a date of a PDF in ISO 8601, as far as it says.

    Example:
        >>> _iso("D:20240131120500+02'00'"), _iso("D:2019"), _iso("soon")
        ('2024-01-31T12:05:00+02:00', '2019', '')
    """
    found = _DATE.match(date.strip())
    if not found:
        return ""
    year, month, day, hour, minute, second, zulu, sign, hours, minutes = found.groups()
    words = "-".join(part for part in (year, month, day) if part)
    if hour and day:
        zone = "+00:00" if zulu else f"{sign}{hours}:{minutes or '00'}" if sign else ""
        words += f"T{hour}:{minute}:{second or '00'}{zone}"
    return words
