"""Keys: what a row is found by beside its words, written with them when it is stored.

A key is an index term that no word can be, since it begins with ``KEY_MARK``. It says what a text is (``PASSAGE``) or holds
(:mod:`.keys_turn`, :mod:`.keys_passage`). Keys do not count for the length of a row, and follow from the row alone, so
that they can be made anew at any time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.domain.item import JsonObject
from polymem.text.keys_members import member_keys
from polymem.text.keys_passage import passage_keys
from polymem.text.keys_turn import turn_keys
from polymem.text.language import is_chinese
from polymem.text.tokenise import KEY_MARK

__all__ = ["CHINESE", "MAX_TITLE_CHARS", "PASSAGE", "index_keys", "is_passage"]

MAX_TITLE_CHARS: Final = 512
"""A longer title is cut; only what was stored before titles were checked has one."""

PASSAGE: Final = f"{KEY_MARK}p"
"""Key of every row that is a passage of a document, not a turn of a conversation."""
CHINESE: Final = f"{KEY_MARK}z"
"""Key of every row most of whose words are Chinese."""


def is_passage(kind: str, role: str) -> bool:
    """Tell whether a row is a passage: a chunk, or a message with the role "document"."""
    return kind == "chunk" or (kind == "episode" and role.casefold() == "document")


def index_keys(
    kind: str, text: str, *, role: str, metadata: JsonObject, words: Sequence[str] | None = None
) -> tuple[str, ...]:
    """Return the keys of a row, each once.

    Args:
        kind: What it is, see ``polymem.domain.item.KINDS``.
        text: Its words.
        role: Role of the speaker.
        metadata: Of it, "title" is read, and what it says of whose and of when a document is.
        words: The terms of *text*, from who has them.

    Example:
        >>> index_keys("fact", "Ann lives in Oslo", role="user", metadata={})
        ()
        >>> index_keys("fact", "安住在奥斯陆", role="user", metadata={})
        ('=z',)
    """
    written = (CHINESE,) if is_chinese(text) else ()
    if is_passage(kind, role):
        title = metadata.get("title")
        title = title[:MAX_TITLE_CHARS] if isinstance(title, str) else ""
        return tuple(dict.fromkeys((PASSAGE, *written, *passage_keys(text, title, metadata))))
    if kind != "episode":
        return written
    return (*written, *turn_keys(text, role=role), *member_keys(text, words))
