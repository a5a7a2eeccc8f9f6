"""Relations as a tree for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.text import Text
from rich.tree import Tree

from polymem import Relation
from polymem.cli.labels import label
from polymem.cli.screen import day, one_line


def relation_tree(relations: Sequence[Relation]) -> Group:
    """Return one tree for each subject that is nobody's object, and what hangs from it; none is shown twice."""
    by_subject: dict[str, list[Relation]] = {}
    for relation in relations:
        by_subject.setdefault(relation.subject, []).append(relation)
    objects = {relation.object for relation in relations if relation.object != relation.subject}
    # Those who are the start of most come first; what only a circle reaches is started anywhere in it.
    starts = sorted(by_subject, key=lambda name: (name in objects, -len(by_subject[name])))
    trees: list[Tree] = []
    for name in starts:
        if name in by_subject:
            tree = Tree(Text(one_line(name), style="bold"))
            _hang(tree, name, by_subject)
            trees.append(tree)
    return Group(*trees)


def _hang(root: Tree, name: str, by_subject: dict[str, list[Relation]]) -> None:
    # A stack instead of recursion: a chain of relations may be longer than Python's stack.
    waiting = [(root, by_subject.pop(name))]
    while waiting:
        tree, relations = waiting.pop()
        for relation in sorted(relations, key=lambda relation: (relation.predicate, relation.valid_at)):
            branch = tree.add(_line(relation))
            if relation.object in by_subject:
                waiting.append((branch, by_subject.pop(relation.object)))


def _line(relation: Relation) -> Text:
    text = Text(f"{one_line(label(relation))} ").append(one_line(relation.object), style="cyan")
    until = f" to {day(relation.invalid_at)}" if relation.invalid_at else ""
    return text.append(f"  {'' if until else 'since '}{day(relation.valid_at)}{until}", style="dim")
