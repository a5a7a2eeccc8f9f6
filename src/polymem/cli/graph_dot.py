"""Relations for Graphviz."""

from __future__ import annotations

from collections.abc import Sequence

from polymem import Relation
from polymem.cli.labels import label
from polymem.cli.screen import day, one_line


def dot(relations: Sequence[Relation]) -> str:
    """Return relations as a directed graph in the DOT language; what has ended is dashed."""
    lines = [
        "digraph polymem {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ]
    names = dict.fromkeys(name for relation in relations for name in (relation.subject, relation.object))
    numbers = {name: n for n, name in enumerate(names)}
    lines += [f"  n{n} [label={_quoted(name)}];" for name, n in numbers.items()]
    for relation in relations:
        ended = relation.invalid_at is not None
        words = label(relation) + (
            f" ({day(relation.valid_at)} to {day(relation.invalid_at)})" if ended else ""
        )
        style = ", style=dashed, color=gray" if ended else ""
        ends = f"n{numbers[relation.subject]} -> n{numbers[relation.object]}"
        lines.append(f"  {ends} [label={_quoted(words)}{style}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    """Return *text* as a DOT string; a backslash would begin one of Graphviz's own escapes."""
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'
