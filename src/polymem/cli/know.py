"""``profile``, ``entities``, ``graph``, ``merge``, ``split`` and ``resolve``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from polymem import Entity, Memory, Relation, Subgraph
from polymem.cli.call import Call
from polymem.cli.graph_page import page
from polymem.cli.options import When, Who, group
from polymem.cli.show_graph import relation_tree
from polymem.cli.show_items import entity_table, profile_table, same_table
from polymem.client.targets import refuse_stores
from polymem.errors import InputError
from polymem.read.hops import MAX_NODES

STDOUT: Final = Path("-")


class Form(StrEnum):
    """A form in which a graph can be written."""

    HTML = "html"
    DOT = "dot"
    GRAPHML = "graphml"
    JSON = "json"


_FORMS: Final[Mapping[Form, Callable[[Subgraph], str]]] = {
    Form.HTML: lambda found: page(found.relations),
    Form.DOT: lambda found: found.to_dot(),
    Form.GRAPHML: lambda found: found.to_graphml(),
    Form.JSON: lambda found: found.to_json() + "\n",
}


def profile(call: Call, who: Who, when: When) -> None:
    """Show what is known about the owner of a scope, by key: today, or at another time."""
    with call.memory() as memory:
        known = memory.profile(**who.ids, **when.times)
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


@group
@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a graph."""

    about: Annotated[
        str | None,
        typer.Option("--entity", metavar="NAME", help="What lies around this one; a name or an id."),
    ] = None
    hops: Annotated[int | None, typer.Option("--hops", help="How many relations away, 1 to 4.")] = None
    path: Annotated[
        tuple[str, str] | None, typer.Option("--path", metavar="A B", help="How these two are connected.")
    ] = None
    predicate: Annotated[
        list[str] | None, typer.Option("--predicate", metavar="NAME", help="Only this kind; may be repeated.")
    ] = None


@group
@dataclass(frozen=True, slots=True)
class Drawing:
    """Where a graph is written to."""

    format: Annotated[
        Form | None, typer.Option("--format", help="Write it in this form instead of showing it.")
    ] = None
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", dir_okay=False, help="Where; standard output if not said."),
    ] = None
    dot_file: Annotated[
        Path | None,
        typer.Option(
            "--dot", metavar="FILE", dir_okay=False, help="Write it for Graphviz; - to standard output."
        ),
    ] = None
    html_file: Annotated[
        Path | None,
        typer.Option(
            "--html", metavar="FILE", dir_okay=False, help="Write it as a page; - to standard output."
        ),
    ] = None

    @property
    def targets(self) -> list[tuple[Form, Path]]:
        """The forms that are asked for, each with its file."""
        asked = (
            (self.format, self.out or STDOUT if self.format else None),
            (Form.DOT, self.dot_file),
            (Form.HTML, self.html_file),
        )
        return [(form, file) for form, file in asked if form is not None and file is not None]


def graph(
    call: Call,
    *,
    who: Who,
    when: When,
    part: Part,
    drawing: Drawing,
    entity: Annotated[str | None, typer.Argument(help="Only relations of this one.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", help="Most relations.")] = 1_000,
) -> None:
    """Show who relates to what: as a tree, as a page that needs no network, for Graphviz, as GraphML or JSON.

    With --hops, what lies around an entity; with --path, how two are connected.
    """
    if drawing.out is not None and drawing.format is None:
        raise InputError("say in which form with --format", argument="--out")
    targets = drawing.targets
    if len([file for _, file in targets if file == STDOUT]) + call.common.json > 1:
        raise InputError("only one can be written to standard output", argument="--dot")
    for _, file in targets:
        refuse_stores(file, store=call.settings.path)
    found = _found(call, who.ids, when.times, part, entity=entity, limit=limit)
    for form, target in targets:
        if target == STDOUT:
            sys.stdout.write(_FORMS[form](found))
        else:
            target.write_text(_FORMS[form](found), encoding="utf-8")
            call.screen.note(f"Wrote {len(found.relations)} relations to {target}")
    if found.truncated:
        call.screen.note("There is more; a limit left it out.")
    if call.answer(found.relations) or targets:
        return
    if found.relations:
        call.screen.show(relation_tree(found.relations))
    else:
        call.screen.note("There are none.")


def _found(
    call: Call, ids: dict[str, Any], times: dict[str, Any], part: Part, *, entity: str | None, limit: int
) -> Subgraph:
    """Return what is asked for; *entity* with no hops means its relations alone."""
    name = part.about or entity
    if part.hops is not None and name is None:
        raise InputError("--hops goes with an entity", argument="--hops")
    if part.path is not None and (name is not None or part.predicate):
        raise InputError("--path goes with no entity and no predicate", argument="--path")
    with call.memory() as memory:
        if part.path is not None:
            source, target = part.path
            paths = memory.paths(source, target, **ids, **times, limit=limit)
            relations = tuple(dict.fromkeys(relation for path in paths for relation in path))
            return Subgraph(_ends(memory, ids, relations), relations, paths.truncated)
        if part.hops is not None and name is not None:
            return memory.neighbours(
                name, **ids, **times, hops=part.hops, predicates=part.predicate, limit=min(limit, MAX_NODES)
            )
        found = memory.relations(**ids, **times, entity=name, predicate=part.predicate, limit=limit)
        relations = tuple(found)
        return Subgraph(_ends(memory, ids, relations), relations)


def _ends(memory: Memory, ids: dict[str, Any], relations: tuple[Relation, ...]) -> tuple[Entity, ...]:
    named = {end for relation in relations for end in (relation.subject_id, relation.object_id)}
    if not named:
        return ()
    return tuple(entity for entity in memory.entities(**ids, limit=10_000) if entity.id in named)


def merge(
    call: Call,
    who: Who,
    keep: Annotated[str, typer.Argument(help="The one that speaks for all; a name or an id.")],
    others: Annotated[list[str], typer.Argument(help="Those that are the same.")],
) -> None:
    """Let several entities be one; `split` takes it back."""
    with call.memory() as memory:
        merged = memory.merge_entities(keep, *others, **who.ids)
    if not call.answer(merged):
        call.screen.show(entity_table([merged]))


def split(
    call: Call,
    who: Who,
    entity: Annotated[str, typer.Argument(help="One that was merged into another; a name or an id.")],
) -> None:
    """Take a merge of entities back."""
    with call.memory() as memory:
        parted = memory.split_entity(entity, **who.ids)
    if not call.answer(parted):
        call.screen.show(entity_table([parted]))


def resolve(
    call: Call,
    who: Who,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be merged.")] = False,
) -> None:
    """Merge entities that are surely the same, and show those that may be."""
    with call.memory() as memory:
        found = memory.resolve_entities(**who.ids, dry_run=dry_run)
    if call.answer(found):
        return
    if found.merged or found.ambiguous:
        call.screen.show(same_table(found))
    else:
        call.screen.note("All entities differ.")
