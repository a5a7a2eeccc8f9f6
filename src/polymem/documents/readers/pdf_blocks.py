"""The lines of a PDF to headings, paragraphs, items and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from polymem.documents.readers.building import Building, one_line
from polymem.documents.readers.headers import is_number
from polymem.documents.readers.pdf_lines import Line
from polymem.text.lazy import lazy

__all__ = ["Type", "add_page", "heading_key"]

_BULLET: Final = lazy(
    r"(?:[•·‣◦▪●○■□◆➢✓–—*]|\(?\d{1,2}[.)）、](?=\s|[^\d\s.])|[(（][\da-z一二三四五六七八九十]{1,3}[)）])\s*\S"
)
_END: Final = (".", "!", "?", "。", "！", "？", "…", "；", ";", ":", "：", ".”", "。”", '."', ".)", "。）")
_FINAL: Final = (".", ",", ";", ":", "。", "，", "；", "：", "、", "-", "\u00ad")
_CJK: Final = lazy(r"[\u2e80-\u9fff\uac00-\ud7af\uff00-\uffef]")
_WORD: Final = lazy(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_LETTER: Final = lazy(r"[^\W\d_]")
_CONTENTS: Final = lazy(r" … [\divxlc]+$")
"""A line of a table of contents is no heading."""
_LARGER: Final = 1.12
_APART: Final = 1.35
_NEAR: Final = 50
_MAX_HEADING: Final = 200
_MAX_BOLD: Final = 120


class Type:
    """What the sizes of type mean in one document.

    Args:
        body: Size of the running text, in points.
        pages: The lines of each page.
        outline: Level of a heading by page and words, from the document's own outline.
    """

    def __init__(
        self, body: float, pages: Sequence[Sequence[Line]], outline: Mapping[tuple[int, str], int]
    ) -> None:
        self.outline = outline
        self.words = _words_of(pages)
        """In lower case, to tell a hyphen of the line's end from one of the word."""
        self.body = body
        self._deepest = max(outline.values(), default=0)
        larger = sorted(
            {round(line.size) for page in pages for line in page if line.size >= body * _LARGER}, reverse=True
        )
        self._levels = {size: min(self._deepest + min(n, 4), 6) for n, size in enumerate(larger, start=1)}
        self._levels |= self._named_levels(pages)

    def _named_levels(self, pages: Sequence[Sequence[Line]]) -> dict[int, int]:
        """Return the levels of the sizes in which the headings of the outline are set."""
        found: dict[int, Counter[int]] = {}
        if self.outline:
            for n, page in enumerate(pages, start=1):
                for line in page:
                    level = self.outline.get((n, heading_key(line.text)))
                    if level and line.size >= self.body * _LARGER:
                        found.setdefault(round(line.size), Counter())[level] += 1
        return {size: counts.most_common(1)[0][0] for size, counts in found.items()}

    def level(self, line: Line, page: int) -> int:
        """Return the level of a heading; 0 for a line that is none."""
        if len(line.text) > _MAX_HEADING or not _LETTER.search(line.text) or _CONTENTS.search(line.text):
            return 0
        named = self.outline.get((page, heading_key(line.text))) if self.outline else None
        if named:
            return named
        return self._levels.get(round(line.size), 4) if line.size >= self.body * _LARGER else 0

    def is_bold_heading(self, line: Line) -> bool:
        """Tell whether a line may be a heading by its bold type, if it stands alone."""
        words = line.text
        return (
            line.bold
            and len(words) <= _MAX_BOLD
            and not words.endswith(_FINAL)
            and bool(_LETTER.search(words))
        )

    @property
    def bold_level(self) -> int:
        """The level of headings in bold type of the usual size: below all others."""
        return min(max(self._deepest, max(self._levels.values(), default=0)) + 1, 6)


def heading_key(text: str) -> str:
    """Return the form in which the words of a line and of an outline are compared."""
    return "".join(text.lower().split())


