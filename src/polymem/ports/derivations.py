"""The durable queue of what is still to be derived; it lies in the ledger, so many processes may serve it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from polymem.domain.derivation import Derivation, DerivationState, Lease
from polymem.domain.scope import Partition

__all__ = ["DerivationQueue"]


class DerivationQueue(Protocol):
    """Derivations wait, are leased, and end in the commit of what they gave (``Batch.completes``) or as dead letters.

    A derivation is put in by ``Batch.enqueue``, in the transaction that stores its episodes.
    """

    async def lease(
        self,
        *,
        now: datetime,
        lease_s: float,
        limit: int = 1,
        partition: Partition | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[Lease]:
        """Take what is due and nobody holds, oldest first; each lease counts as an attempt."""
        ...

    async def postpone(self, lease: Lease, *, next_at: datetime, problem: str, dead: bool) -> None:
        """Give a derivation back after a failure, to be tried at *next_at*, or never again.

        Raises:
            ConflictError: The lease was lost.
        """
        ...

    async def renew(self, lease: Lease, *, now: datetime, lease_s: float) -> Lease:
        """Hold a lease longer.

        Raises:
            ConflictError: The lease was lost.
        """
        ...

    async def pending(
        self, partition: Partition | None, *, state: DerivationState | None = None, limit: int = 1_000
    ) -> list[Derivation]:
        """Return what is not done yet, oldest first."""
        ...

    async def count(self, partition: Partition | None) -> dict[DerivationState, int]:
        """Return how many derivations are in each state."""
        ...

    async def retry(
        self, partition: Partition | None, *, now: datetime, ids: Sequence[str] | None = None
    ) -> int:
        """Make dead letters due again at *now*; return how many there were."""
        ...
