"""Removal of one item or of many; deletion keeps the history, erasure leaves a tombstone without content."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import numpy as np

from polymem.domain.batch import Batch, Outcome, Removal
from polymem.domain.change import Change, DropDocument, Release
from polymem.domain.filter import Filter
from polymem.domain.item import Item
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.errors import ConflictError, NotFoundError, StoreCorruptError
from polymem.forget.about import rows_about
from polymem.ports.clock import Clock
from polymem.ports.faces import I32, INDEXED, REMOVED, Mask
from polymem.ports.ledger import Ledger, Snapshot

BLOCK: Final = 500
"""Items of one transaction, so that other writers get their turn."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which items of a scope are to go, whatever their times say.

    Attributes:
        scope: The wall.
        item_ids: Just these; None for all that match the rest.
        filters: A condition on the newest version.
        before: Only what was said, or began to hold, before this, by the newest version.
        removed_too: Also what was deleted before (its text is still in the history).
        about: Only what speaks of this name, see :func:`~polymem.forget.about.rows_about`.
        withheld: Whether passages of documents are left out when their file comes again.
    """

    scope: Scope
    item_ids: tuple[str, ...] | None = None
    filters: Filter | None = None
    before: datetime | None = None
    removed_too: bool = False
    about: str | None = None
    withheld: bool = False

    @property
    def is_everything(self) -> bool:
        """Whether all of the scope is meant."""
        return (self.item_ids, self.filters, self.before, self.about) == (None, None, None, None)


def chosen(snapshot: Snapshot, choice: Choice, *, limit: int) -> list[str]:
    """Return the ids of the items that *choice* means, in the order of their newest versions, at most *limit*."""
    columns, rows = snapshot.columns, snapshot.rows
    mask = columns.flags & (INDEXED | REMOVED if choice.removed_too else INDEXED) != 0
    mask &= within(snapshot, choice.scope)
    if choice.item_ids is not None:
        wanted = np.zeros(snapshot.n, dtype=np.bool_)
        wanted[[p for p in map(rows.position, choice.item_ids) if p is not None]] = True
        mask &= wanted
    if choice.before is not None:
        mask &= columns.valid < to_micros(choice.before)
    if choice.filters is not None:
        mask = rows.matching(choice.filters, now_mask=mask)
    if choice.about is not None:
        mask = rows_about(snapshot, choice.about, mask)
    # Episodes lie before what is derived from them: what others state as well is stated anew before its turn comes.
    ids: dict[str, None] = {}
    positions: I32 = np.flatnonzero(mask).astype(np.int32)
    for start in range(0, len(positions), BLOCK):
        items = rows.items(positions[start : start + BLOCK].tolist())
        ids.update(dict.fromkeys(item.id for item in items if _is_newest(snapshot, item)))
        if len(ids) >= limit:
            break
    return list(ids)[:limit]


def bare_documents(snapshot: Snapshot, choice: Choice) -> tuple[Change, ...]:
    """Return what goes with no item where *choice* means all of its scope: documents without a chunk, and what is withheld."""
    if not choice.is_everything:
        return ()
    documents = snapshot.documents
    bare = tuple(DropDocument(one.id) for one in documents.listed(choice.scope) if not one.n_chunks)
    return (*bare, Release()) if documents.withholds(choice.scope) else bare


def within(snapshot: Snapshot, scope: Scope) -> Mask:
    """Return bool[n]: the rows that carry the agent and the run of *scope*, where it names them."""
    mask = np.ones(snapshot.n, dtype=np.bool_)
    for name, column in ((scope.agent_id, snapshot.columns.agent), (scope.run_id, snapshot.columns.run)):
        if name is not None:
            mask &= column == _number(snapshot, name)
    return mask


def _is_newest(snapshot: Snapshot, item: Item) -> bool:
    """Tell whether no later version took the place of *item*; old ones stay indexed, but do not speak for the item."""
    if item.expired_at is None:
        return True
    return snapshot.rows.position(item.id, version=item.version + 1) is None


def _number(snapshot: Snapshot, name: str) -> int:
    number = snapshot.rows.label(name)
    # No row carries -2: a name that was never used matches nothing.
    return -2 if number is None else number


async def remove(
    ledger: Ledger,
    clock: Clock,
    scope: Scope,
    removal: Removal | None,
    *,
    reason: str,
    drops: tuple[Change, ...] = (),
) -> Outcome:
    """Remove items, and what goes with none, in one transaction.

    Raises:
        NotFoundError: One of them is not in the scope; then none is removed.
    """
    removals = () if removal is None else (removal,)
    batch = Batch(scope=scope, now=clock.now(), reason=reason, removals=removals, changes=drops)
    return await ledger.commit(batch)


async def remove_all(
    ledger: Ledger,
    clock: Clock,
    choice: Choice,
    *,
    how: Literal["delete", "erase"],
    reason: str,
    tombstone_id: str = "",
) -> list[Outcome]:
    """Remove everything that *choice* means, block by block.

    Raises:
        StoreCorruptError: What was removed, or could not be found, is listed again: the store disagrees with itself.
    """
    outcomes: list[Outcome] = []
    gone = set[str]()
    while True:
        ids = await ledger.read(
            choice.scope.partition, lambda snapshot: chosen(snapshot, choice, limit=BLOCK)
        )
        if not ids:
            return outcomes + await _drop_bare(ledger, clock, choice, reason=reason)
        if not gone.isdisjoint(ids):
            raise StoreCorruptError(
                "items that are gone are still listed; see verify() for what is wrong, and rebuild() to repair it"
            )
        try:
            removal = Removal(tuple(ids), how, tombstone_id, choice.withheld)
            outcome = await remove(ledger, clock, choice.scope, removal, reason=reason)
            outcomes.append(outcome)
            gone.update(ids)
        except NotFoundError as error:
            # Another writer removed this one meanwhile; look again.
            gone.add(str(error.item_id))


async def _drop_bare(ledger: Ledger, clock: Clock, choice: Choice, *, reason: str) -> list[Outcome]:
    """Drop the documents that have no chunk, where all of the scope goes."""
    while True:
        drops = await ledger.read(choice.scope.partition, lambda snapshot: bare_documents(snapshot, choice))
        if not drops:
            return []
        try:
            return [await remove(ledger, clock, choice.scope, None, reason=reason, drops=drops)]
        except (NotFoundError, ConflictError):
            # Another writer dropped one, or gave it chunks; look again.
            continue
