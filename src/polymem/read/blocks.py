"""What was said, in blocks: one a session and day with its date, one a document with its title, oldest first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import field
from datetime import datetime
from typing import Final, TypeAlias

from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.ranking.budget import estimate_tokens
from polymem.text.excerpt import excerpt
from polymem.text.indexed import title_of
from polymem.text.keys import is_passage
from polymem.text.quoted import quoted

__all__ = ["blocks"]

_Block: TypeAlias = tuple[str, str]
"""Heading, and the run that it is of."""
_Line: TypeAlias = tuple[datetime, int, str]
"""When it was said, where the row lies, and the line."""

LONGEST_SHARE: Final = 0.25
"""No text takes more of the budget, or it is cut to the part that the question is about …"""
SHORTEST_CUT: Final = 120
"""… but not to less than so many tokens."""


@dataclass(slots=True)
class _Page:
    """The blocks so far.

    Attributes:
        left: Tokens that are left.
        blocks: What was chosen, by block.
        said: What each block says already, and who says it.
    """

    left: int
    blocks: dict[_Block, list[_Line]] = field(default_factory=dict[_Block, list[_Line]])
    said: set[tuple[_Block, str]] = field(default_factory=set[tuple[_Block, str]])

    def add(self, place: int, item: Item, shown: str) -> bool:
        """Add a line if it fits, and its block's heading if that is new; tell whether it stands there now."""
        block = (_heading(item), item.run_id or "")
        if (block, shown) in self.said:
            return True
        line = f"- {shown}" if is_passage(item.kind, item.role) else f"- {item.valid_at:%H:%M} {shown}"
        cost = _cost(line) + (0 if block in self.blocks else _cost(block[0]))
        if cost > self.left:
            return False
        self.left -= cost
        self.said.add((block, shown))
        self.blocks.setdefault(block, []).append((item.valid_at, place, line))
        return True

    def lines(self) -> Iterator[str]:
        """Yield the blocks in order of their first lines, and the lines of each in order of time."""
        for lines in self.blocks.values():
            lines.sort(key=lambda line: line[:2])
        for (heading, _), lines in sorted(self.blocks.items(), key=lambda each: each[1][0][:2]):
            yield heading
            yield from (line for *_, line in lines)


def blocks(title: str, items: Iterable[tuple[int, Item]], asked: Collection[str], *, most: int) -> list[str]:
    """Return *title* and those of *items* that fit, block by block; nothing if not even one fits.

    No two lines of a block say the same. A text that would take more than ``LONGEST_SHARE`` of the budget is cut to the
    sentences that the question is about.

    Args:
        title: Stands above.
        items: Positions of rows and their items, the most wanted first. What was said at the same time stands in order of
            position.
        asked: Index terms of the question.
        most: Tokens that there may be, as :func:`polymem.ranking.budget.estimate_tokens` counts them.
    """
    page = _Page(most - _cost(title))
    longest = max(int(most * LONGEST_SHARE), SHORTEST_CUT)
    seen: set[str] = set()
    for place, item in items:
        if item.id not in seen and page.add(place, item, _shown(item, asked, longest)):
            seen.add(item.id)
    return [title, *page.lines()] if page.blocks else []


def _cost(line: str) -> int:
    """Return an upper bound of what a line adds."""
    return estimate_tokens(f"{line}\n")


def _heading(item: Item) -> str:
    """Return the heading of an item's block: the title of a document, or the day; both in square brackets."""
    if not is_passage(item.kind, item.role):
        return f"[{item.valid_at:%Y-%m-%d}]"
    title = title_of(item.kind, role=item.role, metadata=item.metadata)
    return f"[{item.valid_at:%Y-%m-%d}, document{' ' + quoted(title) if title else ''}]"


def _shown(item: Item, asked: Collection[str], longest: int) -> str:
    """Return who says what, cut to *longest* tokens where it is longer."""
    if is_passage(item.kind, item.role):
        who = f"{quoted(item.speaker)}: " if item.speaker else ""
    else:
        who = f"{quoted(item.speaker or item.role) if item.kind == 'episode' else item.kind}: "
    whole = quoted(item.text)
    if estimate_tokens(whole) <= longest:
        return who + whole
    part = excerpt(item.text, asked, fits=lambda part: estimate_tokens(quoted(part)) <= longest)
    return f"{who}… {quoted(part)} …" if part else who + whole
