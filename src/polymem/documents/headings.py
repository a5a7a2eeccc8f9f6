"""Lines of a passage that name what it is about, and answer nothing by themselves."""

from __future__ import annotations

from typing import Final

from polymem.documents.passages import Passage
from polymem.text.indexed import HEADING_BREAK
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.paragraphs import PARAGRAPH_BREAK
from polymem.text.tokenise import terms

__all__ = ["is_heading", "opening_of"]

MAX_OPENING: Final = 60
_STOPS: Final = (".", "!", "?", "。", "！", "？", "…")
_CLOSING: Final = "\"'”’)）】」"
_NO_HEADING: Final = ("\n", " | ", ":", "：")
_DIGIT = lazy(r"\d")


def is_heading(said: str, passage: Passage, *, asked: frozenset[str]) -> bool:
    """Tell whether a line is title or heading of a passage, or its first line, which names what is asked, or its like.

    Args:
        said: The line, folded.
        passage: Where it stands.
        asked: The words of the question. A first line that has a figure is none if they have none: it may be what is asked for.
    """
    marked = (passage.title, *passage.heading.split(HEADING_BREAK))
    if said in [fold(part).strip() for part in marked if part]:
        return True
    if said != fold(opening_of(passage.text)).strip():
        return False
    words = frozenset(terms(said))
    tells = any(map(_DIGIT.search, words - asked)) and not any(map(_DIGIT.search, asked))
    return bool(words & asked) and not tells


def opening_of(text: str) -> str:
    r"""Return the line above the first paragraph if it may be its heading: short, no sentence, no field with its value; else "".

    Example:
        >>> opening_of("Invoice 7\n\nPay by May."), opening_of("Keeper: Ann\n\nPay by May."), opening_of("Milk\n\nEggs")
        ('Invoice 7', '', '')
    """
    line, _, rest = (part.strip() for part in text.partition(PARAGRAPH_BREAK))
    if len(line) > MAX_OPENING or line.endswith(_STOPS) or any(sign in line for sign in _NO_HEADING):
        return ""
    below = rest.partition(PARAGRAPH_BREAK)[0].rstrip(_CLOSING)
    return line if below.endswith(_STOPS) else ""
