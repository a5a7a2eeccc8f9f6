"""An answer while it is being written: held back until it is known to be one, its marks numbered as they come."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from polymem.documents.answer import SENTINEL
from polymem.documents.marks import Renumbered

__all__ = ["Streamed"]

_BLANK: Final = " \t\r\n\"'`*."


class Streamed:
    """Takes the pieces of an answer and gives out what can be shown.

    Args:
        n_passages: How many passages the model was given.

    Example:
        >>> stream = Streamed(3)
        >>> [*stream.feed("NOT"), *stream.feed("HING is known [2"), *stream.feed("]."), *stream.end()]
        ['NOTHING is known ', '[1].']
        >>> stream = Streamed(3)
        >>> [*stream.feed("NOT_"), *stream.feed("FOUND"), *stream.end()], stream.written
        ([], '')
    """

    def __init__(self, n_passages: int) -> None:
        self._marks = Renumbered(n_passages)
        self._text = ""
        self._shown = False

    @property
    def written(self) -> str:
        """The answer with the model's own numbers, "" if it is that there is none."""
        text = self._text.strip()
        return "" if text.strip(_BLANK) == SENTINEL else text

    def feed(self, piece: str) -> Iterator[str]:
        """Yield what can be shown now."""
        self._text += piece
        if self._shown:
            yield from self._marks.feed(piece)
            return
        if SENTINEL.startswith(self._text.strip(_BLANK)) or not self._text.strip():
            return
        self._shown = True
        yield from self._marks.feed(self._text.lstrip())

    def end(self) -> Iterator[str]:
        """Yield what was held back."""
        if not self._shown and self.written:
            yield from self._marks.feed(self._text.lstrip())
        yield from self._marks.end()
