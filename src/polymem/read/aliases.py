"""By what other names speakers are addressed: "Hey Mel!" in the turn after Melanie's makes Mel a name of hers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from polymem.ports.faces import I32
from polymem.ports.ledger import Snapshot
from polymem.text.keys_turn import CALLS

__all__ = ["addressed"]

LEAST: Final = 3
"""So often somebody must be addressed by a name before it counts as one."""
CLEARLY: Final = 4
"""So much more often than anybody else."""


def addressed(snapshot: Snapshot, names: Sequence[str]) -> dict[str, int]:
    """Return which of *names* (folded single words) is what a speaker is called, with the label number of the speaker.

    Whoever is addressed is the one who spoke before in the same session, or who answers. Worked out anew for every
    question from postings and columns, so that nothing has to be kept up to date.
    """
    snapshot.texts.look_up([f"{CALLS}{name}" for name in names])
    found: dict[str, int] = {}
    for name in names:
        calls = snapshot.texts.postings(f"{CALLS}{name}").positions
        if calls.size >= LEAST:
            meant = _meant(snapshot, calls)
            if meant.size:
                numbers, counts = np.unique(meant, return_counts=True)
                best = int(counts.argmax())
                others = int(counts.sum() - counts[best])
                if counts[best] >= max(LEAST, CLEARLY * others):
                    found[name] = int(numbers[best])
    return found


def _meant(snapshot: Snapshot, calls: I32) -> I32:
    """Return the label numbers of those who are addressed at *calls*, as far as it can be told."""
    near, speaker = snapshot.rows.adjacent(), snapshot.columns.speaker
    caller = speaker[calls]
    meant = np.full(calls.size, -1, dtype=np.int32)
    for step in (near.following, near.previous):
        other = step[calls]
        there = other >= 0
        there &= np.where(there, speaker[other], -1) != caller
        meant[there] = speaker[other[there]]
    return meant[meant >= 0]
