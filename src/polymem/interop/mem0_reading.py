"""The verbs of the drop-in that read; see :class:`~polymem.interop.mem0_aio.AsyncMemory`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from polymem.domain.item import Item
from polymem.interop.mem0_request import check_search, named_ids, read_request
from polymem.interop.mem0_rows import Row, Rows, history_rows, hit_row, is_ended, item_row, relation_row
from polymem.interop.mem0_store import Store

__all__ = ["Reading"]


class Reading:
    """The part of the handle that finds and shows."""

    _store: Store

    async def get(self, memory_id: str) -> Row | None:
        """Return one memory; None if there is none, or it was deleted, has expired, or another fact took its place."""
        item = await self._store.get(memory_id)
        return None if item is None or is_ended(item) else (await self._rows([item]))[0]

    async def get_all(
        self,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        limit: int | None = None,
        *,
        filters: Mapping[str, Any] | None = None,
        top_k: int | None = None,
        show_expired: bool = False,
        cursor: str | None = None,
    ) -> Rows:
        """List memories, newest first, in an order that does not change between pages.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            limit: Most rows; 100, or 20 where the ids stand in the filter. ``rows.cursor`` tells whether there are more.
            filters: A condition; its ids complete the scope.
            top_k: The same as limit.
            show_expired: Not available.
            cursor: Of the page before, for the next one.

        Raises:
            InputError: An argument cannot be used. Also a ``ValueError``.
            CapabilityError: Something is asked for that cannot be done.
        """
        check_search(threshold=None, rerank=None, reference_date=None, show_expired=show_expired)
        request = read_request(named_ids(user_id, agent_id, run_id), filters, limit=limit, top_k=top_k)
        items, more = await self._store.listed(request, cursor=cursor)
        relations = await self._store.related(request)
        return Rows(await self._rows(items), relations=map(relation_row, relations), cursor=more)

    async def search(
        self,
        query: str,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        limit: int | None = None,
        filters: Mapping[str, Any] | None = None,
        *,
        top_k: int | None = None,
        threshold: float | None = None,
        rerank: bool | None = None,
        explain: bool = False,
        reference_date: object = None,
        show_expired: bool = False,
    ) -> Rows:
        """Find memories; what was derived from a message helps to find it.

        Args:
            query: The question, in any language.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            limit: Most rows; 100, or 20 where the ids stand in the filter.
            filters: A condition; its ids complete the scope.
            top_k: The same as limit.
            threshold: Only rows with at least this score, 0..1; none by default.
            rerank: No effect; True says so by a warning.
            explain: Give each row ``score_details``, and the result an ``explanation``.
            reference_date: Not available.
            show_expired: Not available.

        Returns:
            Rows, best first, as many as match up to the limit; under ``relations`` those of what is asked about.

        Raises:
            InputError: An argument cannot be used. Also a ``ValueError``.
            CapabilityError: Something is asked for that cannot be done.
        """
        check_search(
            threshold=threshold, rerank=rerank, reference_date=reference_date, show_expired=show_expired
        )
        request = read_request(named_ids(user_id, agent_id, run_id), filters, limit=limit, top_k=top_k)
        hits = await self._store.find(query, request, explain=explain)
        found = [hit for hit in hits if threshold is None or hit.score >= threshold]
        created = await self._store.first_stored(hit.item for hit in found)
        return Rows(
            [
                hit_row(hit, created_at=created.get(hit.item.id), threshold=threshold, explain=explain)
                for hit in found
            ],
            relations=map(relation_row, hits.relations),
            explanation=hits.explanation,
        )

    async def history(self, memory_id: str) -> list[Row]:
        """Return what happened to a memory, oldest first; it survives deletion. Empty for an id that never was."""
        past = await self._store.past(memory_id)
        return [] if past is None else history_rows(*past)

    async def _rows(self, items: list[Item]) -> list[Row]:
        created = await self._store.first_stored(items)
        return [item_row(item, created_at=created.get(item.id)) for item in items]
