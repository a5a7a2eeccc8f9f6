"""``profile``, ``entities`` and ``graph``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from polymem.cli.call import Call
from polymem.cli.graph_dot import dot
from polymem.cli.graph_page import page
from polymem.cli.options import When, Who
from polymem.cli.show_graph import relation_tree
from polymem.cli.show_items import entity_table, profile_table
from polymem.client.targets import refuse_stores
from polymem.errors import InputError

STDOUT: Final = Path("-")


def profile(call: Call, who: Who) -> None:
    """Show what is currently known about the owner of a scope, by key."""
    with call.memory() as memory:
        known = memory.profile(**who.ids)
    if call.answer(known):
        return
    if known:
        call.screen.show(profile_table(known))
    else:
        call.screen.note("Nothing is known yet.")


def entities(
    call: Call, who: Who, limit: Annotated[int, typer.Option("--limit", "-n", help="Most entities.")] = 1_000
) -> None:
    """List the people, places and things of a scope."""
    with call.memory() as memory:
        found = memory.entities(**who.ids, limit=limit)
    if call.answer(found):
        return
    if found:
        call.screen.show(entity_table(found))
    else:
        call.screen.note("There are none.")


def graph(
    call: Call,
    *,
    who: Who,
    when: When,
    entity: Annotated[str | None, typer.Argument(help="Only relations of this one.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most relations.")] = 1_000,
    dot_file: Annotated[
        Path | None,
        typer.Option(
            "--dot", metavar="FILE", dir_okay=False, help="Write it for Graphviz; - to standard output."
        ),
    ] = None,
    html_file: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", dir_okay=False, help="Write it as a page; - to standard output."
        ),
    ] = None,
) -> None:
    """Show who relates to what: as a tree, for Graphviz, or as a page that needs no network."""
    files = [file for file in (dot_file, html_file) if file is not None]
    if len([file for file in files if file == STDOUT]) + call.common.json > 1:
        raise InputError("only one can be written to standard output", argument="--dot")
    for file in files:
        refuse_stores(file, store=call.settings.path)
    with call.memory() as memory:
        relations = memory.relations(**who.ids, **when.times, entity=entity, limit=limit)
    for target, drawn in ((dot_file, dot), (html_file, page)):
        if target == STDOUT:
            sys.stdout.write(drawn(relations))
        elif target is not None:
            target.write_text(drawn(relations), encoding="utf-8")
            call.screen.note(f"Wrote {len(relations)} relations to {target}")
    if call.answer(relations) or dot_file is not None or html_file is not None:
        return
    if relations:
        call.screen.show(relation_tree(relations))
    else:
        call.screen.note("There are none.")
