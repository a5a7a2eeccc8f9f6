"""A workbench around one ledger: verbs that block, and the same store opened anew."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias, TypeVar

from polymem.domain.batch import Batch, ItemDraft, Outcome, Removal, Revision
from polymem.domain.event import Event
from polymem.domain.item import Episode, Item
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.ports.faces import I32
from polymem.ports.ledger import Finding, Ledger, Record, Snapshot
from polymem.read.selecting import select
from polymem.testing.clock import NOON
from polymem.testing.drafting import ENCODER, episode_of

__all__ = ["ALICE", "BOB", "Bench", "OpenLedger"]

T = TypeVar("T")
OpenLedger: TypeAlias = Callable[[str], Ledger]
"""Opens the store of that name for :data:`polymem.testing.drafting.ENCODER`; the same name is the same store."""

ALICE = Scope(user_id="alice")
BOB = Scope(user_id="bob")


class Bench:
    """A ledger whose verbs block; its time goes on by a second with every batch.

    Args:
        open_ledger: Opens a store by name.
        name: Which one.

    Attributes:
        ledger: The ledger.
        now: The writer's present.
    """

    def __init__(self, open_ledger: OpenLedger, name: str = "one") -> None:
        self._open, self._name = open_ledger, name
        self._runner = asyncio.Runner()
        self.ledger = open_ledger(name)
        self.now = NOON

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Run *work* on the bench's event loop."""
        return self._runner.run(work)

    def gather(self, *works: Coroutine[Any, Any, T]) -> list[T | BaseException]:
        """Run *works* at the same time; an error stands in the place of a result."""

        async def together() -> list[T | BaseException]:
            return await asyncio.gather(*works, return_exceptions=True)

        return self.run(together())

    def batch(self, *drafts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> Batch:
        """Return a batch whose time is a second after the last one's; *fields* are those of ``Batch``."""
        self.now += timedelta(seconds=1)
        return replace(Batch(scope=scope, now=self.now, drafts=drafts), **fields)

    def commit(self, *drafts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> Outcome:
        """Commit one batch."""
        return self.run(self.ledger.commit(self.batch(*drafts, scope=scope, **fields)))

    def say(self, text: str, *facts: ItemDraft, scope: Scope = ALICE, **fields: Any) -> str:
        """Commit an episode with what it says; return its id."""
        said = episode_of(text, **fields)
        self.commit(said, *facts, scope=scope)
        return said.id

    def revise(self, draft: ItemDraft, *derived: ItemDraft, scope: Scope = ALICE) -> Outcome:
        """Commit a new version."""
        return self.commit(scope=scope, revisions=(Revision(draft.id, draft, derived),))

    def remove(
        self, *ids: str, how: Literal["delete", "erase", "expire"] = "delete", scope: Scope = ALICE
    ) -> Outcome:
        """Remove items."""
        return self.commit(scope=scope, removals=(Removal(ids, how),))

    def read(self, job: Callable[[Snapshot], T], *, scope: Scope = ALICE) -> T:
        """Run *job* on a snapshot of the scope's partition."""
        return self.run(self.ledger.read(scope.partition, job))

    def seen(self, *, scope: Scope = ALICE, **fields: Any) -> list[Item]:
        """Return all visible items, newest first; *fields* are those of ``Visibility`` and ``Selection``."""
        selection = self.selection(scope=scope, **fields)

        def job(snapshot: Snapshot) -> list[Item]:
            return snapshot.rows.items(snapshot.rows.page(selection, limit=10_000, before=None))

        return self.read(job, scope=scope)

    def selected(self, *, scope: Scope = ALICE, **fields: Any) -> list[Item]:
        """Return what the arms may bring, by position: the same rows as :meth:`seen`, found through the columns."""
        selection = self.selection(scope=scope, **fields)

        def job(snapshot: Snapshot) -> list[Item]:
            (found,) = select(snapshot, selection).nonzero()
            return snapshot.rows.items(found.tolist())

        return self.read(job, scope=scope)

    def selection(self, *, scope: Scope = ALICE, **fields: Any) -> Selection:
        """Return a selection as seen from the bench's present."""
        times = {name: fields.pop(name, None) for name in ("as_of", "known_at")}
        now: datetime = fields.pop("now", self.now)
        return Selection(scope, Visibility(now=now, **times), **fields)

    def texts(self, **fields: Any) -> list[str]:
        """Return the texts of the visible items, sorted."""
        return sorted(item.text for item in self.seen(**fields))

    def item(self, item_id: str, *, scope: Scope = ALICE, version: int | None = None) -> Item:
        """Return an item, removed ones included.

        Raises:
            AssertionError: The scope has no such item.
        """

        def job(snapshot: Snapshot) -> list[Item]:
            position = snapshot.rows.position(item_id, version=version)
            return [] if position is None else snapshot.rows.items([position])

        found = self.read(job, scope=scope)
        assert found, "the ledger does not hold the item"
        return found[0]

    def episode(self, item_id: str, *, scope: Scope = ALICE) -> Episode:
        """Return the raw message behind an item."""
        return self.read(lambda snapshot: snapshot.rows.episodes([item_id])[item_id], scope=scope)

    def history(self, item_id: str, *, scope: Scope = ALICE) -> list[Event]:
        """Return the events of an item."""
        return self.read(lambda snapshot: snapshot.rows.history(item_id), scope=scope)

    def words(self, term: str, *, scope: Scope = ALICE) -> list[int]:
        """Return the positions at which the keyword face knows *term*."""
        return self.read(lambda snapshot: snapshot.texts.postings(term).positions.tolist(), scope=scope)

    def nearest(self, text: str, *, scope: Scope = ALICE) -> int:
        """Return the position whose vector is nearest to *text*."""
        query = ENCODER.encode([text])[0]
        return self.read(lambda snapshot: int(snapshot.vectors.scan(query).argmax()), scope=scope)

    def neighbours(self, *, scope: Scope = ALICE) -> tuple[I32, I32]:
        """Return copies of who comes before and after whom."""

        def job(snapshot: Snapshot) -> tuple[I32, I32]:
            adjacent = snapshot.rows.adjacent()
            return adjacent.previous.copy(), adjacent.following.copy()

        return self.read(job, scope=scope)

    def export(self, scope: Scope | None = None) -> list[Record]:
        """Return every record."""

        async def collect() -> list[Record]:
            return [record async for record in self.ledger.export(scope)]

        return self.run(collect())

    def restore(self, records: Sequence[Record]) -> int:
        """Store records."""
        return self.run(self.ledger.restore(records))

    def backup(self, path: Path) -> None:
        """Copy the store."""
        self.run(self.ledger.backup(path))

    def verify(self) -> list[Finding]:
        """Check the whole store."""
        return self.run(self.ledger.verify(None, repair=False))

    def reopen(self) -> None:
        """Close the ledger and open the same store anew."""
        self.run(self.ledger.close())
        self.ledger = self._open(self._name)

    def close(self) -> None:
        """Close the ledger and the event loop."""
        self.run(self.ledger.close())
        self._runner.close()
