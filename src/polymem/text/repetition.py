"""Whether a text repeats another: the same words, but for a few that change nothing."""

from __future__ import annotations

from itertools import chain
from operator import add
from typing import Final

from polymem.text.lazy import lazy

__all__ = ["repeats", "units"]

MAX_CHARS: Final = 40_000
LEAST_ALIKE: Final = 0.9
"""Share of the words of both that both have."""
LEAST_UNITS: Final = 12
"""In a shorter text every word counts."""
LONG_UNITS: Final = 60
"""In a text of so many words some may stand for others; in a shorter one they may only be added."""

_TELLING: Final = lazy(r"\d|^(?:no|not|never|nor|none|without|cannot)$|n['\u2019]t|[不没沒无無非别別未勿莫]")
_SPACELESS: Final = lazy("[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


def units(text: str) -> frozenset[str]:
    """Return what texts are compared by: words, and pairs of neighbours in scripts without spaces; none for a short text.

    Example:
        >>> len(units("one two three")), len(units("今天我们在公园里看到了很多漂亮的花"))
        (0, 16)
    """
    text = text[:MAX_CHARS]
    words = text.lower().split()
    if not text.isascii() and _SPACELESS.search(text):
        found = frozenset(chain.from_iterable(map(add, word, word[1:]) for word in words))
    else:
        found = frozenset(words)
    return found if len(found) >= LEAST_UNITS else frozenset()


def repeats(text: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether two texts, as :func:`units` has them, say the same.

    Nine of ten words are in both, no number and no negation is in one alone, and what is added to one of two shorter texts
    is not put in the place of something else: "to Rome" instead of "to Oslo" is another trip.

    Example:
        >>> said = "we took the night train from the old station and saw the sun rise over the sea"
        >>> repeats(units(said), units(said + " slowly")), repeats(units(said), units("not " + said))
        (True, False)
    """
    small, large = len(text), len(other)
    if small > large:
        small, large = large, small
    if not small or small < LEAST_ALIKE * large:
        return False
    shared = len(text & other)
    if shared < LEAST_ALIKE * (small + large - shared):
        return False
    only, only_other = text - other, other - text
    if only and only_other and small < LONG_UNITS:
        return False
    return not any(_TELLING.search(unit) for unit in only | only_other)
