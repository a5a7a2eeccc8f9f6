"""Documents are erased with all of their chunks, those that were deleted before included."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from polymem.domain.batch import Batch
from polymem.domain.change import DropDocument
from polymem.domain.event import Receipt
from polymem.domain.filter import parse_filter
from polymem.domain.scope import Scope
from polymem.errors import ConflictError, NotFoundError
from polymem.forget.erasure import erase
from polymem.forget.remove import Choice
from polymem.ports.clock import Clock
from polymem.ports.ledger import Ledger, Snapshot

__all__ = ["erase_documents"]

MOST_TOGETHER: Final = 200
"""Documents that are looked for at once."""


async def erase_documents(
    ledger: Ledger,
    clock: Clock,
    scope: Scope,
    document_ids: Sequence[str],
    *,
    tombstone_id: str,
    dry_run: bool = False,
) -> Receipt:
    """Destroy documents: their chunks, what rests on these alone, and what is kept of them.

    After an interruption, call it again: what is kept of a document goes last.

    Args:
        ledger: The engine.
        clock: The present.
        scope: Where they lie; agent and run as on their rows, or left out.
        document_ids: Which ones.
        tombstone_id: Under which it is recorded.
        dry_run: Only say what would go.
    """
    receipt = Receipt(tombstone_id, (), {}, 0, "pending" if dry_run else "complete", dry_run)
    for start in range(0, len(document_ids), MOST_TOGETHER):
        block = document_ids[start : start + MOST_TOGETHER]
        further = await _erase_block(ledger, clock, scope, block, tombstone_id=tombstone_id, dry_run=dry_run)
        receipt = _joined(receipt, further) if start else further
    return receipt


def _joined(before: Receipt, after: Receipt) -> Receipt:
    """Return one receipt of an erasure in two parts."""
    last = after if after.n else before
    counts = Counter(before.counts)
    counts.update(after.counts)
    return replace(last, erased=(*before.erased, *after.erased), counts=dict(counts))


async def _erase_block(
    ledger: Ledger,
    clock: Clock,
    scope: Scope,
    document_ids: Sequence[str],
    *,
    tombstone_id: str,
    dry_run: bool,
) -> Receipt:
    named = {"role": "document", "metadata.document": {"in": list(document_ids)}}
    choice = Choice(scope, filters=parse_filter(named), removed_too=True)
    receipt = await erase(ledger, clock, choice, dry_run=dry_run, tombstone_id=tombstone_id)
    if dry_run:
        return receipt

    def left(snapshot: Snapshot) -> list[str]:
        # A document goes with its last chunk; one that has none is met here.
        found = (snapshot.documents.get(each, scope) for each in document_ids)
        return [each.id for each in found if each is not None and not snapshot.documents.chunks(each.id)]

    empty = await ledger.read(scope.partition, left)
    if not empty:
        return receipt
    drops = tuple(DropDocument(each) for each in empty)
    # Somebody else may have removed one meanwhile, or read it anew.
    with suppress(ConflictError, NotFoundError):
        await ledger.commit(Batch(scope=scope, now=clock.now(), reason="ingest", changes=drops))
        counts = {**receipt.counts, "documents": receipt.counts.get("documents", 0) + len(drops)}
        receipt = replace(receipt, counts=counts)
    return receipt
