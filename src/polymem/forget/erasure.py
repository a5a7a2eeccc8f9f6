"""Erasure: destroy what is chosen in every face, and give proof of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from polymem.domain.batch import Batch, Outcome, Removal
from polymem.domain.change import Change
from polymem.domain.event import Receipt
from polymem.forget.remove import Choice, bare_documents, chosen, remove_all
from polymem.ports.clock import Clock
from polymem.ports.ledger import Ledger, Snapshot

__all__ = ["erase"]

_NOT_FACES: Final = ("log_truncated", "expired")


async def erase(ledger: Ledger, clock: Clock, choice: Choice, *, dry_run: bool, tombstone_id: str) -> Receipt:
    """Destroy what *choice* means, with what rests on it alone.

    Args:
        ledger: The engine.
        clock: The present.
        choice: What is to go.
        dry_run: Do it in a transaction that is taken back: what would go is told exactly, and nothing changes. Other
            writers wait meanwhile, as they do for the erasure itself.
        tombstone_id: Under which it is recorded.
    """
    reason = f"tombstone {tombstone_id}"
    if not dry_run:
        outcomes = await remove_all(
            ledger, clock, choice, how="erase", reason=reason, tombstone_id=tombstone_id
        )
        return _receipt(outcomes, tombstone_id)

    def meant(snapshot: Snapshot) -> tuple[list[str], tuple[Change, ...]]:
        return chosen(snapshot, choice, limit=snapshot.n), bare_documents(snapshot, choice)

    ids, drops = await ledger.read(choice.scope.partition, meant)
    if not ids and not drops:
        return Receipt(tombstone_id, (), {}, 0, "pending", dry_run=True)
    removals = (Removal(tuple(ids), "erase", tombstone_id),) if ids else ()
    batch = Batch(scope=choice.scope, now=clock.now(), reason=reason, removals=removals, changes=drops)
    outcome = await ledger.commit(replace(batch, dry_run=True))
    return Receipt(tombstone_id, outcome.removed, _faces([outcome]), 0, "pending", dry_run=True)


def _receipt(outcomes: Sequence[Outcome], tombstone_id: str) -> Receipt:
    last = outcomes[-1] if outcomes else None
    # The last one empties the log of all of them.
    emptied = last is None or bool(last.counts.get("log_truncated", 0))
    return Receipt(
        tombstone_id,
        tuple(name for outcome in outcomes for name in outcome.removed),
        _faces(outcomes),
        0 if last is None else last.last_event,
        "complete" if emptied else "pending",
        link="" if last is None else last.link,
    )


def _faces(outcomes: Sequence[Outcome]) -> dict[str, int]:
    """Return the rows removed by face."""
    counts: Counter[str] = Counter()
    for outcome in outcomes:
        counts.update(outcome.counts)
    for name in _NOT_FACES:
        counts.pop(name, None)
    return dict(counts)
