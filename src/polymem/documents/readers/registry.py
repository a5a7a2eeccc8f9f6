"""Which reader reads what."""

from __future__ import annotations

from importlib import import_module
from typing import Final, cast

from polymem.documents import media
from polymem.documents.readers.building import Source
from polymem.domain.document import Parsed
from polymem.errors import ReadError

__all__ = ["READER_VERSION", "read_content"]

READER_VERSION: Final = "1"
"""Raised when what is read from the same bytes changes; documents are then read anew."""

_READERS: Final = {
    media.TEXT: ("text", "read"),
    media.MARKDOWN: ("markdown", "read"),
    media.HTML: ("html", "read"),
    "application/xhtml+xml": ("html", "read"),
    media.CSV: ("delimited", "read"),
    media.TSV: ("delimited", "read_tabbed"),
    media.EML: ("eml", "read"),
    media.PDF: ("pdf", "read"),
    media.DOCX: ("docx", "read"),
    media.XLSX: ("xlsx", "read"),
}


def read_content(source: Source, media_type: str) -> Parsed:
    """Read a file.

    Args:
        source: The file.
        media_type: What it is.

    Raises:
        ReadError: There is no reader for it, or its reader says why it cannot be read.
        MissingExtraError: The package that its reader needs is not installed.
    """
    if media_type not in _READERS:
        raise ReadError("unsupported", "is of a kind that is not read")
    module, function = _READERS[media_type]
    reader = getattr(import_module(f"polymem.documents.readers.{module}"), function)
    return cast("Parsed", reader(source))
