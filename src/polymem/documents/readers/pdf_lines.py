"""The lines of a PDF page with their places and type, through pdfium."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile
from typing import Any, Final, TypeAlias

from polymem.documents.readers.building import one_line
from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy

__all__ = ["Line", "body_size", "lines_of", "without_running"]

_HYPHENS: Final = frozenset({0x02, 0xFFFE})
"""What pdfium puts for a hyphen at which it joined two lines."""
_BREAKS: Final = frozenset({0x0A, 0x0D})
_BOLD: Final = (b"bold", b"black", b"heavy", b"semibold")
_DIGITS: Final = lazy(r"\d+|\b[ivxlc]{1,6}\b")
_LEADER: Final = lazy(r"(?:\s*[.·․…⋯]){5,}\s*")
"""The dots of a table of contents."""
_N_EDGE: Final = 3
_SHARE: Final = 0.4
"""Of the pages on which a line stands at the edge; headers of even and odd pages are on half of them each."""
_MAX_LINES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes:
        text: Its words.
        size: Height of its type, in points.
        bold: Whether it begins and ends in bold type.
        left: Its left end, in points from the left of the page.
        right: Its right end.
        top: Its upper end, in points from the bottom of the page.
        bottom: Its lower end.
    """

    text: str
    size: float
    bold: bool
    left: float
    right: float
    top: float
    bottom: float


def lines_of(raw: Any, page: Any) -> list[Line]:
    """Return the lines of a page in the order in which the page draws them, which is that of reading in born-digital files.

    Args:
        raw: ``pypdfium2.raw``.
        page: The page's text, as pdfium has it.
    """
    lines: list[Line] = []
    codes: list[int] = []
    places: list[int] = []
    for n, code in enumerate(_codes(raw, page)):
        if code not in _BREAKS:
            codes.append(0xAD if code in _HYPHENS else code)
            places.append(n)
            if code not in _HYPHENS:
                continue
        _add(lines, raw, page, codes=codes, places=places)
        codes, places = [], []
        if len(lines) > _MAX_LINES:
            return lines
    _add(lines, raw, page, codes=codes, places=places)
    return lines


def _add(lines: list[Line], raw: Any, page: Any, *, codes: list[int], places: list[int]) -> None:
    """Append a line; one that goes on to the right at the same height belongs to the one before."""
    soft = bool(codes) and codes[-1] == 0xAD
    text = _decoded(codes[:-1] if soft else codes)
    words = one_line(_LEADER.sub(" … ", text))
    if not words:
        return
    seen = [n for n, code in zip(places, codes, strict=True) if code > 0x20 and code not in {0xA0, 0xAD}]
    if not seen:
        return
    first, last = _box(raw, page, seen[0]), _box(raw, page, seen[-1])
    middle = _box(raw, page, seen[len(seen) // 2])
    size = max(box.top - box.bottom for box in (first, last, middle))
    bold = _is_bold(raw, page, seen[0]) and _is_bold(raw, page, seen[-1])
    line = Line(words + "\u00ad" * soft, size, bold, first.left, last.right, first.top, first.bottom)
    before = lines[-1] if lines else None
    same_height = before and abs(before.bottom - line.bottom) < 0.25 * size and before.right <= line.left
    if before and same_height and line.left - before.right < 300:
        joined = Line(
            f"{before.text} {line.text}",
            max(before.size, size),
            before.bold and bold,
            before.left,
            line.right,
            before.top,
            before.bottom,
        )
        lines[-1] = joined
        return
    lines.append(line)


def _codes(raw: Any, page: Any) -> list[int]:
    """Return the codes of all characters of a page, at once where pdfium's text has one unit for each."""
    n_chars = max(raw.FPDFText_CountChars(page), 0)
    buffer = (ctypes.c_ushort * (n_chars + 1))()
    if n_chars and raw.FPDFText_GetText(page, 0, n_chars, buffer) == n_chars + 1:
        return list(buffer[:n_chars])
    return [raw.FPDFText_GetUnicode(page, n) for n in range(n_chars)]


def _decoded(codes: list[int]) -> str:
    """Return the text of character codes; halves of pairs are put together."""
    text = "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _box(raw: Any, page: Any, n: int) -> Any:
    """Return the box of a character that its font gives it, so that all of one size are of one height."""
    box = raw.FS_RECTF()
    raw.FPDFText_GetLooseCharBox(page, n, ctypes.byref(box))
    return box


def _is_bold(raw: Any, page: Any, n: int) -> bool:
    if raw.FPDFText_GetFontWeight(page, n) >= 600:
        return True
    name = ctypes.create_string_buffer(96)
    raw.FPDFText_GetFontInfo(page, n, name, len(name), None)
    folded = name.value.lower()
    return any(word in folded for word in _BOLD)


def body_size(pages: Sequence[Sequence[Line]]) -> float:
    """Return the size of type in which most of the document is set, in points; 0 for an empty one."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 0.0


def without_running(pages: Sequence[list[Line]], body: float) -> list[list[Line]]:
    """Return the pages without the lines that run along the edges of many: headers, footers, page numbers.

    A line runs if it stands at the same height, among the uppermost or lowest three, of at least two fifths of the pages (and three),
    says the same but for numbers, is not larger than the running text, and nothing stands between it and the edge but such lines.

    Args:
        pages: The lines of each page.
        body: Size of the running text, in points.
    """
    edges = [_edges(page, body) for page in pages]
    counts = Counter(key for page in edges for edge in page for key in {key for _, key in edge})
    least = max(3, _SHARE * len(pages))
    running = {key for key, count in counts.items() if count >= least}
    kept: list[list[Line]] = []
    for page, page_edges in zip(pages, edges, strict=True):
        gone = {n for edge in page_edges for n, _ in takewhile(lambda each: each[1] in running, edge)}
        kept.append([line for n, line in enumerate(page) if n not in gone])
    return kept


_Edge: TypeAlias = list[tuple[int, tuple[int, str]]]


def _edges(page: Sequence[Line], body: float) -> tuple[_Edge, _Edge]:
    """Return the lines at the upper and at the lower edge, from the edge inwards, each with its height and words without numbers."""
    order = sorted(range(len(page)), key=lambda n: -page[n].top)

    def edge(places: Sequence[int]) -> _Edge:
        lines = ((n, page[n]) for n in takewhile(lambda n: page[n].size < 1.12 * body, places))
        return [(n, (round(line.bottom / 6), _DIGITS.sub("#", line.text.lower()))) for n, line in lines]

    return edge(order[:_N_EDGE]), edge(order[::-1][:_N_EDGE])
