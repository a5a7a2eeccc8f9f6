"""The order of a document's chunks where it is not that of time and storing, as after a change in its midst."""

from __future__ import annotations

import sqlite3
from typing import Final

import numpy as np

from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.faces import I32, I64
from polymem.text.indexed import document_number

__all__ = ["MOVED", "NOWHERE", "Placed", "note_order", "note_revised", "read_placed"]

_NEWEST: Final = "NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.version > i.version)"
MOVED: Final = (
    "EXISTS (SELECT 1 FROM (SELECT i.valid_at AS at, i.rid AS rid, lag(i.valid_at) OVER places AS at_before, "
    "lag(i.rid) OVER places AS rid_before FROM chunk c CROSS JOIN item i ON i.id = c.item "
    f"WHERE c.partition = document.partition AND c.document = document.no AND {_NEWEST} WINDOW places AS (ORDER BY c.n)) "
    "WHERE (at_before, rid_before) > (at, rid))"
)
"""Whether time and storing tell another order of a document's chunks than its own."""
_NOTE: Final = f"UPDATE document SET moved = {MOVED} WHERE no = ? AND (moved OR {MOVED})"
_CHUNK_ROW: Final = "SELECT i.rid FROM chunk c CROSS JOIN item i ON i.id = c.item WHERE c.partition = ? AND c.document = ? LIMIT 1"
_OF: Final = "SELECT document FROM chunk WHERE partition = ? AND item = ?"
_PLACED: Final = (
    "SELECT i.rid, c.n, d.id FROM document d INDEXED BY document_moved CROSS JOIN chunk c ON c.partition = d.partition "
    "AND c.document = d.no CROSS JOIN item i ON i.id = c.item "
    f"WHERE d.partition = ? AND d.moved AND {_NEWEST} ORDER BY i.rid"
)


@dataclass(frozen=True, slots=True)
class Placed:
    """Chunks of the documents whose order is not that of time and storing.

    Attributes:
        positions: int32[m], ascending.
        order: int64[m], their places in their documents.
        documents: int32[m], the numbers of these.
    """

    positions: I32
    order: I64
    documents: I32

    def is_as(self, other: Placed) -> bool:
        """Tell whether *other* says the same."""
        pairs = (
            (self.positions, other.positions),
            (self.order, other.order),
            (self.documents, other.documents),
        )
        return all(np.array_equal(mine, theirs) for mine, theirs in pairs)

    def times(self, valid: I64, speaker: I32) -> I64:
        """Return *valid*, int64[n], with places for times where *speaker*, int32[n], says that a row is of that document."""
        mine = speaker[self.positions] == self.documents
        if not mine.any():
            return valid
        times = valid.copy()
        times[self.positions[mine]] = self.order[mine]
        return times


NOWHERE: Final = Placed(np.empty(0, np.int32), np.empty(0, np.int64), np.empty(0, np.int32))


def note_order(writer: PartitionWriter, no: int) -> None:
    """Note whether the order of document *no* is that of time and storing; readers look anew where it is not, or was not."""
    if not writer.connection.execute(_NOTE, (no,)).rowcount:
        return
    row = writer.connection.execute(_CHUNK_ROW, (writer.no, no)).fetchone()
    if row is not None:
        writer.touch(row[0] & POSITION_MASK)


def note_revised(writer: PartitionWriter, item: bytes) -> None:
    """Note what a new version of *item* does to the order of its document, if it is of one."""
    found = writer.connection.execute(_OF, (writer.no, item)).fetchone()
    if found is not None:
        note_order(writer, found[0])


def read_placed(connection: sqlite3.Connection, no: int) -> Placed:
    """Return the places of a partition's chunks that time and storing do not tell."""
    rows = connection.execute(_PLACED, (no,)).fetchall()
    if not rows:
        return NOWHERE
    numbers = {key: _number(key) for key in {key for _, _, key in rows}}
    return Placed(
        np.array([rid & POSITION_MASK for rid, _, _ in rows], np.int32),
        np.array([n for _, n, _ in rows], np.int64),
        np.array([numbers[key] for _, _, key in rows], np.int32),
    )


def _number(key: bytes) -> int:
    return document_number("episode", role="document", metadata={"document": id_text(key)})
