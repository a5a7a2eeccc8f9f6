"""``consolidate``."""

from __future__ import annotations

from typing import Annotated

import typer

from polymem.cli.call import Call
from polymem.cli.options import Who
from polymem.cli.screen import cells, table
from polymem.domain.consolidation import Consolidated


def consolidate(
    call: Call,
    who: Who,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")] = False,
    summaries: Annotated[
        bool, typer.Option("--summaries/--no-summaries", help="Sum sessions up, where a model is configured.")
    ] = True,
    duplicates: Annotated[
        bool, typer.Option("--duplicates/--no-duplicates", help="Merge what says the same.")
    ] = True,
    profile: Annotated[
        bool, typer.Option("--profile/--no-profile", help="Keep the profile in order.")
    ] = True,
    limit: Annotated[int | None, typer.Option("--limit", help="Most merges and sessions.")] = None,
) -> None:
    """Tidy a memory: merge what says the same, keep the profile in order, sum sessions up."""
    with call.memory() as memory, call.screen.progress("consolidating", total=limit) as step:
        done = memory.consolidate(
            **who.ids,
            dry_run=dry_run,
            summaries=summaries,
            duplicates=duplicates,
            profile=profile,
            limit=limit,
            progress=step,
        )
    if not call.answer(done):
        _show(call, done)


def _show(call: Call, done: Consolidated) -> None:
    shown = table("what", "which", "how many", right=("how many",))
    for merged in done.merged:
        shown.add_row(*cells("merge", f"{merged.keep} keeps {', '.join(merged.gone)}", len(merged.gone)))
    for keep, gone in done.entities:
        shown.add_row(*cells("entity", f"{keep} keeps {gone}", 1))
    for key in done.profile:
        shown.add_row(*cells("profile", key, 1))
    for each in done.summaries:
        name = each.run_id if each.agent_id is None else f"{each.run_id} ({each.agent_id})"
        shown.add_row(*cells("summary", f"{name}{' again' if each.renewed else ''}", each.n_messages))
    if shown.row_count:
        call.screen.show(shown)
    for left in done.pending:
        call.screen.note(f"Left for the next time: {left.n} {left.task} ({left.problem}).")
    if done.usage.calls:
        usage = done.usage
        call.screen.note(
            f"The model was asked {usage.calls} times: {usage.prompt_tokens:,} tokens read, "
            f"{usage.completion_tokens:,} written."
        )
    if done.dry_run:
        call.screen.note("Nothing was done: this was a dry run.")
    elif not shown.row_count and not done.pending:
        call.screen.note("Nothing to do.")
