"""Checks of the history: every link closes, every commitment opens, nothing is missing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from polymem.domain.event import EVENT_NAMES
from polymem.engines.sqlite.chain import commit_to, link_after
from polymem.engines.sqlite.damage import UNREADABLE
from polymem.engines.sqlite.problem import UNREADABLE_ROW, Problem, Tally
from polymem.engines.sqlite.schema import POSITION_BITS

_ERASE: Final = EVENT_NAMES.index("ERASE")
_OF_ENTITIES: Final = {EVENT_NAMES.index("MERGE"), EVENT_NAMES.index("SPLIT")}
_EVENTS: Final = (
    "SELECT e.n, e.item, e.name, e.at, e.actor, e.reason, e.old_version, e.new_version, e.salt, e.commitment, e.link, "
    "i.text, i.metadata FROM event e LEFT JOIN item i ON i.id = e.item AND i.rid >> ? = e.partition "
    "AND i.version = CASE e.new_version WHEN 0 THEN e.old_version ELSE e.new_version END "
    "WHERE e.partition = ? ORDER BY e.n"
)


class _Event(NamedTuple):
    n: int
    item: bytes
    name: int
    at: int
    actor: str
    reason: str
    old: int
    new: int
    salt: bytes | None
    commitment: bytes
    link: bytes
    text: str | None
    metadata: str | None


def check_chain(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    """Yield where the history was edited, cut or reordered, or no longer fits the texts it speaks of."""
    head, n_events, last_at = connection.execute(
        "SELECT head, n_events, last_at FROM partition WHERE no = ?", (no,)
    ).fetchone()
    erased: dict[bytes, int] = dict(
        connection.execute(
            "SELECT item, max(n) FROM event WHERE partition = ? AND name = ? GROUP BY item", (no, _ERASE)
        ).fetchall()
    )
    lost, spare = Tally(repairable=False), Tally()
    link, expected, at = b"", 1, 0
    for row in connection.execute(_EVENTS, (POSITION_BITS, no)):
        event = _Event(*row)
        if event.n != expected:
            lost.note("event", "missing from the chain", n=max(event.n - expected, 1))
        # Going on from the stored link counts each damage once.
        before, link, expected = link, event.link, event.n + 1
        try:
            lost.note("event", "does not fit its link", n=_link(before, event) != event.link)
            lost.note("event", "is older than the one before it", n=event.at < at)
            at = max(at, event.at)
            _check_content(event, erased.get(event.item, 0), lost, spare)
        except UNREADABLE:
            lost.note("event", UNREADABLE_ROW)
    lost.note("event", "the chain's head is another", n=link != head)
    lost.note("event", "missing from the chain", n=max(n_events - expected + 1, 0))
    spare.note("partition", "counter n_events disagrees with the rows", n=expected - 1 > n_events)
    spare.note("partition", "counter last_at disagrees with the rows", n=last_at < at)
    yield from lost.problems()
    yield from spare.problems()


def _link(head: bytes, event: _Event) -> bytes:
    return link_after(
        head,
        n=event.n,
        name=event.name,
        at=event.at,
        versions=(event.old, event.new),
        item=event.item,
        notes=(event.actor, event.reason),
        commitment=event.commitment,
    )


def _check_content(event: _Event, erased: int, lost: Tally, spare: Tally) -> None:
    """Compare an event's commitment with the text; *erased* is the place of the item's last erasure."""
    if event.n < erased:
        spare.note("event", "the salt of erased content is still there", n=event.salt is not None)
        return
    # What happens to an entity has no version and commits to no content.
    bare = event.name == _ERASE or (event.name in _OF_ENTITIES and not event.old and not event.new)
    text, metadata = ("", "") if bare else (event.text, event.metadata)
    if text is None or metadata is None:
        lost.note("item", "a version that the history names is missing")
    elif event.salt is None:
        lost.note("event", "the salt of its commitment is missing")
    elif commit_to(event.salt, text, metadata) != event.commitment:
        lost.note("event", "a text differs from what was committed")
