"""The verbs that read; see :class:`~polymem.client.aio.AsyncMemory`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from polymem.client.arguments import check_bool, check_kinds, moment
from polymem.client.handle import Handle
from polymem.domain.event import Event
from polymem.domain.filter import parse_filter
from polymem.domain.hit import Hits, Page
from polymem.domain.item import Item, Kind
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.errors import ConfigError, InputError
from polymem.ports.embedder import runs_in_process
from polymem.ports.faces import F32
from polymem.read.concat import concatenated
from polymem.read.pack import check_budget, within_budget
from polymem.read.plan import QueryPlan, plan_query
from polymem.read.profile import ProfileValue, read_profile
from polymem.read.search import Found, find
from polymem.write.drafts import new_id

if TYPE_CHECKING:
    from polymem.read.rerank import Reranking

MAX_RERANKED: Final = 1_000
"""Most hits that a reranker reads."""


class Reading(Handle):
    """The part of the handle that finds and shows."""

    async def search(
        self,
        query: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        limit: int = 10,
        filters: Mapping[str, Any] | None = None,
        kinds: Sequence[Kind] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        include_archived: bool = False,
        mode: str = "hybrid",
        rerank: bool | int | None = None,
        budget_tokens: int | None = None,
        explain: bool = False,
    ) -> Hits:
        """Find memories: all arms are asked, one score decides.

        Args:
            query: The question, in any language.
            user_id: Whose memory; spans the user's agents and runs.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            limit: Most hits, 1 to 10,000.
            filters: A condition, see ``docs/filters.md``.
            kinds: Only these kinds.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            include_archived: What was put away, too; whatever time is asked about, it is left out otherwise.
            mode: "hybrid"; one arm: "vector", "keyword", "graph", "time"; or "concat", half by vectors, then half by the graph.
            rerank: False: without the configured reranker; True: with it; a number: so many of the first hits are read by
                it; by default with it where one is configured.
            budget_tokens: Only those of the hits whose texts fit together into so many estimated tokens, best first.
            explain: Fill ``hit.signals`` and ``hits.explanation``.

        Returns:
            Hits, best first, with ``.relations`` between the things asked about.

        Raises:
            InputError: An argument cannot be used.
            ConfigError: *rerank* asks for a reranker, and none is configured.
            ModelError: The embedder failed (``mode="keyword"`` needs none), or the reranker did.
        """
        selection = self._selection(
            self._scope(user_id, agent_id, run_id, tenant),
            filters=filters,
            kinds=kinds,
            as_of=as_of,
            known_at=known_at,
            archived=include_archived,
        )
        budget = None if budget_tokens is None else check_budget(budget_tokens)
        plan = await self._plan(query, now=selection.visibility.now, mode=mode, limit=limit)
        how = self._reranking(rerank)
        found = await self._hits(plan, selection, how, explain=check_bool(explain, argument="explain"))
        return self._noted(within_budget(found, budget), selection)

    async def context(
        self,
        query: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        budget_tokens: int = 1_000,
        limit: int = 20,
        filters: Mapping[str, Any] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        rerank: bool | int | None = None,
    ) -> str:
        """Render what is known about a question as a block for a prompt.

        In the order in which it helps: relations; hits in blocks of a session or a document, with date and title, in time
        order; profile; record. What is stored is data: it is marked as such and cannot end the block.

        Args:
            query: The question.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            budget_tokens: Longest block, in estimated tokens.
            limit: Most hits considered.
            filters: A condition on the hits and on what is shown around them; relations and profile are of the whole scope.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            rerank: As for :meth:`search`.

        Raises:
            InputError: An argument cannot be used.
            ConfigError: *rerank* asks for a reranker, and none is configured.
            ModelError: The embedder or the reranker failed.
        """
        selection = self._selection(
            self._scope(user_id, agent_id, run_id, tenant),
            filters=filters,
            kinds=None,
            as_of=as_of,
            known_at=known_at,
        )
        from polymem.read.context import render_context

        now, zone = selection.visibility.now, self._parts.writer.zone
        plan = self._equipped(plan_query(query, now=now, zone=zone, limit=limit))
        plan = plan.embedded(await self._embed_query(plan))
        how = self._reranking(rerank)
        hits = None if how is None else await self._hits(plan, selection, how, explain=False)
        _, weights = await self._parts.learned.of(selection.scope.tenant)
        return await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: render_context(
                snapshot, plan, selection, budget_tokens=budget_tokens, weights=weights, hits=hits
            ),
        )

    async def get(self, item_id: str) -> Item | None:
        """Return the newest version of an item, put away or not; None if the scope has none such, or it was deleted or has expired."""
        return await self._get(item_id)

    async def get_all(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        limit: int = 100,
        cursor: str | None = None,
        filters: Mapping[str, Any] | None = None,
        kinds: Sequence[Kind] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        include_archived: bool = False,
    ) -> Page:
        """List items, newest first, in an order that does not change between pages.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            limit: Length of the page, 1 to 10,000.
            cursor: Of the page before, for the next one.
            filters: A condition, see ``docs/filters.md``.
            kinds: Only these kinds.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            include_archived: What was put away, too.

        Raises:
            InputError: An argument cannot be used.
        """
        selection = self._selection(
            self._scope(user_id, agent_id, run_id, tenant),
            filters=filters,
            kinds=kinds,
            as_of=as_of,
            known_at=known_at,
            archived=include_archived,
        )
        from polymem.read.listing import list_items

        return await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: list_items(snapshot, selection, limit=limit, cursor=cursor),
        )

    async def history(self, item_id: str) -> list[Event]:
        """Return what happened to an item, oldest first; it survives deletion.

        Raises:
            NotFoundError: No such item in this scope.
        """
        scope, _ = await self._find(item_id, removed_too=True)
        return await self._parts.ledger.read(scope.partition, lambda snapshot: snapshot.rows.history(item_id))

    async def profile(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
    ) -> dict[str, ProfileValue]:
        """Return what is known about the owner of a scope, by key ("instructions", "name", "residence", "likes" …).

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            as_of: What held at this time in the world.
            known_at: What was known at this time.

        Returns:
            Keys in the order of :data:`polymem.domain.profile.PROFILE_KEYS`, those alone of which something is known.
        """
        selection = self._selection(
            self._scope(user_id, agent_id, run_id, tenant),
            filters=None,
            kinds=None,
            as_of=as_of,
            known_at=known_at,
        )
        return await self._parts.ledger.read(
            selection.scope.partition, lambda snapshot: read_profile(snapshot, selection)
        )

    def _selection(
        self,
        scope: Scope,
        *,
        filters: Mapping[str, Any] | None,
        kinds: Sequence[Kind] | None,
        as_of: datetime | str | float | None,
        known_at: datetime | str | float | None,
        archived: bool = False,
    ) -> Selection:
        visibility = Visibility(
            now=self._parts.clock.now(),
            as_of=moment(as_of, argument="as_of"),
            known_at=moment(known_at, argument="known_at"),
            archived=check_bool(archived, argument="include_archived"),
        )
        return Selection(scope, visibility, parse_filter(filters), check_kinds(kinds))

    async def _plan(self, query: str, *, now: datetime, mode: str, limit: int) -> QueryPlan:
        plan = plan_query(query, now=now, zone=self._parts.writer.zone, mode=mode, limit=limit)
        if plan.mode in {"hybrid", "vector", "concat"}:
            plan = plan.embedded(await self._embed_query(plan))
        return self._equipped(plan)

    def _equipped(self, plan: QueryPlan) -> QueryPlan:
        """Return *plan* with what it needs for rows in another language."""
        embedder = self._parts.embedder
        encode = embedder.encode if runs_in_process(embedder) else None
        return replace(plan, lexicon=self._parts.lexicon, encode=encode)

    def _reranking(self, rerank: object) -> Reranking | None:
        """Return what reads the first hits again, None for nothing.

        Raises:
            InputError: *rerank* is no bool and no depth.
            ConfigError: It asks for a reranker, and none is configured.
        """
        configured = self._parts.reranking
        if rerank is None or rerank is False:
            return configured if rerank is None else None
        if not isinstance(rerank, int) or not 1 <= rerank <= MAX_RERANKED:
            raise InputError(
                f"rerank must be True, False or a number from 1 to {MAX_RERANKED}", argument="rerank"
            )
        if configured is None:
            raise ConfigError(
                "no reranker is configured: set reranker.provider, or open the memory with reranker=",
                setting="reranker.provider",
            )
        return configured if rerank is True else replace(configured, depth=rerank)

    def _noted(self, hits: Hits, selection: Selection) -> Hits:
        """Note that *hits* were of use, where searching counts as use; return them."""
        if self._parts.config["forgetting.reinforce_on_search"]:
            shown = [hit.item.id for hit in hits]
            self._parts.noted.note(selection.scope.partition, shown, at=selection.visibility.now)
        return hits

    async def _hits(
        self, plan: QueryPlan, selection: Selection, how: Reranking | None, *, explain: bool
    ) -> Hits:
        if how is None:
            return (await self._found(plan, selection, explain=explain)).hits
        from polymem.read.rerank import rerank

        found = await self._found(plan, selection, depth=how.depth, explain=explain)
        return await rerank(found, plan.text, how, limit=plan.limit, explain=explain)

    async def _found(
        self, plan: QueryPlan, selection: Selection, *, depth: int = 0, explain: bool = False
    ) -> Found:
        learned, weights = await self._parts.learned.of(selection.scope.tenant)
        look = concatenated if plan.mode == "concat" else find
        found = await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: look(snapshot, plan, selection, weights=weights, explain=explain, depth=depth),
        )
        return found.named(f"{learned.no}.{new_id()}") if explain else found

    async def _embed_query(self, plan: QueryPlan) -> F32:
        embedder = self._parts.embedder
        if runs_in_process(embedder):
            return embedder.encode(plan.to_embed)
        return await embedder.embed(plan.to_embed, purpose="query")
