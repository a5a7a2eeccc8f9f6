"""Items put away and brought back: they keep their words and their place in history, only readers pass them over."""

from __future__ import annotations

from typing import Final

from polymem.domain.change import Archive, Unarchive, Use
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.keys import stated_by, sync_entries
from polymem.engines.sqlite.mark import Row, rescan, versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.uses import note_use
from polymem.errors import NotFoundError
from polymem.ports.faces import ARCHIVED, REMOVED

RESTORED: Final = "restored"


def archive(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Archive) -> None:
    """Put items away, all their versions; one that is archived already is passed over.

    Raises:
        NotFoundError: The scope does not hold one of them, or it was removed.
    """
    del facts
    for item_id in change.item_ids:
        rows = _live(remover, item_id)
        if not rows[0].flags & ARCHIVED:
            _mark(writer, rows, archived=True)
            newest = rows[0]
            writer.event(
                "ARCHIVE",
                newest.id,
                content=(newest.text, newest.metadata),
                versions=(newest.version, newest.version),
                reason=change.reason,
            )


def unarchive(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Unarchive) -> None:
    """Bring items back; one that is not archived is passed over.

    Raises:
        NotFoundError: The scope does not hold one of them, or it was removed.
    """
    del facts
    for item_id in change.item_ids:
        bring_back(writer, _live(remover, item_id), reason=RESTORED)


def bring_back(writer: PartitionWriter, rows: list[Row], *, reason: str) -> bool:
    """Bring an item back, all its versions *rows*, newest first, if it is archived; tell whether it was.

    That counts as a use, or the policy that archived it would do so again at once.
    """
    newest = rows[0]
    if not newest.flags & ARCHIVED:
        return False
    _mark(writer, rows, archived=False)
    writer.event(
        "RESTORE",
        newest.id,
        content=(newest.text, newest.metadata),
        versions=(newest.version, newest.version),
        reason=reason,
    )
    note_use(writer, newest.id, (writer.at,))
    return True


def said_again(writer: PartitionWriter, row: Row) -> None:
    """Let a fact that is said again count as used, and come back if it was archived."""
    back = bool(row.flags & ARCHIVED) and bring_back(writer, versions_of(writer, row.id), reason="said again")
    if not back:
        note_use(writer, row.id, (writer.at,))


def use(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Use) -> None:
    """Note uses; what is gone meanwhile, or lies outside the scope, is passed over."""
    del facts
    at = writer.at if change.at is None else min(to_micros(change.at), writer.at)
    for item_id in change.item_ids:
        try:
            rows = _live(remover, item_id)
        except NotFoundError:
            continue
        note_use(writer, rows[0].id, (at,))


def _live(remover: Remover, item_id: str) -> list[Row]:
    rows = remover.find(item_id)
    if rows[0].flags & REMOVED:
        raise NotFoundError("no such item in this scope", item_id=item_id)
    return rows


def _mark(writer: PartitionWriter, rows: list[Row], *, archived: bool) -> None:
    """Set or clear the mark on the versions of an item, and on what they state."""
    connection = writer.connection
    for row in rows:
        flags = row.flags | ARCHIVED if archived else row.flags & ~ARCHIVED
        connection.execute("UPDATE item SET flags = ? WHERE rid = ?", (flags, row.rid))
        rescan(writer, row.position, flags=flags)
        stated = stated_by(connection, row.rid, writer.owner_entity)
        connection.execute("UPDATE relation SET archived = ? WHERE fact = ?", (archived, row.rid))
        sync_entries(connection, writer.no, writer.owner_entity, stated)
