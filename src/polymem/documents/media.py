"""What a file is: by what it holds, then by its name."""

from __future__ import annotations

import codecs
import re
from pathlib import PurePath
from typing import Final

from polymem.text.lazy import lazy

__all__ = [
    "CSV",
    "DOCX",
    "EML",
    "HTML",
    "MARKDOWN",
    "PDF",
    "TEXT",
    "TSV",
    "XLSX",
    "media_type_of",
    "suffix_of",
]

TEXT: Final = "text/plain"
MARKDOWN: Final = "text/markdown"
HTML: Final = "text/html"
CSV: Final = "text/csv"
TSV: Final = "text/tab-separated-values"
EML: Final = "message/rfc822"
PDF: Final = "application/pdf"
DOCX: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_SUFFIXES: Final = {
    **dict.fromkeys(("txt", "text", "log", "rst", "adoc", "org", "asc"), TEXT),
    **dict.fromkeys(("md", "markdown", "mdown", "mkd"), MARKDOWN),
    **dict.fromkeys(("html", "htm", "xhtml", "shtml"), HTML),
    "csv": CSV,
    **dict.fromkeys(("tsv", "tab"), TSV),
    "eml": EML,
    "pdf": PDF,
    **dict.fromkeys(("docx", "docm", "dotx"), DOCX),
    **dict.fromkeys(("xlsx", "xlsm", "xltx"), XLSX),
}
_ZIPPED: Final = (DOCX, XLSX)
_ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""What an office file begins with that is encrypted, or of the kind before 2007."""
_BOMS: Final = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_HTML: Final = lazy(
    r"(?:<\?xml[^>]*\?>)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html[\s>])", re.IGNORECASE | re.DOTALL
)
_HEADERS: Final = lazy(
    r"(?:(?:from|to|date|subject|received|return-path|message-id|mime-version|delivered-to)\s*:)",
    re.IGNORECASE,
)
_HEADER: Final = lazy(r"[!-9;-~]+\s*:|\s")


def suffix_of(name: str) -> str:
    """Return what follows the last dot of a name, in lower case; "" without one.

    Example:
        >>> suffix_of("Report 2024.PDF"), suffix_of("README"), suffix_of(".profile")
        ('pdf', '', '')
    """
    return PurePath(name).suffix[1:].lower()


def media_type_of(name: str, head: bytes) -> str | None:
    r"""Return the media type of a file that can be read; None for all others.

    What the content says counts first: a PDF is one under any name, and a picture named ``notes.txt`` is none. Text is what
    its name says; without a suffix it is plain.

    Args:
        name: The file's name or path.
        head: Its first bytes; 4,096 are plenty.

    Example:
        >>> media_type_of("notes.md", b"# Hello"), media_type_of("scan.txt", b"%PDF-1.7"), media_type_of("a.png", b"\x89PNG")
        ('text/markdown', 'application/pdf', None)
    """
    named = _SUFFIXES.get(suffix_of(name))
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(_ZIP):
        return _zipped(named, head)
    if head.startswith(OLE):
        return named if named in _ZIPPED else None
    if named == PDF or named in _ZIPPED:
        return named
    return _textual(named, suffix_of(name), head)


def _zipped(named: str | None, head: bytes) -> str | None:
    if b"word/" in head:
        return DOCX
    if b"xl/" in head:
        return XLSX
    return named if named in _ZIPPED else None


def _textual(named: str | None, suffix: str, head: bytes) -> str | None:
    if not _is_text(head):
        return None
    start = head[:2048].decode("latin-1").removeprefix("ï»¿").lstrip()
    if named in {None, TEXT} and _HTML.match(start):
        return HTML
    if named is not None:
        return named
    if suffix:
        return None
    return EML if _is_message(start) else TEXT


def _is_text(head: bytes) -> bool:
    """Tell whether *head* has no bytes that no text has; in UTF-16 every other byte may be zero."""
    if head.startswith(_BOMS):
        return True
    zeros = head.count(0)
    if zeros and max(head[::2].count(0), head[1::2].count(0)) != zeros:
        return False
    if zeros and zeros <= len(head) // 8:
        return False
    odd = sum(head.count(byte) for byte in (*range(1, 7), *range(14, 27), *range(28, 32)))
    return odd * 50 <= len(head)


def _is_message(start: str) -> bool:
    """Tell whether *start* is the header of a message: at least two fields that messages have, and nothing but fields."""
    lines = start.split("\n\n", 1)[0].replace("\r\n", "\n").split("\n\n", 1)[0].splitlines()[:-1]
    known = sum(1 for line in lines if _HEADERS.match(line))
    return known >= 2 and all(_HEADER.match(line) for line in lines)
