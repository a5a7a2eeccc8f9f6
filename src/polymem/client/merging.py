"""Verbs that say which entities are one: merging, splitting, finding out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from polymem.client.arguments import check_bool, required_name
from polymem.client.handle import Handle
from polymem.domain.batch import Batch
from polymem.domain.change import Change, MergeEntities, SplitEntity
from polymem.domain.entity import Entity, Resolved
from polymem.domain.scope import Scope
from polymem.errors import ConflictError, InputError, NotFoundError, ScopeError
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import narrows

_TRIES: Final = 5
ASKED: Final = (("asked", 1.0),)
"""The evidence of a merge that somebody asked for."""


class Merging(Handle):
    """The part of the handle for what is one."""

    async def merge_entities(
        self,
        keep: str,
        *others: str,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> Entity:
        """Let several entities be one, until :meth:`split_entity`; what was written keeps the name that it used.

        Args:
            keep: Id, name or alias of the one that speaks for all; the owner of the scope speaks for whoever is merged with it.
            others: Those that are the same.
            user_id: Whose memory.
            agent_id: Which agent's memory, where no user is named.
            run_id: Which run's memory, where neither is named.
            tenant: Which tenant.

        Returns:
            The entity that speaks for all; ``merged`` names the others by id.

        Raises:
            InputError: No other is named, or several entities bear a name.
            NotFoundError: The scope has no such entity.
            ScopeError: More than the owner is named; entities are those of the whole memory.
        """
        scope = self._whole_memory(user_id, agent_id, run_id, tenant)
        if not others:
            raise InputError("name the entities that are the same", argument="others")
        names = [
            required_name(keep, argument="keep"),
            *(required_name(other, argument="others") for other in others),
        ]

        def changes(snapshot: Snapshot) -> tuple[str, list[Change]]:
            from polymem.read.around import one_entity

            kept, *gone = (
                one_entity(snapshot, name, argument="others" if place else "keep")
                for place, name in enumerate(names)
            )
            ids = {number: entity.id for number, entity in snapshot.graph.described([kept, *gone]).items()}
            same = tuple(dict.fromkeys(ids[number] for number in gone if number != kept))
            return ids[kept], [MergeEntities(ids[kept], same, ASKED)] if same else []

        return await self._change(scope, changes, reason="merge")

    async def split_entity(
        self,
        entity: str,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> Entity:
        """Take a merge back: each row returns to the name that it used, later ones too.

        Args:
            entity: Id, name or alias of an entity that was merged into another; what was merged into it before stays so.
            user_id: Whose memory.
            agent_id: Which agent's memory, where no user is named.
            run_id: Which run's memory, where neither is named.
            tenant: Which tenant.

        Returns:
            The entity that stands alone again.

        Raises:
            InputError: The entity was not merged into another, or several that were bear the name.
            NotFoundError: The scope has no such entity.
            ScopeError: More than the owner is named; entities are those of the whole memory.
        """
        scope = self._whole_memory(user_id, agent_id, run_id, tenant)
        name = required_name(entity, argument="entity")

        def changes(snapshot: Snapshot) -> tuple[str, list[Change]]:
            from polymem.read.around import one_entity

            graph = snapshot.graph
            number = one_entity(snapshot, name, argument="entity", merged=True)
            if graph.root(number) == number:
                raise InputError("this entity was not merged into another", argument="entity")
            key = graph.identify(name)[number]
            return key, [SplitEntity(key)]

        return await self._change(scope, changes, reason="split")

    async def resolve_entities(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        dry_run: bool = False,
    ) -> Resolved:
        """Find entities that are the same under different names, and merge those of which that is sure.

        Names alone never decide: what counts is what was stated ("also known as", 又叫), a table of well-known names, and for
        names that could mean the same (initials, titles, 小王) what else is known: types, shared neighbours, alike contexts.
        What a person has split stays split.

        Args:
            user_id: Whose memory.
            agent_id: Which agent's memory, where no user is named.
            run_id: Which run's memory, where neither is named.
            tenant: Which tenant.
            dry_run: Only say what would be merged.

        Returns:
            What was merged, and what might be the same but is not sure, with the evidence.

        Raises:
            ScopeError: More than the owner is named; entities are those of the whole memory.
        """
        from polymem.write.entities import find_same

        scope = self._whole_memory(user_id, agent_id, run_id, tenant)
        check_bool(dry_run, argument="dry_run")
        for _ in range(_TRIES):
            found, version = await self._parts.ledger.read(
                scope.partition, lambda snapshot: (find_same(snapshot), snapshot.version)
            )
            changes = tuple(MergeEntities(same.keep_id, (same.id,), same.evidence) for same in found.merged)
            if dry_run or not changes or await self._commit_changes(scope, changes, version, "resolved"):
                return replace(found, dry_run=dry_run)
        raise ConflictError("the scope changes too fast; try again")

    def _whole_memory(self, user_id: object, agent_id: object, run_id: object, tenant: object) -> Scope:
        scope = self._scope(user_id, agent_id, run_id, tenant)
        if narrows(scope):
            raise ScopeError(
                "entities are those of the whole memory; name its owner alone", argument="run_id"
            )
        return scope

    async def _change(
        self, scope: Scope, plan: Callable[[Snapshot], tuple[str, list[Change]]], *, reason: str
    ) -> Entity:
        """Commit what *plan* finds to be changed, on the snapshot that it looked at; return the entity that it names."""
        for _ in range(_TRIES):
            (key, changes), version = await self._parts.ledger.read(
                scope.partition, lambda snapshot: (plan(snapshot), snapshot.version)
            )
            if not changes or await self._commit_changes(scope, changes, version, reason):
                break
        else:
            raise ConflictError("the scope changes too fast; try again")
        return await self._parts.ledger.read(scope.partition, lambda snapshot: _entity(snapshot, key))

    async def _commit_changes(
        self, scope: Scope, changes: Sequence[Change], version: int, reason: str
    ) -> bool:
        """Tell whether *changes* could be committed, which they cannot when the scope has changed meanwhile."""
        batch = Batch(
            scope=scope,
            now=self._parts.clock.now(),
            reason=reason,
            changes=tuple(changes),
            if_version=version,
        )
        try:
            await self._parts.ledger.commit(batch)
        except ConflictError:
            return False
        return True


def _entity(snapshot: Snapshot, key: str) -> Entity:
    number = snapshot.graph.root(next(iter(snapshot.graph.identify(key)), -1))
    described = snapshot.graph.described([number])
    if number not in described:
        raise NotFoundError("no such entity in this scope")
    return described[number]
