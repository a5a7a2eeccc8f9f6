"""The write side's hold on one partition inside a transaction: counters, labels, events, the change log."""

from __future__ import annotations

import sqlite3
from dataclasses import field
from datetime import datetime
from operator import attrgetter
from typing import Final

from polymem.domain.event import EVENT_NAMES, EventName
from polymem.domain.scope import Partition
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.chain import commit_to, link_after, new_salts
from polymem.engines.sqlite.schema import MAX_POSITIONS, POSITION_BITS
from polymem.errors import StoreFullError

KEPT_CHANGES: Final = 4_096
"""Versions of the change log that are kept; a reader further behind loads the partition anew."""

_MANY_SALTS: Final = 64

COUNTERS: Final = (
    "version",
    "next_position",
    "next_entity",
    "next_relation",
    "next_label",
    "n_indexed",
    "n_terms",
    "n_pending",
    "n_packed",
    "n_events",
    "head",
    "last_at",
    "owner_entity",
    "next_expiry",
)
_SELECT: Final = (
    f"SELECT no, {', '.join(COUNTERS)} FROM partition WHERE tenant = ? AND kind = ? AND owner = ?"
)
_counters = attrgetter(*COUNTERS)
_UPDATE: Final = f"UPDATE partition SET {', '.join(f'{name} = ?' for name in COUNTERS)} WHERE no = ?"


@dataclass(slots=True)
class PartitionWriter:
    """One partition while it is written; :meth:`finish` stores what changed.

    Attributes:
        connection: Inside a write transaction.
        partition: Which one.
        no: Its number; the rows' ``rid`` begins with it.
        at: System time of this write in microseconds, never before the last one's.
        ended_documents: Documents that went in this write, as their last chunk did.
    """

    connection: sqlite3.Connection
    partition: Partition
    no: int
    at: int
    version: int
    next_position: int
    next_entity: int
    next_relation: int
    next_label: int
    n_indexed: int
    n_terms: int
    n_pending: int
    n_packed: int
    n_events: int
    head: bytes
    last_at: int
    owner_entity: int | None
    next_expiry: int | None
    actor: str = "user"
    ended_documents: set[bytes] = field(default_factory=set[bytes])
    _labels: dict[str, int] = field(default_factory=dict[str, int])
    _speakers: set[str] = field(default_factory=set[str])
    _touched: set[int] = field(default_factory=set[int])
    _events: list[tuple[object, ...]] = field(default_factory=list[tuple[object, ...]])
    _salts: list[bytes] = field(default_factory=list[bytes])
    _mentions: list[tuple[int, int, int]] = field(default_factory=list[tuple[int, int, int]])

    @classmethod
    def open(
        cls, connection: sqlite3.Connection, partition: Partition, *, now: datetime, actor: str
    ) -> PartitionWriter:
        """Load the partition's counters, making its row if it is new."""
        key = (partition.tenant, partition.kind, partition.owner)
        row = connection.execute(_SELECT, key).fetchone()
        if row is None:
            connection.execute("INSERT INTO partition (tenant, kind, owner) VALUES (?, ?, ?)", key)
            row = connection.execute(_SELECT, key).fetchone()
        no, *counters = row
        last_at = counters[COUNTERS.index("last_at")]
        # A clock that was set back must not put new rows before old ones on the system's time axis.
        writer = cls(connection, partition, no, max(to_micros(now), last_at), *counters)
        writer.actor = actor
        return writer

    def rid(self, position: int) -> int:
        """Return the row id of *position*."""
        return self.no << POSITION_BITS | position

    def take_position(self) -> int:
        """Return the next free position.

        Raises:
            StoreFullError: The partition holds all the rows it can (16.7 million).
        """
        position = self.next_position
        self.next_position = _after(position, "rows")
        self._touched.add(position)
        return position

    def take_entity(self) -> int:
        """Return the next free number of an entity.

        Raises:
            StoreFullError: The partition holds all the entities it can (16.7 million).
        """
        number = self.next_entity
        self.next_entity = _after(number, "entities")
        return number

    def take_relation(self) -> int:
        """Return the next free number of a relation.

        Raises:
            StoreFullError: The partition holds all the relations it can (16.7 million).
        """
        number = self.next_relation
        self.next_relation = _after(number, "relations")
        return number

    def touch(self, position: int) -> None:
        """Note that a row changed, for the readers' caches."""
        self._touched.add(position)

    def label(self, name: str | None, *, speaks: bool = False) -> int:
        """Return the number of a speaker, agent or run, -1 for none."""
        if not name:
            return -1
        number = self._labels.get(name)
        if number is None:
            row = self.connection.execute(
                "SELECT no, speaks FROM label WHERE partition = ? AND name = ?", (self.no, name)
            ).fetchone()
            if row is None:
                number = self.next_label
                self.next_label += 1
                self.connection.execute("INSERT INTO label VALUES (?, ?, ?, 0)", (self.no, name, number))
            else:
                number = row[0]
                if row[1]:
                    self._speakers.add(name)
            self._labels[name] = number
        if speaks and name not in self._speakers:
            self._speakers.add(name)
            self.connection.execute(
                "UPDATE label SET speaks = 1 WHERE partition = ? AND name = ?", (self.no, name)
            )
        return number

    def forget_labels(self) -> None:
        """Look the names up anew, since some are gone."""
        self._speakers.clear()
        self._labels.clear()

    def event(
        self,
        name: EventName,
        item: bytes,
        *,
        content: tuple[str, str],
        versions: tuple[int, int],
        reason: str = "",
    ) -> None:
        """Append an event to the chain.

        Args:
            name: What happened.
            item: The item's 16 bytes.
            content: Text and metadata (JSON) of the newer version it concerns.
            versions: Old and new version, 0 for none.
            reason: Why.
        """
        self.n_events += 1
        if not self._salts:
            # One by one they would take as long as the hashes; a write of one event draws one.
            self._salts = new_salts(_MANY_SALTS if self._events else 1)
        commitment = commit_to(salt := self._salts.pop(), *content)
        code = EVENT_NAMES.index(name)
        self.head = link_after(
            self.head,
            n=self.n_events,
            name=code,
            at=self.at,
            versions=versions,
            item=item,
            notes=(self.actor, reason),
            commitment=commitment,
        )
        self._events.append(
            (
                self.no,
                self.n_events,
                item,
                code,
                self.at,
                self.actor,
                reason,
                *versions,
                salt,
                commitment,
                self.head,
            )
        )

    def flush_events(self) -> None:
        """Store the events gathered so far."""
        if self._events:
            self.connection.executemany(
                "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", self._events
            )
            self._events.clear()

    def mention(self, entity: int, position: int) -> None:
        """Note that the row at *position* mentions *entity*; it is stored with the others of the batch."""
        self._mentions.append((self.no, entity, position))

    def flush_mentions(self) -> None:
        """Store the mentions gathered so far; who reads or deletes mentions calls it before."""
        if self._mentions:
            self.connection.executemany("INSERT OR IGNORE INTO mention VALUES (?, ?, ?)", self._mentions)
            self._mentions.clear()

    def expect_expiry(self, at: int | None) -> None:
        """Note when the next item expires."""
        if at is not None and (self.next_expiry is None or at < self.next_expiry):
            self.next_expiry = at

    def finish(self) -> None:
        """Store events, mentions, counters and the change log."""
        self.flush_events()
        self.flush_mentions()
        if self._touched:
            self.version += 1
            self.connection.executemany(
                "INSERT INTO change VALUES (?, ?, ?, ?)",
                [(self.no, self.version, first, last) for first, last in _ranges(sorted(self._touched))],
            )
            if self.version % 256 == 0:
                self.connection.execute(
                    "DELETE FROM change WHERE partition = ? AND version <= ?",
                    (self.no, self.version - KEPT_CHANGES),
                )
        self.last_at = self.at
        self.connection.execute(_UPDATE, (*_counters(self), self.no))