def _words_of(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the words inside the lines, in lower case; those at the ends may be halves."""
    words: set[str] = set()
    for page in pages:
        for line in page:
            words.update(_WORD.findall(line.text.lower())[:-1])
    return frozenset(words)


def add_page(building: Building, lines: Sequence[Line], page: int, kind: Type) -> None:
    """Append the blocks of one page."""
    for group in _groups(lines, page, kind):
        first = group[0]
        level = kind.level(first, page)
        if level:
            building.add("heading", _joined(group, kind.words), level=level, page=page)
        elif _is_row(first.text) and len(group) > 1:
            building.table([[line.text] for line in group], n_header=0, page=page)
        elif len(group) == 1 and kind.is_bold_heading(first):
            building.add("heading", first.text, level=kind.bold_level, page=page)
        elif _BULLET.match(first.text):
            building.add("list_item", _joined(group, kind.words), level=1, page=page)
        else:
            building.add("paragraph", _joined(group, kind.words), page=page)


def _groups(lines: Sequence[Line], page: int, kind: Type) -> Iterator[list[Line]]:
    """Walk the stretches of lines that are one block."""
    steps = [
        above.bottom - below.bottom
        for above, below in pairwise(lines)
        if 0 < above.bottom - below.bottom < 4 * above.size
    ]
    step = median(steps) if steps else 0.0
    rights = sorted(line.right for line in lines)
    right = rights[int(len(rights) * 0.9)] if rights else 0.0
    group: list[Line] = []
    for line in lines:
        if group and not _goes_on(group, line, page=page, kind=kind, step=step, right=right):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _goes_on(group: list[Line], line: Line, *, page: int, kind: Type, step: float, right: float) -> bool:
    """Tell whether a line belongs to the block of the lines before it."""
    before = group[-1]
    levels = kind.level(before, page), kind.level(line, page)
    if any(levels):
        near = 0 < before.bottom - line.bottom < 2.0 * line.size
        return levels[0] == levels[1] and near and abs(before.size - line.size) < 0.6
    down = before.bottom - line.bottom
    rows = _is_row(before.text), _is_row(line.text)
    if rows[0] or rows[1]:
        return rows[0] and rows[1] and (len(group) == 1 or _is_row(group[0].text)) and down < 4 * line.size
    if _BULLET.match(line.text) or before.bold != line.bold:
        return before.bold != line.bold and not _is_alone(group, line, kind) and not _BULLET.match(line.text)
    if before.text.endswith("\u00ad"):
        return True
    if down <= 0:  # another column: a sentence may go on there
        return not before.text.endswith(_END)
    if step and down > _APART * max(step, 1.05 * line.size):
        return False
    return not (before.text.endswith(_END) and _is_first(group, line, before, right))


def _is_alone(group: list[Line], line: Line, kind: Type) -> bool:
    """Tell whether the change of type between a group and a line is that of a heading."""
    return (len(group) == 1 and kind.is_bold_heading(group[0])) or kind.is_bold_heading(line)


def _is_first(group: list[Line], line: Line, before: Line, right: float) -> bool:
    """Tell whether a line begins a paragraph: it is indented, or the one before ends well before the margin."""
    indented = line.left - min(each.left for each in group[-_NEAR:]) > 0.8 * line.size
    hanging = len(group) > 1 and abs(group[0].left - line.left) < 1 < before.left - line.left
    return indented or hanging or right - before.right > 4 * line.size


def _is_row(text: str) -> bool:
    """Tell whether a line is a row of a table: at least two figures at its end, and not many words."""
    words = text.split()
    n_figures = sum(1 for word in words if is_number(word) or word in {"$", "%", "¥", "€", "£"})
    last = is_number(words[-1].rstrip("%)％")) or words[-1] in {"%", "%)"} if words else False
    return last and n_figures >= 2 and n_figures * 3 >= len(words)


def _joined(group: Sequence[Line], known: frozenset[str]) -> str:
    """Return the lines of a block as one: hyphens of the line's end are taken out, Chinese is joined without blanks."""
    text = group[0].text
    for line in group[1:]:
        words = line.text
        if (
            text.endswith(("-", "\u00ad", "\u2010"))
            and words[:1].islower()
            and len(text) > 1
            and text[-2].isalpha()
        ):
            text = _unhyphenated(text, words, known)
        elif _CJK.match(text[-1]) and _CJK.match(words[0]):
            text += words
        else:
            text = f"{text.rstrip(chr(0xAD))} {words}"
    return one_line(text)


def _unhyphenated(text: str, words: str, known: frozenset[str]) -> str:
    """Join two halves of a word; the hyphen stays if the document has the word with it and not without."""
    whole, half = text[:-1], _WORD.findall(text[:-1].lower())
    rest = _WORD.match(words.lower())
    if half and rest and f"{half[-1]}-{rest[0]}" in known and half[-1] + rest[0] not in known:
        return f"{whole}-{words}"
    return whole + words
