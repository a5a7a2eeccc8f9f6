"""``get``, ``list`` and ``history``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.text import Text

from polymem.cli.call import Call
from polymem.cli.options import When, Which, Who
from polymem.cli.show_history import history_text
from polymem.cli.show_items import item_card, item_table
from polymem.errors import NotFoundError


def get(
    call: Call, who: Who, item_id: Annotated[str, typer.Argument(metavar="ID", help="Which item.")]
) -> None:
    """Show one item with all it carries."""
    with call.memory() as memory:
        item = who.bound(memory).get(item_id)
    if item is None:
        raise NotFoundError("no such item in this scope", item_id=item_id)
    if not call.answer(item):
        call.screen.show(item_card(item))


def list_(
    call: Call,
    *,
    who: Who,
    which: Which,
    when: When,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Length of a page.")] = 20,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="Of the page before.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every page; with --json one line for each item.")
    ] = False,
) -> None:
    """List items, newest first, a page at a time."""
    screen = call.screen
    with call.memory() as memory:
        while True:
            page = memory.get_all(
                **who.ids,
                **which.conditions,
                **when.times,
                limit=limit,
                cursor=cursor,
            )
            cursor = page.cursor
            if call.common.json and everything:
                for item in page:
                    screen.document(item, indent=None)
            elif not call.answer(page):
                screen.show(item_table(page.items) if page else Text("There is nothing."))
            if not everything or cursor is None:
                break
    if cursor is not None:
        screen.note(f"There is more: --cursor {cursor}")


def history(
    call: Call, who: Who, item_id: Annotated[str, typer.Argument(metavar="ID", help="Which item.")]
) -> None:
    """Show what happened to an item, with the differences between its versions."""
    with call.memory() as memory:
        handle = who.bound(memory)
        events = handle.history(item_id)
        item = handle.get(item_id)
        successor = None if item is None or item.superseded_by is None else handle.get(item.superseded_by)
    if not call.answer(events):
        call.screen.show(*history_text(events, item=item, successor=successor, colours=call.screen.colours))
