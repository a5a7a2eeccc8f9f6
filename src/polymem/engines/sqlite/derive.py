"""What the derived tables must hold, worked out anew from the truth: for checking and for repairing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import numpy as np

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS, NO_DOCUMENT
from polymem.engines.sqlite.codec import or_forever, pack_scan, pack_terms, voice
from polymem.engines.sqlite.merged import WHOLE
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.ports.faces import ARCHIVED, EMBEDDED, INDEXED, PENDING, REMOVED, SUPERSEDED
from polymem.text.indexed import document_number, indexed_terms
from polymem.text.keys import index_keys

_CHUNK: Final = 1_000
_ROWS: Final = (
    "SELECT i.rid, i.id, i.version, i.kind, i.text, i.metadata, i.importance, i.speaker, i.role, i.agent_id, i.run_id, "
    "i.valid_at, i.invalid_at, i.created_at, i.expired_at, i.expires_at, i.flags, t.list, s.columns, v.f16 FROM item i "
    "LEFT JOIN terms t ON t.rid = i.rid LEFT JOIN scan s ON s.rid = i.rid LEFT JOIN vector v ON v.rid = i.rid "
    "WHERE i.rid > ? AND i.rid <= ? ORDER BY i.rid LIMIT ?"
)
_GONE: Final = frozenset({EVENT_NAMES.index("DELETE"), EVENT_NAMES.index("EXPIRE")})
EPISODE: Final = KINDS.index("episode")


class FullRow(NamedTuple):
    """An item's row and what the faces hold of it, None where they hold nothing."""

    rid: int
    id: bytes
    version: int
    kind: int
    text: str
    metadata: str
    importance: float
    speaker: str
    role: str
    agent_id: str | None
    run_id: str | None
    valid: int
    invalid: int | None
    created: int
    expired: int | None
    expires: int | None
    flags: int
    terms: bytes | None
    columns: bytes | None
    vector: bytes | None

    def forward_list(self) -> tuple[bytes, int]:
        """Return the forward list that its words and keys make, and the number of its terms."""
        kind, metadata = KINDS[self.kind], json.loads(self.metadata)
        words = indexed_terms(kind, self.text, role=self.role, metadata=metadata)
        return pack_terms(words, index_keys(kind, self.text, role=self.role, metadata=metadata))


def full_rows(connection: sqlite3.Connection, partition_no: int) -> Iterator[FullRow]:
    """Yield the rows of a partition by position; the caller may write meanwhile."""
    low = partition_no << POSITION_BITS
    after = low - 1
    while rows := connection.execute(_ROWS, (after, low | POSITION_MASK, _CHUNK)).fetchall():
        yield from map(FullRow._make, rows)
        after = rows[-1][0]


def read_labels(connection: sqlite3.Connection, partition_no: int) -> dict[str, int]:
    """Return the partition's labels by name."""
    return dict(
        connection.execute("SELECT name, no FROM label WHERE partition = ?", (partition_no,)).fetchall()
    )


def scan_of(row: FullRow, *, flags: int, length: int, labels: Mapping[str, int]) -> bytes | None:
    """Return the ranking columns that a row must have, None when one of its names has no label."""
    document = document_number(KINDS[row.kind], role=row.role, metadata=json.loads(row.metadata))
    speaker = voice(row.speaker, row.role) if document == NO_DOCUMENT else ""
    numbers = [labels.get(name) if name else -1 for name in (speaker, row.agent_id, row.run_id)]
    if document != NO_DOCUMENT:
        numbers[0] = document
    if None in numbers:
        return None
    times = (
        row.valid,
        or_forever(row.invalid),
        row.created,
        or_forever(row.expired),
        or_forever(row.expires),
    )
    return pack_scan(row.kind, flags, length, row.importance, *numbers, *times)


def sound(vector: bytes | None, *, dim: int) -> bool:
    """Tell whether *vector* is a stored vector of the right size, with finite numbers."""
    return (
        vector is not None
        and len(vector) == 2 * dim
        and bool(np.isfinite(np.frombuffer(vector, "<f2")).all())
    )


def removed_items(connection: sqlite3.Connection, partition_no: int) -> dict[bytes, bool]:
    """Return for every item of the history whether the last that is told of it is its removal."""
    rows = connection.execute(
        "SELECT item, name, max(n) FROM event WHERE partition = ? GROUP BY item", (partition_no,)
    )
    return {item: name in _GONE for item, name, _ in rows}


def outdated_episodes(connection: sqlite3.Connection, partition_no: int) -> set[int]:
    """Return the ``rid`` of the episodes whose facts are all closed; those that an update retired do not count."""
    low = partition_no << POSITION_BITS
    rows = connection.execute(
        "SELECT s.episode FROM source s JOIN item i ON i.rid = s.rid WHERE s.episode BETWEEN ? AND ? AND i.flags & ? = 0 "
        f"AND i.kind NOT IN ({WHOLE}) AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL) "
        "GROUP BY s.episode HAVING count(*) FILTER (WHERE i.expired_at IS NULL) = 0",
        (low, low | POSITION_MASK, REMOVED),
    )
    return {episode for (episode,) in rows}


def flags_of(row: FullRow, *, removed: bool, superseded: bool, dim: int) -> int:
    """Return the flags that a row must have. A vector that is lost or unsound is to be made again."""
    flags = SUPERSEDED if superseded else 0
    if removed:
        return flags | REMOVED
    flags |= row.flags & ARCHIVED
    if sound(row.vector, dim=dim):
        return flags | INDEXED | EMBEDDED
    lacking = row.vector is not None or row.flags & (EMBEDDED | PENDING)
    return flags | INDEXED | (PENDING if lacking else 0)
