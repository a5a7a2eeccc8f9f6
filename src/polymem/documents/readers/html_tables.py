"""Tables in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from polymem.documents.readers.building import Building
from polymem.documents.readers.headers import n_header_rows

__all__ = ["add_table", "is_data"]

_MAX_SPAN: Final = 1_000
_MAX_CELLS: Final = 2_000_000
_LAYOUT: Final = ("table", "h1", "h2", "h3", "ul", "ol", "pre", "form")
_MAX_MEAN: Final = 600
_UNSEEN: Final = frozenset({"script", "style", "template", "noscript"})


def is_data(table: Any) -> bool:
    """Tell whether a table holds data; else it arranges the page.

    Data has two rows and two columns at least, no tables, headings and lists in it, and no essays in its cells.
    """
    if table.get("role") in {"presentation", "none"} or any(
        table.find(f".//{tag}") is not None for tag in _LAYOUT
    ):
        return False
    rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
    n_cells = sum(map(len, rows))
    if len(rows) < 2 or max(map(len, rows), default=0) < 2:
        return False
    return len("".join(table.itertext())) <= _MAX_MEAN * n_cells


def add_table(building: Building, table: Any) -> None:
    """Append a table, its caption before it."""
    caption = table.find("caption")
    if caption is not None:
        building.add("paragraph", _words(caption))
    rows = [row for row in table.iter("tr") if row.get("hidden") is None]
    n_marked = 0
    while n_marked < len(rows) and _is_header(rows[n_marked]):
        n_marked += 1
    cells = list(_filled(rows, n_marked))
    building.table(cells, n_header=n_marked if 0 < n_marked < len(rows) else n_header_rows(cells))


def _is_header(row: Any) -> bool:
    if row.getparent().tag == "thead":
        return True
    cells = [cell.tag for cell in row if cell.tag in {"td", "th"}]
    return bool(cells) and all(tag == "th" for tag in cells)


def _filled(rows: list[Any], n_header: int) -> Iterator[list[str]]:
    """Walk the rows with every span filled: over rows each has the words, over columns those of the header alone."""
    over: dict[int, tuple[int, str]] = {}
    left = _MAX_CELLS
    for n, row in enumerate(rows):
        line: list[str] = []
        for cell in row:
            if cell.tag not in {"td", "th"}:
                continue
            _carry(over, line)
            words, n_rows = _words(cell), _span(cell, "rowspan")
            for k in range(min(_span(cell, "colspan"), left)):
                said = words if k == 0 or n < n_header else ""
                if n_rows > 1:
                    over[len(line)] = (n_rows - 1, said)
                line.append(said)
        _carry(over, line)
        left -= len(line)
        yield line


def _carry(over: dict[int, tuple[int, str]], line: list[str]) -> None:
    """Append what reaches down from the rows above to the columns that come next."""
    while len(line) in over:
        n_rows, words = over.pop(len(line))
        if n_rows > 1:
            over[len(line)] = (n_rows - 1, words)
            line.append(words)
            continue
        line.append(words)


def _span(cell: Any, name: str) -> int:
    value = cell.get(name, "").strip()
    return min(max(int(value), 1), _MAX_SPAN) if value.isascii() and value.isdigit() and len(value) < 6 else 1


def _words(element: Any) -> str:
    """Return the words of an element, with a blank where a line or a block ends."""
    parts: list[str] = []
    for each in element.iter():
        if each.tag in _UNSEEN:
            parts.append(" ")
        elif isinstance(each.tag, str):
            parts.append(" " if each.tag in {"br", "p", "div"} else "")
            parts.append(each.text or "")
        if each is not element:
            parts.append(each.tail or "")
    return "".join(parts)
