"""``delete``, ``delete-all`` and ``forget``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from polymem.cli.call import Call, given
from polymem.cli.options import Who, filter_of, group, time_of
from polymem.cli.show_items import receipt_card
from polymem.errors import InputError, NotFoundError

YES = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def delete(
    call: Call, who: Who, item_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Which items.")]
) -> None:
    """Hide items and what rests on them alone; their history stays."""
    with call.memory() as memory:
        handle = who.bound(memory)
        there = [item_id for item_id in dict.fromkeys(item_ids) if handle.get(item_id) is not None]
        for item_id in there:
            # What fell along with one before it is gone, as was asked.
            with suppress(NotFoundError):
                handle.delete(item_id)
    if there and not call.answer({"deleted": there}):
        call.screen.note(f"Deleted {len(there)}; `polymem history ID` still shows what they said.")
    missing = [item_id for item_id in dict.fromkeys(item_ids) if item_id not in there]
    if missing:
        raise NotFoundError(f"no such item in this scope: {', '.join(missing)}", item_id=missing[0])


def delete_all(
    call: Call,
    *,
    who: Who,
    yes: YES = False,
    filter_: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help="Only what matches, see docs/filters.md.")
    ] = None,
) -> None:
    """Delete everything in a scope, or what a filter matches; the history stays."""
    filters = filter_of(filter_)
    with call.memory() as memory:
        # A filter that cannot be used, or a scope that is none, is found before anybody is asked.
        memory.get_all(**who.ids, filters=filters, limit=1)
        call.agreed(
            "Delete everything that matches?" if filters else "Delete everything in this scope?", yes=yes
        )
        n = memory.delete_all(**who.ids, filters=filters)
    if not call.answer({"n_deleted": n}):
        call.screen.note(f"Deleted {n}.")


@group
@dataclass(frozen=True, slots=True)
class Erasing:
    """What is to be erased."""

    filter: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help="What matches, see docs/filters.md.")
    ] = None
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="TIME", help="What was said, or began to hold, before this."),
    ] = None
    about: Annotated[
        str | None,
        typer.Option("--about", metavar="NAME", help="What speaks of this name, address or number."),
    ] = None
    everything: Annotated[
        bool, typer.Option("--everything", help="All of the scope, what was deleted too.")
    ] = False

    @property
    def criteria(self) -> dict[str, Any]:
        """The criteria as the verb names them."""
        named = given(filters=filter_of(self.filter) or None, before=time_of(self.before), about=self.about)
        return named | {"everything": self.everything}


def forget(
    call: Call,
    *,
    who: Who,
    erasing: Erasing,
    item_ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="Just these items.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    yes: YES = False,
) -> None:
    """Erase: destroy the words everywhere, history included; the receipt says what went."""
    criteria = erasing.criteria
    if not item_ids and not any(criteria.values()):
        raise InputError(
            "say what to forget: ids, --filter, --before TIME, --about NAME or --everything",
            argument="--everything",
        )
    wanted: dict[str, Any] = {"item_ids": item_ids or None, **who.ids, **criteria}
    with call.memory() as memory:
        receipt = memory.forget(**wanted, dry_run=True)
        if not dry_run:
            n = len(receipt.erased)
            call.agreed(f"Erase {n} item{'' if n == 1 else 's'} for good?", yes=yes)
            receipt = memory.forget(**wanted)
    if not call.answer(receipt):
        call.screen.show(receipt_card(receipt))
