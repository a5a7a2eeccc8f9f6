"""Where terms and keys occur among a few rows, known from these rows alone: among many others, their names lead nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import I32, Postings, TextFace
from polymem.ports.ledger import Snapshot
from polymem.read.naming import Kept, Names

__all__ = ["MAX_FEW", "FewTexts", "few_names"]

MAX_FEW: Final = 64
"""Of more rows it is faster to ask the store term by term."""
_NONE: Final = Postings(np.empty(0, dtype=np.int32), np.empty(0, dtype=np.uint8))


class FewTexts:
    """The lists of a few rows, all of them at hand.

    Attributes:
        names: What is known of the names of the rows, once somebody has asked.

    Args:
        texts: The keyword face.
        rows: int32[k], ascending positions of the rows.
    """

    def __init__(self, texts: TextFace, rows: I32) -> None:
        lists = defaultdict[str, list[tuple[int, int]]](list)
        places: list[int] = rows.tolist()
        for place, row in zip(places, texts.forward(places), strict=True):
            for term, count in row.items():
                lists[term].append((place, count))
        self.names = Kept()
        self._lists: dict[str, Postings] = {}
        for term, found in lists.items():
            positions, counts = zip(*found, strict=True)
            self._lists[term] = Postings(
                np.array(positions, dtype=np.int32), np.array(counts, dtype=np.uint8)
            )

    def postings(self, term: str) -> Postings:
        """Return where a term, or a key, occurs among the rows."""
        return self._lists.get(term, _NONE)

    def look_up(self, terms: Sequence[str]) -> Mapping[str, Postings]:
        """Return the lists of those of *terms* that occur among the rows."""
        lists = self._lists
        return {term: lists[term] for term in terms if term in lists}


def few_names(snapshot: Snapshot, rows: I32) -> Names:
    """Return the names of *rows*, which are the same for every search of this version: its few passages beside pages."""
    found = snapshot.kept.get("few")
    if not isinstance(found, FewTexts):
        found = snapshot.kept["few"] = FewTexts(snapshot.texts, rows)
    return Names(found, rows.size, found.names)
