"""What was replaced ranks below what replaced it, however well its words fit the question."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from polymem.domain.item import KINDS
from polymem.domain.timespan import to_micros
from polymem.ports.faces import F32, I32, SUPERSEDED, Mask
from polymem.ports.ledger import Snapshot

__all__ = ["Pair", "lift", "succession"]

Pair = tuple[int, int]
"""Positions of an episode whose facts were all closed, and of something that replaced one of them."""

_EPISODE: Final = KINDS.index("episode")
MARGIN: Final = 0.05
"""Log odds by which the newer leads at least."""


def succession(
    snapshot: Snapshot, positions: I32, mask: Mask, *, as_of: datetime | None = None
) -> list[Pair]:
    """Return the pairs whose older part is among *positions* and whose newer part may be returned, oldest first.

    Args:
        snapshot: The snapshot.
        positions: int32[m], candidates.
        mask: bool[n], rows that may be returned.
        as_of: The time asked about: what began to hold later had replaced nothing yet; None for today.
    """
    columns = snapshot.columns
    outdated = positions[columns.flags[positions] & SUPERSEDED != 0]
    if not outdated.size:
        return []
    pairs = snapshot.graph.successors(outdated.tolist())
    valid = columns.valid
    if as_of is not None:
        asked = to_micros(as_of)
        facts = [(old, new) for old, new in pairs if columns.kind[new] != _EPISODE]
        replaced = {old for old, new in facts if valid[new] <= asked}
        pairs = [(old, new) for old, new in pairs if old in replaced]
    pairs = [(old, new) for old, new in pairs if mask[new] and new != old]
    return sorted(pairs, key=lambda pair: (valid[pair[0]], valid[pair[1]], *pair))


def lift(pairs: Sequence[Pair], positions: I32, total: F32) -> F32:
    """Return float32[m]: what the newer rows need to come before the older ones.

    Args:
        pairs: From :func:`succession`; both parts are among *positions*. What replaced something may be replaced in turn,
            so what was said earlier comes first, in whatever order it was stored.
        positions: int32[m].
        total: float32[m], log odds without the lift.
    """
    place = {position: n for n, position in enumerate(positions.tolist())}
    reached = total.astype(np.float64)
    for old, new in pairs:
        if old in place and new in place:
            reached[place[new]] = max(reached[place[new]], reached[place[old]] + MARGIN)
    return (reached - total).astype(np.float32)
