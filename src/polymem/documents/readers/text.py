"""Plain text: paragraphs between blank lines, pages between form feeds."""

from __future__ import annotations

import re
from typing import Final

from polymem.documents.media import TEXT
from polymem.documents.readers.building import Building, Source
from polymem.documents.readers.encodings import decode
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from polymem.text.lazy import lazy

__all__ = ["add_text", "read"]

_BLANK: Final = lazy(r"\n[^\S\n]*\n\s*")
_HEADING: Final = lazy(
    r"(?P<top>第\s*[\d一二三四五六七八九十百零〇两]{1,6}\s*[章编篇卷部回]|(?:chapter|part|appendix)\s+(?:\d{1,3}|[ivxlc]{1,7}|[a-z])\b)"
    r"|(?P<sub>第\s*[\d一二三四五六七八九十百零〇两]{1,6}\s*节)",
    re.IGNORECASE,
)
_BULLET: Final = lazy(
    r"\s*(?:[-*•·‣◦▪●○■□◆]\s+|\(?\d{1,3}[.)、)]\s*(?=\D)|[(（][\d一二三四五六七八九十]{1,3}[)）])"
)
_RULED: Final = lazy(r"(?P<words>[^\n]{1,150})\n(?P<rule>={3,}|-{3,}|~{3,})[^\S\n]*(?:\n|$)")
_MAX_HEADING: Final = 80


def read(source: Source) -> Parsed:
    """Read plain text.

    Raises:
        ReadError: It has more pages or characters than the limits allow, or no words.
    """
    text, _ = decode(source.content)
    building = Building(source.limits)
    pages = text.replace("\r\n", "\n").replace("\r", "\n").split("\f")
    while len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    if len(pages) > source.limits.max_pages:
        raise ReadError(
            "too_many_pages", f"has more than {source.limits.max_pages} pages; raise max_pages to read it"
        )
    numbered = len(pages) > 1
    for n, page in enumerate(pages, start=1):
        add_text(building, page, page=n if numbered else None)
    return building.parsed(TEXT, n_pages=len(pages) if numbered else 0)


def add_text(building: Building, text: str, *, page: int | None = None) -> None:
    """Append the paragraphs of plain text."""
    for part in _BLANK.split(text):
        paragraph = part
        ruled = _RULED.match(part)
        if ruled:
            building.add("heading", ruled["words"], level=1 if ruled["rule"][0] == "=" else 2, page=page)
            paragraph = part[ruled.end() :]
        _add_paragraph(building, paragraph.strip("\n"), page)


def _add_paragraph(building: Building, paragraph: str, page: int | None) -> None:
    words = paragraph.strip()
    heading = _HEADING.match(words) if len(words) <= _MAX_HEADING and "\n" not in words else None
    if heading and not words.endswith((".", "。", "，", ",", ";", "；", "!", "！")):
        building.add("heading", words, level=1 if heading["top"] else 2, page=page)
        return
    if not _BULLET.match(paragraph):
        building.add("paragraph", paragraph, page=page)
        return
    item: list[str] = []
    for line in paragraph.split("\n"):
        if item and _BULLET.match(line):
            building.add("list_item", "\n".join(item), level=1, page=page)
            item = []
        item.append(line)
    building.add("list_item", "\n".join(item), level=1, page=page)
