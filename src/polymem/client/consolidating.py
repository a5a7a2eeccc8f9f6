"""Verbs of consolidation: near-duplicates, profile, summaries."""

from __future__ import annotations

from polymem.client.arguments import check_bool
from polymem.client.build import summariser_of
from polymem.client.handle import Handle
from polymem.client.progress import Progress, Reporter
from polymem.domain.consolidation import Consolidated
from polymem.domain.scope import Scope
from polymem.errors import InputError
from polymem.write.report import Wanted


class Consolidating(Handle):
    """The part of the handle for consolidation."""

    async def consolidate(
        self,
        *,
        user_id: object = None,
        agent_id: object = None,
        run_id: object = None,
        tenant: object = None,
        dry_run: bool = False,
        summaries: bool = True,
        duplicates: bool = True,
        profile: bool = True,
        limit: int | None = None,
        progress: Progress | None = None,
    ) -> Consolidated:
        """Tidy a memory: merge what says the same, keep the profile in order, sum sessions up.

        Where the owner alone is named, entities that are surely the same are merged first. Facts, preferences and events that
        say the same in other words become one, with the sources and evidence of all; the others stay in history. Messages are
        never merged. With a language model, runs of many messages get a summary, and its next version when they have grown.
        Interrupted, or beside other writers, it goes on with the next call; a second call does nothing and asks no model.

        Args:
            user_id: Whose memory.
            agent_id: Narrow to this agent.
            run_id: Narrow to this run.
            tenant: Which tenant.
            dry_run: Only say what would be done.
            summaries: Sum sessions up.
            duplicates: Merge entities and items that are the same.
            profile: Make the profile agree with what is stated.
            limit: Most groups of duplicates and sessions, from 1 on; all by default.
            progress: Called with the number of groups and sessions done so far, in a thread of its own.

        Returns:
            What was done, what the model was asked, and in ``pending`` what is left for the next time and why.

        Raises:
            InputError: An argument cannot be used.
            ConflictError: Others write all the time; what was done until then is done.
            StoreError: The store failed.
        """
        scope = self._scope(user_id, agent_id, run_id, tenant)

        wanted = Wanted(
            duplicates=check_bool(duplicates, argument="duplicates"),
            profile=check_bool(profile, argument="profile"),
            summaries=check_bool(summaries, argument="summaries"),
            least=self._parts.config["consolidation.messages"],
            limit=_checked(limit),
            dry_run=check_bool(dry_run, argument="dry_run"),
        )
        return await self._consolidated(scope, wanted, progress)

    async def _consolidated(self, scope: Scope, wanted: Wanted, progress: Progress | None) -> Consolidated:
        from polymem.write.consolidate import Consolidator

        parts = self._parts
        summariser = summariser_of(parts) if wanted.summaries else None
        with Reporter(progress) as reporter:
            done = await Consolidator(
                parts.ledger, parts.embedder, parts.clock, summariser, scope, wanted, reporter.tell
            ).run()
        await reporter.settled()
        return done


def _checked(limit: object) -> int | None:
    if limit is None or (isinstance(limit, int) and not isinstance(limit, bool) and limit >= 1):
        return limit
    raise InputError("limit must be a whole number from 1 on", argument="limit")
