"""Verbs of derivation: what waits for a model, working it off, deriving anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, cast, get_args

from polymem.client.arguments import check_bool, moment
from polymem.client.handle import Handle
from polymem.client.progress import Progress, Reporter
from polymem.domain.batch import Batch, Enqueue
from polymem.domain.derivation import Derivation, DerivationState, Lease, Reextraction, Worked
from polymem.domain.filter import Filter, parse_filter
from polymem.domain.hit import Added
from polymem.domain.item import Item
from polymem.domain.query import MAX_LIMIT, Selection, Visibility
from polymem.domain.scope import Scope
from polymem.domain.timespan import to_micros
from polymem.errors import CapabilityError, InputError, NotFoundError
from polymem.ports.extractor import derives_in_process
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import select
from polymem.write.derive import MESSAGES_PER_CALL
from polymem.write.instruct import instructed

__all__ = ["Deriving"]

_STATES: Final = get_args(DerivationState)
_AT_ONCE: Final = 100 * MESSAGES_PER_CALL
"""Episodes that one transaction puts into the queue, so that no write waits long."""


class Deriving(Handle):
    """The part of the handle for derivation."""

    def _asked(self, *, infer: bool, background: bool | None, **given: object) -> Enqueue | None:
        """Return what an ``add`` asks the queue for; None where nothing is to be derived later.

        Raises:
            InputError: An argument cannot be used.
            CapabilityError: The rules take no instructions.
        """
        deriver = self._parts.pool.deriver
        given = {name: self._clean(value) for name, value in given.items()}
        named = [name for name, value in given.items() if value is not None]
        instructions = instructed(deriver.standing, **given)
        if named and not infer:
            raise InputError(
                f"{named[0]} is for what is derived; it does not go with infer=False", argument=named[0]
            )
        if named and derives_in_process(deriver.writer.extractor):
            raise CapabilityError(
                f"{named[0]} is for a model; {deriver.writer.extractor.name!r} takes no instructions",
                capability="instructions",
                argument=named[0],
            )
        return deriver.enqueue(instructions, waits=not self._in_background(background)) if infer else None

    def _asked_again(self, episode_id: str) -> Enqueue | None:
        """Return what an ``update`` of an episode asks the queue for; None where nothing is to be derived later."""
        deriver, waits = self._parts.pool.deriver, not self._in_background(None)
        return deriver.enqueue(deriver.standing, waits=waits, episode_ids=(episode_id,))

    def _in_background(self, background: object) -> bool:
        if background is None:
            return bool(self._parts.config["derivation.background"])
        return check_bool(background, argument="background")

    async def _derive(self, added: Added, lease: Lease, *, background: bool | None) -> Added:
        """Carry out what an ``add`` left to be derived, or let it be; return the whole of what came of the call."""
        derivation = lease.derivation
        if added.replayed:
            return replace(added, pending=derivation.id, problem=derivation.problem)
        if self._in_background(background):
            self._parts.pool.start(derivation)
            return replace(added, pending=derivation.id)
        carried = await self._parts.pool.carry(lease)
        outcome = carried.outcome
        if outcome is None:
            left = await self._parts.pool.deriver.queue.pending(derivation.scope, ids=[derivation.id])
            return replace(added, pending=derivation.id if left else None, problem=carried.problem)
        return replace(
            added,
            items=(*added.items, *outcome.items),
            superseded=(*added.superseded, *outcome.superseded),
            repeated=(*added.repeated, *outcome.repeated),
            n_unembedded=added.n_unembedded + carried.n_unembedded,
            usage=carried.usage,
        )

    async def _derive_update(self, lease: Lease) -> None:
        """Carry out what an ``update`` left to be derived, or let it be."""
        if self._in_background(None):
            self._parts.pool.start(lease.derivation)
        else:
            await self._parts.pool.carry(lease)

    def _wall(self, ids: dict[str, object]) -> Scope | None:
        """Return the scope that *ids* name, the handle's own, or None for the whole store."""
        named = {name: value for name, value in ids.items() if value is not None}
        if self._bound is not None:
            return self._bound.narrowed(**named)
        return Scope.of(**named) if named else None

    async def work(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        limit: int | None = None,
        progress: Progress | None = None,
    ) -> Worked:
        """Derive what waits and is due, oldest first, and wait for what this handle derives in the background.

        What failed lately is not due before its pause is over; :meth:`retry` makes it so. Many processes may work at once.

        Args:
            user_id: Only this user's; without any id the whole store's.
            agent_id: Only this agent's.
            run_id: Only this session's.
            tenant: Which tenant's.
            limit: Most derivations to try; None for all.
            progress: Called with how many were tried so far, in a thread of its own.

        Returns:
            How many were done, failed or given up, and what models were asked for.

        Raises:
            InputError: An argument cannot be used.
            StoreError: The store failed; what was not done stays in the queue.
        """
        if limit is not None:
            _check_limit(limit, least=0)
        scope = self._wall({"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant})
        with Reporter(progress) as reporter:
            worked = await self._parts.pool.work(limit=limit, scope=scope, told=reporter.tell)
        await reporter.settled()
        return worked

    async def pending(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        state: DerivationState | None = None,
        limit: int = 100,
    ) -> list[Derivation]:
        """Return what is still to be derived, oldest first.

        Args:
            user_id: Only this user's; without any id the whole store's.
            agent_id: Only this agent's.
            run_id: Only this session's.
            tenant: Which tenant's.
            state: "waiting", "leased" while somebody is at it, "dead" once it was given up; None for all.
            limit: Most to return, 1 to 10,000.

        Raises:
            InputError: An argument cannot be used.
        """
        scope = self._wall({"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant})
        if state is not None and state not in _STATES:
            raise InputError(f"state must be one of {', '.join(_STATES)}", argument="state")
        _check_limit(limit, least=1)
        return await self._parts.pool.deriver.queue.pending(scope, state=state, limit=limit)

    async def retry(
        self,
        derivation_ids: str | Sequence[str] | None = None,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
    ) -> int:
        """Make what was given up, and what waits for a later time, due at once; :meth:`work` tries it again.

        Args:
            derivation_ids: Just these; None for all.
            user_id: Only this user's; without any id the whole store's.
            agent_id: Only this agent's.
            run_id: Only this session's.
            tenant: Which tenant's.

        Returns:
            How many there were.

        Raises:
            NotFoundError: An id names nothing that is to be derived in this scope; nothing was changed.
        """
        scope = self._wall({"user_id": user_id, "agent_id": agent_id, "run_id": run_id, "tenant": tenant})
        queue, now = self._parts.pool.deriver.queue, self._parts.clock.now()
        ids = None if derivation_ids is None else _id_list(derivation_ids)
        if ids is not None:
            known = {found.id for found in await queue.pending(scope, ids=ids, limit=len(ids))}
            for each in ids:
                if each not in known:
                    raise NotFoundError(
                        "nothing of this id is to be derived in this scope", derivation_id=each
                    )
        return await queue.retry(scope, now=now, ids=ids)

    async def reextract(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        filters: Mapping[str, Any] | None = None,
        before: datetime | str | float | None = None,
        force: bool = False,
        dry_run: bool = False,
        run: bool = True,
        progress: Progress | None = None,
    ) -> Reextraction:
        """Derive anew from the messages of a scope, as the extractor of today does it.

        When a batch of messages succeeds, what it gave before under another extractor ends at once, what is derived now
        takes its place, and what a caller has deleted stays deleted. Messages that this extractor has derived from are
        passed over, and so are those that still wait for their first time.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this session.
            tenant: Which tenant.
            filters: Only messages that match.
            before: Only messages said before this.
            force: Those, too, that this very extractor has derived from.
            dry_run: Only say how much it would be.
            run: Carry it out now; False leaves it to :meth:`work`.
            progress: As in :meth:`work`.

        Raises:
            InputError: An argument cannot be used.
            StoreError: The store failed; what is in the queue stays there.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)
        for name, value in (("force", force), ("dry_run", dry_run), ("run", run)):
            check_bool(value, argument=name)
        told = await self._outdated(
            scope, filters=parse_filter(filters), before=moment(before, argument="before"), force=force
        )
        sizes = Counter((item.agent_id, item.run_id) for item in told)
        n_calls = sum(-(-n // MESSAGES_PER_CALL) for n in sizes.values())
        if dry_run or not told:
            return Reextraction(len(told), n_calls)
        order = sorted(told, key=lambda item: (item.agent_id or "", item.run_id or ""))
        n_derivations = 0
        for start in range(0, len(order), _AT_ONCE):
            ids = tuple(item.id for item in order[start : start + _AT_ONCE])
            n_derivations += await self._enqueue_anew(scope, ids)
        if not run:
            return Reextraction(len(told), n_derivations)
        with Reporter(progress) as reporter:
            worked = await self._parts.pool.work(limit=None, scope=scope, told=reporter.tell)
        await reporter.settled()
        return Reextraction(len(told), n_derivations, worked)

    async def _enqueue_anew(self, scope: Scope, ids: tuple[str, ...]) -> int:
        asked = Enqueue(
            self._parts.pool.deriver.standing, episode_ids=ids, reextract=True, n_together=MESSAGES_PER_CALL
        )
        batch = Batch(scope=scope, now=self._parts.clock.now(), reason="reextract", enqueue=asked)
        outcome = await self._parts.ledger.commit(batch)
        return outcome.counts.get("derivations", 0)

    async def _outdated(
        self, scope: Scope, *, filters: Filter | None, before: datetime | None, force: bool
    ) -> list[Item]:
        """Return the episodes of which something is to be derived anew, in the order in which they were stored."""
        deriver = self._parts.pool.deriver
        selection = Selection(scope, Visibility(now=self._parts.clock.now()), filters, kinds=("episode",))

        def job(snapshot: Snapshot) -> list[Item]:
            mask = select(snapshot, selection)
            if before is not None:
                mask = mask & (snapshot.columns.valid < to_micros(before))
            return snapshot.rows.items(mask.nonzero()[0].tolist())

        episodes = await self._parts.ledger.read(scope.partition, job)
        by = await deriver.queue.derived_by(scope, [item.id for item in episodes])
        done = frozenset({deriver.writer.extractor.name})
        return [item for item, names in zip(episodes, by, strict=True) if names and (force or names != done)]


def _check_limit(limit: object, *, least: int) -> None:
    if not isinstance(limit, int) or isinstance(limit, bool) or not least <= limit <= MAX_LIMIT:
        raise InputError(f"limit must be a number from {least} to {MAX_LIMIT}", argument="limit")


def _id_list(value: object) -> list[str]:
    given = (value,) if isinstance(value, str) else value
    named = cast("Sequence[object]", given if isinstance(given, (list, tuple)) else ())
    ids = [name for name in named if isinstance(name, str)]
    if not ids or len(ids) < len(named):
        raise InputError("derivation_ids must be an id or a list of ids", argument="derivation_ids")
    return list(dict.fromkeys(ids))
