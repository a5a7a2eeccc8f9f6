"""The part of a long text that a question is about."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

from polymem.text.lazy import lazy
from polymem.text.tokenise import terms

__all__ = ["excerpt"]

_PIECE: Final = lazy(r"[^\n.!?。！？；]*[\n.!?。！？；]+\s*|[^\n.!?。！？；]+$")
_MAX_PIECE: Final = 400


def excerpt(text: str, asked: Collection[str], *, fits: Callable[[str], bool]) -> str:
    """Return the run of whole sentences that has the most of *asked* among those that fit; the earliest of equals.

    Args:
        text: The long text.
        asked: Index terms of the question.
        fits: Whether a part is short enough.

    Returns:
        A part of *text* without space around it, "" where not even one sentence fits.

    Example:
        >>> text = "We met in May. The boat is red. It leaks! 船是红色的。"
        >>> excerpt(text, {"boat", "red"}, fits=lambda part: len(part) <= 20)
        'The boat is red.'
    """
    pieces = [
        part[start : start + _MAX_PIECE]
        for part in _PIECE.findall(text)
        for start in range(0, len(part), _MAX_PIECE)
    ]
    wanted = frozenset(asked)
    found = [wanted.intersection(terms(piece)) for piece in pieces]
    best, most = "", -1
    stop = 0
    for start in range(len(pieces)):
        stop = max(stop, start)
        while stop < len(pieces) and fits("".join(pieces[start : stop + 1]).strip()):
            stop += 1
        n_found = len(frozenset[str]().union(*found[start:stop]))
        if stop > start and n_found > most:
            best, most = "".join(pieces[start:stop]).strip(), n_found
    return best
