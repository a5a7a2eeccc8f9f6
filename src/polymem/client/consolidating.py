"""Verbs of consolidation: near-duplicates, profile, summaries."""

from __future__ import annotations

from polymem.client.arguments import check_bool
from polymem.client.build import summariser_of
from polymem.client.handle import Handle
from polymem.client.progress import Progress, Reporter
from polymem.domain.consolidation import Consolidated
from polymem.errors import InputError


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

        Entities that are surely the same are merged first, where the owner alone is named. Then facts, preferences and events
        that say the same in other words become one, which gains the sources and evidence of the others; these are closed in its
        favour and stay in history. Messages are never merged. Sessions (runs) with many messages get a summary from the language
        model, and a new version of it when they have grown; without a model there are none. A summary goes with any of its
        messages. What is done is done whole: interrupted, or beside other writers, it goes on with the next call, and a second
        call finds nothing to do and asks no model.

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
        for name, value in (
            ("dry_run", dry_run),
            ("summaries", summaries),
            ("duplicates", duplicates),
            ("profile", profile),
        ):
            check_bool(value, argument=name)
        _check_limit(limit)
        from polymem.write.consolidate import Consolidator, Wanted

        wanted = Wanted(
            duplicates=duplicates,
            profile=profile,
            summaries=summaries,
            least=self._parts.config["consolidation.messages"],
            limit=limit,
            dry_run=dry_run,
        )
        with Reporter(progress) as reporter:
            done = await Consolidator(
                self._parts.ledger,
                self._parts.embedder,
                self._parts.clock,
                summariser_of(self._parts) if summaries else None,
                scope,
                wanted,
                reporter.tell,
            ).run()
        await reporter.settled()
        return done


def _check_limit(limit: object) -> None:
    if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 1):
        raise InputError("limit must be a whole number from 1 on", argument="limit")
