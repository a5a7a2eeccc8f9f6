"""Recalled context is marked, so that what a memory gave to a prompt is not taken for something new when it comes back.

Only the exact marks count. Stored text cannot hold them inside a block (:func:`polymem.text.quoted.quoted` escapes angle
brackets), so nothing that was recalled can end its block early. Whoever types a mark hides nothing but his own words,
and those from statements, names and keywords alone: the message itself is kept as it came.
"""

from __future__ import annotations

from typing import Final

from polymem.text.lazy import lazy

__all__ = ["CLOSE_MARK", "OPEN_MARK", "mark_recalled", "recalled_spans", "without_recalled"]

OPEN_MARK: Final = "<recalled-memory>"
CLOSE_MARK: Final = "</recalled-memory>"
_NAME: Final = "recalled-memory>"
_MARK = lazy("</?recalled-memory>")


def mark_recalled(text: str) -> str:
    r"""Return *text* between marks, each on a line of its own; marks that it holds lose their form.

    For programs that put the results of a search into a prompt in their own form; ``context()`` marks what it returns.

    Example:
        >>> mark_recalled("- Ann likes tea.")
        '<recalled-memory>\n- Ann likes tea.\n</recalled-memory>'
    """
    return f"{OPEN_MARK}\n{_MARK.sub('[recalled]', text)}\n{CLOSE_MARK}"


def recalled_spans(text: str) -> list[tuple[int, int]]:
    """Return where recalled context stands in *text*, marks included, in characters ``[start, end)``.

    Marks may be nested. What is opened and never closed reaches to the end; what closes nothing is ignored.

    Example:
        >>> recalled_spans("Hi <recalled-memory> tea </recalled-memory> there")
        [(3, 43)]
    """
    if _NAME not in text:
        return []
    found: list[tuple[int, int]] = []
    depth = start = 0
    for mark in _MARK.finditer(text):
        if mark[0] == OPEN_MARK:
            start = mark.start() if depth == 0 else start
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                found.append((start, mark.end()))
    if depth:
        found.append((start, len(text)))
    return found


def without_recalled(text: str) -> str:
    """Return *text* with line breaks in the place of recalled context, of the same length, so that offsets hold.

    Example:
        >>> without_recalled("Hi <recalled-memory>tea</recalled-memory> there").split()
        ['Hi', 'there']
    """
    if _NAME not in text:
        return text
    for start, end in recalled_spans(text):
        text = text[:start] + "\n" * (end - start) + text[end:]
    return text
