"""A workbench on a ledger and the queue of derivations in it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final, TypeAlias

from polymem.domain.batch import Completion, Enqueue, ItemDraft
from polymem.domain.derivation import PLAIN, Derivation, Instructions, Lease
from polymem.domain.scope import Scope
from polymem.ports.derivations import DerivationQueue
from polymem.ports.ledger import Ledger
from polymem.testing.bench import ALICE, Bench, OpenLedger
from polymem.testing.drafting import episode_of

__all__ = ["LEASE_S", "Desk", "QueueOf"]

QueueOf: TypeAlias = Callable[[Ledger], DerivationQueue]
LEASE_S: Final = 60.0


class Desk(Bench):
    """A workbench on a ledger and the queue in it.

    Args:
        open_ledger: Opens a store by name.
        queue_of: Returns the queue of a ledger.
        name: Which store.
    """

    now: datetime

    def __init__(self, open_ledger: OpenLedger, queue_of: QueueOf, name: str = "one") -> None:
        super().__init__(open_ledger, name)
        self.queue = queue_of(self.ledger)

    def ask(
        self,
        *texts: str,
        scope: Scope = ALICE,
        instructions: Instructions = PLAIN,
        lease_s: float = 0.0,
        **fields: Any,
    ) -> Lease:
        """Store episodes and let something be derived from them."""
        drafts = [episode_of(text) for text in texts]
        outcome = self.commit(*drafts, scope=scope, enqueue=Enqueue(instructions, lease_s), **fields)
        assert outcome.lease is not None
        return outcome.lease

    def again(self, *ids: str, scope: Scope = ALICE, **fields: Any) -> int:
        """Let something be derived anew from stored episodes; return in how many derivations."""
        asked = Enqueue(PLAIN, episode_ids=ids, **({"reextract": True} | fields))
        return self.commit(scope=scope, enqueue=asked).counts["derivations"]

    def lease(self, **fields: Any) -> list[Lease]:
        """Lease at the bench's present."""
        given: dict[str, Any] = {"now": self.now, "lease_s": LEASE_S, "limit": 100} | fields
        return self.run(self.queue.lease(**given))

    def one(self, **fields: Any) -> Lease:
        """Lease what is expected to be one."""
        (lease,) = self.lease(**fields)
        return lease

    def done(self, lease: Lease, *drafts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> None:
        """Commit what a derivation gave; *fields* are those of ``Completion``."""
        given: dict[str, Any] = {"versions": (1,) * len(lease.derivation.episode_ids), "by": "script/1"}
        self.commit(*drafts, scope=scope, completes=Completion(lease, **(given | fields)))

    def pending(self, scope: Scope | None = None, **fields: Any) -> list[Derivation]:
        """Return what is not done yet."""
        return self.run(self.queue.pending(scope, **fields))

    def counts(self, scope: Scope | None = None) -> tuple[int, int, int]:
        """Return how many wait, are leased, are dead."""
        found = self.run(self.queue.count(scope))
        return found["waiting"], found["leased"], found["dead"]

    def later(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)
