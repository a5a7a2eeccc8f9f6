"""Cutting a document into chunks along its structure.

Of a document with pages each page is a chunk, unless it is too long for one. All others are cut by what they say.

What a chunk is made of are *units*: headings, paragraphs, items, tables, code; of what is longer than a chunk its sentences, rows or
lines. Chunks never cross a heading of the top level, nor another one or the end of a page between stretches that are long
enough by themselves. Inside such a stretch units are packed, and where to cut is decided by what stands there: first by structure (a
heading before a paragraph before a sentence), then by the smallest hash of the words that follow. So an edit moves the cuts
near it and no others, and a document that is read again after it has few new chunks.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from polymem.documents.units import AVOID, Seam, Unit, units_of
from polymem.documents.width import width
from polymem.domain.document import BLOCK_BREAK, Chunk, Cut, Parsed
from polymem.domain.slotted import dataclass
from polymem.errors import InputError

__all__ = ["CHUNKER_VERSION", "MAX_CHARS", "MAX_PAGE_CHARS", "check_max_chars", "chunk", "cut"]

CHUNKER_VERSION: Final = "3"
"""Raised when the same blocks are cut otherwise; documents are then read anew."""

MAX_CHARS: Final = 1_600
"""Some 250 words: a few paragraphs on one thing. Much longer ones mix subjects, which a vector of the whole blurs and a reader pays for;
much shorter ones lose what "it" and "the company" mean. A Chinese character counts three, so that a Chinese chunk says as much."""

MAX_PAGE_CHARS: Final = 8_000
"""Of a document that has pages each is a chunk, unless it is longer than this or all but empty: a page is laid out as one, a table on it is
told apart by its head, and who asks for a source is shown a page; what that is worth is told in ADR 16."""

_LEAST_MAX: Final = 200
_TINY: Final = 0.15
"""Share of a full chunk below which a stretch is no chunk of its own, if it has a neighbour."""
_SHORT: Final = 0.4
"""Share of a full chunk from which on a cut is sought; the wider the window, the sooner cuts agree again after an edit."""
_HASHED: Final = 64


def check_max_chars(max_chars: int) -> None:
    """Refuse a size at which nothing can be cut.

    Raises:
        InputError: *max_chars* is below 200.
    """
    if max_chars < _LEAST_MAX:
        raise InputError(f"max_chars must be at least {_LEAST_MAX}, not {max_chars!r}", argument="max_chars")


def cut(parsed: Parsed, *, max_chars: int = MAX_CHARS) -> Cut:
    """Return a document in chunks, see :func:`chunk`, with what is said of it as a whole."""
    n_chars = sum(len(block.text) for block in parsed.blocks)
    return Cut(
        tuple(chunk(parsed, max_chars=max_chars)),
        parsed.title,
        parsed.metadata,
        parsed.media_type,
        parsed.n_pages,
        n_chars + len(BLOCK_BREAK) * max(len(parsed.blocks) - 1, 0),
        parsed.notes,
    )


def chunk(parsed: Parsed, *, max_chars: int = MAX_CHARS) -> list[Chunk]:
    """Cut a document into chunks, in order.

    Their spans cover the text without overlap, and leave out nothing but white space. The text of a chunk is that of its span, but for
    the later parts of a table, which begin with its header again.

    Args:
        parsed: The document.
        max_chars: Most characters in a chunk, where one of East Asia counts three (UTF-8 bytes, that is). Left as it is, a document
            with pages has a chunk for each, see ``MAX_PAGE_CHARS``.

    Raises:
        InputError: *max_chars* is below 200.
    """
    check_max_chars(max_chars)
    text = parsed.text
    by_page = parsed.n_pages > 0 and max_chars == MAX_CHARS
    room, least = MAX_PAGE_CHARS if by_page else max_chars, _TINY * max_chars
    units = units_of(parsed, text, room)
    if by_page:
        units = _parted_by_page(units)
    chunks: list[Chunk] = []
    walk = _page_stretches if by_page else _stretches
    for first, last in walk(text, units, least):
        stretch = _stretch(text, units[first:last], room)
        chunks.extend(_chunk(text, stretch.units[start:stop]) for start, stop in _packed(stretch))
    return chunks


def _chunk(text: str, units: Sequence[Unit]) -> Chunk:
    start, stop = units[0].start, units[-1].stop
    words = text[start:stop]
    if units[0].header:
        words = f"{units[0].header}\n{words}"
    paths = [unit.headings for unit in units if not unit.is_heading] or [units[0].headings]
    paged = [(unit.page, unit.start) for unit in units if unit.page is not None]
    if not paged:
        return Chunk(words, start, stop, headings=_common(paths))
    page_starts = tuple(after for before, after in pairwise(paged) if before[0] != after[0])
    return Chunk(words, start, stop, paged[0][0], paged[-1][0], _common(paths), page_starts)


def _common(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the headings that all have above them."""
    least, most = min(paths), max(paths)
    n = 0
    while n < len(least) and least[n] == most[n]:
        n += 1
    return least[:n]


