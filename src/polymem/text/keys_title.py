"""Keys of long documents: the parts of a title by which a question may mean it, and what a page is, by its head.

Files are named as no question names them (ACMEWATERWORKS_2021_10K, 员工手册2023): a title is taken apart into a *name*, the words
before its first number, and the rest. A question names a document if some of its words, written together, are the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.statements_of_account import statement_of
from polymem.text.tokenise import STOP_WORDS, terms

__all__ = [
    "HEAD",
    "INITIALS",
    "LONG_PAGE",
    "MAX_PREFIX",
    "MIN_PREFIX",
    "NAME",
    "NAME_WORD",
    "N_NAME_WORDS",
    "PART",
    "PREFIX",
    "STATEMENT",
    "page_keys",
    "title_keys",
    "title_parts",
]

NAME: Final = "=n:"
"""Before the name of a document, written together."""
NAME_WORD: Final = "=w:"
"""Before a word of a name that has several."""
N_NAME_WORDS: Final = "=w#"
"""Before their number."""
PREFIX: Final = "=n^"
"""Before the beginning of a name that is one long word."""
INITIALS: Final = "=n@"
"""Before the initials of a name that has several words."""
PART: Final = "=d:"
"""Before what follows the name: a year, a quarter, the kind of report."""
LONG_PAGE: Final = "=l"
"""Key of a passage longer than ``LONG_CHARS``."""
HEAD: Final = "=h:"
"""Before a term of the head of a long passage."""
STATEMENT: Final = "=s:"
"""Before the financial statement that a long passage is."""

LONG_CHARS: Final = 1_200
HEAD_CHARS: Final = 350
MIN_PREFIX, MAX_PREFIX = 3, 8
_MIN_SQUASHED: Final = 7
_MAX_PARTS: Final = 16
_MAX_PART_CHARS: Final = 32
_PIECE: Final = lazy("[a-z]+[0-9]*[a-z]*|[0-9]+[a-z]*[0-9]*|[\u3400-\u4dbf\u4e00-\u9fff]+|[^\\W_a-z0-9]+")
_YEAR_QUARTER: Final = re.compile(r"(?:fy)?((?:19|20)\d\d)(q[1-4])?|(q[1-4])((?:19|20)\d\d)")


def title_parts(title: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the words of a title's name, and what follows it.

    Example:
        >>> title_parts("ACMEWATERWORKS_2021Q2_10Q")
        (('acmewaterworks',), ('2021', 'q2', '10q'))
        >>> title_parts("员工手册（2023年版）")
        (('员工手册',), ('2023', '年版'))
    """
    pieces: list[str] = []
    for piece in _PIECE.findall(fold(title)):
        both = _YEAR_QUARTER.fullmatch(piece)
        pieces += [part for part in both.groups() if part] if both else [piece[:_MAX_PART_CHARS]]
    pieces = pieces[:_MAX_PARTS]
    numbered = [n for n, piece in enumerate(pieces) if n and any(map(str.isdigit, piece))]
    end = numbered[0] if numbered else len(pieces)
    name = tuple(piece for piece in pieces[:end] if piece not in STOP_WORDS)
    return name, tuple(pieces[end:])


def title_keys(title: str) -> tuple[str, ...]:
    """Return the keys of a title, each once.

    Example:
        >>> title_keys("Acme Water Works 2021")
        ('=n:acmewaterworks', '=w:acme', '=w:water', '=w:works', '=w#3', '=n@aww', '=d:2021')
        >>> title_keys("ACMEWATER_2021")
        ('=n:acmewater', '=n^acm', '=n^acme', '=n^acmew', '=n^acmewa', '=n^acmewat', '=n^acmewate', '=d:2021')
    """
    name, rest = title_parts(title)
    if not name:
        return ()
    keys = [NAME + "".join(name)]
    if len(name) > 1:
        keys += [NAME_WORD + word for word in name]
        keys += [f"{N_NAME_WORDS}{len(set(name))}", INITIALS + "".join(word[0] for word in name)]
    # What is two words or more is hardly meant by a part of one of them; the whole words are keys already.
    elif name[0].isascii() and len(name[0]) >= _MIN_SQUASHED:
        keys += [PREFIX + name[0][:n] for n in range(MIN_PREFIX, min(MAX_PREFIX, len(name[0]) - 1) + 1)]
    return _each_once([*keys, *(PART + part for part in rest)])


def page_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a long passage, none for others: what stands in its head, and the financial statement that it is."""
    if len(text) <= LONG_CHARS:
        return ()
    head = text[:HEAD_CHARS]
    kind = statement_of(text)
    stated = (STATEMENT + kind,) if kind else ()
    return (LONG_PAGE, *stated, *dict.fromkeys(HEAD + term for term in terms(head)))


def _each_once(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))
