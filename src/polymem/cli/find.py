"""``search`` and ``context``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, TypeAlias

import typer

from polymem.cli.call import Call
from polymem.cli.options import When, Which, Who, filter_of, group
from polymem.cli.show_hits import certainty, hit_table, left_out, relation_table

Rerank: TypeAlias = Annotated[
    bool | None,
    typer.Option("--rerank/--no-rerank", help="With or without the reranker; default: if one is configured."),
]


@group
@dataclass(frozen=True, slots=True)
class How:
    """How hits are found and ranked."""

    mode: Annotated[
        str, typer.Option("--mode", help="hybrid, concat, or one arm: vector, keyword, graph, time.")
    ] = "hybrid"
    rerank: Rerank = None
    budget: Annotated[
        int | None,
        typer.Option("--budget", metavar="TOKENS", help="Only as many hits as fit with their texts."),
    ] = None


def search(
    call: Call,
    *,
    who: Who,
    which: Which,
    when: When,
    query: Annotated[str, typer.Argument(help="The question, in any language.")],
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most hits.")] = 10,
    how: How,
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
            mode=how.mode,
            rerank=how.rerank,
            budget_tokens=how.budget,
            explain=explain,
        )
    if call.answer(hits):
        return
    screen = call.screen
    if not hits:
        screen.note("Nothing was found.")
    else:
        screen.show(hit_table(hits, screen))
        screen.note(certainty(hits.confidence))
    reranked = hits.explanation.get("rerank")
    if isinstance(reranked, dict) and "skipped" in reranked:
        screen.note("The reranker failed: these are the hits without it.")
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
    rerank: Rerank = None,
) -> None:
    """Render what is known about a question as a block for a prompt."""
    with call.memory() as memory:
        block = memory.context(
            query,
            **who.ids,
            **when.times,
            budget_tokens=budget,
            limit=limit,
            filters=filter_of(filter_),
            rerank=rerank,
        )
    if not call.answer({"context": block}):
        call.screen.show(block)
