"""A graph in the forms that other programs read: DOT, GraphML, networkx."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, cast

from polymem.domain.entity import Entity, Relation
from polymem.errors import MissingExtraError
from polymem.read.labels import label
from polymem.text.display import day, one_line

__all__ = ["dot", "graphml", "networkx_graph", "nodes_of"]

_TIMES: Final = ("valid_at", "invalid_at", "created_at", "expired_at")
_NODE_KEYS: Final = (("name", "string"), ("type", "string"), ("aliases", "string"), ("n_mentions", "int"))
_EDGE_KEYS: Final = (
    ("predicate", "string"),
    ("label", "string"),
    ("positive", "boolean"),
    ("item_id", "string"),
    *((name, "string") for name in _TIMES),
)
# What XML 1.0 cannot hold, not even escaped.
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_XML: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\r": "&#13;", "\n": "&#10;", "\t": "&#9;"}
)


def ends(relation: Relation) -> tuple[str, str]:
    """Return what tells subject and object from others: their ids, else their names."""
    return relation.subject_id or relation.subject, relation.object_id or relation.object


def nodes_of(entities: Sequence[Entity], relations: Sequence[Relation]) -> dict[str, str]:
    """Return names by id: of the *entities*, then of those that only *relations* name."""
    names = {entity.id: entity.name for entity in entities}
    for relation in relations:
        subject, thing = ends(relation)
        names.setdefault(subject, relation.subject)
        names.setdefault(thing, relation.object)
    return names


# ---------------------------------------------------------------- DOT
def dot(relations: Sequence[Relation], entities: Sequence[Entity] = ()) -> str:
    """Return relations as a directed graph in the DOT language; what has ended is dashed."""
    lines = [
        "digraph polymem {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ]
    names = nodes_of(entities, relations)
    numbers = {key: n for n, key in enumerate(names)}
    lines += [f"  n{numbers[key]} [label={_quoted(name)}];" for key, name in names.items()]
    for relation in relations:
        ended = relation.invalid_at is not None
        words = label(relation) + (
            f" ({day(relation.valid_at)} to {day(relation.invalid_at)})" if ended else ""
        )
        style = ", style=dashed, color=gray" if ended else ""
        subject, thing = (numbers[end] for end in ends(relation))
        lines.append(f"  n{subject} -> n{thing} [label={_quoted(words)}{style}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    """Return *text* as a DOT string; a backslash would begin one of Graphviz's own escapes."""
    return '"' + one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


# ---------------------------------------------------------------- GraphML
def graphml(entities: Sequence[Entity], relations: Sequence[Relation]) -> str:
    """Return a graph in GraphML 1.0, with all four times as ISO 8601; an open time is left out.

    Characters that XML cannot hold become U+FFFD.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        *_keys("node", "d", _NODE_KEYS),
        *_keys("edge", "e", _EDGE_KEYS),
        '<graph id="polymem" edgedefault="directed">',
    ]
    known = {entity.id: entity for entity in entities}
    for key, name in nodes_of(entities, relations).items():
        values = _node_values(known.get(key), name)
        lines += [f"<node id={_attribute(key)}>", *_values("d", _NODE_KEYS, values), "</node>"]
    for n, relation in enumerate(relations):
        subject, thing = ends(relation)
        lines.append(f'<edge id="r{n}" source={_attribute(subject)} target={_attribute(thing)}>')
        lines += [*_values("e", _EDGE_KEYS, _edge_values(relation)), "</edge>"]
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


def _keys(where: str, prefix: str, keys: Sequence[tuple[str, str]]) -> Iterator[str]:
    for n, (name, kind) in enumerate(keys):
        yield f'<key id="{prefix}{n}" for="{where}" attr.name="{name}" attr.type="{kind}"/>'


def _values(prefix: str, keys: Sequence[tuple[str, str]], values: Mapping[str, Any]) -> Iterator[str]:
    for n, (name, kind) in enumerate(keys):
        value = values.get(name)
        if value is not None:
            text = str(value).lower() if kind == "boolean" else str(value)
            yield f'<data key="{prefix}{n}">{_escaped(text)}</data>'


def _attribute(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return _NO_XML.sub("\ufffd", text).translate(_XML)


def _node_values(entity: Entity | None, name: str) -> dict[str, Any]:
    if entity is None:
        return {"name": name}
    aliases = ", ".join(entity.aliases) or None
    return {"name": name, "type": entity.type, "aliases": aliases, "n_mentions": entity.n_mentions}


def _edge_values(relation: Relation) -> dict[str, Any]:
    times: dict[str, datetime | None] = {name: getattr(relation, name) for name in _TIMES}
    return {
        "predicate": relation.predicate,
        "label": label(relation),
        "positive": relation.positive,
        "item_id": relation.item_id,
    } | {name: at.isoformat() for name, at in times.items() if at is not None}


# ---------------------------------------------------------------- networkx
def networkx_graph(entities: Sequence[Entity], relations: Sequence[Relation]) -> Any:
    """Return a graph as a ``networkx.MultiDiGraph``: nodes by id, edges by the fact's id, times as datetimes.

    Raises:
        MissingExtraError: networkx is not installed.
    """
    try:
        import networkx as nx  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtraError("graph", "networkx") from None
    made = cast("Any", nx.MultiDiGraph())
    for entity in entities:
        made.add_node(
            entity.id,
            name=entity.name,
            type=entity.type,
            aliases=list(entity.aliases),
            n_mentions=entity.n_mentions,
        )
    for key, name in nodes_of(entities, relations).items():
        made.add_node(key, name=name)
    for relation in relations:
        subject, thing = ends(relation)
        times: dict[str, Any] = {name: getattr(relation, name) for name in _TIMES}
        made.add_edge(
            subject,
            thing,
            predicate=relation.predicate,
            label=label(relation),
            positive=relation.positive,
            item_id=relation.item_id,
            **times,
        )
    return made
