"""How well the title of a document fits what a question says of one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from polymem.domain.slotted import dataclass

__all__ = ["MIN_PASSAGES", "TitleMatch", "fits"]

MIN_PASSAGES: Final = 3
"""A document of fewer passages is found by them."""
LEAST_SHARE: Final = 0.5
"""Of a document of whose name less is named nothing is said."""
YEARS: Final = {"latest": 1.0, "older": 0.55, "following": 0.3, "": 0.0}
"""What a year is worth: a later report covers an older year that is named beside it, and the year before its own."""
QUARTER: Final = 1.0
PART: Final = 0.5
MAX_PARTS: Final = 2
PARTIAL: Final = 0.15
"""What a report on a part of the year loses where the question names no part."""


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """What of a title a question names.

    Attributes:
        share: How much of the name, 0..1.
        year: Whether its year is the latest that is named, another one, or the one after; "" for none of them.
        quarter: Whether its quarter is named.
        partial: Whether it is of a part of a year, or of one event.
        n_parts: How many of its other parts are named.
    """

    share: float
    year: Literal["latest", "older", "following", ""] = ""
    quarter: bool = False
    partial: bool = False
    n_parts: int = 0


def fits(matches: Sequence[TitleMatch], *, asks_quarter: bool) -> list[float]:
    """Return 0..1 for each title: how well it fits, the best as well as its name is named, 0 where it hardly is."""
    found = [_fit(each, asks_quarter=asks_quarter) for each in matches]
    best = max(found, default=0.0)
    if best <= 0.0:
        return [0.0] * len(found)
    surest = max(each.share for each, value in zip(matches, found, strict=True) if value == best)
    return [value * surest / best for value in found]


def _fit(match: TitleMatch, *, asks_quarter: bool) -> float:
    if match.share < LEAST_SHARE:
        return 0.0
    gain = 1.0 + YEARS[match.year] + PART * min(match.n_parts, MAX_PARTS)
    gain += QUARTER * match.quarter if asks_quarter else -PARTIAL * match.partial
    return match.share * gain
