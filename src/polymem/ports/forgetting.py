"""What forgetting asks of a store beside batches: how items were used, and proof of what is gone."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from polymem.domain.event import ChainHead, Receipt, Tombstone
from polymem.domain.scope import Partition
from polymem.domain.slotted import dataclass
from polymem.ports.ledger import Finding

__all__ = ["ErasureLedger", "Uses"]


@dataclass(frozen=True, slots=True)
class Uses:
    """When an item was of use.

    Attributes:
        n: How often.
        at: The last times, at most 20, oldest first.
    """

    n: int
    at: tuple[datetime, ...]


class ErasureLedger(Protocol):
    """The side of a ledger that forgetting needs."""

    async def uses(self, partition: Partition) -> dict[str, Uses]:
        """Return when the items of a partition were of use, by item id; those never used are not there."""
        ...

    async def chain_head(self, partition: Partition) -> ChainHead:
        """Return the end of the partition's chain of events."""
        ...

    async def check_head(self, partition: Partition, head: ChainHead) -> list[Finding]:
        """Return what is wrong if the chain does not go through *head*."""
        ...

    async def tombstone(self, tombstone_id: str) -> Tombstone | None:
        """Return what an erasure left, None if there was none with this id."""
        ...

    async def n_erased(self, partition: Partition | None) -> int:
        """Return how many items of a partition, or of the store, were ever erased."""
        ...

    async def verify_erasure(self, tombstone: Tombstone, receipt: Receipt | None) -> list[Finding]:
        """Empty the write-ahead log, then return what is left of the erased items, or does not agree with *receipt*."""
        ...
