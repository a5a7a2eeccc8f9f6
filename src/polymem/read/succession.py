"""What was replaced ranks below what replaced it, however well its words fit the question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, SUPERSEDED, Mask
from polymem.ports.ledger import Snapshot

__all__ = ["Pair", "lift", "succession"]

Pair = tuple[int, int]
"""Positions of an episode whose facts were all closed, and of something that replaced one of them."""

MARGIN: Final = 0.05
"""Log odds by which the newer leads at least."""


def succession(snapshot: Snapshot, positions: I32, mask: Mask) -> list[Pair]:
    """Return the pairs whose older part is among *positions* and whose newer part may be returned."""
    outdated = positions[snapshot.columns.flags[positions] & SUPERSEDED != 0]
    if not outdated.size:
        return []
    return [
        (old, new) for old, new in snapshot.graph.successors(outdated.tolist()) if mask[new] and new != old
    ]


def lift(pairs: Sequence[Pair], positions: I32, total: F32) -> F32:
    """Return float32[m]: what the newer rows need to come before the older ones.

    Args:
        pairs: From :func:`succession`; both parts are among *positions*.
        positions: int32[m].
        total: float32[m], log odds without the lift.
    """
    place = {position: n for n, position in enumerate(positions.tolist())}
    reached = total.astype(np.float64)
    # What replaced something may be replaced in turn; replacements are stored later, so older pairs come first.
    for old, new in sorted(pairs, key=max):
        if old in place and new in place:
            reached[place[new]] = max(reached[place[new]], reached[place[old]] + MARGIN)
    return (reached - total).astype(np.float32)
