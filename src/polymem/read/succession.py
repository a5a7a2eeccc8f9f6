"""What was replaced ranks below what replaced it, however well its words fit the question."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from polymem.domain.item import KINDS
from polymem.domain.timespan import to_micros
from polymem.ports.faces import F32, I32, SUPERSEDED, Mask
from polymem.ports.ledger import Snapshot

__all__ = ["MARGIN", "Pair", "kept_order", "lift", "overtaken", "succession"]

Pair = tuple[int, int]
"""Positions of an episode whose facts were all closed, and of something that replaced one of them."""

_EPISODE: Final = KINDS.index("episode")
N_ABOVE: Final = 12
"""So many rows above the answer to a question are looked at."""
N_STEPS: Final = 4
"""How often what replaced something is followed."""
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


def overtaken(snapshot: Snapshot, positions: I32, mask: Mask, answers: Collection[int]) -> list[Pair]:
    """Return pairs of an episode ranked above the answer to the question, and the answer that replaced a fact of it.

    "I live in Oslo, I love tea" is not outdated when she has moved: it still holds in part. But it is no longer the answer
    to where she lives.

    Args:
        snapshot: The snapshot.
        positions: int32[m], rows from best to last.
        mask: bool[n], rows that may be returned.
        answers: Positions of the facts that state what is asked, at the time that is asked about.
    """
    kinds = snapshot.columns.kind
    above: list[int] = []
    for position in positions[: N_ABOVE + 1].tolist():
        if position in answers:
            break
        above.append(position)
    # Who is followed, and where from.
    ways: dict[int, set[int]] = {old: {old} for old in above[:N_ABOVE] if kinds[old] == _EPISODE}
    seen: set[int] = set(ways)
    pairs: set[Pair] = set()
    for _ in range(N_STEPS):
        if not ways:
            break
        further: dict[int, set[int]] = {}
        for old, new in snapshot.graph.successors(list(ways)):
            if new in answers and mask[new]:
                pairs.update((first, new) for first in ways[old])
            elif kinds[new] == _EPISODE and new not in seen:
                further.setdefault(new, set()).update(ways[old])
        seen.update(further)
        ways = further
    return sorted(pairs)


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


def kept_order(pairs: Sequence[Pair], place: Mapping[int, int]) -> tuple[Pair, ...]:
    """Return the pairs of hits of which the first stands above the second because it replaced it, directly or not.

    Args:
        pairs: Positions of what was replaced and of what replaced it.
        place: The hit of each position that is shown or stands behind one.
    """
    newer: dict[int, set[int]] = {}
    for old, new in pairs:
        newer.setdefault(old, set()).add(new)
    kept: set[Pair] = set()
    for first in newer:
        if first not in place:
            continue
        reached: set[int] = set()
        waiting = [first]
        while waiting:
            further = newer.get(waiting.pop(), set()) - reached
            reached |= further
            waiting += further
        kept.update((place[new], place[first]) for new in reached if new in place)
    return tuple(sorted((new, old) for new, old in kept if new < old))
