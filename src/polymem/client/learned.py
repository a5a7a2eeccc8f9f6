"""The weights that searches of a tenant use: looked up now and then, not with every search."""

from __future__ import annotations

import time
from typing import Final

from polymem.domain.learning import Learned
from polymem.ports.learning import FeedbackLedger
from polymem.ranking.learning import with_factors
from polymem.ranking.scoring import Weights

__all__ = ["LearnedWeights"]

FRESH_S: Final = 5.0
"""What another process learned is in force here after so many seconds at most."""
MOST: Final = 1_024
"""Tenants that are remembered; one more, and all are looked up anew."""


class LearnedWeights:
    """What is in force for each tenant.

    Args:
        ledger: Where it is stored.
        default: Weights of a tenant that has learned nothing.
    """

    def __init__(self, ledger: FeedbackLedger, default: Weights) -> None:
        self.ledger = ledger
        self.default = default
        self._known: dict[str, tuple[float, Learned, Weights]] = {}

    async def of(self, tenant: str) -> tuple[Learned, Weights]:
        """Return what a tenant has learned, and its weights."""
        now = time.monotonic()
        known = self._known.get(tenant)
        if known is None or now - known[0] >= FRESH_S:
            learned = await self.ledger.learned(tenant)
            known = now, learned, with_factors(self.default, learned)
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[tenant] = known
        return known[1], known[2]

    def forget(self, tenant: str) -> None:
        """Look a tenant up anew with the next search."""
        self._known.pop(tenant, None)
