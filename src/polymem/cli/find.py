"""``search`` and ``context``."""

from __future__ import annotations

from typing import Annotated

import typer

from polymem.cli.call import Call
from polymem.cli.options import When, Which, Who, filter_of
from polymem.cli.show_hits import hit_table, left_out, relation_table


def search(
    call: Call,
    *,
    who: Who,
    which: Which,
    when: When,
    query: Annotated[str, typer.Argument(help="The question, in any language.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    mode: Annotated[
        str, typer.Option("--mode", help="hybrid, or one arm: vector, keyword, graph, time.")
    ] = "hybrid",
    explain: Annotated[bool, typer.Option("--explain", help="Show the signals of every score.")] = False,
) -> None:
    """Find memories, with the relations between the things asked about."""
    with call.memory() as memory:
        hits = memory.search(
            query,
            **who.ids,
            **which.conditions,
            **when.times,
            limit=limit,
            mode=mode,
            explain=explain,
        )
    if call.answer(hits):
        return
    screen = call.screen
    if not hits:
        screen.note("Nothing was found.")
    else:
        screen.show(hit_table(hits, screen))
    if hits.relations:
        screen.show("", relation_table(hits.relations))
    if explain:
        screen.show("", left_out(hits.explanation))


def context(
    call: Call,
    *,
    who: Who,
    when: When,
    query: Annotated[str, typer.Argument(help="The question.")],
    budget: Annotated[int, typer.Option("--budget", metavar="TOKENS", help="Longest block.")] = 1_000,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits considered.")] = 20,
    filter_: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help="A condition, see docs/filters.md.")
    ] = None,
) -> None:
    """Render what is known about a question as a block for a prompt."""
    with call.memory() as memory:
        block = memory.context(
            query, **who.ids, **when.times, budget_tokens=budget, limit=limit, filters=filter_of(filter_)
        )
    if not call.answer({"context": block}):
        call.screen.show(block)
