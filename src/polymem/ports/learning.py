"""What learning from use asks of a store beside batches: examples, and what was learned from them."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from polymem.domain.learning import Example, Learned

__all__ = ["FeedbackLedger"]


class FeedbackLedger(Protocol):
    """The side of a ledger that learning needs. Tenants know nothing of one another."""

    async def examples(self, tenant: str) -> list[Example]:
        """Return which hits were of use in the tenant's memories, in order of time."""
        ...

    async def learned(self, tenant: str, no: int | None = None) -> Learned:
        """Return what is in force for a tenant, or its fit number *no*; ``NOTHING_LEARNED`` if there is none."""
        ...

    async def keep(self, tenant: str, learned: Learned, *, at: datetime) -> Learned:
        """Store what was learned, with its number and time: in force from now on, accepted or not."""
        ...

    async def unlearn(self, tenant: str) -> int:
        """Delete all that a tenant's feedback taught, and the feedback; return how many hits it was of."""
        ...
