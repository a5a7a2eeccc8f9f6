"""How well the title of a document fits what a question says of one."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.ranking.arrays import F32, I32, Mask

__all__ = ["MIN_PASSAGES", "Named", "fit", "name_share"]

MIN_PASSAGES: Final = 3
"""A document of fewer passages is found by them."""
LEAST_SHARE: Final = 0.5
"""Of a document of whose name less is named nothing is said."""
INITIALS_SHARE: Final = 0.8
BEGINNING_SHARE: Final = 0.75

YEAR: Final = 1.0
OLDER: Final = 0.55
"""A year that is named beside a later one: the later report covers both."""
NEXT: Final = 0.3
"""The report of the year after has last year's figures too."""
QUARTER: Final = 1.0
PART: Final = 0.5
MAX_PARTS: Final = 2
PARTIAL: Final = 0.15
"""What a report on a part of the year loses where the question names no part."""
LEAST_FIT: Final = 0.05


@dataclass(frozen=True, slots=True)
class Named:
    """What of each title is named, all float32[r] or bool[r] over the rows whose documents may be meant.

    Attributes:
        share: How much of the name, 0..1.
        latest: Whether the latest year of the question is the title's.
        older: Whether another of its years is.
        following: Whether the year after the latest is.
        quarter: Whether a quarter that the question names is the title's.
        partial: Whether the title is of a part of a year, or of one event.
        n_parts: How many of its other parts are named.
    """

    share: F32
    latest: Mask
    older: Mask
    following: Mask
    quarter: Mask
    partial: Mask
    n_parts: I32


def name_share(*, whole: Mask, words: I32, n_words: I32, initials: Mask, beginning: Mask) -> F32:
    """Return float32[r]: how much of the name of each title a question names.

    Args:
        whole: bool[r], whether all of it.
        words: int32[r], how many of its words.
        n_words: int32[r], how many it has; 0 for one of a single word.
        initials: bool[r], whether its initials.
        beginning: bool[r], whether the beginning of its only word.
    """
    share = np.where(n_words > 0, words / np.maximum(n_words, 1), 0.0)
    np.maximum(share, np.where(beginning, BEGINNING_SHARE, 0.0), out=share)
    np.maximum(share, np.where(initials, INITIALS_SHARE, 0.0), out=share)
    found: F32 = np.where(whole, 1.0, np.minimum(share, 1.0)).astype(np.float32)
    return found


def fit(named: Named, *, asks_quarter: bool) -> F32:
    """Return float32[r] in 0..1: how well each title fits; the best as well as its name is named, 0 where it hardly is."""
    gain = 1.0 + YEAR * named.latest + YEAR * OLDER * (named.older & ~named.latest)
    gain += YEAR * NEXT * (named.following & ~named.latest & ~named.older)
    gain += PART * np.minimum(named.n_parts, MAX_PARTS)
    gain += QUARTER * named.quarter if asks_quarter else -PARTIAL * named.partial
    fits = np.where(named.share >= LEAST_SHARE, named.share * np.maximum(gain, LEAST_FIT), 0.0)
    best = fits.max(initial=0.0)
    if best <= 0.0:
        return np.zeros(fits.size, dtype=np.float32)
    surest = float(named.share[fits == best].max())
    scaled: F32 = (fits * (surest / best)).astype(np.float32)
    return scaled
