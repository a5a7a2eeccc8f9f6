"""Sentences of a text, roughly and cheaply: what is looked at in a search and shown to nobody."""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy

__all__ = ["MAX_PIECES", "pieces"]

MAX_PIECES: Final = 8
"""Of more sentences the first count."""
MAX_CHARS: Final = 2_000
_LEAST: Final = 8
"""What is shorter is no sentence but an abbreviation or the number of one, and goes with what follows."""

_END: Final = lazy(r"[.!?][\"'”’)]*\s+(?=[^\sa-z])|[。！？；｡…][”’」』）)]*|[;\n]\s*")


def pieces(text: str) -> tuple[str, ...]:
    """Return the first sentences of *text*, each at least a few characters long; nothing if it is blank.

    Example:
        >>> pieces("The mill burnt down. Dr. Okafor rebuilt it in 1.5 years.")
        ('The mill burnt down.', 'Dr. Okafor rebuilt it in 1.5 years.')
        >>> pieces("磨坊烧毁了，无人受伤。后来有人重建了这座磨坊！"), pieces(" 。")
        (('磨坊烧毁了，无人受伤。', '后来有人重建了这座磨坊！'), ('。',))
    """
    found: list[str] = []
    start, text = 0, text[:MAX_CHARS].strip()
    for end in _END.finditer(text):
        if end.end() - start >= _LEAST and end.end() < len(text):
            found.append(text[start : end.end()].strip())
            start = end.end()
            if len(found) == MAX_PIECES:
                return tuple(found)
    return (*found, text[start:]) if text else ()
