"""``feedback``, ``learn``, ``weights`` and ``unlearn``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer
from rich.table import Table

from polymem.cli.call import Call
from polymem.cli.options import Who
from polymem.cli.screen import cells, table
from polymem.domain.learning import Learned
from polymem.errors import InputError, NotFoundError

Tenant: TypeAlias = Annotated[str | None, typer.Option("--tenant", metavar="ID", help="Which tenant's.")]


def feedback(
    call: Call,
    *,
    who: Who,
    query: Annotated[str, typer.Argument(help="The question.")],
    useful: Annotated[
        list[str] | None, typer.Option("--useful", metavar="ID", help="A hit that helped; may be repeated.")
    ] = None,
    useless: Annotated[
        list[str] | None, typer.Option("--useless", metavar="ID", help="One that did not; may be repeated.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits that are looked through.")] = 20,
) -> None:
    """Say which hits of a question were of use; `learn` fits the weights of the signals to it."""
    wanted = dict.fromkeys(useless or (), False) | dict.fromkeys(useful or (), True)
    if not wanted or len(wanted) < len(useful or ()) + len(useless or ()):
        raise InputError("give each hit once, with --useful or --useless", argument="--useful")
    with call.memory() as memory:
        found = {hit.item.id: hit for hit in memory.search(query, **who.ids, limit=limit, explain=True)}
        missing = [item_id for item_id in wanted if item_id not in found]
        if missing:
            raise NotFoundError("this question does not find it", item_id=missing[0])
        for item_id, helped in wanted.items():
            memory.feedback(found[item_id], useful=helped)
    if not call.answer({"noted": wanted}):
        call.screen.note(f"Noted {len(wanted)}; `polymem learn` fits the weights to it.")


def learn(call: Call, tenant: Tenant = None) -> None:
    """Fit the weights of a tenant's searches to its feedback; they hold only if they prove themselves."""
    with call.memory() as memory, call.screen.progress("learning"):
        learned = memory.learn(tenant=tenant)
    if not call.answer(_plain(learned)):
        if learned.accepted:
            call.screen.show(_factors(learned))
        call.screen.note(_told(learned))


def weights(call: Call, tenant: Tenant = None) -> None:
    """Show what the signals weigh in a tenant's searches."""
    with call.memory() as memory:
        found = memory.weights(tenant=tenant)
    if not call.answer(found):
        shown = table("signal", "weight", right=("weight",))
        for name, value in found.items():
            shown.add_row(*cells(name, f"{value:.3f}"))
        call.screen.show(shown)


def unlearn(call: Call, tenant: Tenant = None) -> None:
    """Return to the default weights and delete a tenant's feedback."""
    with call.memory() as memory:
        n = memory.unlearn(tenant=tenant)
    if not call.answer({"deleted": n}):
        call.screen.note(f"Deleted the feedback on {n:,} hits; the default weights hold.")


def _plain(learned: Learned) -> dict[str, object]:
    """Return the report for JSON, which knows no nan."""
    return {
        name: None if value != value else value  # noqa: PLR0124 - nan
        for name in Learned.__dataclass_fields__
        for value in (getattr(learned, name),)
    }


def _factors(learned: Learned) -> Table:
    shown = table("signal", "times", right=("times",))
    for name, factor in learned.factors.items():
        shown.add_row(*cells(name, f"{factor:.2f}"))
    return shown


def _told(learned: Learned) -> str:
    known = f"{learned.n_examples:,} hits of {learned.n_queries:,} searches"
    if not learned.accepted:
        return f"The default weights hold: {learned.reason}. Known: {known}."
    loss = f"{learned.loss_before:.3f} to {learned.loss_after:.3f}"
    order = f"{learned.order_before:.0%} to {learned.order_after:.0%}"
    return f"In force, learned from {known}; held out: loss {loss}, pairs in order {order}."
