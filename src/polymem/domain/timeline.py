"""What held when: the state of facts that compete, as a function of what was stated and of nothing else.

Facts compete that speak of one subject under one single-valued predicate, or of one slot under a predicate and its
opposite, stated or denied. Each statement has a place of its own in time, so that the order in which statements arrive
changes nothing: it counts from when it was said if what it tells was news then, else from the time that it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import field
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from polymem.domain.predicates import REFINABLE, predicate_named
from polymem.domain.slotted import dataclass

__all__ = [
    "NEWS",
    "Stated",
    "Stretch",
    "Verdict",
    "competing",
    "contradicts",
    "counts_from",
    "supports",
    "timeline",
]

NEWS: Final = timedelta(days=31)
"""What began at most so long before it was said counts from when it was said."""
Verdict: TypeAlias = Literal["same", "refines", "contradicts", "supersedes", "unrelated"]
"""What a statement is to another: the same said again; the same more precisely; its denial or the opposite attitude; a
new value of what has one at a time; none of these."""

# Compiled when they are first used: most processes never compare two places or names.
_WORD: Final = r"\w+"
_CJK: Final = r"[\u3400-\u9fff]"
_MIN_CJK: Final = 2
# "Assistant manager" is no kind of "manager" that one would call so: whoever is one and then the other has moved on.
_OTHERS: Final = (
    r"\b(assistant|associate|junior|senior|deputy|vice|trainee|intern|former|ex|chief|head|lead|acting|student)\b"
    r"|[副前助]|实习|见习|代理|首席|高级|初级|资深"
)
# "Leiden University" may be called Leiden for short; "Leeds University Hospital" is another place than Leeds University.
_ORGANISATION: Final = (
    r"(?:the )?{0}(?:,? (?:university|college|school|institute|academy|inc|corp|corporation|company|co|ltd|llc|gmbh|ag|group|labs|bank))"
    r"|(?:the )?(?:university|college) of {0}|{0}(?:大学|学院|中学|集团|公司|(?:技术|科技|股份)?有限公司)"
)


@dataclass(frozen=True, slots=True)
class Stated:
    """One statement of a fact.

    Attributes:
        item_id: The item that it belongs to.
        predicate: What it says.
        slot: Normal form of the object.
        positive: False for a denial.
        object: The object for display.
        valid_at: From when it holds, as it says itself.
        said_at: When it was said; None where that is not known.
        ends_at: Until when it holds, where it says so itself.
        counts_at: From when it counts, see :func:`counts_from`.
        place: Where in its batch of messages it stands, so that of two said at once the latter counts.
        own: Whether the item has its words; otherwise it only supports the item.
        n: The engine's number of it, ascending in order of arrival; 0 for one that is not stored yet.
    """

    item_id: str
    predicate: str
    slot: str
    positive: bool
    object: str
    valid_at: datetime
    said_at: datetime | None
    ends_at: datetime | None
    counts_at: datetime
    place: int = 0
    own: bool = True
    n: int = 0

    @property
    def order(self) -> tuple[Any, ...]:
        """What orders statements; no two that say different things are equal in it."""
        return (
            *(self.counts_at, self.valid_at, self.said_at or self.valid_at, self.place),
            *(self.predicate, self.slot, not self.positive, self.object),
        )


@dataclass(slots=True)
class Stretch:
    """A time during which one thing held.

    Attributes:
        statements: What states it, in order; the first one says what holds, later ones may say so less precisely.
        valid_at: From when it held: the earliest time that one of them names.
        ends_at: Until when it holds by its own words, the last that tell.
        invalid_at: Until when it held; equal to ``valid_at`` for what never held beside the rest, None while open.
        by: What ended it; None where nothing did, or it ended by its own words.
        verdict: What that was to it.
    """

    statements: list[Stated]
    valid_at: datetime
    ends_at: datetime | None
    invalid_at: datetime | None = None
    by: Stretch | None = field(default=None, repr=False)
    verdict: Verdict = "unrelated"

    @property
    def head(self) -> Stated:
        """The statement that says what holds."""
        return self.statements[0]


def counts_from(valid_at: datetime, said_at: datetime | None) -> datetime:
    """Return from when a statement counts: from when it was said if it was news then, else from the time that it names."""
    return said_at if said_at is not None and said_at - valid_at <= NEWS else valid_at


def timeline(statements: Iterable[Stated]) -> list[Stretch]:
    """Return the stretches of statements that compete, in their order.

    Of any two stretches that contradict each other the later one ends the earlier where it begins, at the latest. A
    statement that repeats what holds joins it, and so does a less precise one ("France" after "Lyon, France"); after
    something else held, it begins a new stretch.

    Example:
        >>> timeline([])
        []
    """
    stretches: list[Stretch] = []
    running: list[Stretch] = []
    for said in sorted(statements, key=lambda each: each.order):
        running = [s for s in running if s.ends_at is None or s.ends_at > said.valid_at]
        home = next((s for s in running if supports(said, s.head)), None)
        if home is None:
            running = [s for s in running if not contradicts(said, s.head)]
            home = Stretch([said], said.valid_at, said.ends_at)
            running.append(home)
            stretches.append(home)
        else:
            home.statements.append(said)
            home.valid_at = min(home.valid_at, said.valid_at)
            home.ends_at = said.ends_at or home.ends_at
    later = _Later()
    for stretch in reversed(stretches):
        _end(stretch, later.rivals(stretch.head))
        later.add(stretch)
    return stretches


class _Rival(NamedTuple):
    """Of stretches that say the same: when the earliest begins, and the first of them in order with its place."""

    begins_at: datetime
    place: int
    first: Stretch


_PLACE: Final = attrgetter("place")


class _Later:
    """The stretches after one, by what they say, so that a group of n takes n steps and not n²; filled from the end."""

    def __init__(self) -> None:
        self._said: dict[tuple[str, str, bool], _Rival] = {}
        self._affirmed: dict[str, _Rival] = {}
        self._worded: dict[tuple[str, bool], dict[str, _Rival]] = {}
        self._place = 0

    def add(self, stretch: Stretch) -> None:
        """Put *stretch* before all that were put in."""
        self._place -= 1
        head, new = stretch.head, _Rival(stretch.valid_at, self._place, stretch)
        key = (head.predicate, head.slot, head.positive)
        self._said[key] = _joined(new, self._said.get(key))
        if head.positive:
            self._affirmed[head.predicate] = _joined(new, self._affirmed.get(head.predicate))
        if head.predicate in REFINABLE:
            worded = self._worded.setdefault((head.predicate, head.positive), {})
            worded[head.object] = _joined(new, worded.get(head.object))

    def rivals(self, head: Stated) -> list[_Rival]:
        """Return those that say what *head* does, or what contradicts it; see :func:`contradicts`."""
        name, predicate = head.predicate, predicate_named(head.predicate)
        found = [self._said.get((name, head.slot, positive)) for positive in (True, False)]
        if head.positive and predicate.functional:
            found.append(self._affirmed.get(name))
        if head.positive and predicate.opposite is not None:
            found.append(self._said.get((predicate.opposite, head.slot, True)))
        others = self._worded.get((name, not head.positive), {})
        found += [rival for rival in others.values() if contradicts(rival.first.head, head)]
        return [rival for rival in found if rival is not None]


def _joined(new: _Rival, known: _Rival | None) -> _Rival:
    if known is None or new.begins_at <= known.begins_at:
        return new
    return _Rival(known.begins_at, new.place, new.first)


def _end(stretch: Stretch, rivals: Sequence[_Rival]) -> None:
    """Let *stretch* end where one of its *rivals* begins, or by its own words."""
    end = min([rival.begins_at for rival in rivals], default=None)
    if end is not None and (stretch.ends_at is None or end < stretch.ends_at):
        by = (rivals[0] if len(rivals) == 1 else min(rivals, key=_PLACE)).first
        stretch.invalid_at, stretch.by = max(stretch.valid_at, end), by
        stretch.verdict = verdict(by.head, stretch.head)
    elif stretch.ends_at is not None:
        stretch.invalid_at = max(stretch.valid_at, stretch.ends_at)


def verdict(new: Stated, old: Stated) -> Verdict:
    """Return what *new* is to *old*, which it follows."""
    if supports(new, old):
        return "same"
    if not contradicts(new, old):
        return "unrelated"
    if new.positive != old.positive or new.predicate != old.predicate:
        return "contradicts"
    return "refines" if refines(new, old) else "supersedes"


def contradicts(one: Stated, other: Stated) -> bool:
    """Tell whether both cannot hold at one time."""
    predicate = predicate_named(one.predicate)
    if one.predicate != other.predicate:
        # "Likes" against "dislikes" clash, "likes" against "does not dislike" do not.
        return (
            other.predicate == predicate.opposite
            and one.slot == other.slot
            and one.positive
            and other.positive
        )
    if one.positive and other.positive:
        return predicate.functional and one.slot != other.slot
    if one.positive == other.positive:
        return False
    affirmed, denied = (one, other) if one.positive else (other, one)
    # Who does not live in France does not live in Lyon either.
    return one.slot == other.slot or refines(affirmed, denied)


def refines(precise: Stated, vague: Stated) -> bool:
    """Tell whether *precise* names the same more precisely: "Lyon, France" than "France", "3 May 1990" than "1990"."""
    how = REFINABLE.get(precise.predicate)
    if how is None or precise.predicate != vague.predicate:
        return False
    long, short = precise.object.casefold().strip(" .。"), vague.object.casefold().strip(" .。")
    if len(short) >= len(long) or not short:
        return False
    # Most pairs of places and of firms end here, before an expression is made of one of them.
    if how in {"organisation", "place"} and short not in long:
        return False
    if how == "organisation":
        return (
            len(short) >= _MIN_CJK and re.fullmatch(_ORGANISATION.format(re.escape(short)), long) is not None
        )
    if re.search(_CJK, short):
        return len(short) >= _MIN_CJK and _at_an_end(long, short)
    if how == "place":
        # "New York" is no place in York, "Lyon, France" and "Lyon in France" are in France.
        return bool(re.search(rf"(?:,\s*|\bin (?:the )?){re.escape(short)}$", long))
    words, few = re.findall(_WORD, long), re.findall(_WORD, short)
    if how == "date":
        return bool(few) and set(few) < set(words)
    return (
        bool(few)
        and (words[-len(few) :] == few or (how == "name" and words[: len(few)] == few))
        and (how == "name" or not re.search(_OTHERS, " ".join(words[: -len(few)])))
    )


def _at_an_end(long: str, short: str) -> bool:
    rest = (
        long[len(short) :] if long.startswith(short) else long[: -len(short)] if long.endswith(short) else ""
    )
    return bool(rest) and not re.search(_OTHERS, rest)


def competing(predicate: str) -> tuple[tuple[str, ...], bool]:
    """Return the predicates that compete with *predicate*, itself included, and whether they do so over all slots."""
    found = predicate_named(predicate)
    names = (predicate,) if found.opposite is None else (predicate, found.opposite)
    return names, found.functional


def _same(one: Stated, other: Stated) -> bool:
    return (one.predicate, one.slot, one.positive) == (other.predicate, other.slot, other.positive)


def supports(said: Stated, head: Stated) -> bool:
    """Tell whether *said* says what *head* says, as precisely or less so."""
    return _same(said, head) or (said.positive and head.positive and refines(head, said))
