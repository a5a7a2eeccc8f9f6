"""Which rows a reader may get at all."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from dataclasses import replace

import numpy as np

from polymem.domain.item import KINDS, Episode, Item
from polymem.domain.query import Selection
from polymem.domain.scope import Scope
from polymem.domain.timespan import from_micros, to_micros
from polymem.ports.faces import ARCHIVED, FOREVER, I32, INDEXED, REMOVED, Mask
from polymem.ports.ledger import Snapshot

__all__ = ["carries", "confined", "episodes_behind", "left_out", "narrows", "present", "select", "sourced"]


def present(snapshot: Snapshot, selection: Selection) -> Selection:
    """Return *selection* with a present that is not before the last write: a clock that was set back hides nothing."""
    seen = selection.visibility
    if to_micros(seen.now) >= snapshot.last_at:
        return selection
    return replace(selection, visibility=replace(seen, now=from_micros(snapshot.last_at)))


def select(snapshot: Snapshot, selection: Selection) -> Mask:
    """Return bool[n], not to be written to: visible rows that carry all ids of the scope, are of the kinds and match the filters."""
    mask = snapshot.visible(present(snapshot, selection).visibility)
    within = carries(snapshot, selection.scope)
    if within is not None:
        mask = mask & within
    if selection.kinds:
        wanted = np.zeros(256, dtype=np.bool_)
        wanted[[KINDS.index(kind) for kind in selection.kinds]] = True
        mask = mask & wanted[snapshot.columns.kind]
    if selection.filters is not None:
        mask = snapshot.rows.matching(selection.filters, now_mask=mask)
    return mask


def carries(snapshot: Snapshot, scope: Scope) -> Mask | None:
    """Return bool[n]: rows that carry the ids of *scope* beyond the partition's own; None where it names no others."""
    mask: Mask | None = None
    for name, column in _labels(snapshot, scope):
        number = snapshot.rows.label(name)
        same = np.zeros(column.size, dtype=np.bool_) if number is None else column == number
        mask = same if mask is None else mask & same
    return mask


def _labels(snapshot: Snapshot, scope: Scope) -> Iterator[tuple[str, I32]]:
    """Yield the ids beyond the partition's own, with the column in which they stand."""
    kind = scope.partition.kind
    if kind == "user" and scope.agent_id is not None:
        yield scope.agent_id, snapshot.columns.agent
    if kind != "run" and scope.run_id is not None:
        yield scope.run_id, snapshot.columns.run


def narrows(scope: Scope) -> bool:
    """Tell whether *scope* names ids beyond the partition's own, so that rows of the partition may lie outside it."""
    return (scope.user_id, scope.agent_id, scope.run_id).count(None) < 2


def episodes_behind(snapshot: Snapshot, scope: Scope, items: Sequence[Item]) -> dict[str, Episode]:
    """Return the episodes that *items* come from by id, those that carry all ids of *scope*."""
    found = snapshot.rows.episodes(list(dict.fromkeys(name for item in items for name in item.episode_ids)))
    if not narrows(scope):
        return found
    return {
        name: said
        for name, said in found.items()
        if scope.agent_id in {None, said.agent_id} and scope.run_id in {None, said.run_id}
    }


def sourced(items: Sequence[Item], episodes: Container[str]) -> list[Item]:
    """Return *items*, the derived ones as coming from none but *episodes*."""
    return [
        item
        if item.kind == "episode"
        else replace(item, episode_ids=tuple(name for name in item.episode_ids if name in episodes))
        for item in items
    ]


def confined(snapshot: Snapshot, scope: Scope, items: Sequence[Item]) -> list[Item]:
    """Return *items* of *scope* as its readers may know them: a fact said in several runs names the episodes of theirs."""
    derived = [item for item in items if item.kind != "episode"]
    if not derived or not narrows(scope):
        return list(items)
    return sourced(items, episodes_behind(snapshot, scope, derived))


def left_out(snapshot: Snapshot, selection: Selection, mask: Mask) -> dict[str, int]:
    """Return how many rows were not considered, by the first reason that applies to each."""
    columns, visibility = snapshot.columns, present(snapshot, selection).visibility
    now = to_micros(visibility.now)
    known = now if visibility.known_at is None else to_micros(visibility.known_at)
    seen = snapshot.visible(visibility)
    reasons = (
        ("deleted", (columns.flags & (INDEXED | REMOVED)) != INDEXED),
        ("archived", columns.flags & (0 if visibility.archived else ARCHIVED) != 0),
        ("not_yet_known", columns.created > known),
        ("expired", columns.expires <= now),
        ("superseded", ~seen & (columns.expired != FOREVER)),
        ("not_valid_then", ~seen),
        ("filtered", ~mask),
    )
    counts: dict[str, int] = {}
    rest = ~mask
    for name, applies in reasons:
        counts[name] = int(np.count_nonzero(rest & applies))
        rest &= ~applies
    return counts
