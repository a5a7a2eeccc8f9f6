"""Which items of a scope say the same in other words."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import numpy as np

from polymem.domain.consolidation import Merged
from polymem.domain.entity import Relation
from polymem.domain.item import KINDS, Item
from polymem.domain.predicates import predicate_named
from polymem.domain.profile import profile_place
from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.ports.faces import FOREVER, Edge, Mask
from polymem.ports.ledger import Snapshot
from polymem.text.likeness import normal_form, numbers_said, speaks_of_self, told_times
from polymem.text.normalise import name_key
from polymem.text.statement_rules import slot_of

__all__ = ["Statement", "find_duplicates", "same"]

_MERGED_KINDS: Final = tuple(KINDS.index(kind) for kind in ("fact", "preference", "event"))
_BLOCK: Final = 500
Signature: TypeAlias = tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """What decides whether two items say the same.

    Attributes:
        text: Its words.
        kind: What it is.
        valid_at: From when it holds.
        subject: Number of the subject's entity, None where it relates nothing.
        predicate: The predicate, "" where it relates nothing.
        object: Display form of the object.
        positive: False for a negated statement.
        invalid_at: Until when it holds.
        expires_at: From when it is hidden.
        role: Who says so.
        speaker: By name.
    """

    text: str
    kind: str
    valid_at: datetime
    subject: int | None = None
    predicate: str = ""
    object: str = ""
    positive: bool = True
    invalid_at: datetime | None = None
    expires_at: datetime | None = None
    role: str = "user"
    speaker: str = ""

    @property
    def signature(self) -> Signature | None:
        """What is equal for statements that say the same, None for one that says nothing comparable.

        Subject, predicate, polarity and numbers have to agree, times where they are part of what is said, and the words in
        their normal form. What the user says is never one with what an assistant or a tool says.
        """
        dated = self.kind == "event" or told_times(self.text)
        when = (self.valid_at.date() if dated else None, self.invalid_at, self.expires_at)
        if self.subject is None:
            form = normal_form(self.text)
            who = name_key(self.speaker) if speaks_of_self(self.text) else ""
            return ("text", self.kind, self.role, who, form, when) if form else None
        # Open predicates come as models word them: "invests_in", "invested_in".
        known = predicate_named(self.predicate)
        named = (
            normal_form(self.predicate.replace("_", " ")) if known.profile_key == "other" else self.predicate
        )
        form = (name_key(self.object),) if known.proper else normal_form(self.object, ordered=False)
        if not form:
            return None
        said = numbers_said(self.text)
        return ("relation", self.role, self.subject, named, self.positive, form, said, when)


def same(one: Statement, other: Statement) -> bool:
    """Tell whether two statements say the same."""
    signature = one.signature
    return signature is not None and signature == other.signature


@dataclass(frozen=True, slots=True)
class _Found:
    """An item among those that say the same, in the order in which they are kept."""

    valid_at: datetime
    position: int
    item_id: str
    profile_slot: tuple[str, str] | None


def find_duplicates(snapshot: Snapshot, within: Mask, visibility: Visibility) -> list[Merged]:
    """Return the items that say the same, in order of the place of the kept one.

    Each group is found by its signature, so that the time is that of reading the items once. The one that holds the longest
    is kept, the one that was stored first among equals.

    Args:
        snapshot: The partition.
        within: bool[n], the items that may be merged.
        visibility: The present.
    """
    columns = snapshot.columns
    mask = within & np.isin(columns.kind, _MERGED_KINDS) & (columns.expired == FOREVER)
    positions: list[int] = np.flatnonzero(mask).tolist()
    if len(positions) < 2:
        return []
    stated = _stated(snapshot, visibility)
    groups: dict[Signature, list[_Found]] = {}
    for item, position in _hydrated(snapshot, positions):
        edge, relation = stated.get(position, (None, None))
        signature = _statement(item, edge, relation).signature
        if signature is not None:
            slot = _profile_slot(snapshot, edge, relation)
            groups.setdefault(signature, []).append(_Found(item.valid_at, position, item.id, slot))
    merged = [sorted(group, key=_order) for group in groups.values() if len(group) > 1]
    return [_merged(group) for group in sorted(merged, key=lambda group: group[0].position)]


def _order(found: _Found) -> tuple[datetime, int]:
    return found.valid_at, found.position


def _merged(group: Sequence[_Found]) -> Merged:
    keep, *gone = group
    lost = next(
        (each.profile_slot for each in gone if each.profile_slot not in {None, keep.profile_slot}), None
    )
    return Merged(keep.item_id, tuple(each.item_id for each in gone), lost[0] if lost else "")


def _stated(snapshot: Snapshot, visibility: Visibility) -> dict[int, tuple[Edge, Relation]]:
    """Return what the current facts state, by position."""
    edges = snapshot.graph.neighbours(None, visibility=visibility, limit=snapshot.n + 1)
    return {
        edge.position: (edge, relation)
        for edge, relation in zip(edges, snapshot.graph.relations(edges), strict=True)
    }


def _hydrated(snapshot: Snapshot, positions: Sequence[int]) -> Iterator[tuple[Item, int]]:
    for start in range(0, len(positions), _BLOCK):
        part = positions[start : start + _BLOCK]
        yield from zip(snapshot.rows.items(part), part, strict=True)


def _statement(item: Item, edge: Edge | None, relation: Relation | None) -> Statement:
    return Statement(
        item.text,
        item.kind,
        item.valid_at,
        None if edge is None else edge.subject,
        "" if edge is None else edge.predicate,
        "" if relation is None else relation.object,
        relation is None or relation.positive,
        item.invalid_at,
        item.expires_at,
        item.role,
        item.speaker,
    )


def _profile_slot(snapshot: Snapshot, edge: Edge | None, relation: Relation | None) -> tuple[str, str] | None:
    """Return key and place at which the owner's profile shows a relation, None where it does not."""
    if edge is None or relation is None or not relation.positive or edge.subject != snapshot.graph.owner():
        return None
    return profile_place(edge.predicate, slot_of(relation.object, predicate=edge.predicate))
