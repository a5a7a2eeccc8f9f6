"""English numbers in words."""

from __future__ import annotations

from typing import Final

__all__ = ["NUMERALS"]

_UP_TO_TWENTY: Final = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
)
_TENS: Final = "thirty forty fifty sixty seventy eighty ninety"

NUMERALS: Final = {word: str(n) for n, word in enumerate(_UP_TO_TWENTY.split())} | {
    word: str(n) for n, word in zip(range(30, 100, 10), _TENS.split(), strict=True)
}
"""Words for the numbers from 0 to 20, and for the tens, with their figures."""
