"""Tables as text: CSV and TSV."""

from __future__ import annotations

import csv
import io
from itertools import islice
from typing import Final

from polymem.documents.media import CSV, TSV
from polymem.documents.readers.building import Building, Source
from polymem.documents.readers.encodings import decode
from polymem.documents.readers.headers import n_header_rows
from polymem.domain.document import Parsed
from polymem.errors import ReadError

__all__ = ["read", "read_tabbed"]

_DELIMITERS: Final = ",;\t|"
_SAMPLE: Final = 1 << 16
_MAX_LINES: Final = 50


def read(source: Source) -> Parsed:
    """Read comma-separated values; semicolons, tabs and bars are found out.

    Raises:
        ReadError: It is damaged, larger than the limits, or empty.
    """
    return _read(source, None)


def read_tabbed(source: Source) -> Parsed:
    """Read tab-separated values.

    Raises:
        ReadError: It is damaged, larger than the limits, or empty.
    """
    return _read(source, "\t")


def _read(source: Source, delimiter: str | None) -> Parsed:
    text, _ = decode(source.content)
    building = Building(source.limits)
    text = text.replace("\x00", "")
    csv.field_size_limit(source.limits.max_chars)
    sign = delimiter or _delimiter(text[:_SAMPLE])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, skipinitialspace=True)
    rows: list[list[str]] = []
    try:
        for row in reader:
            building.check(sum(map(len, row)))
            rows.append(row)
    except csv.Error as error:
        raise ReadError("damaged", "is not a table of separated values") from error
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    # A title above the table is a line of one cell; the table begins where the rows are wide.
    width = max((len(row) for row in filled[:_MAX_LINES]), default=0)
    n_above = next((n for n, row in enumerate(filled) if len(row) * 2 > width), 0)
    for row in filled[:n_above]:
        building.add("paragraph", " ".join(row))
    table = filled[n_above:]
    building.table(table, n_header=n_header_rows(table))
    building.title = " ".join(filled[0]) if n_above else ""
    return building.parsed(TSV if delimiter else CSV)


def _delimiter(sample: str) -> str:
    """Return the sign that divides the lines of a sample into the same number of cells, at least two, most often."""
    best, most = ",", (0.0, 0)
    for sign in _DELIMITERS:
        reader = csv.reader(io.StringIO(sample, newline=""), delimiter=sign)
        try:
            widths = [len(row) for row in islice(reader, _MAX_LINES) if row]
        except csv.Error:
            continue
        usual = max(set(widths), key=widths.count, default=0)
        if usual > 1 and (widths.count(usual) / len(widths), usual) > most:
            best, most = sign, (widths.count(usual) / len(widths), usual)
    return best
