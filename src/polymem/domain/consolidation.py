"""What consolidating a scope came to, or would come to."""

from __future__ import annotations

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.slotted import dataclass

__all__ = ["Consolidated", "Left", "Merged", "Summarised"]


@dataclass(frozen=True, slots=True)
class Merged:
    """Items that said the same and are one now.

    Attributes:
        keep: Id of the item that speaks for all: the one that holds the longest.
        gone: Ids of those that were closed in its favour.
        profile_key: Where the owner's profile loses a repetition by it, "" for nowhere.
    """

    keep: str
    gone: tuple[str, ...]
    profile_key: str = ""


@dataclass(frozen=True, slots=True)
class Summarised:
    """A session that was summed up.

    Attributes:
        run_id: The session.
        agent_id: The agent on its rows, None for none.
        n_messages: Messages that it has.
        n_calls: Requests to the model that this takes, as planned.
        renewed: Whether it had a summary, which grew a version.
        item_id: The summary; "" in a dry run.
    """

    run_id: str
    agent_id: str | None
    n_messages: int
    n_calls: int
    renewed: bool = False
    item_id: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """Work that was not done and is there for the next time.

    Attributes:
        task: "merge" or "summary".
        n: How many merges or sessions.
        problem: Why: "no model", "limit", "changed" (by others meanwhile), "ungrounded" (the model told what the session does
            not say), or the class of the model's error.
    """

    task: str
    n: int
    problem: str


@dataclass(frozen=True, slots=True)
class Consolidated:
    """What became of a scope.

    Attributes:
        merged: Items that said the same.
        profile: Keys of the profile that changed.
        summaries: Sessions that were summed up.
        entities: Pairs of entities that were found to be one: who speaks for both, and who was merged.
        usage: What the model was asked.
        pending: What is left for the next time.
        dry_run: True when nothing was done.
    """

    merged: tuple[Merged, ...] = ()
    profile: tuple[str, ...] = ()
    summaries: tuple[Summarised, ...] = ()
    entities: tuple[tuple[str, str], ...] = ()
    usage: Usage = NO_USAGE
    pending: tuple[Left, ...] = ()
    dry_run: bool = False

    @property
    def n_merged(self) -> int:
        """Items that were closed because another says the same."""
        return sum(len(each.gone) for each in self.merged)
