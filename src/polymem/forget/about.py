"""Which memories speak of a name: by the entities that bear it, and by its exact occurrence in words and metadata."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from polymem.domain.item import Item
from polymem.domain.slotted import dataclass
from polymem.ports.faces import Mask
from polymem.ports.ledger import Snapshot
from polymem.text.mentions import find_mentions
from polymem.text.normalise import fold_aligned, name_key

__all__ = ["Name", "rows_about"]

BLOCK: Final = 500
ALL: Final = 2**31 - 1
_AFTER_NAMES: Final = frozenset(
    "没不在去来说有和跟与也都是的了会想要很就还把被给对从到又再已正将能可才只太最真喜爱讨告问叫住做吃喝看买卖工上下今明昨"
)
"""What follows a Chinese name far more often than it ends one."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name, and what must not be taken for it.

    Attributes:
        text: The name, folded.
        longer: Other names, folded, of which it is a part.
    """

    text: str
    longer: tuple[str, ...] = ()

    def is_in(self, text: str) -> bool:
        """Tell whether *text* has the name as a word of its own.

        Case, width and Chinese script do not count. It is no part of a longer word, number, address or name: "Ann" is not
        in "Anna", "Ann-Marie" or "ann@example.org", 王芳 not in 王芳芳, "id-12" not in "id-123" or "id-12-b".

        Example:
            >>> Name("ann").is_in("Ann’s cat"), Name("ann").is_in("Anna’s cat"), Name("王芳").is_in("我和王芳芳去了")
            (True, False, False)
        """
        folded = fold_aligned(text)
        places = [at for at in _places(folded, self.text) if self._alone(folded, at)]
        if not places:
            return False
        taken = [span for other in self.longer if self._grows_to(other) for span in _spans(folded, other)]
        taken += [m.offset for m in find_mentions(text) if self._grows_to(fold_aligned(m.name).lstrip("@"))]
        length = len(self.text)
        return any(not any(a <= at and at + length <= b for a, b in taken) for at in places)

    def _grows_to(self, other: str) -> bool:
        """Tell whether *other* is a longer name, and not this one with the word after it."""
        at = other.find(self.text)
        rest = other[at + len(self.text) : at + len(self.text) + 1]
        return at >= 0 and len(other) > len(self.text) and rest not in _AFTER_NAMES

    def _alone(self, text: str, at: int) -> bool:
        """Tell whether neither side goes on with what stands there."""
        end = at + len(self.text)
        before, after = text[max(at - 2, 0) : at][::-1], text[end : end + 2]
        if _goes_on(self.text[0], before, joiners=self._joiners + "'"):
            return False
        if _goes_on(self.text[-1], after, joiners=self._joiners):
            return False
        return self._is_code or "@" not in _run(text, at, end).strip("@")

    @property
    def _is_code(self) -> bool:
        return any(char.isdigit() or char in "@_" for char in self.text)

    @property
    def _joiners(self) -> str:
        return "-._@+" if self._is_code else "-_"


def _places(text: str, name: str) -> Iterator[int]:
    at = text.find(name)
    while at >= 0:
        yield at
        at = text.find(name, at + 1)


def _spans(text: str, name: str) -> Iterator[tuple[int, int]]:
    return ((at, at + len(name)) for at in _places(text, name))


def _goes_on(edge: str, beyond: str, *, joiners: str) -> bool:
    """Tell whether the word that ends with *edge* goes on with *beyond*, two characters away from it at most."""
    if not beyond:
        return False
    first, second = beyond[0], beyond[1:]
    if _is_han(edge):
        # Chinese sets no spaces; a name that is longer by a repeated character is another one.
        return first == edge
    if _is_letter(first):
        return True
    if edge.isdigit() and first == " " and second.isdigit():
        return True
    return first in joiners and bool(second) and _is_letter(second)


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff"


def _is_letter(char: str) -> bool:
    return (char.isalnum() or char == "_") and not _is_han(char)


def _run(text: str, start: int, stop: int) -> str:
    """Return what stands around a place without spaces or Chinese characters between."""
    while start > 0 and not (text[start - 1].isspace() or _is_han(text[start - 1])):
        start -= 1
    while stop < len(text) and not (text[stop].isspace() or _is_han(text[stop])):
        stop += 1
    return text[start:stop]


def rows_about(snapshot: Snapshot, name: str, mask: Mask) -> Mask:
    """Return bool[n]: the newest versions of the items in *mask* that speak of *name*, whichever version of them does.

    An item speaks of it if it mentions an entity of that name or alias, if its words or its metadata have the name as a
    word of its own, or if one of that name says it. What an item says of the owner of the memory is not found by the
    owner's name, unless it is in its words.
    """
    key = name_key(name)
    found = np.zeros(snapshot.n, dtype=np.bool_)
    graph = snapshot.graph
    owner = graph.owner()
    for number in graph.find([key]).values():
        if number != owner:
            found[graph.mentions(number, limit=max(snapshot.n, 1))] = True
    folded = fold_aligned(name).strip()
    others = {
        fold_aligned(other)
        for _, entity in graph.entities(limit=ALL)
        for other in (entity.name, *entity.aliases)
    }
    wanted = Name(folded, tuple(sorted(other for other in others if folded in other and other != folded)))
    positions: list[int] = np.flatnonzero(mask & ~found).tolist()
    for start in range(0, len(positions), BLOCK):
        part = positions[start : start + BLOCK]
        for position, item in zip(part, snapshot.rows.items(part), strict=True):
            found[position] = _speaks_of(item, wanted, key)
    return _newest(snapshot, found & mask)


def _speaks_of(item: Item, name: Name, key: str) -> bool:
    if name.is_in(item.text) or (item.speaker and name_key(item.speaker) == key):
        return True
    return bool(item.metadata) and name.is_in(json.dumps(item.metadata, ensure_ascii=False))


def _newest(snapshot: Snapshot, found: Mask) -> Mask:
    """Return *found* with the newest version of each item in place of whichever was found."""
    positions: Sequence[int] = np.flatnonzero(found).tolist()
    newest = np.zeros(snapshot.n, dtype=np.bool_)
    for start in range(0, len(positions), BLOCK):
        for item in snapshot.rows.items(positions[start : start + BLOCK]):
            place = snapshot.rows.position(item.id)
            if place is not None:
                newest[place] = True
    return newest
