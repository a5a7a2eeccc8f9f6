"""``work``, ``pending`` and ``reextract``."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Annotated, Any, Final

import typer
from rich.table import Table

from polymem import Memory
from polymem.cli.call import Call, given
from polymem.cli.options import Who, filter_of, time_of
from polymem.cli.screen import cells, minute, table
from polymem.domain.derivation import Derivation, Worked

EXIT_MODEL: Final = 5
"""A model failed; what it was to derive is still in the queue."""


def work(
    call: Call,
    *,
    who: Who,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", help="Derive from so many batches at most.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Go on with what comes, until interrupted.")] = False,
    every: Annotated[
        float, typer.Option("--every", metavar="SECONDS", min=0.1, help="How often --watch looks.")
    ] = 5.0,
) -> None:
    """Derive what waits for the model and is due; exit code 5 if the model failed."""
    options = given(limit=limit)
    with call.memory() as memory:
        worked = _worked(call, memory, who.ids | options)
        while watch:
            time.sleep(every)
            worked = _worked(call, memory, who.ids | options, quiet=True)
    if worked.n_failed or worked.n_dead:
        raise typer.Exit(EXIT_MODEL)


def _worked(call: Call, memory: Memory, options: dict[str, Any], *, quiet: bool = False) -> Worked:
    with call.screen.progress("deriving") as step:
        worked = memory.work(**options, progress=step)
    # Who watches is told of what happened, not that nothing did.
    if not (quiet and worked == Worked()) and not call.answer(worked):
        call.screen.note(_summary(worked))
    return worked


def _summary(worked: Worked) -> str:
    if worked == Worked():
        return "Nothing is due."
    parts = [f"Derived {worked.n_done:,}"]
    if worked.n_failed:
        parts.append(f"{worked.n_failed:,} failed and will be tried again")
    if worked.n_dead:
        parts.append(f"{worked.n_dead:,} given up")
    if worked.problems:
        parts.append(", ".join(f"{name} {n:,}" for name, n in worked.problems))
    if worked.usage.calls:
        tokens = worked.usage.prompt_tokens + worked.usage.completion_tokens
        parts.append(f"{worked.usage.calls:,} calls, {tokens:,} tokens")
    return "; ".join(parts) + "."


def pending(
    call: Call,
    *,
    who: Who,
    dead: Annotated[bool, typer.Option("--dead", help="Only what was given up.")] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Make it due at once, what was given up too; `work` tries it.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Show so many at most.")] = 100,
) -> None:
    """Show what is still to be derived: what waits, what somebody is at, what was given up."""
    state = given(state="dead" if dead else None)
    with call.memory() as memory:
        found = memory.pending(**who.ids, **state, limit=limit)
        ids = [each.id for each in found] if dead else None
        n_due = memory.retry(ids, **who.ids) if retry and found else 0
    if call.answer({"pending": found, "n_retried": n_due} if retry else found):
        return
    if found:
        call.screen.show(_pending_table(found))
    else:
        call.screen.note("Nothing is pending.")
    if retry and found:
        call.screen.note(f"Due now: {n_due:,}. `polymem work` derives it.")


def _pending_table(found: Sequence[Derivation]) -> Table:
    shown = table("state", "tries", "next", "messages", "scope", right=("tries", "messages"))
    for each in found:
        state = f"{each.state} ({each.problem})" if each.problem else each.state
        due = "" if each.state != "waiting" else minute(each.next_at)
        shown.add_row(*cells(state, each.attempts, due, len(each.episode_ids), _scope(each)))
    return shown


def _scope(derivation: Derivation) -> str:
    scope = derivation.scope
    return "/".join(each for each in (scope.tenant, scope.user_id, scope.agent_id, scope.run_id) if each)


def reextract(
    call: Call,
    *,
    who: Who,
    condition: Annotated[
        str | None,
        typer.Option("--filter", metavar="JSON", help="Only messages that match, see docs/filters.md."),
    ] = None,
    before: Annotated[
        str | None, typer.Option("--before", metavar="TIME", help="Only messages said before this.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Those, too, that this very extractor has read.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say how much it would be.")] = False,
    now: Annotated[
        bool, typer.Option("--now/--later", help="Do it now, or leave it to `polymem work`.")
    ] = True,
) -> None:
    """Derive anew from stored messages with the extractor of today; exit code 5 if the model failed."""
    options = given(filters=filter_of(condition), before=time_of(before))
    with call.memory() as memory, call.screen.progress("deriving anew") as step:
        done = memory.reextract(**who.ids, **options, force=force, dry_run=dry_run, run=now, progress=step)
    if not call.answer(done):
        verb = "Would derive" if dry_run else "To derive" if not now else "Derived"
        call.screen.note(f"{verb} anew from {done.n_episodes:,} messages in {done.n_derivations:,} batches.")
        if done.worked != Worked():
            call.screen.note(_summary(done.worked))
    if done.worked.n_failed or done.worked.n_dead:
        raise typer.Exit(EXIT_MODEL)
