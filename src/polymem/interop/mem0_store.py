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
from polymem.domain.timespan import MICROSECOND, from_micros
from polymem.errors import NotFoundError
from polymem.interop.mem0_filters import Condition
from polymem.interop.mem0_owners import Owners, ids_of
from polymem.interop.mem0_request import Request
from polymem.ports.ledger import Snapshot

__all__ = ["MAX_RELATIONS", "MemoryNotFoundError", "Store"]

MAX_RELATIONS: Final = MAX_LIMIT
WITH_TEXT: Final[Condition] = {"text": {"ne": ""}}


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
        return self._parts.llm is not None

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
        """Return the messages with text that answer *query*; as many as there are, up to the limit."""
        scopes = await self.readable(request.ids)
        search = partial(self.search_in, scopes, query, limit=request.limit, explain=explain)
        hits = await search(filters=request.filters)
        if all(hit.item.kind == "episode" and hit.item.text for hit in hits):
            return hits
        # Rare: a message without text, an item that another interface stored, a fact that a filter parted from its message.
        return await search(filters=_with_text(request.filters), kinds=("episode",))

    async def listed(self, request: Request, *, cursor: str | None) -> tuple[list[Item], str | None]:
        """Return a page of the messages with text, newest first, and the cursor of the next one."""
        scopes = await self.readable(request.ids)
        if scopes[0].user_id is None:
            filters = _with_text(request.filters)
            return await self.list_in(scopes, limit=request.limit, cursor=cursor, filters=filters)
        items: list[Item] = []
        while len(items) < request.limit:
            page = await self.get_all(
                **request.ids,
                limit=request.limit - len(items),
                cursor=cursor,
                filters=request.filters,
                kinds=("episode",),
            )
            items += (item for item in page if item.text)
            cursor = page.cursor
            if cursor is None:
                break
        return items, cursor

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


def _with_text(filters: Condition | None) -> Condition:
    return WITH_TEXT if filters is None else {"AND": [filters, WITH_TEXT]}


def _scope(item: Item) -> Scope:
    """Return the scope whose partition holds *item*."""
    return Scope(tenant=item.tenant, user_id=item.user_id, agent_id=item.agent_id, run_id=item.run_id)


def _created(snapshot: Snapshot, *, ids: Sequence[str]) -> dict[str, datetime]:
    places = {name: snapshot.rows.position(name, version=1) for name in ids}
    created = snapshot.columns.created
    return {name: from_micros(int(created[place])) for name, place in places.items() if place is not None}
