"""Results in mem0's form, readable by code of every generation of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, SupportsIndex, TypeAlias, cast, overload

from polymem.domain.entity import Relation
from polymem.domain.event import Event, EventName
from polymem.domain.hit import Hit
from polymem.domain.item import Item
from polymem.domain.metadata import OWN_KEYS

__all__ = [
    "MARK",
    "Row",
    "Rows",
    "added_row",
    "history_rows",
    "hit_row",
    "is_ended",
    "is_marked",
    "is_row",
    "item_row",
    "relation_row",
    "relation_rows",
]

Row: TypeAlias = dict[str, Any]

MARK: Final = f"{OWN_KEYS}row"
"""Key in the metadata of a message whose facts are the rows, and so of all that is derived from it. Never in a row."""
_ROWS_KEYS: Final = ("results", "memories")
_RELATIONS_KEYS: Final = ("relations", "entities")
_SHOWN_EVENTS: Final[Mapping[EventName, str]] = {
    "ADD": "ADD",
    "UPDATE": "UPDATE",
    "SUPERSEDE": "DELETE",
    "RESTORE": "ADD",
    "DELETE": "DELETE",
    "EXPIRE": "DELETE",
    "ERASE": "DELETE",
}


class Rows(list[Row]):  # noqa: PLW1641 (a list has no hash)
    """A list of rows that is also the mapping that later generations return.

    The rows themselves are found under ``results`` and ``memories``, the relations under ``relations`` and
    ``entities``; ``in``, ``get``, ``keys``, ``dict(…)`` and comparison with a mapping work on these keys. As JSON it is
    the plain list; ``dict(rows)`` gives the other form.

    Args:
        rows: The rows.
        relations: Rows of relations.
        extra: Further keys.
        cursor: Where the next page begins, None at the end.
        explanation: What the search did, where it was asked to explain itself.

    Example:
        >>> rows = Rows([{"memory": "我喜欢茶"}])
        >>> rows[0] == rows["results"][0], "results" in rows, rows["relations"], rows.get("message", "-")
        (True, True, [], '-')
    """

    def __init__(
        self,
        rows: Iterable[Row] = (),
        *,
        relations: Iterable[Row] = (),
        extra: Mapping[str, Any] | None = None,
        cursor: str | None = None,
        explanation: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(rows)
        self.relations: list[Row] = relations if isinstance(relations, Rows) else list(relations)
        self.extra: dict[str, Any] = dict(extra or {})
        self.cursor = cursor
        self.explanation: dict[str, object] = dict(explanation or {})

    @overload
    def __getitem__(self, index: SupportsIndex) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> list[Row]: ...
    @overload
    def __getitem__(self, index: str) -> Any: ...
    def __getitem__(self, index: SupportsIndex | slice | str) -> Any:
        if not isinstance(index, str):
            return super().__getitem__(index)
        if index in _ROWS_KEYS:
            return self
        if index in _RELATIONS_KEYS:
            return self.relations
        return self.extra[index]

    def __contains__(self, key: object) -> bool:
        return key in self.keys() if isinstance(key, str) else super().__contains__(key)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Mapping):
            named = cast("Mapping[str, object]", other)
            return all(key in self.keys() and self[key] == value for key, value in named.items())
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def keys(self) -> tuple[str, ...]:
        """Return the names that the result answers to."""
        return (*_ROWS_KEYS, *_RELATIONS_KEYS, *self.extra)

    def values(self) -> list[Any]:
        """Return what the names stand for, in the order of :meth:`keys`."""
        return [self[key] for key in self.keys()]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Yield each name with what it stands for."""
        return ((key, self[key]) for key in self.keys())

    def get(self, key: str, default: Any = None) -> Any:
        """Return what *key* stands for, or *default*."""
        return self[key] if key in self.keys() else default


def is_marked(item: Item) -> bool:
    """Tell whether an item is a message whose facts are shown in its place, or one of these facts."""
    return MARK in item.metadata


