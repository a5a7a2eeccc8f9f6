"""What the best sentence of a passage says to a question in another language.

Across languages the vector of a whole paragraph tells what it is about, seldom what stands in it; and the words that would
tell are translated poorly. So the few passages that may be it are read again, sentence by sentence.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, Mask
from polymem.ports.ledger import Snapshot
from polymem.ranking.titles import min_max
from polymem.read.plan import QueryPlan
from polymem.text.sentences import sentence_spans

__all__ = ["sentences", "with_sentences"]

SENTENCES: Final = 0.5
"""Share of the likeness that the best sentence of a passage has; the whole passage has the rest."""
MAX_SENTENCES: Final = 8
"""Of a passage with more the first count."""
MAX_CHARS: Final = 2_000
"""So much of a passage is read."""
_LEAST: Final = 8
"""What is shorter is hardly a sentence, and goes with what follows."""
N_READ: Final = 16
"""So many of the passages that were best without are read."""


def with_sentences(
    snapshot: Snapshot, plan: QueryPlan, rows: I32, cosines: F32, *, alone: F32, fits: F32, among: Mask
) -> F32 | None:
    """Return float32[n]: *cosines* mixed with those of the best sentences; None where no sentence can be embedded.

    A passage that is not read counts as one whose best sentence is as like the question as the whole is.

    Args:
        snapshot: The partition.
        plan: The question; without ``encode`` nothing is read.
        rows: int32[p], positions of the passages.
        cosines: float32[n], what the vectors say of each row.
        alone: float32[n], cosine of each row with the question, and nothing else.
        fits: float32[n], by what the passages to be read are chosen.
        among: bool[n], which may be read.
    """
    if plan.encode is None or plan.vector is None or plan.mode != "hybrid":
        return None
    there = np.flatnonzero(among).astype(np.int32)
    if there.size > N_READ:
        there = there[np.argpartition(-fits[there], N_READ - 1)[:N_READ]]
    read = [sentences(item.text) for item in snapshot.rows.items(there.tolist())]
    sizes = np.array([len(found) for found in read], dtype=np.int64)
    if not sizes.any():
        return None
    there, sizes = there[sizes > 0], sizes[sizes > 0]
    found = plan.encode([piece for one in read for piece in one]) @ plan.vector
    best = alone.copy()
    best[there] = np.maximum.reduceat(found, np.cumsum(sizes) - sizes)
    mixed = np.zeros(cosines.size, dtype=np.float32)
    mixed[rows] = np.float32(1 - SENTENCES) * min_max(cosines[rows])
    mixed[rows] += np.float32(SENTENCES) * min_max(best[rows])
    return mixed


def sentences(text: str) -> tuple[str, ...]:
    """Return the first sentences of *text*; nothing if it is blank.

    Example:
        >>> sentences("The mill burnt down. Dr. Okafor rebuilt it in 1.5 years.")
        ('The mill burnt down.', 'Dr. Okafor rebuilt it in 1.5 years.')
        >>> sentences("磨坊烧毁了，无人受伤。后来有人重建了这座磨坊！"), sentences(" 。")
        (('磨坊烧毁了，无人受伤。', '后来有人重建了这座磨坊！'), ('。',))
    """
    spans = sentence_spans(text[:MAX_CHARS], least=_LEAST)[:MAX_SENTENCES]
    return tuple(text[start:stop] for start, stop in spans)
