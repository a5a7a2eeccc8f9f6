"""What every verb of a handle stands on: its parts, the scope it is bound to, finding an item by id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

from polymem.client.build import Parts
from polymem.domain.item import Item
from polymem.domain.scope import Scope
from polymem.domain.timespan import to_micros
from polymem.errors import NotFoundError
from polymem.ports.embedder import runs_in_process
from polymem.ports.extractor import derives_in_process
from polymem.ports.faces import REMOVED
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import confined, narrows


class Handle:
    """A way into a store, bound to a scope or not."""

    _parts: Parts
    _bound: Scope | None

    @property
    def owns_store(self) -> bool:
        """Whether this handle opened the store, and so may close it."""
        return self._bound is None

    @property
    def in_process(self) -> bool:
        """Whether all computes in this process, no language model is asked, and so no verb waits for the network."""
        parts = self._parts
        return (
            parts.llm is None
            and parts.reranking is None
            and runs_in_process(parts.embedder)
            and derives_in_process(parts.writer.extractor)
        )

    def scoped(
        self, *, user_id: object = None, agent_id: object = None, run_id: object = None, tenant: object = None
    ) -> Self:
        """Return a handle bound to a scope: verbs need no ids, and no item outside the scope can be reached by id.

        Raises:
            ScopeError: An id is unusable, or this handle is bound to another one.
        """
        return self._on(self._scope(user_id, agent_id, run_id, tenant))

    def _on(self, scope: Scope) -> Self:
        handle = object.__new__(type(self))
        handle._parts, handle._bound = self._parts, scope
        return handle

    def _scope(self, user_id: object, agent_id: object, run_id: object, tenant: object) -> Scope:
        ids = {"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant}
        return Scope.of(**ids) if self._bound is None else self._bound.narrowed(**ids)

    async def _find(
        self, item_id: str, *, within: Scope | None = None, removed_too: bool = False
    ) -> tuple[Scope, Item]:
        """Return an item's scope and newest version; what has expired counts as removed.

        A handle that is not bound belongs to whoever opened the store and finds items of any scope, or of the one
        that it is asked to look *within*. Within a scope, the item names the episodes of that scope alone.

        Raises:
            NotFoundError: There is none, or it lies outside the scope.
        """
        wall = within or self._bound
        scope = wall or await self._parts.ledger.locate(item_id)
        if scope is not None:

            def look(snapshot: Snapshot) -> Item | None:
                position = snapshot.rows.position(item_id)
                if position is None or (snapshot.columns.flags[position] & REMOVED and not removed_too):
                    return None
                (item,) = snapshot.rows.items([position])
                present = max(to_micros(self._parts.clock.now()), snapshot.last_at)
                hidden = item.expires_at is not None and to_micros(item.expires_at) <= present
                if hidden and not removed_too:
                    return None
                return item if wall is None else confined(snapshot, wall, [item])[0]

            item = await self._parts.ledger.read(scope.partition, look)
            if (
                item is not None
                and scope.agent_id in {None, item.agent_id}
                and scope.run_id in {None, item.run_id}
            ):
                return scope, item
        raise NotFoundError("no such item in this scope", item_id=item_id)

    def _clean(self, value: Any) -> Any:
        """Return plain JSON that is handed in without what is to be redacted."""
        redactor = self._parts.redactor
        return value if redactor is None else redactor.value(value)[0]

    async def _get(self, item_id: str) -> Item | None:
        try:
            _, item = await self._find(item_id)
        except NotFoundError:
            return None
        return item

    async def _confined(self, scope: Scope | None, items: Sequence[Item]) -> list[Item]:
        """Return *items* as coming from episodes of *scope* alone, None for a handle that may see all."""
        if scope is None or not narrows(scope):
            return list(items)
        return await self._parts.ledger.read(
            scope.partition, lambda snapshot: confined(snapshot, scope, items)
        )
