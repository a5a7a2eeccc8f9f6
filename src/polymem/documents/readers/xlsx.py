"""Excel workbooks (XLSX): each sheet a table under its name, figures and dates as they are shown."""

from __future__ import annotations

import io
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from polymem.documents.media import XLSX
from polymem.documents.readers.building import Building, Source, one_line, third_party
from polymem.documents.readers.headers import n_header_rows
from polymem.documents.readers.office import add_properties
from polymem.documents.readers.shown import shown
from polymem.documents.readers.zipped import Archive
from polymem.domain.document import Parsed
from polymem.errors import ReadError

__all__ = ["read"]

_MAX_CELLS: Final = 5_000_000
_MAX_ROWS: Final = 1 << 20
"""Of a sheet, in Excel; a row that says it is a later one would be reached by walking all before it."""
_BROKEN: Final = (
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    SyntaxError,
    OSError,
    EOFError,
    AssertionError,
    NotImplementedError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What openpyxl raises on workbooks that are not what they should be (its own errors and those of XML are among them)."""


def read(source: Source) -> Parsed:
    """Read a workbook: every sheet that is not hidden is a heading and tables, of formulas the values that were kept.

    Empty rows part tables. Lines of one cell above a table are paragraphs.

    Raises:
        ReadError: It is encrypted, damaged, larger than the limits, or empty.
    """
    archive = Archive(source)
    building = Building(source.limits)
    add_properties(building, archive.core_properties())
    for name in archive.names:
        if name.endswith((".xml", ".rels")):
            archive.forbid_entities(name)
    openpyxl = third_party("openpyxl", "openpyxl")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(
                io.BytesIO(source.content), read_only=True, data_only=True, keep_links=False
            )
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    _add_sheet(building, sheet)
                else:
                    building.note("hidden_sheets")
    except _BROKEN as error:
        raise ReadError("damaged", "is no sound workbook") from error
    if all(block.kind == "heading" for block in building.blocks):
        building.blocks.clear()
    parsed = building.parsed(XLSX)
    # The name of a sheet tells less of the whole than that of the file: "Sheet1", or one of several.
    return parsed if one_line(building.title) else replace(parsed, title="")


def _add_sheet(building: Building, sheet: Any) -> None:
    # What a sheet says of its size may be a lie; without it the rows are read as they come.
    sheet.reset_dimensions()
    first = len(building.blocks)
    building.add("heading", str(sheet.title), level=1)
    for rows in _tables(building, sheet):
        width = max(sum(map(bool, row)) for row in rows)
        while len(rows) > 1 and sum(map(bool, rows[0])) == 1 < width:
            building.add("paragraph", " ".join(filter(None, rows.pop(0))))
        if width == 1:
            building.add("paragraph", "\n".join(" ".join(filter(None, row)) for row in rows))
        else:
            building.table(rows, n_header=n_header_rows(rows))
    if len(building.blocks) == first + 1:
        building.blocks.pop()


def _tables(building: Building, sheet: Any) -> Iterator[list[list[str]]]:
    """Walk the stretches of rows that have no empty row between them."""
    rows: list[list[str]] = []
    n_cells = 0
    for n_rows, row in enumerate(sheet.iter_rows(), start=1):
        line = [shown(cell.value, cell.number_format) if cell.value is not None else "" for cell in row]
        while line and not line[-1]:
            line.pop()
        n_cells += len(row)
        if n_cells > _MAX_CELLS or n_rows > _MAX_ROWS:
            raise ReadError("too_large", f"has a sheet of more than {_MAX_CELLS} cells or {_MAX_ROWS} rows")
        if line:
            building.check(sum(map(len, line)))
            rows.append(line)
            continue
        if rows:
            yield rows
            rows = []
    if rows:
        yield rows
