"""What a row is found by, as it follows from the row alone: the words that are indexed, and those that are embedded.

A passage of a document bears its title with it, since a question names the document far oftener than the passage does.
"""

from __future__ import annotations

import zlib
from typing import Final

from polymem.domain.item import NO_DOCUMENT, UNTITLED, JsonObject
from polymem.text.keys import MAX_TITLE_CHARS, is_passage
from polymem.text.normalise import fold
from polymem.text.tokenise import terms

__all__ = [
    "MAX_EMBEDDED_CHARS",
    "MAX_TITLE_CHARS",
    "document_number",
    "embedded_text",
    "indexed_terms",
    "title_of",
]

MAX_EMBEDDED_CHARS: Final = 2_000
"""Of a longer passage the beginning is embedded: the mean of many words is like everything."""
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


def indexed_terms(kind: str, text: str, *, role: str, metadata: JsonObject) -> list[str]:
    """Return the index terms of a row with repetition: those of a passage's title, then those of its words.

    Example:
        >>> indexed_terms("episode", "It floods.", role="document", metadata={"title": "The Fens"})
        ['fen', 'flood']
        >>> indexed_terms("episode", "会被淹。", role="document", metadata={"title": "沼泽"})
        ['沼', '泽', '沼泽', '会', '被', '淹', '会被', '被淹']
    """
    title = title_of(kind, role=role, metadata=metadata)
    return terms(title) + terms(text) if title else terms(text)


def embedded_text(kind: str, text: str, *, role: str, metadata: JsonObject) -> str:
    """Return what the encoder is given for a row: of a passage the title and then its words, cut at ``MAX_EMBEDDED_CHARS``.

    Example:
        >>> embedded_text("episode", "It floods.", role="document", metadata={"title": "The_Fens"})
        'The Fens. It floods.'
    """
    if not is_passage(kind, role):
        return text
    title = title_of(kind, role=role, metadata=metadata).replace("_", " ")
    return (f"{title}. {text}" if title else text)[:MAX_EMBEDDED_CHARS]


def document_number(kind: str, *, role: str, metadata: JsonObject) -> int:
    """Return the number of a passage's document, made from the title alone; ``NO_DOCUMENT`` for what is no passage.

    A passage without a title is ``UNTITLED``; other numbers are less than that. Two titles of a partition share one by
    chance in a thousand million, and their passages are neighbours then.
    """
    if not is_passage(kind, role):
        return NO_DOCUMENT
    title = fold(title_of(kind, role=role, metadata=metadata))
    return UNTITLED - 1 - zlib.crc32(title.encode()) % _NUMBERS if title else UNTITLED
