"""Which rows a reader may get at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from polymem.domain.item import KINDS
from polymem.domain.query import Selection
from polymem.domain.scope import Scope
from polymem.domain.timespan import from_micros, to_micros
from polymem.ports.faces import FOREVER, I32, INDEXED, REMOVED, Mask
from polymem.ports.ledger import Snapshot

__all__ = ["carries", "left_out", "present", "select"]


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


def left_out(snapshot: Snapshot, selection: Selection, mask: Mask) -> dict[str, int]:
    """Return how many rows were not considered, by the first reason that applies to each."""
    columns, visibility = snapshot.columns, present(snapshot, selection).visibility
    now = to_micros(visibility.now)
    known = now if visibility.known_at is None else to_micros(visibility.known_at)
    seen = snapshot.visible(visibility)
    reasons = (
        ("deleted", (columns.flags & (INDEXED | REMOVED)) != INDEXED),
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