def numbered(connection: sqlite3.Connection, partition: Partition | None) -> list[tuple[int, Partition]]:
    """Return the partitions meant, None for all, with their numbers; none when there is no such partition."""
    rows = connection.execute("SELECT no, tenant, kind, owner FROM partition ORDER BY no").fetchall()
    found = [(no, Partition(*key)) for no, *key in rows]
    return found if partition is None else [(no, known) for no, known in found if known == partition]


def reload_everywhere(connection: sqlite3.Connection, no: int) -> None:
    """Make every reader, in every process, load the partition anew."""
    connection.execute("DELETE FROM change WHERE partition = ?", (no,))
    connection.execute("UPDATE partition SET version = version + 1 WHERE no = ?", (no,))
    connection.execute(
        "INSERT INTO change SELECT no, version, 0, max(next_position - 1, 0) FROM partition WHERE no = ?",
        (no,),
    )


def _after(number: int, what: str) -> int:
    """Return the number after *number*, beyond which the row ids of the next partition begin."""
    if number >= MAX_POSITIONS:
        raise StoreFullError(f"this scope is full: {MAX_POSITIONS} {what}", limit=MAX_POSITIONS)
    return number + 1


def _ranges(positions: list[int]) -> list[tuple[int, int]]:
    """Return ascending *positions* as inclusive ranges."""
    out: list[tuple[int, int]] = []
    for position in positions:
        if out and position == out[-1][1] + 1:
            out[-1] = (out[-1][0], position)
        else:
            out.append((position, position))
    return out
