"""``archive``, ``restore``, ``reinforce`` and ``tidy``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

import typer

from polymem.cli.call import Call, given
from polymem.cli.options import Who, group, time_of
from polymem.cli.screen import cells, table
from polymem.forget.policies import Report

IDS = Annotated[list[str], typer.Argument(metavar="ID...", help="Which items.")]


def archive(call: Call, who: Who, item_ids: IDS) -> None:
    """Put items away: nothing finds them until they are restored, but `get` and `--archived`."""
    with call.memory() as memory:
        memory.archive(item_ids, **who.ids)
    if not call.answer({"archived": item_ids}):
        call.screen.note(f"Put away {len(item_ids)}; `polymem restore ID` brings them back.")


def restore(call: Call, who: Who, item_ids: IDS) -> None:
    """Bring back what was put away."""
    with call.memory() as memory:
        memory.restore(item_ids, **who.ids)
    if not call.answer({"restored": item_ids}):
        call.screen.note(f"Restored {len(item_ids)}.")


def reinforce(call: Call, who: Who, item_ids: IDS) -> None:
    """Note that items were of use: they decay more slowly from here on."""
    with call.memory() as memory:
        memory.reinforce(item_ids, **who.ids)
    if not call.answer({"reinforced": item_ids}):
        call.screen.note(f"Noted {len(item_ids)}.")


@group
@dataclass(frozen=True, slots=True)
class Tidying:
    """Policies, instead of the settings ``forgetting.*``."""

    below: Annotated[
        float | None, typer.Option("--below", metavar="0..1", help="Put away what is weaker than this.")
    ] = None
    capacity: Annotated[
        int | None, typer.Option("--capacity", metavar="N", help="Put the weakest away beyond so many.")
    ] = None
    superseded: Annotated[
        float | None,
        typer.Option("--superseded-days", metavar="DAYS", help="Put away what was replaced before that."),
    ] = None
    curve: Annotated[str | None, typer.Option("--curve", help="fsrs or act-r.")] = None

    @property
    def policies(self) -> dict[str, Any]:
        """The policies as the verb names them."""
        return given(
            archive_below=self.below,
            capacity=self.capacity,
            superseded_days=self.superseded,
            curve=self.curve,
        )


def tidy(
    call: Call,
    *,
    who: Who,
    tidying: Tidying,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be put away.")] = False,
    now: Annotated[
        str | None, typer.Option("--now", metavar="TIME", help="The present for age and strength.")
    ] = None,
) -> None:
    """Sweep what has expired and put away what the policies name; without a scope, in every memory."""
    with call.memory() as memory, call.screen.progress("tidying"):
        report = memory.apply_policies(
            **who.ids, policies=tidying.policies or None, now=time_of(now), dry_run=dry_run
        )
    if not call.answer(report):
        call.screen.show(_report_table(report))
        done = "would be put away" if dry_run else "put away"
        call.screen.note(f"{report.n_archived:,} of {report.n_items:,} items {done}; nothing is destroyed.")


def _report_table(report: Report) -> Any:
    shown = table("policy", "items", right=("items",))
    shown.add_row(*cells("expiry", f"{report.n_expired:,}"))
    for name, ids in report.archived.items():
        shown.add_row(*cells(name, f"{len(ids):,}"))
    return shown
