"""Carrying out a derivation: read the episodes → ask the extractor → store what it found, which ends the derivation.

Nothing is lost on the way: until the commit that stores what was derived the derivation stays in the ledger's queue, and
that commit fails where the lease was lost or an episode was changed or removed since it was read.
"""

from __future__ import annotations

import os
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from polymem.domain.batch import Batch, Completion, Enqueue, ItemDraft, Outcome
from polymem.domain.derivation import NO_USAGE, PLAIN, Derivation, Instructions, Lease, Usage, Worked
from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.domain.statement import Extraction
from polymem.domain.timespan import to_micros
from polymem.errors import (
    BudgetError,
    CapabilityError,
    ConflictError,
    InputError,
    InvalidOutputError,
    ModelError,
    QuotaError,
    RateLimitError,
    StoreError,
)
from polymem.ports.derivations import DerivationQueue
from polymem.ports.event_loop import running_loop
from polymem.ports.extractor import ExtractorInput, derives_in_process
from polymem.ports.faces import REMOVED
from polymem.ports.ledger import Snapshot
from polymem.text.indexed import title_of
from polymem.write.add import Writer
from polymem.write.drafts import fact_draft
from polymem.write.judge import Judge
from polymem.write.messages import Message
from polymem.write.resolve import resolve
from polymem.write.trust import impersonal

__all__ = ["MESSAGES_PER_CALL", "Carried", "Deriver", "Pace"]

