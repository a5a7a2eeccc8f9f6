"""The paragraphs by which a passage that was forgotten is known again."""

from __future__ import annotations

from typing import Final

__all__ = ["PARAGRAPH_BREAK", "folded", "telling"]

PARAGRAPH_BREAK: Final = "\n\n"
_LEAST: Final = 32
"""Bytes in UTF-8 below which a paragraph is known by nothing but the passage in which it stands: headings are everywhere, and few words are
soon guessed."""


def folded(text: str) -> str:
    r"""Return *text* without what does not count: case, and how much white space there is where.

    Example:
        >>> folded(" Green\n Tea ")
        'green tea'
    """
    return " ".join(text.split()).casefold()


def telling(text: str) -> list[str]:
    r"""Return the paragraphs of a passage that are long enough to tell where they stand, in order.

    Example:
        >>> telling("茶\n\n绿茶是不发酵的茶，产于江南各地。\n\nSee above.")
        ['绿茶是不发酵的茶，产于江南各地。']
    """
    parts = (part.strip() for part in text.split(PARAGRAPH_BREAK))
    return [part for part in parts if len(part.encode("utf-8", "replace")) >= _LEAST]
