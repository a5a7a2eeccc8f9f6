"""Verbs of the graph: entities, relations, hops, paths, merging and splitting."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from polymem.client.arguments import moment, required_name
from polymem.client.merging import Merging
from polymem.domain.entity import Entity, Relation
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.read.graph import list_entities, list_relations

if TYPE_CHECKING:
    from polymem.read.subgraph import Paths, Subgraph

_TRIES: Final = 5
ASKED: Final = (("asked", 1.0),)
"""The evidence of a merge that somebody asked for."""


class Graphing(Merging):
    """The part of the handle for the graph."""

    async def entities(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        limit: int = 1_000,
    ) -> list[Entity]:
        """Return the people, places and things of a scope, in order of first mention.

        By user and run, or agent, those that this part of the memory mentions or relates, counted in it.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)
        return await self._parts.ledger.read(
            scope.partition, lambda snapshot: list_entities(snapshot, scope, limit=limit)
        )

    async def relations(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        entity: str | None = None,
        predicate: str | list[str] | tuple[str, ...] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        limit: int = 1_000,
    ) -> list[Relation]:
        """Return who relates to what, newest first.

        Args:
            user_id: Whose memory.
            agent_id: Which agent's memory, where no user is named.
            run_id: Which run's memory, where neither is named.
            tenant: Which tenant.
            entity: Only relations of the entity with this id, name or alias.
            predicate: Only relations of this kind ("lives_in"), or of these.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            limit: Most relations, 1 to 10,000.

        Raises:
            InputError: An argument cannot be used.
        """
        from polymem.read.around import check_predicates

        selection = self._seen(self._scope(user_id, agent_id, run_id, tenant), as_of, known_at)
        name = None if entity is None else required_name(entity, argument="entity")
        kinds = check_predicates(predicate)
        return await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: list_relations(snapshot, selection, entity=name, predicates=kinds, limit=limit),
        )

    async def neighbours(
        self,
        entity: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        hops: int = 1,
        predicates: str | list[str] | tuple[str, ...] | None = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        limit: int = 100,
    ) -> Subgraph:
        """Return what lies around an entity, with the relations between all that was reached.

        Relations are walked in both directions. A negated one ("does not know") joins nobody; it is returned where both
        its ends were reached otherwise.

        Args:
            entity: Id, name or alias.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            hops: How many relations away, 1 to 4.
            predicates: Only relations of this kind, or of these.
            as_of: Neighbours at this time in the world.
            known_at: What was known at this time.
            limit: Most entities, 1 to 500; at most 2,000 relations, 200 followed from one entity. ``truncated`` says
                whether a limit left something out.

        Raises:
            InputError: An argument cannot be used, or several entities bear the name.
            NotFoundError: The scope has no such entity.
        """
        from polymem.read.around import around, check_predicates

        selection = self._seen(self._scope(user_id, agent_id, run_id, tenant), as_of, known_at)
        name, kinds = required_name(entity, argument="entity"), check_predicates(predicates)
        return await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: around(snapshot, selection, name, hops=hops, limit=limit, predicates=kinds),
        )

    async def paths(
        self,
        source: str,
        target: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        max_hops: int = 4,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        limit: int = 10,
    ) -> Paths:
        """Return how two entities are connected, shortest ways first; no entity comes twice in one.

        Relations are walked in both directions, negated ones are no way. Of several relations between two entities the
        newest stands in the path.

        Args:
            source: Id, name or alias of the one.
            target: Of the other.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            max_hops: Longest path, 1 to 4 relations.
            as_of: What held at this time in the world.
            known_at: What was known at this time.
            limit: Most paths, 1 to 10,000.

        Raises:
            InputError: An argument cannot be used, or several entities bear a name.
            NotFoundError: The scope has no such entity.
        """
        from polymem.read.around import between

        selection = self._seen(self._scope(user_id, agent_id, run_id, tenant), as_of, known_at)
        first, last = required_name(source, argument="source"), required_name(target, argument="target")
        return await self._parts.ledger.read(
            selection.scope.partition,
            lambda snapshot: between(snapshot, selection, first, last, max_hops=max_hops, limit=limit),
        )

    async def graph(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        as_of: datetime | str | float | None = None,
        known_at: datetime | str | float | None = None,
        limit: int = 10_000,
    ) -> Subgraph:
        """Return the whole graph of a scope, to be looked at or given away: ``to_networkx()``, ``to_graphml()``, ``to_dot()``.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            as_of: Relations that held at this time in the world.
            known_at: Relations that were known at this time.
            limit: Most relations, newest first, 1 to 10,000; ``truncated`` says whether there may be more.

        Raises:
            InputError: An argument cannot be used.
        """
        from polymem.read.around import whole

        selection = self._seen(self._scope(user_id, agent_id, run_id, tenant), as_of, known_at)
        return await self._parts.ledger.read(
            selection.scope.partition, lambda snapshot: whole(snapshot, selection, limit=limit)
        )

    def _seen(
        self, scope: Scope, as_of: datetime | str | float | None, known_at: datetime | str | float | None
    ) -> Selection:
        now = self._parts.clock.now()
        return Selection(
            scope,
            Visibility(
                now=now,
                as_of=moment(as_of, argument="as_of"),
                known_at=moment(known_at, argument="known_at"),
            ),
        )
