"""How much a scope holds."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.domain.item import KINDS
from polymem.domain.query import Selection
from polymem.domain.scope import Scope
from polymem.ports.faces import ARCHIVED, INDEXED, PENDING, REMOVED
from polymem.ports.ledger import Snapshot
from polymem.read.selecting import carries, present

__all__ = ["count_kinds", "count_within"]

ALL: Final = 2**31 - 1


def count_kinds(snapshot: Snapshot, scope: Scope) -> dict[str, int]:
    """Return how many indexed rows of *scope* there are of each kind that occurs, older versions included."""
    columns, within = snapshot.columns, carries(snapshot, scope)
    indexed = columns.flags & INDEXED != 0
    counts = np.bincount(columns.kind[indexed if within is None else indexed & within], minlength=len(KINDS))
    return {kind: int(n) for kind, n in zip(KINDS, counts, strict=True) if n}


def count_within(snapshot: Snapshot, selection: Selection) -> dict[str, int]:
    """Return figures about the rows that carry all ids of a scope, for one that is narrower than its partition.

    ``n_rows`` counts what was not erased, ``n_entities`` what these rows mention or relate, ``n_relations`` what they
    state and what holds at the present of *selection*.
    """
    within = carries(snapshot, selection.scope)
    own = np.ones(snapshot.n, dtype=np.bool_) if within is None else within
    flags = snapshot.columns.flags[own]
    rows = {"n_rows": INDEXED | REMOVED, "n_indexed": INDEXED, "n_pending": PENDING, "n_archived": ARCHIVED}
    seen = present(snapshot, selection).visibility
    edges = snapshot.graph.neighbours(None, visibility=seen, limit=snapshot.n)
    return {name: int(np.count_nonzero(flags & bits)) for name, bits in rows.items()} | {
        "n_entities": len(snapshot.graph.entities(limit=ALL, within=own)),
        "n_relations": sum(bool(own[edge.position]) for edge in edges),
    }
