"""How many of the first rows of a table say what its columns are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.text.lazy import lazy

__all__ = ["is_number", "n_header_rows"]

_NUMBER: Final = lazy(
    r"[-+(−–]?\s*[$€£¥￥]?\s*[-+]?\d[\d,.\u00a0\u202f' ]*\s*[%％‰)]?\s*%?|[-–—]|n/?a|\d{4}[-/年.]\d{1,2}[-/月.]\d{1,2}日?.*"
)
_YEAR: Final = lazy(r"(?:FY|CY)?\s*(?:19|20)\d\d(?:年度?|[AE])?")
_MAX_LOOKED: Final = 50


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a figure, a date or a mark for none.

    Example:
        >>> is_number("(1,204.5)"), is_number("12％"), is_number("Net sales")
        (True, True, False)
    """
    return bool(_NUMBER.fullmatch(cell.strip()))


def n_header_rows(rows: Sequence[Sequence[str]]) -> int:
    """Return 1 if the first row names the columns, else 0.

    It does if it has no figures (years aside) and is no sparser than half of the widest row; and if further down there are
    figures, or none of its names is there twice.

    Example:
        >>> n_header_rows([["City", "2023"], ["Oslo", "709,037"]]), n_header_rows([["1", "2"], ["3", "4"]])
        (1, 0)
    """
    if len(rows) < 2:
        return 0
    first = [cell for cell in rows[0] if cell]
    if not first or any(is_number(cell) and not _YEAR.fullmatch(cell) for cell in first):
        return 0
    below = rows[1:_MAX_LOOKED]
    widest = max(sum(1 for cell in row if cell) for row in below)
    if len(first) * 2 < widest or all(_YEAR.fullmatch(cell) for cell in first):
        return 0
    figures = any(is_number(cell) for row in below for cell in row if cell)
    longest = max(map(len, first))
    return int(longest <= 120 and (figures or len(set(first)) == len(first)))
