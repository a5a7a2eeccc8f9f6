"""Verbs of forgetting: delete, erase with a receipt, put away and bring back, policies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final, cast

from polymem.client.arguments import check_bool, check_id_list, check_target, moment
from polymem.client.handle import Handle
from polymem.client.progress import Progress, Reporter
from polymem.client.values import checked
from polymem.domain.batch import Batch, Removal
from polymem.domain.change import Archive, Change, Unarchive, Use
from polymem.domain.event import ChainHead, Receipt
from polymem.domain.filter import parse_filter
from polymem.domain.predicates import forget_predicates
from polymem.domain.scope import Partition, Scope
from polymem.errors import InputError, NotFoundError, ScopeError, StoreError
from polymem.forget.erasure import erase
from polymem.forget.policies import Policies, Report, apply_policies
from polymem.forget.remove import Choice, remove, remove_all
from polymem.ports.ledger import Finding
from polymem.read.arms import forget_names
from polymem.read.plan import forget_questions
from polymem.read.selecting import narrows
from polymem.text.tokenise import forget_words
from polymem.write.drafts import new_id

__all__ = ["Forgetting", "clear_memos", "scope_of"]


POLICIES: Final = tuple(field.name for field in fields(Policies))


def clear_memos() -> None:
    """Keep no word in this process that may be of what was erased; an erasure that broke off may have begun."""
    forget_words()
    forget_names()
    forget_questions()
    forget_predicates()


class Forgetting(Handle):
    """The part of the handle for forgetting."""

    async def delete(self, item_id: str) -> None:
        """Hide an item and what rests on it alone; its history stays. A passage of a document stays out when its file comes again.

        Raises:
            NotFoundError: No such item in this scope.
        """
        scope, _ = await self._find(item_id)
        removal = Removal((item_id,), "delete", withheld=True)
        await remove(self._parts.ledger, self._parts.clock, scope, removal, reason="")

    async def delete_all(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        filters: Mapping[str, Any] | None = None,
    ) -> int:
        """Delete everything in a scope, or what *filters* match (an empty filter: everything); return how many went.

        Passages of documents that are chosen by *filters* stay out when their file is ingested again.
        """
        condition = parse_filter(filters)
        scope = self._scope(user_id, agent_id, run_id, tenant)
        choice = Choice(scope, filters=condition, withheld=condition is not None)
        outcomes = await remove_all(
            self._parts.ledger, self._parts.clock, choice, how="delete", reason="delete_all"
        )
        return sum(len(outcome.removed) for outcome in outcomes)

    async def forget(
        self,
        item_ids: str | Sequence[str] | None = None,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        filters: Mapping[str, Any] | None = None,
        before: datetime | str | float | None = None,
        about: str | None = None,
        everything: bool = False,
        dry_run: bool = False,
    ) -> Receipt:
        """Erase: destroy the text in every face, the history and the file's free pages; a tombstone remains.

        What was deleted or put away before is erased too: its words are still there. Passages of documents stay out when their
        file is ingested again, unless all of the scope goes: see ``ingest(restore=)``.

        Args:
            item_ids: Just these items; then the scope may be left out.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            filters: Only what matches; an empty filter is no criterion.
            before: Only what was said, or began to hold, before this.
            about: Only what speaks of this name, address or number: what mentions the entity of that name or alias, has it
                as a word of its own ("Ann" is not in "Anna") in its words or metadata, or was said under that name.
            everything: All of the scope.
            dry_run: Only say what would go, down to the last derived item; nothing changes.

        Returns:
            The receipt, which :meth:`verify_erasure` checks.

        Raises:
            InputError: No criterion was given, or one cannot be used.
            NotFoundError: An item is not in this scope; nothing was erased.
        """
        check_bool(everything, argument="everything")
        check_bool(dry_run, argument="dry_run")
        target = check_target(about)
        ids = None if item_ids is None else check_id_list(item_ids)
        condition = parse_filter(filters)
        if ids is None and condition is None and before is None and target is None and not everything:
            raise InputError(
                "say what to forget: item_ids, filters, before, about or everything=True", argument="item_ids"
            )
        scope = await self._scope_of(ids, (user_id, agent_id, run_id, tenant))
        for item_id in ids or ():
            await self._find(item_id, within=scope, removed_too=True)
        limit = moment(before, argument="before")
        choice = Choice(scope, ids, condition, limit, removed_too=True, about=target)
        choice = replace(choice, withheld=not choice.is_everything)
        try:
            return await erase(
                self._parts.ledger, self._parts.clock, choice, dry_run=dry_run, tombstone_id=new_id()
            )
        finally:
            clear_memos()

    async def verify_erasure(self, receipt: Receipt | Mapping[str, Any] | str) -> list[Finding]:
        """Check that nothing is left of what was erased; an empty list is the proof.

        The write-ahead log is emptied first, so that an erasure whose receipt was "pending" is completed by this. Then:
        the chain of events is whole and has every erasure in its place, without content; no row, cached segment or posting
        of the scope belongs to an erased item; what SQLite has freed is empty (read in files of up to 512 MiB).

        Args:
            receipt: What :meth:`forget` returned, as it was or as ``to_dict`` gave it, or the id of its tombstone.

        Raises:
            InputError: It is no receipt, or that of a dry run.
            NotFoundError: This store has no such erasure, or not in this scope.
        """
        given = Receipt.from_dict(receipt) if isinstance(receipt, Mapping) else receipt
        if not isinstance(cast("object", given), Receipt | str):
            raise InputError("give a receipt, or the id of a tombstone", argument="receipt")
        if isinstance(given, Receipt) and given.dry_run:
            raise InputError("a dry run has erased nothing", argument="receipt")
        if isinstance(given, Receipt) and not given.erased:
            return []
        name = given if isinstance(given, str) else given.tombstone_id
        tombstone = await self._parts.erasures.tombstone(name)
        if tombstone is None or (self._bound is not None and tombstone.partition != self._bound.partition):
            raise NotFoundError("no such erasure in this scope", tombstone_id=name)
        return await self._parts.erasures.verify_erasure(tombstone, None if isinstance(given, str) else given)

    async def chain_head(
        self, *, user_id: object = None, agent_id: object = None, run_id: object = None, tenant: object = None
    ) -> ChainHead:
        """Return the end of a scope's chain of events; keep it elsewhere, and hand it to :meth:`verify` later.

        Raises:
            ScopeError: The scope is a part of its owner's memory, whose chain is the owner's.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)
        if narrows(scope):
            raise ScopeError("the chain is the owner's: name the owner alone", argument="scope")
        return await self._parts.erasures.chain_head(scope.partition)

    async def archive(
        self,
        item_ids: str | Sequence[str],
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> None:
        """Put items away: no search, list, profile, relation or prompt block has them until they are restored.

        They are still found by :meth:`get` and with ``include_archived=True``. What was derived from an episode is judged
        on its own and stays. What is said again comes back by itself.

        Args:
            item_ids: Which items, all of one owner; then the scope may be left out.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.

        Raises:
            NotFoundError: An item is not in this scope; none was put away.
        """
        ids = check_id_list(item_ids)
        scope = await self._scope_of(ids, (user_id, agent_id, run_id, tenant))
        await self._write_changes(scope, Archive(ids, "asked"))

    async def restore(
        self,
        item_ids: str | Sequence[str],
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> None:
        """Bring back what was put away; that counts as a use.

        Args:
            item_ids: Which items, all of one owner; then the scope may be left out.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.

        Raises:
            NotFoundError: An item is not in this scope; none was brought back.
        """
        ids = check_id_list(item_ids)
        scope = await self._scope_of(ids, (user_id, agent_id, run_id, tenant))
        await self._write_changes(scope, Unarchive(ids))

    async def reinforce(
        self,
        item_ids: str | Sequence[str],
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> None:
        """Note that items were of use now: they decay more slowly from here on.

        Args:
            item_ids: Which items, all of one owner; then the scope may be left out.
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.

        Raises:
            NotFoundError: An item is not in this scope; nothing was noted.
        """
        ids = check_id_list(item_ids)
        scope = await self._scope_of(ids, (user_id, agent_id, run_id, tenant))
        for item_id in ids:
            await self._find(item_id, within=scope)
        await self._write_changes(scope, Use(ids))

    async def apply_policies(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        policies: Mapping[str, Any] | None = None,
        now: datetime | str | float | None = None,
        dry_run: bool = False,
        progress: Progress | None = None,
    ) -> Report:
        """Sweep what has expired and put away what the policies of the settings ``forgetting.*`` name.

        Nothing is destroyed. Carried out block by block: after an interruption, call it again. A second call does nothing
        more.

        Args:
            user_id: Whose memory; without any id, every memory of the store.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            policies: Instead of the settings, some or all of ``curve``, ``archive_below``, ``capacity``,
                ``superseded_days``, ``min_age_days``, ``protected_importance``.
            now: The present for which age and strength are reckoned.
            dry_run: Only say what would be done.
            progress: Called with the number of items put away so far, in a thread of its own.

        Raises:
            InputError: An argument cannot be used, or a policy is unknown.
            ConfigError: A policy has a value that cannot be used.
        """
        check_bool(dry_run, argument="dry_run")
        chosen = self._policies(policies)
        at = moment(now, argument="now")
        await self._write_uses()
        with Reporter(progress) as reporter:
            reports = [
                await apply_policies(
                    self._parts.ledger,
                    self._parts.erasures,
                    self._parts.clock,
                    scope,
                    policies=chosen,
                    now=at,
                    dry_run=dry_run,
                    progress=reporter.tell,
                )
                for scope in await self._scopes(user_id, agent_id, run_id, tenant)
            ]
        await reporter.settled()
        return Report.of(reports, dry_run=dry_run)

    def _policies(self, given: Mapping[str, Any] | None) -> Policies:
        if given is not None and not isinstance(cast("object", given), Mapping):
            raise InputError("policies must be a mapping", argument="policies")
        values = {name: self._parts.config[f"forgetting.{name}"] for name in POLICIES}
        for name, value in (given or {}).items():
            if name not in POLICIES:
                known = ", ".join(POLICIES)
                raise InputError(f"unknown policy {name!r}; known are: {known}", argument="policies")
            values[name] = checked(f"forgetting.{name}", value, origin="call")
        return Policies(**values)

    async def _scopes(self, *ids: object) -> list[Scope]:
        if self._bound is not None or any(value is not None for value in ids):
            return [self._scope(*ids)]
        return [scope_of(info.partition) for info in await self._parts.ledger.partitions()]

    async def _scope_of(
        self, item_ids: Sequence[str] | None, named: tuple[object, object, object, object]
    ) -> Scope:
        """Return the scope that the ids *named* make, or that of the first item where none are."""
        if item_ids is None or self._bound is not None or any(value is not None for value in named):
            return self._scope(*named)
        scope, _ = await self._find(item_ids[0], removed_too=True)
        return scope_of(scope.partition)

    async def _write_changes(self, scope: Scope, *changes: Change, actor: str = "user") -> None:
        batch = Batch(scope=scope, now=self._parts.clock.now(), actor=actor, changes=changes)
        await self._parts.ledger.commit(batch)

    # ---------------------------------------------------------------- uses that searches note
    async def _write_due_uses(self) -> None:
        """Write the noted uses if there are many of them, or old ones."""
        if self._parts.noted.due(self._parts.clock.now()):
            with suppress(StoreError):
                await self._write_uses()

    async def _write_uses(self) -> None:
        for partition, uses in self._parts.noted.take():
            changes = [Use(tuple(ids), at) for at, ids in uses.items()]
            await self._write_changes(scope_of(partition), *changes, actor="search")


def scope_of(partition: Partition) -> Scope:
    """Return the scope that is the whole of a partition."""
    return Scope.of(tenant=partition.tenant, **_owner(partition))


def _owner(partition: Partition) -> dict[str, Any]:
    return cast("dict[str, Any]", {f"{partition.kind}_id": partition.owner})
