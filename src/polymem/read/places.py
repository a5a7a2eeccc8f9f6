"""Places among the hits: who is first, and what another lacks of a place among the first."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.ports.faces import F32, I32, Mask

__all__ = ["best_of", "lifted"]

N_PLACES: Final = 10
LEAST_LEAD: Final = 0.02
"""By so much what is lifted to the last of so many places stands above what had it."""


def best_of(values: F32, n_wanted: int) -> I32:
    """Return int32[<= n_wanted], best first: places of the largest finite *values*; ties go to the earlier."""
    count = min(n_wanted, values.size)
    places = np.argpartition(-values, count - 1)[:count]
    places = places[np.lexsort((places, -values[places]))]
    return places[np.isfinite(values[places])].astype(np.int32)


def lifted(chosen: I32, total: F32, among: Mask) -> F32:
    """Return float32[n]: what each of the *chosen* lacks of the last of the first places in *total*, the first of them a little more."""
    least = np.zeros_like(total)
    if chosen.size:
        last = best_of(np.where(among, total, np.float32(-np.inf)), N_PLACES)[-1]
        lacks = total[last] - total[chosen]
        lead = LEAST_LEAD / np.arange(1, chosen.size + 1, dtype=np.float32)
        least[chosen] = np.where(lacks > 0, lacks + lead, np.float32(0))
    return least