def is_row(item: Item) -> bool:
    """Tell whether an item is shown as a row: a message that has text, or a fact of one whose facts are shown."""
    return bool(item.text) and (item.kind == "episode") is not is_marked(item)


def is_ended(item: Item) -> bool:
    """Tell whether an item is a fact that was contradicted or otherwise replaced: no row any more."""
    return item.kind != "episode" and item.expired_at is not None


def item_row(item: Item, *, created_at: datetime | None = None, score: float | None = None) -> Row:
    """Return a memory as a row.

    Args:
        item: Its newest version.
        created_at: When its first version was stored, where that is another one.
        score: 0..1, for a search.
    """
    row: Row = {
        "id": item.id,
        "memory": item.text,
        "hash": hashlib.md5(item.text.encode(), usedforsecurity=False).hexdigest(),
        "metadata": {key: value for key, value in item.metadata.items() if key != MARK} or None,
        "score": score,
        "created_at": (created_at or item.created_at).isoformat(),
        "updated_at": item.updated_at.isoformat(),
        "valid_at": item.valid_at.isoformat(),
    }
    ids = {"user_id": item.user_id, "agent_id": item.agent_id, "run_id": item.run_id}
    row |= {name: value for name, value in ids.items() if value is not None}
    row |= _speaker(item)
    if item.expires_at is not None:
        # The day named is the last on which the memory is seen.
        row["expiration_date"] = (item.expires_at - timedelta(microseconds=1)).date().isoformat()
    return row


def added_row(item: Item, event: str = "ADD") -> Row:
    """Return a memory as ``add`` reports it: a new one ("ADD", "PENDING") or one that ended by it ("DELETE")."""
    return {"id": item.id, "memory": item.text, "event": event, **_speaker(item)}


def hit_row(hit: Hit, *, created_at: datetime | None, threshold: float | None, explain: bool) -> Row:
    """Return a hit as a row, with ``score_details`` where the search explains itself."""
    row = item_row(hit.item, created_at=created_at, score=hit.score)
    if explain:
        row["score_details"] = {**hit.signals, "final_score": hit.score, "threshold": threshold}
    return row


def relation_row(relation: Relation) -> Row:
    """Return a relation under the names of every generation."""
    name = relation.predicate if relation.positive else f"not_{relation.predicate}"
    return {
        "source": relation.subject,
        "relationship": name,
        "relation": name,
        "target": relation.object,
        "destination": relation.object,
    }


def relation_rows(added: Sequence[Relation], closed: Sequence[Relation]) -> Rows:
    """Return what an ``add`` did to the graph: a list of the new relations that also tells the closed ones."""
    new = [relation_row(relation) for relation in added]
    old = [relation_row(relation) for relation in closed]
    grouped = {"added_entities": [[row] for row in new], "deleted_entities": [[row] for row in old]}
    return Rows(new, extra=grouped)


def history_rows(item: Item, events: Sequence[Event]) -> list[Row]:
    """Return the events of a memory, oldest first, those that change its text or its being there."""
    shown = list(_telling(events))
    return [
        {
            "id": f"{item.id}:{event.n}",
            "memory_id": item.id,
            "old_memory": event.old_text,
            "new_memory": event.new_text,
            "event": _SHOWN_EVENTS[event.name],
            "created_at": shown[0].at.isoformat(),
            "updated_at": event.at.isoformat(),
            "is_deleted": _SHOWN_EVENTS[event.name] == "DELETE",
            "actor_id": item.speaker or None,
            "role": item.role,
        }
        for event in shown
    ]


def _telling(events: Sequence[Event]) -> Iterator[Event]:
    """Yield the events that are shown; what ends twice, or comes back without having gone, is told once."""
    there = False
    for event in events:
        name = _SHOWN_EVENTS.get(event.name)
        if name is None or (name == "ADD" and there) or (name == "DELETE" and not there):
            continue
        there = name != "DELETE"
        yield event


def _speaker(item: Item) -> Row:
    return {"role": item.role} | ({"actor_id": item.speaker} if item.speaker else {})
