"""Which items the rows are: messages, or what a model derived from them in their place.

That is fixed when a message is stored. One that a model is to read carries a mark in its metadata, which all that is derived
from it inherits; its facts are the rows, and it is not. It stands in for itself only where its facts cannot be seen: until
they are there, where one has ended by itself, and in a session whose message says again what another's said first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from polymem.domain.filter_operands import MAX_LIST
from polymem.domain.item import KINDS
from polymem.domain.scope import Scope
from polymem.interop.mem0_filters import Condition
from polymem.interop.mem0_rows import MARK
from polymem.ports.faces import ARCHIVED, FOREVER, INDEXED, REMOVED, Mask
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import carries

__all__ = ["helping", "marked", "rows_alone", "unseen"]

_MARKED: Final[Condition] = {f"metadata.{MARK}": {"exists": True}}
_UNMARKED: Final[Condition] = {f"metadata.{MARK}": {"exists": False}}
_MESSAGE: Final[Condition] = {"kind": "episode"}
_DERIVED: Final[Condition] = {"kind": {"ne": "episode"}}
_WITH_TEXT: Final[Condition] = {"text": {"ne": ""}}
_EPISODE: Final = KINDS.index("episode")
_FACTS: Final = tuple(KINDS.index(kind) for kind in ("fact", "preference", "event", "procedure"))


def marked(metadata: Mapping[str, Any] | None) -> Any:
    """Return the metadata of messages whose facts are the rows; what is no metadata is left for the door to refuse."""
    if metadata is None:
        return {MARK: True}
    return {**metadata, MARK: True} if isinstance(metadata, dict) else metadata


def rows_alone(filters: Condition | None, stand_ins: Iterable[str]) -> Condition:
    """Return *filters* for rows and nothing else; *stand_ins* are ids of marked messages that are rows all the same."""
    rows: list[Condition] = [{"AND": [_MESSAGE, _UNMARKED]}, {"AND": [_DERIVED, _MARKED]}]
    return _joined(filters, {"OR": [*rows, *_named(stand_ins)]})


def helping(filters: Condition | None, stand_ins: Iterable[str]) -> Condition:
    """Return *filters* for rows, and for what was derived from messages that are rows: it helps to find them."""
    return _joined(filters, {"OR": [_DERIVED, _UNMARKED, *_named(stand_ins)]})


def unseen(snapshot: Snapshot, *, scope: Scope, now: int) -> set[str]:
    """Return the ids of the messages behind facts that hold to what is known, and that readers of *scope* do not see.

    Args:
        snapshot: The partition.
        scope: Whose readers.
        now: Their present, microseconds.
    """
    columns, present = snapshot.columns, max(now, snapshot.last_at)
    current = (columns.flags & (INDEXED | REMOVED | ARCHIVED)) == INDEXED
    current &= (columns.expired == FOREVER) & (columns.expires > present) & np.isin(columns.kind, _FACTS)
    seen = columns.invalid > present
    within = carries(snapshot, scope)
    if within is not None:
        seen &= within
    behind = _sources(snapshot, current & ~seen)
    if within is None or not behind:
        return behind
    # Most are other sessions' own: a filter need not name them.
    return behind & _sources(snapshot, within & (columns.kind == _EPISODE))


def _sources(snapshot: Snapshot, rows: Mask) -> set[str]:
    positions: Sequence[int] = np.flatnonzero(rows).tolist()
    return {name for names in snapshot.rows.sources(positions).values() for name in names}


def _joined(filters: Condition | None, shown: Condition) -> Condition:
    return {"AND": [_WITH_TEXT, shown, *([] if filters is None else [filters])]}


def _named(ids: Iterable[str]) -> list[Condition]:
    listed = sorted(ids)
    return [{"id": {"in": listed[n : n + MAX_LIST]}} for n in range(0, len(listed), MAX_LIST)]
