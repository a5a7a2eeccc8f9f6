"""Where terms and keys occur among a few rows, known from these rows alone: among many others, their names lead nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import I32, Postings, TextFace
from polymem.text.tokenise import KEY_MARK

__all__ = ["MAX_FEW", "FewTexts"]

MAX_FEW: Final = 64
"""Of more rows it is faster to ask the store term by term."""
_NONE: Final = Postings(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8))


class FewTexts:
    """The lists of a few rows.

    Args:
        texts: The keyword face.
        rows: int32[k], ascending positions of the rows.
    """

    def __init__(self, texts: TextFace, rows: I32) -> None:
        places: list[int] = rows.tolist()
        self._rows = tuple(zip(places, texts.forward(places), strict=True))
        self._marked: dict[str, list[int]] = {}
        for place, row in self._rows:
            for key in row:
                if key[0] == KEY_MARK:
                    self._marked.setdefault(key, []).append(place)

    def postings(self, term: str) -> Postings:
        """Return where a term, or a key, occurs among the rows."""
        if term[:1] == KEY_MARK:
            marked = self._marked.get(term)
            if marked is None:
                return _NONE
            return Postings(np.array(marked, dtype=np.int32), np.ones(len(marked), dtype=np.uint8))
        found = [(place, row[term]) for place, row in self._rows if term in row]
        if not found:
            return _NONE
        positions, counts = zip(*found, strict=True)
        return Postings(np.array(positions, dtype=np.int32), np.array(counts, dtype=np.uint8))

    def look_up(self, terms: Sequence[str]) -> None:
        """Do nothing: everything is known."""