def _parted_by_page(units: Sequence[Unit]) -> list[Unit]:
    """Return *units* with a seam where a page ends and nowhere else; what is a heading on a page is often a guess by its type."""
    pages = [None, *(unit.page for unit in units)]
    seams: list[Seam] = [
        "soft" if page != unit.page else "" for page, unit in zip(pages, units, strict=False)
    ]
    return [
        unit if seam == unit.seam else replace(unit, seam=seam)
        for seam, unit in zip(seams, units, strict=True)
    ]


def _stretches(text: str, units: Sequence[Unit], least: float) -> Iterator[tuple[int, int]]:
    """Walk the stretches across whose ends no chunk goes, as (first unit, unit after the last)."""
    seams = [n for n, unit in enumerate(units) if n and unit.seam]
    ends = [0, *seams, len(units)]
    long_enough = [_size(text, units, *part) >= least for part in pairwise(ends)]
    start = 0
    for n, seam in enumerate(seams):
        if units[seam].seam == "hard" or (long_enough[n] and long_enough[n + 1]):
            yield start, seam
            start = seam
    if units:
        yield start, len(units)


def _page_stretches(text: str, units: Sequence[Unit], least: float) -> Iterator[tuple[int, int]]:
    """Walk the stretches of a document that is cut by page, as (first unit, unit after the last).

    A page that is all but empty follows the one before it, so that a page keeps its head; several of them are together
    until they are long enough.
    """
    ends = [0, *(n for n, unit in enumerate(units) if n and unit.seam), len(units)]
    start = 0
    begun_long = False
    for first, last in pairwise(ends):
        is_long = _size(text, units, first, last) >= least
        full = not begun_long and _size(text, units, start, first) >= least
        if first > start and (is_long or full):
            yield start, first
            start = first
        if first == start:
            begun_long = is_long
    if units:
        yield start, len(units)


def _size(text: str, units: Sequence[Unit], first: int, last: int) -> int:
    return width(text[units[first].start : units[last - 1].stop]) if last > first else 0


@dataclass(frozen=True, slots=True)
class _Stretch:
    """The units of a stretch, and where each begins and ends as measured in widths.

    Attributes:
        text: The document's text.
        units: The units.
        starts: Where each begins.
        stops: Where each ends.
        max_chars: Most that a chunk may measure.
    """

    text: str
    units: Sequence[Unit]
    starts: Sequence[int]
    stops: Sequence[int]
    max_chars: int

    def room(self, n: int) -> int:
        """Return what is left for the words of a chunk that begins with unit *n*, beside the header that it repeats."""
        header = self.units[n].header
        return self.max_chars - (width(header) + 1 if header else 0)


def _stretch(text: str, units: Sequence[Unit], max_chars: int) -> _Stretch:
    # Between two units of a text are a blank or the break of blocks.
    gaps = [0, *(after.start - before.stop for before, after in pairwise(units))]
    stops = list(accumulate(gap + unit.size for gap, unit in zip(gaps, units, strict=True)))
    starts = [stop - unit.size for stop, unit in zip(stops, units, strict=True)]
    return _Stretch(text, units, starts, stops, max_chars)


def _packed(stretch: _Stretch) -> Iterator[tuple[int, int]]:
    """Walk the chunks of one stretch, as (first unit, unit after the last)."""
    total, n = len(stretch.units), 0
    while n < total and stretch.stops[-1] - stretch.starts[n] > (room := stretch.room(n)):
        last = n + 1
        while stretch.stops[last] - stretch.starts[n] <= room:
            last += 1
        cut = _best(stretch, n, range(n + 1, last + 1), room=room)
        yield n, cut
        n = cut
    if n < total:
        yield n, total


def _best(stretch: _Stretch, n: int, cuts: range, *, room: int) -> int:
    """Return the unit before which to cut a chunk that begins with unit *n*, of those that do not make it too large."""
    units, starts, stops = stretch.units, stretch.starts, stretch.stops

    def cost(cut: int) -> tuple[int, int, int]:
        start = units[cut].start
        leaves_tiny = stops[-1] - starts[cut] < _TINY * room
        words = stretch.text[start : start + _HASHED]
        return max(units[cut].rank, AVOID * leaves_tiny), zlib.crc32(words.encode("utf-8", "replace")), -cut

    window = [cut for cut in cuts if stops[cut - 1] - starts[n] >= _SHORT * room]
    best = min(window or cuts[-1:], key=cost)
    if units[best].rank >= AVOID:
        # Everything in the window belongs to what is before it: cut earlier, before the heading or the lead-in.
        earlier = [cut for cut in cuts if units[cut].rank < AVOID]
        best = earlier[-1] if earlier else best
    return best
