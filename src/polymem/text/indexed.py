"""What a row is found by, as it follows from the row alone: the words that are indexed, and those that are embedded.

A passage of a document bears its title with it, since a question names the document far oftener than the passage does, and
the headings above it, which say what its words leave out.
"""

from __future__ import annotations

import zlib
from typing import Final

from polymem.domain.item import NO_DOCUMENT, UNTITLED, JsonObject
from polymem.text.keys import MAX_TITLE_CHARS, is_passage
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = [
    "HEADING_BREAK",
    "MAX_EMBEDDED_CHARS",
    "MAX_TITLE_CHARS",
    "document_number",
    "embedded_text",
    "headings_of",
    "indexed_terms",
    "title_of",
]

MAX_EMBEDDED_CHARS: Final = 2_000
"""Of a longer passage the beginning is embedded: the mean of many words is like everything."""
HEADING_BREAK: Final = " › "
"""Between the headings above a passage, the highest first, in ``metadata["heading"]``."""
_NUMBERS: Final = 1 << 30


def title_of(kind: str, *, role: str, metadata: JsonObject) -> str:
    """Return the title of a passage's document, "" for none and for what is no passage.

    Example:
        >>> title_of("episode", role="document", metadata={"title": " The  Fens "})
        'The Fens'
        >>> title_of("episode", role="user", metadata={"title": "The Fens"})
        ''
    """
    title = metadata.get("title") if metadata and is_passage(kind, role) else None
    return " ".join(title.split())[:MAX_TITLE_CHARS] if isinstance(title, str) else ""


def headings_of(kind: str, *, role: str, metadata: JsonObject) -> tuple[str, ...]:
    """Return the headings above a passage, the highest first, but for its title; none for what is no passage.

    Example:
        >>> headings_of("episode", role="document", metadata={"title": "The Fens", "heading": "The Fens › Floods"})
        ('Floods',)
    """
    given = metadata.get("heading") if metadata and is_passage(kind, role) else None
    if not isinstance(given, str):
        return ()
    title = fold(title_of(kind, role=role, metadata=metadata))
    parts = (" ".join(part.split()) for part in given[:MAX_TITLE_CHARS].split(HEADING_BREAK))
    return tuple(part for part in parts if part and fold(part) != title)


def indexed_terms(kind: str, text: str, *, role: str, metadata: JsonObject) -> list[str]:
    """Return the index terms of a row with repetition: those of a passage's title and headings, then those of its words.

    Example:
        >>> indexed_terms("episode", "It floods.", role="document", metadata={"title": "The Fens"})
        ['fen', 'flood']
        >>> indexed_terms("episode", "会被淹。", role="document", metadata={"title": "沼泽"})
        ['沼', '泽', '沼泽', '会', '被', '淹', '会被', '被淹']
    """
    if not is_passage(kind, role):
        return terms(text)
    title = title_of(kind, role=role, metadata=metadata)
    return [
        term
        for part in (title, *headings_of(kind, role=role, metadata=metadata), text)
        if part
        for term in terms(part)
    ]


def embedded_text(kind: str, text: str, *, role: str, metadata: JsonObject) -> str:
    """Return what the encoder is given for a row: of a passage title, headings and words, cut at ``MAX_EMBEDDED_CHARS``.

    Example:
        >>> embedded_text("episode", "It floods.", role="document", metadata={"title": "The_Fens"})
        'The Fens. It floods.'
    """
    if not is_passage(kind, role):
        return text
    title = title_of(kind, role=role, metadata=metadata).replace("_", " ")
    above = [part for part in (title, *headings_of(kind, role=role, metadata=metadata)) if part]
    return ". ".join((*above, text))[:MAX_EMBEDDED_CHARS]


def document_number(kind: str, *, role: str, metadata: JsonObject) -> int:
    """Return the number of a passage's document, made from its id or else its title; ``NO_DOCUMENT`` for what is no passage.

    The id stands in ``metadata["document"]``, so that documents of one title are not taken for one. A passage with neither
    is ``UNTITLED``; other numbers are less than that. Two documents of a partition share one by chance in a thousand
    million, and their passages are neighbours then.

    Example:
        >>> one, other = ({"title": "Notes", "document": name} for name in ("a", "b"))
        >>> document_number("episode", role="document", metadata=one) == document_number("episode", role="document", metadata=other)
        False
    """
    if not is_passage(kind, role):
        return NO_DOCUMENT
    named = metadata.get("document")
    # The break keeps an id from being taken for a title.
    name = (
        f"\n{named}"
        if isinstance(named, str) and named
        else fold(title_of(kind, role=role, metadata=metadata))
    )
    return UNTITLED - 1 - zlib.crc32(name.encode()) % _NUMBERS if name else UNTITLED
