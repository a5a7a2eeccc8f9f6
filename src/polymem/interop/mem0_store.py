"""The native memory, with what the drop-in needs beyond its public verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, Final

from polymem.domain.entity import Relation
from polymem.domain.event import Event
from polymem.domain.hit import Added, Hits
from polymem.domain.item import Item
from polymem.domain.query import MAX_LIMIT
from polymem.domain.scope import Scope
from polymem.domain.timespan import MICROSECOND, from_micros, to_micros
from polymem.errors import NotFoundError
from polymem.interop.mem0_owners import Owners, ids_of
from polymem.interop.mem0_request import Request
from polymem.interop.mem0_rows import is_marked, is_row
from polymem.interop.mem0_shown import helping, rows_alone, unseen
from polymem.ports.extractor import derives_in_process
from polymem.ports.ledger import Snapshot
from polymem.write.add import read_items

__all__ = ["MAX_RELATIONS", "MemoryNotFoundError", "Store"]

MAX_RELATIONS: Final = MAX_LIMIT
N_TENDED: Final = 16
"""Derivations left by earlier calls that one ``add`` takes up again at most."""


class MemoryNotFoundError(NotFoundError, ValueError):
    """No such memory; a ``ValueError`` too, as programs written for mem0 expect."""

    @classmethod
    def of(cls, memory_id: object) -> MemoryNotFoundError:
        """Return the error for *memory_id*."""
        return cls(f"Memory with id {memory_id!r} not found", item_id=memory_id)


class Store(Owners):
    """The native memory as the drop-in holds it."""

    @property
    def asks_a_model(self) -> bool:
        """Whether a language model derives."""
        return not derives_in_process(self._parts.writer.extractor)

    async def stand_ins(self, scopes: Iterable[Scope]) -> frozenset[str]:
        """Return the ids of messages that are rows, be they marked or not, since their facts cannot be seen."""
        found: set[str] = set()
        for scope in scopes:
            waiting = await self._parts.pool.deriver.queue.pending(scope, limit=MAX_LIMIT)
            found.update(name for each in waiting if not each.reextract for name in each.episode_ids)
            now = to_micros(self._parts.clock.now())
            found |= await self._parts.ledger.read(scope.partition, partial(unseen, scope=scope, now=now))
        return frozenset(found)

    async def changed_rows(self, ids: Mapping[str, Any], added: Added) -> list[tuple[str, Item]]:
        """Return the rows that *added* made or ended, each with what became of it: "ADD", "PENDING" or "DELETE"."""
        scope = Scope.of(**ids)
        named = [item.id for item in added.items]
        made = [item for item in added.items if is_row(item)]
        if any(is_marked(item) for item in added.items):
            # A fact may be outdated by what was known before, or over with the time it names, and so is no row.
            now = self._parts.clock.now()
            items = await read_items(self._parts.ledger, scope, named)
            stand_ins = await self.stand_ins([scope])
            made = [
                item
                for item in items
                if item.text and (item.id in stand_ins or (is_row(item) and _holds(item, now)))
            ]
        event = "ADD" if added.pending is None else "PENDING"
        ended = await read_items(self._parts.ledger, scope, added.superseded) if added.superseded else []
        return [
            *((event if is_marked(item) else "ADD", item) for item in made),
            *(("DELETE", item) for item in ended if item.id not in named and is_row(item)),
        ]

    async def tend(self, ids: Mapping[str, Any], added: Added) -> None:
        """Try again in the background what failed: what *added* left to be derived, and what is due of earlier calls."""
        queue, now = self._parts.pool.deriver.queue, self._parts.clock.now()
        for derivation in await queue.pending(Scope.of(**ids), state="waiting", limit=N_TENDED):
            if derivation.id == added.pending or derivation.next_at <= now:
                self._parts.pool.start(derivation)

    async def first_stored(self, items: Iterable[Item]) -> dict[str, datetime]:
        """Return when the first version of each item was stored, for items that have more than one."""
        by_scope: dict[Scope, list[str]] = {}
        for item in items:
            if item.version > 1:
                by_scope.setdefault(_scope(item), []).append(item.id)
        found: dict[str, datetime] = {}
        for scope, ids in by_scope.items():
            found |= await self._parts.ledger.read(scope.partition, partial(_created, ids=ids))
        return found

    async def find(self, query: str, request: Request, *, explain: bool) -> Hits:
        """Return the rows that answer *query*; as many as there are, up to the limit."""
        scopes = await self.readable(request.ids)
        search = partial(self.search_in, scopes, query, limit=request.limit, explain=explain)
        marks = self.asks_a_model
        if not marks:
            hits = await search(filters=request.filters)
            if all(hit.item.kind == "episode" and is_row(hit.item) for hit in hits):
                return hits
            marks = any(is_marked(hit.item) for hit in hits)
        stand_ins = await self.stand_ins(scopes)
        if marks:
            hits = await search(filters=helping(request.filters, stand_ins))
            if all(is_row(hit.item) or hit.item.id in stand_ins for hit in hits):
                return hits
        # Rare: a message without text, an item that another interface stored, a fact that a filter parted from its message.
        return await search(filters=rows_alone(request.filters, stand_ins))

    async def listed(self, request: Request, *, cursor: str | None) -> tuple[list[Item], str | None]:
        """Return a page of the rows, newest first, and the cursor of the next one."""
        scopes = await self.readable(request.ids)
        filters = rows_alone(request.filters, await self.stand_ins(scopes))
        if scopes[0].user_id is None:
            return await self.list_in(scopes, limit=request.limit, cursor=cursor, filters=filters)
        page = await self.get_all(**request.ids, limit=request.limit, cursor=cursor, filters=filters)
        return list(page), page.cursor

    async def related(self, request: Request) -> list[Relation]:
        """Return the relations, newest first, up to the limit."""
        return await self.relations_in(await self.readable(request.ids), limit=request.limit)

    async def delete_everywhere(self, ids: Mapping[str, Any]) -> None:
        """Delete the rows that carry all of *ids*, whoever's memory they lie in."""
        for scope in await self.scopes(ids):
            await self.delete_all(**ids_of(scope))

    async def relations_before(self, ids: Mapping[str, Any], added: Added) -> list[Relation]:
        """Return the relations that *added* closed."""
        before = added.items[0].created_at - MICROSECOND
        known = await self.relations(**ids, known_at=before, limit=MAX_RELATIONS)
        return [relation for relation in known if relation.item_id in added.superseded]

    async def past(self, item_id: str) -> tuple[Item, list[Event]] | None:
        """Return the newest version of an item, deleted or not, and its events; None if there never was one."""
        try:
            scope, item = await self._find(item_id, removed_too=True)
        except NotFoundError:
            return None
        events = await self._parts.ledger.read(
            scope.partition, lambda snapshot: snapshot.rows.history(item_id)
        )
        return item, events

    async def erase_everything(self) -> None:
        """Erase every scope of the store."""
        for info in await self._parts.ledger.partitions():
            partition = info.partition
            owner: dict[str, Any] = {f"{partition.kind}_id": partition.owner}
            await self.forget(tenant=partition.tenant, everything=True, **owner)


def _holds(item: Item, now: datetime) -> bool:
    return item.expired_at is None and (item.invalid_at is None or item.invalid_at > now)


def _scope(item: Item) -> Scope:
    """Return the scope whose partition holds *item*."""
    return Scope(tenant=item.tenant, user_id=item.user_id, agent_id=item.agent_id, run_id=item.run_id)


def _created(snapshot: Snapshot, *, ids: Sequence[str]) -> dict[str, datetime]:
    places = {name: snapshot.rows.position(name, version=1) for name in ids}
    created = snapshot.columns.created
    return {name: from_micros(int(created[place])) for name, place in places.items() if place is not None}
