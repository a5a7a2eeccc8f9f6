"""What of a passage can be quoted by itself: its sentences, the rows of its tables, and which of these are only a frame.

A table in a PDF is often no more than lines that end in figures; to a splitter of sentences the whole page is one sentence then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Literal, TypeAlias

from polymem.documents.width import width
from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy

__all__ = ["Piece", "PieceKind", "label_of", "labelled", "pieces"]

PieceKind: TypeAlias = Literal["sentence", "row", "caption", "letter"]
"""A caption is what stands above rows (their header, the title of their table); a letter is a greeting or what closes one."""

LONGEST: Final = 600
"""A wider sentence is cut at a comma or a blank."""
CELL: Final = " | "
_FIGURE = lazy(r"[$€£¥]?\(?[-−]?[$€£¥]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?<=\d)\)?%?\)?|[—–-]%?")
_SIGNS: Final = frozenset("$€£¥")
_DATE: Final = r"(?:[A-Z][a-z]{2,8}\.?\s\d{1,2},?\s)?(?:1[89]|20)\d\d(?:年(?:度|\d{1,2}月(?:\d{1,2}日)?)?)?"
_DATES = lazy(rf"(?<!\S)(?:{_DATE}\s+)+{_DATE}\s*$")
_ONE_DATE = lazy(_DATE)
_PERIOD = lazy(r"(?<![\d,])(?:1[89]|20)\d\d(?![\d.,])|(?i:\bFY\s?\d\d\b|\b[QH][1-4]\b)")
_CLAUSE = lazy(r"[;,，；、](?=\s|[\u2e80-\uffef])\s*|\n|\s+")
_LETTER = lazy(
    r"(?i:\W*(?:dear\s(?!god)[^.!?]{0,60}|to whom it may concern|(?:(?:with )?(?:best|kind|warm)(?:est)? )?(?:regards|wishes)\b.{0,40}"
    r"|(?:yours )?(?:sincerely|faithfully|truly)(?: yours)?\b.{0,40}|(?:many )?thanks(?: in advance)?|cheers)\W*)$"
    r"|\W*(?:(?:尊敬|亲爱|敬爱)的[^。！？]{0,20}|此致\s*敬礼|此致|敬礼|顺[颂祝].{0,6}|祝好|即颂.{0,4}|[您你]好)\W*$"
)
_ENDS: Final = (".", "!", "?", "。", "！", "？", "…", "；", ";")
_MAX_LINE: Final = 300
"""A longer line is no row of figures and no greeting."""
_MAX_PART: Final = 60
"""A longer caption begins a table anew."""
_MAX_ABOVE: Final = 2
"""Most captions that count for a row beside the one that names its columns."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a passage.

    Attributes:
        start: Where it begins in the passage's text.
        stop: Where it ends.
        kind: What it is.
        above: The captions above a row, the nearest last.
        cut: Whether what it is a part of goes on before it, and after it.
    """

    start: int
    stop: int
    kind: PieceKind = "sentence"
    above: tuple[str, ...] = ()
    cut: tuple[bool, bool] = (False, False)

    def shown(self, text: str) -> str:
        """Return its words on one line: of a row each cell with its header, of a part of a sentence that it is one.

        Args:
            text: The passage's.
        """
        words = " ".join(text[self.start : self.stop].split())
        words = labelled(words, self.above) if self.above else words
        before, after = self.cut
        return f"{'… ' if before else ''}{words}{' …' if after else ''}"


def pieces(text: str, sentences: Sequence[tuple[int, int]]) -> list[Piece]:
    r"""Return what can be quoted of a passage, in order.

    Args:
        text: Its words.
        sentences: Where its sentences stand in it.

    Example:
        >>> page = "Fish landed\n 1901 1902\nCod 40 52\nHerring 7 9\nThe winter was mild."
        >>> [(page[one.start : one.stop], one.kind) for one in pieces(page, [(0, len(page))])][1:3]
        [('Cod 40 52', 'row'), ('Herring 7 9', 'row')]
    """
    found: list[Piece] = []
    for start, stop in sentences:
        found += _of_lines(text, start, stop) if "\n" in text[start:stop] else [_line(text, start, stop)]
    if len(found) > 1:
        found = _under_captions(text, found)
    return [part for piece in found for part in _cut(text, piece)]


def labelled(text: str, above: Sequence[str]) -> str:
    """Return a row with the header of each cell, where *above* ends in a header that has as many; else as it is.

    Example:
        >>> labelled("1902 | 40", ["year | boats"]), labelled("Cod 40 $ 52", ["Fish, in 1901 1902"])
        ('1902 | boats: 40', 'Cod | 1901: 40 | 1902: $ 52')
    """
    line = " ".join(text.split())
    if CELL in line:
        header = next((row for row in reversed(above) if CELL in row), "")
        heads, cells = _cells(header), _cells(line)
        if len(cells) == 2:  # the first says what the second is
            heads[:1] = [""]
    else:
        label, figures = _parted(line)
        years = next((years for row in reversed(above) if (years := _years(row))), list[str]())
        heads, cells = ["", *years], [label.rstrip(" :"), *figures]
    if len(heads) != len(cells):
        return line
    told = (f"{head}: {cell}" if head else cell for head, cell in zip(heads, cells, strict=True) if cell)
    return CELL.join(told)


def label_of(row: str) -> str:
    """Return what the figures of a row are: its first cell, or the words before its figures.

    Example:
        >>> label_of("Herring | 7 | 9"), label_of("Fresh cod 40 52")
        ('Herring', 'Fresh cod')
    """
    return _cells(row)[0] if CELL in row else _parted(row)[0]


def _cells(row: str) -> list[str]:
    return [" ".join(cell.split()) for cell in row.strip(" |").split("|")]


def _parted(line: str) -> tuple[str, list[str]]:
    """Return a line without the figures in which it ends, and these."""
    words, figures = line.split(), list[str]()
    while words and _FIGURE.fullmatch(words[-1]):
        figure = words.pop()
        if words and words[-1] in _SIGNS:
            figure = f"{words.pop()} {figure}"
        figures.append(figure)
    return " ".join(words), figures[::-1]


def _of_lines(text: str, start: int, stop: int) -> list[Piece]:
    """Return the lines of a sentence that are rows or belong to a letter, and what is between them."""
    found: list[Piece] = []
    for first, last in _lines(text, start, stop):
        piece = _line(text, first, last)
        if piece.kind == "sentence" and found and found[-1].kind == "sentence":
            piece = Piece(found.pop().start, last)
        found.append(piece)
    return found


def _lines(text: str, start: int, stop: int) -> Iterator[tuple[int, int]]:
    while start < stop:
        end = text.find("\n", start, stop)
        end = stop if end < 0 else end
        line = text[start:end]
        if line.strip():
            yield start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        start = end + 1


def _line(text: str, start: int, stop: int) -> Piece:
    line = text[start:stop]
    if len(line) > _MAX_LINE:
        return Piece(start, stop)
    if CELL in line:
        return Piece(start, stop, "row")
    if _LETTER.match(line):
        return Piece(start, stop, "letter")
    if _is_figures(line):
        return Piece(start, stop, "row")
    return Piece(start, stop)


def _is_figures(line: str) -> bool:
    """Tell whether a line is words and then at least two figures, or years alone."""
    if not line[-1].isdigit() and line[-1] not in ")%—–-年度月日":
        return False
    label, figures = _parted(line)
    return (bool(label) and len(figures) > 1) or bool(_years(line))


def _years(line: str) -> list[str]:
    """Return the years or dates in which a header ends, at least two."""
    found = _DATES.search(line)
    return [" ".join(date[0].split()) for date in _ONE_DATE.finditer(found[0])] if found else []


def _under_captions(text: str, found: Sequence[Piece]) -> list[Piece]:
    """Return the pieces with the captions of rows made out: headers, and what stands right above them and is no sentence."""
    done: list[Piece] = []
    above: tuple[str, ...] = ()
    for n, piece in enumerate(found):
        words = text[piece.start : piece.stop]
        rows = [text[one.start : one.stop] for one in found[n + 1 : n + 3] if one.kind == "row"]
        before = done[-1].kind if done else "sentence"
        kind = piece.kind
        if kind == "row" and _heads(words, rows, first=n == 0 or found[n - 1].kind != "row"):
            kind, above = "caption", (*(one for one in above if not _names_columns(one)), words)
        elif kind == "sentence" and _is_caption(words, rows):
            # A short one heads a part of a table whose years still hold.
            goes_on = before in {"row", "caption"} and len(words) <= _MAX_PART
            kind, above = "caption", (*(above if goes_on else ()), words)
        elif kind == "sentence":
            above = ()
            kind = "letter" if before == "letter" and _is_signature(words) else kind
        above = _kept(above)
        done.append(Piece(piece.start, piece.stop, kind, above if kind == "row" else ()))
    return done


def _names_columns(caption: str) -> bool:
    return CELL in caption or bool(_years(caption))


def _kept(above: Sequence[str]) -> tuple[str, ...]:
    columns = [one for one in above if _names_columns(one)]
    return (*[one for one in above if one not in columns][-_MAX_ABOVE:], *columns[-1:])


def _is_caption(words: str, rows: Sequence[str]) -> bool:
    """Tell whether something is no sentence: right above rows and without an end, or a number alone, as of a page."""
    open_ended = not words.rstrip("\"'”’)）").endswith(_ENDS)
    return (bool(rows) and open_ended) or not any(sign.isalpha() for sign in words)


def _is_signature(words: str) -> bool:
    return len(words) <= _MAX_PART and not words.endswith(_ENDS) and not _has_digit(words)


def _heads(row: str, below: Sequence[str], *, first: bool) -> bool:
    """Tell whether a row names the columns of those below it.

    It has no figures where the next ones have some, or years alone, or, of at least three columns, none of them has any.
    """
    if CELL not in row:
        return bool(_years(row)) and not all(map(_years, below))
    heads, tables = _cells(row), [_cells(line) for line in below if CELL in line]
    if not (first and tables) or len(heads) == 1 or any(len(cells) != len(heads) for cells in tables):
        return False
    marked = [at for at in range(1, len(heads)) if _has_digit(heads[at])]
    if marked:
        return _are_periods(heads, tables, marked)
    if any(_has_digit(cells[at]) for cells in tables for at in range(1, len(heads))):
        return len(heads) > 2 or all(_has_digit(cells[1]) for cells in tables)
    return len(heads) > 2 and all(heads)


def _are_periods(heads: Sequence[str], tables: Sequence[Sequence[str]], columns: Sequence[int]) -> bool:
    """Tell whether the heads of some columns are years or quarters, and what is below them figures that are none."""
    below = [cells[at] for cells in tables for at in columns]
    return (
        all(_PERIOD.search(heads[at]) for at in columns)
        and any(map(_has_digit, below))
        and not any(_PERIOD.search(cell) for cell in below)
    )


def _has_digit(cell: str) -> bool:
    return any(sign.isdigit() for sign in cell)


def _cut(text: str, piece: Piece) -> Iterator[Piece]:
    """Walk the parts of a piece that is too wide, each ended by a comma, or by a blank, in its last third."""
    start, stop = piece.start, piece.stop
    begun = False
    while width(text[start:stop]) > LONGEST:
        most = LONGEST if text[start : start + LONGEST].isascii() else LONGEST // 3
        ends = list(_CLAUSE.finditer(text, start + most * 2 // 3, min(start + most, stop)))
        commas = [end for end in ends if not end[0].isspace()]
        end = (commas or ends)[-1].end() if ends else start + most
        if not text[end:stop].strip():
            break
        kept = start + len(text[start:end].rstrip())
        yield Piece(start, kept, piece.kind, piece.above, (begun, True))
        start, begun = end, True
    yield Piece(start, stop, piece.kind, piece.above, (begun, False))
