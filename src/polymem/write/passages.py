"""Passages of documents are stored as messages are, in one commit with what they replace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from polymem.domain.batch import Batch, Enqueue, ItemDraft, Outcome, Removal
from polymem.domain.change import Change
from polymem.domain.scope import Scope
from polymem.write.add import Writer
from polymem.write.resolve import resolve

__all__ = ["Settle", "commit_passages"]

Settle: TypeAlias = Callable[[Sequence[str]], tuple[Change, ...]]
"""Says, by the ids of the drafted episodes in order, what is to be kept of their documents."""


async def commit_passages(
    writer: Writer,
    scope: Scope,
    drafts: tuple[Sequence[ItemDraft], bool],
    settle: Settle,
    *,
    gone: Sequence[str] = (),
    enqueue: Enqueue | None = None,
) -> Outcome:
    """Store passages, erase what they replace, and keep what *settle* says; all or nothing.

    Args:
        writer: The write path.
        scope: Whose memory.
        drafts: As :meth:`Writer.drafts` returned them.
        settle: What is to be kept of the documents.
        gone: Ids of the passages that are erased, with all that rests on them alone.
        enqueue: Leave it to a derivation to say what is in the new ones.

    Raises:
        ConflictError: Somebody else changed a document meanwhile; nothing was kept.
        NotFoundError: A passage that was to go, or to stay, is gone; nothing was kept.
        StoreError: The store failed; nothing was kept.
    """
    made, failed = drafts
    episodes = [draft.id for draft in made if draft.kind == "episode"]
    batch = Batch(
        scope=scope,
        now=writer.clock.now(),
        reason="ingest",
        drafts=tuple(made),
        removals=(Removal(tuple(gone), "erase"),) if gone else (),
        resolve=resolve,
        changes=settle(episodes),
        enqueue=enqueue if episodes else None,
    )
    outcome = await writer.ledger.commit(batch)
    if outcome.n_pending and not failed:
        await writer.embed_pending(scope)
    return outcome