T = TypeVar("T")
MESSAGES_PER_CALL: Final = 20
"""Messages that an extractor is given at once; a longer batch takes several calls, one after another."""
MAX_TRIES: Final = 8
"""Times that episodes are derived from anew because they changed meanwhile."""
LONGEST_PAUSE_S: Final = 3_600.0
JITTER: Final = 0.25
RENEWALS: Final = 3
"""Times that a lease is renewed before it would end."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How patiently derivations are tried.

    Attributes:
        lease_s: After this time without a sign of life another process may take a derivation over.
        attempts: Times that one is tried before it is given up.
        retry_s: Pause after the first failure; doubled with each further one, up to an hour.
    """

    lease_s: float = 120.0
    attempts: int = 5
    retry_s: float = 30.0

    def pause_s(self, attempt: int) -> float:
        """Return how long to wait after failure number *attempt*, a little more than asked so that not all come at once."""
        pause = min(LONGEST_PAUSE_S, self.retry_s * 2.0 ** min(attempt - 1, 32))
        return pause * (1 + JITTER * int.from_bytes(os.urandom(2)) / 65_536)


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of one derivation.

    Attributes:
        derivation: Which one.
        outcome: What was stored, None where it is not done.
        usage: What models were asked for it.
        problem: Class of the error that kept it from being done, "" where somebody else has it or it is gone.
        dead: Whether it was given up.
        next_at: When it is tried again.
        n_unembedded: Items stored without a vector.
    """

    derivation: Derivation
    outcome: Outcome | None = None
    usage: Usage = NO_USAGE
    problem: str = ""
    dead: bool = False
    next_at: datetime | None = None
    n_unembedded: int = 0

    @property
    def worked(self) -> Worked:
        """The same as figures."""
        if self.outcome is not None:
            return Worked(n_done=1, usage=self.usage)
        if not self.problem:
            return Worked()
        return Worked(n_failed=not self.dead, n_dead=self.dead, problems=((self.problem, 1),))


@dataclass(frozen=True, slots=True)
class Deriver:
    """Carries out derivations.

    Attributes:
        writer: The write path.
        queue: What is still to be derived.
        pace: How patiently.
        standing: Instructions of the configuration.
        judge: Whom to ask about ties, None for nobody.
    """

    writer: Writer
    queue: DerivationQueue
    pace: Pace = Pace()
    standing: Instructions = PLAIN
    judge: Judge | None = None

    def enqueue(
        self, instructions: Instructions, *, waits: bool, episode_ids: tuple[str, ...] = ()
    ) -> Enqueue | None:
        """Return what a write has to ask for so that something is derived later; None where it is derived at once."""
        if derives_in_process(self.writer.extractor):
            return None
        return Enqueue(instructions, self.pace.lease_s if waits else 0.0, episode_ids)

    async def take(self, derivation_id: str) -> Lease | None:
        """Lease one derivation; None where it is not due, gone, or somebody else's."""
        now = self.writer.clock.now()
        found = await self.queue.lease(now=now, lease_s=self.pace.lease_s, ids=[derivation_id])
        return found[0] if found else None

    async def carry_out(self, lease: Lease) -> Carried:
        """Derive, and store what was derived.

        Raises:
            StoreError: The store failed; the derivation is tried again once the lease ends.
        """
        for _ in range(MAX_TRIES):
            try:
                lease = await self._renewed(lease)
                done = await self._attempt(lease)
            except ConflictError as error:
                if error.facts.get("lost"):
                    return Carried(lease.derivation)
                # An episode was changed or removed: derive from what is there now.
                continue
            return done
        return await self._put_off(lease, ConflictError("the episodes are being changed all the time"))

    async def _renewed(self, lease: Lease) -> Lease:
        return await self.queue.renew(lease, now=self.writer.clock.now(), lease_s=self.pace.lease_s)

    async def _attempt(self, lease: Lease) -> Carried:
        try:
            items = await self._items(lease.derivation)
            found = await self._kept(lease, self._extract(lease.derivation, items))
            batch, failed = await self._batch(lease, items, found)
            batch, asked = await self._kept(lease, self._weighed(batch))
        except StoreError:
            raise
        except Exception as error:  # worker boundary: a failure is written down, and tried again
            return await self._put_off(lease, error)
        try:
            outcome = await self.writer.ledger.commit(batch)
        except (InputError, QuotaError) as error:
            return await self._put_off(lease, error)
        usage = sum((each.usage for each in found.values()), asked)
        return Carried(lease.derivation, outcome, usage, n_unembedded=len(outcome.item_ids) if failed else 0)

    async def _weighed(self, batch: Batch) -> tuple[Batch, Usage]:
        if self.judge is None:
            return batch, NO_USAGE
        return await self.judge.weigh(self.writer.ledger, batch)

    async def _put_off(self, lease: Lease, error: Exception) -> Carried:
        problem, attempts = _problem(error), lease.derivation.attempts
        counted = not isinstance(error, BudgetError)
        dead = isinstance(error, CapabilityError) or (counted and attempts >= self.pace.attempts)
        pause = self.pace.pause_s(attempts)
        if isinstance(error, RateLimitError):
            asked = error.facts.get("retry_after_s")
            pause = max(pause, asked if isinstance(asked, (int, float)) else 0.0)
        next_at = self.writer.clock.now() + timedelta(seconds=pause)
        try:
            await self.queue.postpone(lease, next_at=next_at, problem=problem, dead=dead, counted=counted)
        except ConflictError:
            return Carried(lease.derivation)
        return Carried(lease.derivation, problem=problem, dead=dead, next_at=next_at)

    async def _items(self, derivation: Derivation) -> list[Item | None]:
        """Return the newest versions of the episodes in order, None for those that are gone."""
        ids = derivation.episode_ids

        def job(snapshot: Snapshot) -> list[Item | None]:
            now = max(to_micros(self.writer.clock.now()), snapshot.last_at)
            columns, positions = snapshot.columns, [snapshot.rows.position(each) for each in ids]
            there = [
                p
                for p in positions
                if p is not None and not columns.flags[p] & REMOVED and columns.expires[p] > now
            ]
            items = dict(zip(there, snapshot.rows.items(there), strict=True))
            return [None if p is None else items.get(p) for p in positions]

        return await self.writer.ledger.read(derivation.scope.partition, job)

    async def _extract(self, derivation: Derivation, items: Sequence[Item | None]) -> dict[int, Extraction]:
        """Return what the episodes say, by place; a place that is named in there counts all episodes."""
        places = [place for place, item in enumerate(items) if item is not None and item.text.strip()]
        found: dict[int, Extraction] = {}
        # A procedure is one for the whole run.
        together = max(1, len(places)) if derivation.instructions.memory_type else MESSAGES_PER_CALL
        for start in range(0, len(places), together):
            part = places[start : start + together]
            said = [
                _input(item, self.writer) for item in (items[place] for place in part) if item is not None
            ]
            answers = await self._asked(said, derivation.instructions)
            if len(answers) != len(said):
                raise InvalidOutputError(
                    f"the extractor answered {len(answers)} of {len(said)} messages",
                    extractor=self.writer.extractor.name,
                )
            found |= {place: _placed(answer, part) for place, answer in zip(part, answers, strict=True)}
        return found

    async def _asked(self, said: Sequence[ExtractorInput], instructions: Instructions) -> list[Extraction]:
        extractor = self.writer.extractor
        if derives_in_process(extractor):
            found = extractor.derive(said)
        elif instructions == PLAIN:
            found = await extractor.extract(said)
        else:
            found = await extractor.extract(said, instructions=instructions)
        return impersonal(said, found)

    async def _batch(
        self, lease: Lease, items: Sequence[Item | None], found: dict[int, Extraction]
    ) -> tuple[Batch, bool]:
        """Return what is to be stored, and whether embedding failed."""
        derivation, by = lease.derivation, self.writer.extractor.name
        said = [(place, statement) for place in sorted(found) for statement in found[place].statements]
        vectors = await self.writer.embed([statement.text for _, statement in said])
        drafts: list[ItemDraft] = []
        for n, (place, statement) in enumerate(said):
            item = items[place]
            if item is not None:
                drafts.append(
                    fact_draft(
                        _message(item),
                        statement,
                        vector=vectors.fields(n),
                        episode=place,
                        scope=derivation.scope,
                        expires_at=item.expires_at,
                        derived_by=by,
                    )
                )
        names = tuple(found[n].mentions if n in found else () for n in range(len(items)))
        done = Completion(lease, tuple(0 if item is None else item.version for item in items), names, by)
        batch = Batch(
            scope=derivation.scope,
            now=self.writer.clock.now(),
            reason="reextracted" if derivation.reextract else "",
            drafts=tuple(drafts),
            resolve=resolve,
            completes=done,
        )
        return batch, vectors.rows is None and bool(said)

    async def _kept(self, lease: Lease, work: Coroutine[Any, Any, T]) -> T:
        """Return what *work* gives, and hold the lease until then.

        Raises:
            ConflictError: The lease was lost; the work was broken off.
        """
        if running_loop() is None or derives_in_process(self.writer.extractor):
            return await work
        # Not at the top: see running_loop.
        import asyncio

        async def renewing() -> None:
            while True:
                await asyncio.sleep(self.pace.lease_s / RENEWALS)
                await self._renewed(lease)

        working, holding = asyncio.ensure_future(work), asyncio.ensure_future(renewing())
        try:
            await asyncio.wait({working, holding}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                await holding
            return await working
        finally:
            for task in (working, holding):
                task.cancel()
            await asyncio.gather(working, holding, return_exceptions=True)


def _input(item: Item, writer: Writer) -> ExtractorInput:
    title = title_of("episode", role=item.role, metadata=item.metadata)
    return ExtractorInput(item.text, item.speaker, item.role, item.valid_at, writer.zone, title)


def _message(item: Item) -> Message:
    return Message(item.role, item.speaker, item.text, item.valid_at, item.metadata, {})


def _placed(answer: Extraction, part: Sequence[int]) -> Extraction:
    """Return *answer*, with places that count all episodes instead of those of one call.

    Raises:
        InvalidOutputError: A statement names a message that was not shown.
    """
    if any(not 0 <= n < len(part) for statement in answer.statements for n in statement.also_in):
        raise InvalidOutputError("the extractor names a message that it was not given")
    statements = (
        replace(statement, also_in=tuple(part[n] for n in statement.also_in))
        for statement in answer.statements
    )
    return replace(answer, statements=tuple(statements))


def _problem(error: Exception) -> str:
    """Return what is written down of a failure: the class, and for a plain ModelError the status of the answer.

    A wrong key (401), an unknown model (404) and a server that fails (500) want different remedies.
    """
    name = type(error).__name__
    status = error.facts.get("status") if type(error) is ModelError else None
    return f"{name} {status}" if isinstance(status, int) else name
