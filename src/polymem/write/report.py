"""What is asked of consolidation, and what it has done so far."""

from __future__ import annotations

from dataclasses import field, replace

from polymem.domain.consolidation import Consolidated, Left, Merged
from polymem.domain.slotted import dataclass

__all__ = ["Report", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        duplicates: Merge what says the same.
        profile: Make the profile agree with what is stated.
        summaries: Sum sessions up.
        least: Messages from which on a session is summed up, and by which it has to grow.
        limit: Most groups of duplicates and sessions, None for all.
        dry_run: Only say what would be done.
    """

    duplicates: bool = True
    profile: bool = True
    summaries: bool = True
    least: int = 6
    limit: int | None = None
    dry_run: bool = False


@dataclass(slots=True)
class Report:
    """What was done so far."""

    merged: list[Merged] = field(default_factory=list[Merged])
    profile: set[str] = field(default_factory=set[str])
    done: Consolidated = field(default_factory=Consolidated)

    def leave(self, task: str, n: int, problem: str) -> None:
        """Note what is left."""
        if n:
            known = {(left.task, left.problem): left.n for left in self.done.pending}
            known[task, problem] = known.get((task, problem), 0) + n
            pending = tuple(Left(each, count, why) for (each, why), count in sorted(known.items()))
            self.done = replace(self.done, pending=pending)
