"""The durable queue of what is still to be derived; it lies in the ledger, so many processes may serve it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from polymem.domain.derivation import Derivation, DerivationState, Lease
from polymem.domain.scope import Scope

__all__ = ["DerivationQueue"]


class DerivationQueue(Protocol):
    """Derivations wait, are leased, and end in the commit of what they gave (``Batch.completes``) or as dead letters.

    A derivation is put in by ``Batch.enqueue``, in the transaction that stores its episodes. A lease whose time is over
    holds as long as nobody took the derivation over. A scope of None means the whole store; other scopes match the
    derivations that carry all the ids they name.
    """

    async def lease(
        self,
        *,
        now: datetime,
        lease_s: float,
        limit: int = 1,
        scope: Scope | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[Lease]:
        """Take what is due and nobody holds, oldest first; each lease counts as an attempt.

        Those of one session (owner, agent and run) go in order: one call takes one of them, and none while an earlier one
        is held; what waits to be tried again holds up nobody.
        """
        ...

    async def postpone(
        self, lease: Lease, *, next_at: datetime, problem: str, dead: bool = False, counted: bool = True
    ) -> None:
        """Give a derivation back after a failure, to be tried at *next_at*, or never again.

        Args:
            lease: What is given back.
            next_at: When it may be tried again.
            problem: Class of the error.
            dead: Whether it is given up.
            counted: Whether that was an attempt.

        Raises:
            ConflictError: The lease was lost.
        """
        ...

    async def renew(self, lease: Lease, *, now: datetime, lease_s: float) -> Lease:
        """Hold a lease longer; return it with the derivation as it is now.

        Raises:
            ConflictError: The lease was lost.
        """
        ...

    async def pending(
        self,
        scope: Scope | None,
        *,
        state: DerivationState | None = None,
        ids: Sequence[str] | None = None,
        limit: int = 1_000,
    ) -> list[Derivation]:
        """Return what is not done yet, oldest first."""
        ...

    async def count(self, scope: Scope | None) -> dict[DerivationState, int]:
        """Return how many derivations are in each state."""
        ...

    async def retry(self, scope: Scope | None, *, now: datetime, ids: Sequence[str] | None = None) -> int:
        """Make dead letters and what waits for a later time due at *now*; return how many there were."""
        ...

    async def derived_by(self, scope: Scope, episode_ids: Sequence[str]) -> list[frozenset[str]]:
        """Return for each episode what has derived from it; nothing for one of which something is still to be derived.

        One that nothing was derived from is told by an empty name.
        """
        ...
