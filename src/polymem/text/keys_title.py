"""Keys of long documents: the parts of a title by which a question may mean it, and what a page is, by its head.

Files are named as no question names them (ACMEWATERWORKS_2021_10K, 员工手册2023): a title is taken apart into a *name*, the words
before its first number, and the rest. A question names a document if some of its words, written together, are the name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statements_of_account import statement_of
from polymem.text.tokenise import STOP_WORDS, terms

__all__ = [
    "BEGINNING",
    "HEAD",
    "INITIALS",
    "LONG_PAGE",
    "MAX_BEGINNING",
    "MAX_PARTS",
    "MIN_BEGINNING",
    "NAME",
    "NAME_WORD",
    "PART",
    "STATEMENT",
    "name_keys",
    "page_keys",
    "pieces_of",
    "title_keys",
    "title_parts",
]

NAME: Final = "=n:"
"""Before the name of a document, written together."""
NAME_WORD: Final = "=w:"
"""Before a word of a name that has several."""
BEGINNING: Final = "=n^"
"""Before the first 3 to 8 letters of a name, written together, or all of a shorter one."""
INITIALS: Final = "=n@"
"""Before the initials of a name that has several words."""
PART: Final = "=d:"
"""Before what follows the name: a year, a quarter, the kind of report."""
LONG_PAGE: Final = "=l"
"""Key of a passage longer than ``LONG_CHARS``, but for a table: of a price list of many rows each part is told by its words."""
HEAD: Final = "=h:"
"""Before a term of the head of a long passage."""
STATEMENT: Final = "=s:"
"""Before the financial statement that a long passage is."""

LONG_CHARS: Final = 1_200
HEAD_CHARS: Final = 350
MIN_BEGINNING, MAX_BEGINNING = 3, 8
MAX_PARTS: Final = 16
_MAX_PART_CHARS: Final = 32
_CELLS: Final = " | "
"""Between the cells of a row, as readers write them."""
_PIECE: Final = lazy("[a-z]+[0-9]*[a-z]*|[0-9]+[a-z]*[0-9]*|[\u3400-\u4dbf\u4e00-\u9fff]+|[^\\W_a-z0-9]+")
_YEAR_QUARTER: Final = lazy(r"(?:fy)?((?:19|20)\d\d)(q[1-4])?|(q[1-4])((?:19|20)\d\d)")


def title_parts(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a title's name, and what follows it.

    Example:
        >>> title_parts("ACMEWATERWORKS_2021Q2_10Q")
        (('acmewaterworks',), ('2021', 'q2', '10q'))
        >>> title_parts("员工手册（2023年版）")
        (('员工手册',), ('2023', '年版'))
    """
    pieces = pieces_of(title)
    numbered = [n for n, piece in enumerate(pieces) if n and any(map(str.isdigit, piece))]
    end = numbered[0] if numbered else len(pieces)
    name = tuple(piece for piece in pieces[:end] if piece not in STOP_WORDS)
    return name, pieces[end:]


def pieces_of(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a title, folded, at most ``MAX_PARTS``.

    Example:
        >>> pieces_of("Acme_2021Q2 10Q")
        ('acme', '2021', 'q2', '10q')
    """
    pieces: list[str] = []
    for piece in _PIECE.findall(fold(text)):
        both = _YEAR_QUARTER.fullmatch(piece)
        pieces += [part for part in both.groups() if part] if both else [piece[:_MAX_PART_CHARS]]
    return tuple(pieces[:MAX_PARTS])


def title_keys(title: str) -> tuple[str, ...]:
    """Return the keys of a title, each once.

    Example:
        >>> title_keys("Acme Oil 2021")
        ('=n:acmeoil', '=n^acm', '=n^acme', '=n^acmeo', '=n^acmeoi', '=n^acmeoil', '=w:acme', '=w:oil', '=n@ao', '=d:2021')
        >>> title_keys("手册 2021"), title_keys("2021")
        (('=n:手册', '=n^手册', '=d:2021'), ('=n:2021', '=n^202', '=n^2021'))
    """
    name, rest = title_parts(title)
    if not name:
        return ()
    return tuple(dict.fromkeys((*name_keys(name), *(PART + part for part in rest))))


def name_keys(name: Sequence[str]) -> list[str]:
    """Return the keys of the name of a document that has these words."""
    together = "".join(name)
    lengths = range(min(MIN_BEGINNING, len(together)), min(MAX_BEGINNING, len(together)) + 1)
    keys = [NAME + together, *(BEGINNING + together[:n] for n in lengths)]
    if len(name) > 1:
        keys += [*(NAME_WORD + word for word in name), INITIALS + "".join(word[0] for word in name)]
    return keys


def _is_table(text: str) -> bool:
    """Tell whether most lines of a passage are rows of cells."""
    lines = text.splitlines()
    return sum(_CELLS in line for line in lines) * 2 > len(lines)


def page_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a long passage: what stands in its head, and the financial statement that it is.

    A statement on a page that is not long has them too, but for that of long ones; others have none.
    """
    is_long = len(text) > LONG_CHARS
    kind = statement_of(text) if len(text) > HEAD_CHARS else ""
    if not is_long and not kind:
        return ()
    marks = ((LONG_PAGE,) if is_long and (kind or not _is_table(text)) else ()) + (
        (STATEMENT + kind,) if kind else ()
    )
    return (*marks, *dict.fromkeys(HEAD + term for term in terms(text[:HEAD_CHARS])))
