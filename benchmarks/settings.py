"""How large a run is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """One run.

    Attributes:
        folder: Where stores are built; what is there already is used again.
        quick: Leave the largest stores out.
        scale: Multiplies every size.
        recall: Evaluation data, if there is any.
    """

    folder: Path
    quick: bool = False
    scale: float = 1.0
    recall: tuple[Path, ...] = ()

    def n(self, full: int) -> int:
        """Return a count at this run's scale, at least 4."""
        return max(4, round(full * self.scale))

    def repeats(self, full: int) -> int:
        """Return how often to repeat something: once in a run that is only tried out."""
        return full if self.scale >= 1 else 1

    @property
    def scopes(self) -> dict[str, int]:
        """Scope sizes by the name they have in the table of targets."""
        sizes = {"1k": 1_000, "20k": 20_000, "100k": 100_000, "1M": MILLION}
        return {name: self.n(size) for name, size in sizes.items() if not (self.quick and size == MILLION)}

    @property
    def files(self) -> dict[str, int]:
        """File sizes for the search in a small scope, smallest first."""
        sizes = {"10k": 10_000, "100k": 100_000, "1M": MILLION}
        return {name: self.n(size) for name, size in sizes.items() if not (self.quick and size == MILLION)}
