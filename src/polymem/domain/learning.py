"""Which hits were of use, and what was learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime

from polymem.domain.slotted import dataclass

__all__ = ["NOTHING_LEARNED", "Example", "Learned"]


@dataclass(frozen=True, slots=True)
class Example:
    """A hit that was of use, or not. It holds no word of the question or of the item.

    Attributes:
        item: Id of the item.
        query: Random id of the search; hits of one search share it.
        at: When it was said.
        useful: Whether it was of use.
        signals: What each signal added to the log odds of its score, by the default weights.
    """

    item: str
    query: str
    at: datetime
    useful: bool
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Learned:
    """What a tenant's feedback gave.

    Attributes:
        n_examples: Hits of which it is known whether they were of use.
        n_queries: Searches that they come from.
        n_held_out: Hits, of the last searches, on which the factors had to prove themselves.
        loss_before: Mean logistic loss on these with the default weights; nan where it did not come to that.
        loss_after: With the factors.
        order_before: Share of pairs of a useful and a useless hit of one search in the right order, by default weights.
        order_after: With the factors.
        accepted: Whether the factors are in force: they are if the loss is lower and the order no worse.
        factors: Factor on each default weight; empty unless accepted.
        shift: What is added to ``base``, so that scores keep their meaning.
        reason: Why they were not accepted, "" if they were.
        no: Number of this fit among the tenant's; 0 for none.
        at: When it was made.
    """

    n_examples: int = 0
    n_queries: int = 0
    n_held_out: int = 0
    loss_before: float = float("nan")
    loss_after: float = float("nan")
    order_before: float = float("nan")
    order_after: float = float("nan")
    accepted: bool = False
    factors: Mapping[str, float] = field(default_factory=dict[str, float])
    shift: float = 0.0
    reason: str = ""
    no: int = 0
    at: datetime | None = None


NOTHING_LEARNED = Learned()
"""The default weights."""
