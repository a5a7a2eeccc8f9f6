"""Word documents (DOCX), read from their XML: what is shown of the body, in order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from polymem.documents.media import DOCX
from polymem.documents.readers.building import Building, Source
from polymem.documents.readers.docx_styles import Styles, W
from polymem.documents.readers.headers import n_header_rows
from polymem.documents.readers.office import add_properties
from polymem.documents.readers.zipped import Archive
from polymem.domain.document import Parsed
from polymem.errors import ReadError

__all__ = ["read"]

_MATH: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"
_FALLBACK: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNSHOWN: Final = frozenset({f"{W}moveFrom", f"{W}del", _FALLBACK, f"{W}pPr", f"{W}rPr"})
_SIGNS: Final = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": " "}
_TEXTS: Final = frozenset({f"{W}t", _MATH})
_BOX: Final = f"{W}txbxContent"
_MAX_SPAN: Final = 1_000


def read(source: Source) -> Parsed:
    """Read a Word document: headings by style or outline level, lists, tables, text boxes, notes; no headers and footers.

    What was struck out under revision is left out, what was inserted is read.

    Raises:
        ReadError: It is encrypted, damaged, larger than the limits, or has no words.
    """
    archive = Archive(source)
    building = Building(source.limits)
    add_properties(building, archive.core_properties())
    name = next((name for name in ("word/document.xml", "word/document2.xml") if name in archive.names), None)
    root = archive.root(name) if name else None
    body = root.find(f"{W}body") if root is not None else None
    if body is None:
        raise ReadError("damaged", "has no document in it")
    reading = _Reading(building, Styles(archive.root("word/styles.xml")), source.limits.max_depth)
    reading.blocks(body, 0)
    for notes in ("word/footnotes.xml", "word/endnotes.xml"):
        root = archive.root(notes)
        for note in root if root is not None else ():
            if note.get(f"{W}type") is None:
                reading.blocks(note, 0)
    if any(name.startswith("word/media/") for name in archive.names):
        building.note("images")
    return building.parsed(DOCX)


class _Reading:
    def __init__(self, building: Building, styles: Styles, max_depth: int) -> None:
        self.building = building
        self.styles = styles
        self.max_depth = max_depth

    def blocks(self, parent: Any, depth: int) -> None:
        """Append the blocks below an element."""
        if depth > self.max_depth:
            raise ReadError("too_deep", "is nested too deeply")
        for child in parent:
            if child.tag == f"{W}p":
                self._paragraph(child, depth)
            elif child.tag == f"{W}tbl":
                self._table(child, depth)
            elif isinstance(child.tag, str) and child.tag not in _UNSHOWN:
                self.blocks(child, depth + 1)

    def _paragraph(self, paragraph: Any, depth: int) -> None:
        words, boxes = _words(paragraph)
        style = self.styles.of(paragraph)
        if style.is_title and not self.building.title:
            self.building.title = words
        if style.heading:
            self.building.add("heading", words, level=style.heading)
        elif style.list_depth:
            self.building.add("list_item", words, level=style.list_depth)
        else:
            self.building.add("paragraph", words)
        for box in boxes:
            self.blocks(box, depth + 1)

    def _table(self, table: Any, depth: int) -> None:
        rows = list(_rows(table))
        cells = [cell for row in rows for cell in row.iterchildren(f"{W}tc")]
        if len(cells) == 1:  # a frame around text
            self.blocks(cells[0], depth + 1)
            return
        marked = 0
        while marked < len(rows) and rows[marked].find(f"{W}trPr/{W}tblHeader") is not None:
            marked += 1
        texts = _texts(rows, marked or 1)
        self.building.table(texts, n_header=marked or n_header_rows(texts))


def _words(paragraph: Any) -> tuple[str, list[Any]]:
    """Return the words of a paragraph and the text boxes in it, whose words stand apart."""
    parts: list[str] = []
    boxes: list[Any] = []
    waiting = [paragraph]
    while waiting:
        element = waiting.pop()
        if element.tag in _TEXTS:
            parts.append(element.text or "")
        elif element.tag in _SIGNS:
            parts.append(_SIGNS[element.tag])
        elif element.tag == _BOX:
            boxes.append(element)
        elif element.tag not in _UNSHOWN:
            waiting.extend(element.iterchildren("*", reversed=True))
    return "".join(parts), boxes


def _rows(table: Any) -> Iterator[Any]:
    """Walk the rows of a table, those in content controls and revisions included, without those of tables in it."""
    waiting = list(table.iterchildren("*", reversed=True))
    while waiting:
        element = waiting.pop()
        if element.tag == f"{W}tr":
            if element.find(f"{W}trPr/{W}del") is None:
                yield element
        elif element.tag in {f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"}:
            waiting.extend(element.iterchildren("*", reversed=True))


def _texts(rows: list[Any], n_header: int) -> list[list[str]]:
    """Return the cells; what spans rows is repeated in each, what spans columns in those of the header alone."""
    texts: list[list[str]] = []
    for n, row in enumerate(rows):
        line: list[str] = []
        for cell in row.iter(f"{W}tc"):
            if next(cell.iterancestors(f"{W}tr")) is not row:
                continue
            words = " ".join(_words(each)[0] for each in cell.iter(f"{W}p"))
            merged = cell.find(f"{W}tcPr/{W}vMerge")
            if (
                merged is not None
                and merged.get(f"{W}val") != "restart"
                and texts
                and len(line) < len(texts[-1])
            ):
                words = texts[-1][len(line)]
            line.append(words)
            line.extend([words if n < n_header else ""] * (_span(cell) - 1))
        texts.append(line)
    return texts


def _span(cell: Any) -> int:
    span = cell.find(f"{W}tcPr/{W}gridSpan")
    value = span.get(f"{W}val", "") if span is not None else ""
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 6 else 1
