"""Who a memory comes from: the kind of sender, by the role of the message."""

from __future__ import annotations

from typing import Final, Literal, TypeAlias, get_args

__all__ = ["SOURCES", "Source", "source_of"]

Source: TypeAlias = Literal["user", "assistant", "tool", "system", "document"]
SOURCES: Final[tuple[Source, ...]] = get_args(Source)

_BY_ROLE: Final[dict[str, Source]] = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "model": "assistant",
    "bot": "assistant",
    "tool": "tool",
    "function": "tool",
    "tool_result": "tool",
    "system": "system",
    "developer": "system",
    "document": "document",
}


def source_of(role: str) -> Source:
    """Return the kind of sender that a role means; a role that is not known is a document's, and never the user's.

    Example:
        >>> source_of("function"), source_of("web page")
        ('tool', 'document')
    """
    return _BY_ROLE.get(role.casefold(), "document")
