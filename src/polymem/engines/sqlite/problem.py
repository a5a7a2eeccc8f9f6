"""What a check reports before it becomes a finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final, NamedTuple

UNREADABLE_ROW: Final = "holds what cannot be read"


class Problem(NamedTuple):
    """One kind of disagreement in one partition.

    Attributes:
        face: Where.
        text: What is wrong, without any memory text.
        n: How many rows.
        repairable: Whether the truth says how it has to be.
    """

    face: str
    text: str
    n: int
    repairable: bool = True


class Tally:
    """Counts rows by what is wrong with them."""

    def __init__(self, *, repairable: bool = True) -> None:
        self._counts: Counter[tuple[str, str]] = Counter()
        self._repairable = repairable

    def note(self, face: str, text: str, *, n: int = 1) -> None:
        """Count *n* rows."""
        self._counts[face, text] += n

    def problems(self) -> Iterator[Problem]:
        """Yield what was counted."""
        for (face, text), n in self._counts.items():
            if n:
                yield Problem(face, text, n, self._repairable)
