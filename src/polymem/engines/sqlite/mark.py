"""Changes to a row that exists: its times and flags, in the item and in its ranking columns alike."""

from __future__ import annotations

from typing import Final, NamedTuple

from polymem.engines.sqlite.codec import SCAN, pack_scan, unpack_scan
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK

_FIELDS: Final = tuple(SCAN.names or ())
_COLUMNS: Final = (
    "rid, id, version, kind, text, metadata, flags, valid_at, invalid_at, expired_at, expires_at, agent_id, run_id, "
    "superseded_by, first_at, n_evidence"
)


class Row(NamedTuple):
    """The parts of an item's row that writing needs."""

    rid: int
    id: bytes
    version: int
    kind: int
    text: str
    metadata: str
    flags: int
    valid: int
    invalid: int | None
    expired: int | None
    expires: int | None
    agent_id: str | None
    run_id: str | None
    superseded_by: bytes | None
    first_at: int
    n_evidence: int

    @property
    def position(self) -> int:
        """Where the row lies in its partition."""
        return self.rid & POSITION_MASK


def row_at(writer: PartitionWriter, position: int) -> Row:
    """Return the row at *position*, which exists."""
    return Row(
        *writer.connection.execute(
            f"SELECT {_COLUMNS} FROM item WHERE rid = ?", (writer.rid(position),)
        ).fetchone()
    )


def versions_of(writer: PartitionWriter, item: bytes) -> list[Row]:
    """Return all versions of an item that lie in this partition, newest first."""
    low = writer.rid(0)
    rows = writer.connection.execute(
        f"SELECT {_COLUMNS} FROM item WHERE id = ? AND rid BETWEEN ? AND ? ORDER BY version DESC",
        (item, low, low | POSITION_MASK),
    )
    return [Row(*row) for row in rows.fetchall()]


def rescan(writer: PartitionWriter, position: int, **changes: int) -> None:
    """Change fields of a row's ranking columns and note the change for the readers' caches."""
    rid = writer.rid(position)
    row = writer.connection.execute("SELECT columns FROM scan WHERE rid = ?", (rid,)).fetchone()
    if row is None:
        return
    values = dict(zip(_FIELDS, unpack_scan(row[0]), strict=True)) | changes
    writer.connection.execute("UPDATE scan SET columns = ? WHERE rid = ?", (pack_scan(*values.values()), rid))
    writer.touch(position)
