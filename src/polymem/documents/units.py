"""The units of which chunks are made: what is never cut, and what it costs to cut before each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from polymem.documents.width import width
from polymem.domain.document import BLOCK_BREAK, Block, Parsed
from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy
from polymem.text.sentences import sentence_spans

__all__ = ["AVOID", "Seam", "Unit", "units_of"]

Seam: TypeAlias = Literal["", "soft", "hard"]
_HEADING, _PAGE, _BLOCK, _ITEM, _SENTENCE, _INSIDE, AVOID, _NEVER = 0, 6, 7, 8, 9, 10, 20, 21
"""What it costs to cut before a unit; headings cost their level less one."""
_END: Final = lazy(r"[.!?。！？；;…:：][\"'”’)\]」』）》】]*$")
_LEAD_IN: Final = (":", "：")
_CLAUSE: Final = lazy(r"[,;:，；：、)）](?=\s|[\u2e80-\uffef])\s*|\s+")
_LONG: Final = 1_000_000
_LEAST: Final = 64
"""Characters below which a sentence, line or row of a document longer than ``_LONG`` goes with the next one: it must not become millions of units,
whatever a file holds."""
_MOST_PARTS: Final = 10_000
"""With more headings of the top level than these, short parts are joined over them: a list of headings is no list of chapters."""
_MOST_LEVELS: Final = 8
_HEADING_CHARS: Final = 200
"""What is kept of a heading with each chunk below it, and of how many."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the text that is not cut.

    Attributes:
        start: Where it begins.
        stop: Where it ends.
        size: Its width.
        rank: What it costs to cut before it; the lower the better.
        seam: Whether chunks must not cross its beginning: "hard" never, "soft" not between long stretches, "" may.
        page: Its page.
        headings: The headings above it; of a heading with itself.
        is_heading: Whether it is a heading.
        header: The header of the table that is repeated where a chunk begins with it; "" for all else.
    """

    start: int
    stop: int
    size: int
    rank: int
    seam: Seam = ""
    page: int | None = None
    headings: tuple[str, ...] = ()
    is_heading: bool = False
    header: str = ""


def units_of(parsed: Parsed, text: str, max_chars: int) -> list[Unit]:
    """Return the units of a document, in order; none is wider than *max_chars*.

    Args:
        parsed: The document.
        text: Its text.
        max_chars: Most that a unit may measure.
    """
    top = _top_level(parsed.blocks)
    units: list[Unit] = []
    path: list[tuple[int, str]] = []
    headings: tuple[str, ...] = ()
    start = leading = 0
    before: Block | None = None
    for block in parsed.blocks:
        if block.kind == "heading":
            path = [(level, words) for level, words in path if level < block.level]
            path = [*path, (block.level, block.text[:_HEADING_CHARS])][:_MOST_LEVELS]
            headings = tuple(words for _, words in path)
        rank, seam = _joint(before, block, top)
        pieces = _pieces(block, text, start, max_chars=max_chars, leading=leading)
        for n, (first, stop, inner, header) in enumerate(pieces):
            rank = inner if n else rank
            if n:
                # The first part that repeats the header begins a stretch of its own.
                seam = "hard" if header and not units[-1].header else ""
            size = width(text[first:stop])
            is_heading = block.kind == "heading"
            units.append(Unit(first, stop, size, rank, seam, block.page, headings, is_heading, header))
            # Headings stay with what comes next.
            leading = leading + size + len(BLOCK_BREAK) if is_heading else 0
        start += len(block.text) + len(BLOCK_BREAK)
        before = block
    return units


def _top_level(blocks: Sequence[Block]) -> int:
    """Return the level down to which headings part the document: the highest of which there are two; a title stands alone."""
    counts = Counter(block.level for block in blocks if block.kind == "heading")
    top = min((level for level, count in counts.items() if count > 1), default=min(counts, default=0))
    n_parts = sum(count for level, count in counts.items() if level <= top)
    return top if n_parts <= _MOST_PARTS else min(counts) - 1


def _joint(before: Block | None, block: Block, top: int) -> tuple[int, Seam]:
    """Return what it costs to cut between two blocks, and whether chunks may cross there."""
    if before is None:
        return _BLOCK, ""
    if before.kind == "heading":
        return _NEVER, ""
    if block.kind == "heading":
        return _HEADING + min(block.level, 6) - 1, "hard" if block.level <= top else "soft"
    ended = before.kind != "paragraph" or bool(_END.search(before.text[-8:]))
    if before.page != block.page:
        return (_PAGE, "soft") if ended else (AVOID, "")
    if before.kind == "paragraph" and block.kind != "paragraph" and before.text.endswith(_LEAD_IN):
        return AVOID, ""
    return (_ITEM if block.kind == before.kind == "list_item" else _BLOCK), ""


def _pieces(
    block: Block, text: str, start: int, *, max_chars: int, leading: int
) -> Iterator[tuple[int, int, int, str]]:
    """Walk the pieces of a block, as (start, stop, cost of cutting before it, header of its table)."""
    stop = start + len(block.text)
    leading = min(leading, max_chars // 2)
    if width(block.text) <= max_chars - leading:
        yield start, stop, 0, ""
    elif block.kind == "table":
        yield from _rows(block, text, start, max_chars=max_chars, leading=leading)
    elif block.kind == "code":
        yield from ((*span, _SENTENCE, "") for span in _lines(text, start, stop, max_chars))
    else:
        for first, last in sentence_spans(block.text, least=_least(text)):
            for n, span in enumerate(_cut(text, start + first, start + last, max_chars)):
                yield *span, _INSIDE if n else _SENTENCE, ""


def _least(text: str) -> int:
    return _LEAST if len(text) > _LONG else 0


def _lines(text: str, start: int, stop: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Walk the lines of a stretch; those that are empty or too wide are no units."""
    while start < stop:
        end = text.find("\n", start + _least(text), stop)
        end = stop if end < 0 else end
        if text[start:end].strip():
            yield from _cut(text, start, end, max_chars)
        start = end + 1


