"""Marks of citations in an answer: [1], [1, 3], [1-3], 【2】, ［２］, [^1]. Round brackets are none, nor is what stands in code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy

__all__ = ["Mark", "Renumbered", "marks"]

_OPEN: Final = "[【［"
_CLOSE: Final = "]】］"
_MARK = lazy(r"[\[【［]\s*\^?\d{1,4}(?:\s*[,，、;；\-‐-―~～]\s*\^?\d{1,4})*\s*\??\s*[\]】］]")
_PART = lazy(r"(\d+)(?:\s*[\-‐-―~～]\s*(\d+))?")
_STARTS = lazy(rf"`|[{_OPEN.replace('[', chr(92) + '[')}]")
_FENCE: Final = "```"
_CODE = lazy(r"`[^`\n]{0,200}`")
_MAX_MARK: Final = 48
_MAX_CODE: Final = 202
_MAX_RANGE: Final = 20
"""Of a wider range only the ends count."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark.

    Attributes:
        start: Where it begins in the text.
        stop: Where it ends.
        numbers: What it cites, in order.
    """

    start: int
    stop: int
    numbers: tuple[int, ...]


_Part: TypeAlias = tuple[int, int, tuple[int, ...]]


def marks(text: str) -> list[Mark]:
    """Return the marks of a whole answer, in order.

    Example:
        >>> [mark.numbers for mark in marks("Oslo [1-3]. 上海【4，2】。 Not (1), nor `a[5]`.")]
        [(1, 2, 3), (4, 2)]
    """
    found, _, _ = _scanned(text, fenced=False, final=True)
    return [Mark(*part) for part in found]


class Renumbered:
    """Gives citations the numbers 1, 2, … in the order in which they come, while an answer is still being written.

    Marks that point to no passage are taken out.

    Args:
        n_passages: How many passages there are.

    Example:
        >>> stream = Renumbered(9)
        >>> "".join([*stream.feed("Oslo [7]. Bergen [3"), *stream.feed(", 7][12]."), *stream.end()])
        'Oslo [1]. Bergen [2][1].'
        >>> stream.order
        {7: 1, 3: 2}
    """

    def __init__(self, n_passages: int) -> None:
        self._n = n_passages
        self._held = ""
        self._fenced = False
        self.order: dict[int, int] = {}
        self.n_invented = 0

    def feed(self, piece: str) -> Iterator[str]:
        """Yield what of the answer so far is sure."""
        yield from self._sure(self._held + piece, final=False)

    def end(self) -> Iterator[str]:
        """Yield what was held back."""
        yield from self._sure(self._held, final=True)

    def _sure(self, text: str, *, final: bool) -> Iterator[str]:
        found, stop, self._fenced = _scanned(text, fenced=self._fenced, final=final)
        self._held = text[stop:]
        done, at = "", 0
        for start, end, numbers in found:
            done += text[at:start] + self._shown(numbers)
            at = end
        done += text[at:stop]
        if done:
            yield done

    def _shown(self, numbers: Sequence[int]) -> str:
        known: list[int] = []
        for number in numbers:
            if 1 <= number <= self._n:
                known.append(self.order.setdefault(number, len(self.order) + 1))
            else:
                self.n_invented += 1
        return "".join(f"[{number}]" for number in known)


def _scanned(text: str, *, fenced: bool, final: bool) -> tuple[list[_Part], int, bool]:
    """Return the marks of *text*, up to where it is sure what it says, and whether code begun by ``` goes on there."""
    found: list[_Part] = []
    at = 0
    while True:
        if fenced:
            close = text.find(_FENCE, at)
            if close < 0:
                n_open = 0 if final else len(text) - max(at, len(text.rstrip("`")))
                return found, len(text) - min(n_open, 2), True
            at, fenced = close + len(_FENCE), False
        start = _STARTS.search(text, at)
        if start is None:
            return found, len(text), False
        at = start.start()
        if text.startswith(_FENCE, at):
            at, fenced = at + len(_FENCE), True
            continue
        code = text[at] == "`"
        if not final and (_may_be_code(text, at) if code else _may_be_mark(text, at)):
            return found, at, False
        match = (_CODE if code else _MARK).match(text, at)
        if match is None or (not code and len(match[0]) > _MAX_MARK):
            at += 1
            continue
        if not code:
            found.append((at, match.end(), _numbers(match[0])))
        at = match.end()


def _may_be_code(text: str, at: int) -> bool:
    rest = text[at:]
    return rest in {"`", "``"} or (not any(sign in rest[1:] for sign in "`\n") and len(rest) < _MAX_CODE)


def _may_be_mark(text: str, at: int) -> bool:
    return len(text) - at <= _MAX_MARK and not any(sign in text[at:] for sign in _CLOSE)


def _numbers(mark: str) -> tuple[int, ...]:
    numbers: list[int] = []
    for first, last in _PART.findall(mark):
        low, high = int(first), int(last or first)
        numbers += range(low, high + 1) if low <= high <= low + _MAX_RANGE else (low, high)
    return tuple(dict.fromkeys(numbers))
