"""Consolidation of a scope: duplicates become one, the profile agrees with what is stated, sessions get summaries.

Every step looks at the scope and commits only if nobody wrote in between, so whoever writes meanwhile, or is killed, does no
harm: what is done is done whole, and the next run finds the rest. Where nothing changed since a run that left nothing, the
next one ends at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field, replace
from typing import Any, Final

import numpy as np

from polymem.domain.batch import Batch, Revision
from polymem.domain.change import Change, MergeEntities, MergeItems, Note, Reprofile, Rest
from polymem.domain.consolidation import Consolidated, Merged, Summarised
from polymem.domain.query import Visibility
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import from_micros, to_micros
from polymem.errors import (
    BudgetError,
    ConflictError,
    DimensionError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
)
from polymem.ports.clock import Clock
from polymem.ports.embedder import Embedder, runs_in_process
from polymem.ports.faces import KeyValue, Mask
from polymem.ports.ledger import Ledger, Snapshot
from polymem.ports.summariser import Summariser, Summary
from polymem.write.drafts import Vectors
from polymem.write.duplicates import find_duplicates
from polymem.write.entities import find_same
from polymem.write.report import Report, Wanted
from polymem.write.summaries import (
    Reading,
    Session,
    read_session,
    sessions_due,
    still_due,
    summary_draft,
)

__all__ = ["ACTOR", "Consolidator", "Wanted"]

ACTOR: Final = "consolidate"
MAX_TRIES: Final = 16
MERGES_TOGETHER: Final = 64
"""Groups of one transaction, so that other writers get their turn."""
TASK: Final = "consolidate"
RULES: Final = 1
"""Version of what consolidation does: a new one looks at everything again."""
NO_MODEL: Final = "no model"
LIMIT: Final = "limit"
CHANGED: Final = "changed"
_HOPELESS: Final = (BudgetError, RateLimitError, ModelTimeoutError)
"""After these the next session would fare no better."""


@dataclass(slots=True)
class Consolidator:
    """Consolidates one scope once.

    Attributes:
        ledger: The truth.
        embedder: Texts to vectors.
        clock: The present.
        summariser: What sums sessions up, None for nothing: then nobody does.
        scope: What is consolidated.
        wanted: What is asked for.
        tell: Called with the number of groups and sessions done so far.
    """

    ledger: Ledger
    embedder: Embedder
    clock: Clock
    summariser: Summariser | None
    scope: Scope
    wanted: Wanted
    tell: Callable[[int], None]
    _report: Report = field(default_factory=Report)
    _n_done: int = 0
    _version: int = -1

    async def run(self) -> Consolidated:
        """Do what is wanted.

        Raises:
            ConflictError: Others write all the time; what was done until then is done.
            StoreError: The store failed.
        """
        if await self._is_done():
            return Consolidated(dry_run=self.wanted.dry_run)
        if self.wanted.duplicates:
            if self._is_whole:
                await self._merge_entities()
            await self._merge()
        if self.wanted.profile:
            await self._reprofile()
        if self.wanted.summaries:
            await self._summarise()
        report = self._report
        done = replace(
            report.done,
            merged=tuple(report.merged),
            profile=tuple(sorted(report.profile)),
            dry_run=self.wanted.dry_run,
        )
        await self._note(done)
        return done

    # ---------------------------------------------------------------- what was done before

    @property
    def _state(self) -> str:
        """What a run did that left nothing to do, but for the version at its end."""
        by = self.summariser.name if self.summariser is not None else ""
        wanted = self.wanted
        parts = (wanted.duplicates, wanted.profile, wanted.summaries)
        return f"{RULES} {''.join(str(int(part)) for part in parts)} {wanted.least} {by} "

    @property
    def _is_whole(self) -> bool:
        return (self.scope.user_id, self.scope.agent_id, self.scope.run_id).count(None) == 2

    async def _is_done(self) -> bool:
        """Tell whether nothing was written since a run that left nothing to do."""
        if not self._is_whole:
            return False

        def look(snapshot: Snapshot) -> bool:
            self._version = snapshot.version
            return snapshot.keys.progress(TASK) == f"{self._state}{snapshot.version}"

        return await self.ledger.read(self.scope.partition, look)

    async def _note(self, done: Consolidated) -> None:
        """Write down that nothing is left, unless somebody else wrote meanwhile."""
        if done.dry_run or done.pending or not self._is_whole or self._version <= 0:
            return
        # A note touches no row, so the version stays.
        await self._commit((Note(TASK, f"{self._state}{self._version}"),), version=self._version)

    # ---------------------------------------------------------------- duplicates

    async def _merge_entities(self) -> None:
        """Merge the entities that are surely the same, so that what is said of them is found to be."""
        for _ in range(MAX_TRIES):
            found, version = await self.ledger.read(
                self.scope.partition, lambda snapshot: (find_same(snapshot), snapshot.version)
            )
            merges = tuple(MergeEntities(same.keep_id, (same.id,), same.evidence) for same in found.merged)
            if not merges or self.wanted.dry_run or await self._commit(merges, version=version) is not None:
                pairs = tuple((same.keep_id, same.id) for same in found.merged)
                self._report.done = replace(self._report.done, entities=pairs)
                return
        raise ConflictError("the scope changes too fast; try again")

    async def _merge(self) -> None:
        if self.wanted.dry_run:
            groups, _ = await self._groups()
            self._merged(self._within_limit(groups, "merge"))
            return
        for _ in range(MAX_TRIES):
            groups, version = await self._groups()
            chosen = self._within_limit(groups, "merge", keep=True)
            if await self._merge_all(chosen, version):
                self._report.leave("merge", len(groups) - len(chosen), LIMIT)
                return
        raise ConflictError("the scope changes too fast; try again")

    async def _groups(self) -> tuple[list[Merged], int]:
        def look(snapshot: Snapshot) -> tuple[list[Merged], int]:
            visible, seen = self._visible(snapshot)
            return find_duplicates(snapshot, visible, seen), snapshot.version

        return await self.ledger.read(self.scope.partition, look)

    async def _merge_all(self, groups: Sequence[Merged], version: int) -> bool:
        """Merge block by block; return False where somebody wrote meanwhile, and the rest is to be looked for again."""
        for start in range(0, len(groups), MERGES_TOGETHER):
            part = groups[start : start + MERGES_TOGETHER]
            merges = tuple(MergeItems(group.keep, group.gone) for group in part)
            after = await self._commit(merges, version=version)
            if after is None:
                return False
            version = after
            self._merged(part)
        return True

    def _merged(self, groups: Sequence[Merged]) -> None:
        self._report.merged += groups
        self._report.profile |= {group.profile_key for group in groups if group.profile_key}
        self._count(len(groups))

    def _within_limit(self, groups: list[Any], task: str, *, keep: bool = False) -> list[Any]:
        """Return as many as may be done; the others are left, or with *keep* reported by the caller."""
        limit = self.wanted.limit
        chosen = groups if limit is None else groups[: max(0, limit - self._n_done)]
        if not keep:
            self._report.leave(task, len(groups) - len(chosen), LIMIT)
        return chosen

    # ---------------------------------------------------------------- profile

    async def _reprofile(self) -> None:
        for _ in range(MAX_TRIES):
            keys, version = await self.ledger.read(
                self.scope.partition, lambda snapshot: (_wrong_keys(snapshot), snapshot.version)
            )
            if (
                not keys
                or self.wanted.dry_run
                or await self._commit((Reprofile(),), version=version) is not None
            ):
                self._report.profile |= keys
                return
        raise ConflictError("the scope changes too fast; try again")

    # ---------------------------------------------------------------- summaries

    async def _summarise(self) -> None:
        sessions = await self.ledger.read(
            self.scope.partition,
            lambda snapshot: sessions_due(snapshot, self._visible(snapshot)[0], least=self.wanted.least),
        )
        summariser = self.summariser
        if summariser is None:
            self._report.leave("summary", len(sessions), NO_MODEL)
            return
        chosen = self._within_limit(sessions, "summary")
        for n, session in enumerate(chosen):
            try:
                await self._sum_up(summariser, session)
            except ModelError as error:
                problem = type(error).__name__
                self._report.leave("summary", 1, problem)
                if isinstance(error, _HOPELESS):
                    self._report.leave("summary", len(chosen) - n - 1, problem)
                    return

    async def _sum_up(self, summariser: Summariser, session: Session) -> None:
        reading = await self.ledger.read(
            self.scope.partition,
            lambda snapshot: (
                read_session(snapshot, session)
                if still_due(snapshot, self._visible(snapshot)[0], session)
                else None
            ),
        )
        if reading is None:
            self._report.leave("summary", 1, CHANGED)
            return
        told = reading.told
        plan = Summarised(
            reading.run_id,
            reading.agent_id,
            len(told),
            summariser.n_calls(told),
            reading.summary is not None,
        )
        if not self.wanted.dry_run:
            summary = await summariser.summarise(told)
            self._report.done = replace(self._report.done, usage=self._report.done.usage + summary.usage)
            if not summary.text:
                self._report.leave("summary", 1, summary.problem)
                return
            item_id = await self._store(summariser, session, reading, summary)
            if item_id is None:
                self._report.leave("summary", 1, CHANGED)
                return
            plan = replace(plan, item_id=item_id)
        self._report.done = replace(self._report.done, summaries=(*self._report.done.summaries, plan))
        self._count(1)

    async def _store(
        self, summariser: Summariser, session: Session, reading: Reading, summary: Summary
    ) -> str | None:
        """Store a summary, unless its session changed while it was made; return its id."""
        draft = summary_draft(reading, summary, by=summariser.name, vector=await self._vector(summary.text))
        old = reading.summary
        revisions = () if old is None else (Revision(old.id, draft, version=old.version),)
        scope = replace(self.scope, agent_id=reading.agent_id, run_id=reading.run_id)
        changes = (Rest(draft.id, tuple(item.id for item in reading.episodes)),)

        def look(snapshot: Snapshot) -> int | None:
            return snapshot.version if still_due(snapshot, self._visible(snapshot)[0], session) else None

        for _ in range(MAX_TRIES):
            version = await self.ledger.read(self.scope.partition, look)
            if version is None:
                return None
            batch = Batch(
                scope=scope,
                now=self.clock.now(),
                actor=ACTOR,
                reason="summary",
                drafts=() if old is not None else (draft,),
                revisions=revisions,
                changes=changes,
                if_version=version,
            )
            if await self._try(batch) is not None:
                return draft.id
        raise ConflictError("the scope changes too fast; try again")

    async def _vector(self, text: str) -> dict[str, Any]:
        """Return the fields of the vector of *text*; it comes later where the embedder fails."""
        embedder = self.embedder
        try:
            if runs_in_process(embedder):
                rows = embedder.encode([text])
            else:
                rows = await embedder.embed([text], purpose="passage")
        except (ModelError, DimensionError):
            return Vectors(None).fields(0)
        return Vectors(rows, np.any(rows, axis=1).tolist()).fields(0)

    # ---------------------------------------------------------------- common

    def _visible(self, snapshot: Snapshot) -> tuple[Mask, Visibility]:
        """Return what a reader of the scope sees now."""
        now = self.clock.now()
        if to_micros(now) < snapshot.last_at:
            now = from_micros(snapshot.last_at)
        seen = Visibility(now=now)
        mask = np.array(snapshot.visible(seen))
        columns, rows = snapshot.columns, snapshot.rows
        for name, column in ((self.scope.agent_id, columns.agent), (self.scope.run_id, columns.run)):
            if name is not None:
                number = rows.label(name)
                mask &= column == (-2 if number is None else number)
        return mask, seen

    async def _commit(self, changes: tuple[Change, ...], *, version: int) -> int | None:
        return await self._try(
            Batch(
                scope=self.scope,
                now=self.clock.now(),
                actor=ACTOR,
                reason="duplicate",
                changes=changes,
                if_version=version,
            )
        )

    async def _try(self, batch: Batch) -> int | None:
        """Commit; return the new version, None where somebody else wrote meanwhile."""
        try:
            outcome = await self.ledger.commit(batch)
        except ConflictError:
            return None
        # What others wrote in between was not looked at.
        self._version = outcome.version if batch.if_version == self._version else 0
        return outcome.version

    def _count(self, n: int) -> None:
        self._n_done += n
        self.tell(self._n_done)


def _wrong_keys(snapshot: Snapshot) -> set[str]:
    """Return the keys under which the profile says something else than what is stated."""

    def shown(entries: Sequence[KeyValue]) -> set[tuple[str, str, str, int]]:
        return {(entry.key, entry.slot, entry.value, entry.position) for entry in entries}

    return {entry[0] for entry in shown(snapshot.keys.get()) ^ shown(snapshot.keys.stated())}