def _rows(
    block: Block, text: str, start: int, *, max_chars: int, leading: int
) -> Iterator[tuple[int, int, int, str]]:
    """Walk the rows of a table that is too wide for one chunk.

    The first piece is the header with as many rows as fit; from then on every row has the header that is repeated.
    """
    stop = start + len(block.text)
    lines = _joined(block.text.split("\n"), block.n_header, _least(text))
    header = "\n".join(lines[: block.n_header])
    if width(header) * 3 > max_chars:  # so wide that it would be most of every chunk
        header = ""
    room = max_chars - (width(header) + 1 if header else 0)
    end = start + len(header)
    taken = start
    for line in lines[block.n_header if header else 0 :]:
        begin = end + 1 if end > start else start
        close = begin + len(line)
        if taken == start and width(text[start:close]) <= max_chars - leading:
            end = close
            continue
        if taken == start and end > start:
            yield start, end, 0, ""
        taken = close
        for span in _cut(text, begin, close, room):
            yield *span, _SENTENCE, header
        end = close
    if taken == start:
        yield start, stop, 0, ""


def _joined(lines: list[str], n_header: int, least: int) -> list[str]:
    """Return rows of which those below *least* characters go with the next ones; the header stays by itself."""
    if not least:
        return lines
    joined, waiting, n_waiting = lines[:n_header], list[str](), 0
    for line in lines[n_header:]:
        waiting.append(line)
        n_waiting += len(line) + 1
        if n_waiting > least:
            joined.append("\n".join(waiting))
            waiting, n_waiting = [], 0
    return [*joined, "\n".join(waiting)] if waiting else joined


def _cut(text: str, start: int, stop: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Walk the parts of a stretch that is too wide: ended by a comma or a blank in their last third, or cut hard."""
    while width(text[start : min(stop, start + max_chars + 1)]) > max_chars or stop - start > max_chars:
        end = _fitting(text, start, stop, max_chars)
        cut = next(
            (
                found.end()
                for found in reversed(list(_CLAUSE.finditer(text, start + (end - start) * 2 // 3, end)))
            ),
            end,
        )
        kept = text[start:cut].rstrip()
        if kept:
            yield start, start + len(kept)
        start = cut
        while start < stop and text[start].isspace():
            start += 1
    if start < stop:
        yield start, stop


def _fitting(text: str, start: int, stop: int, max_chars: int) -> int:
    """Return the farthest end at which a stretch still fits."""
    low, high = start + 1, min(stop, start + max_chars)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[start:middle]) <= max_chars:
            low = middle
        else:
            high = middle - 1
    return low
