"""The end of a partition's import: what follows from the new rows, counters, history, packed caches."""

from __future__ import annotations

from typing import Protocol

from polymem.engines.sqlite.exchange import Fields
from polymem.engines.sqlite.facts import mark_superseded
from polymem.engines.sqlite.keys import derive_entries
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK, SEGMENT_BITS
from polymem.engines.sqlite.segments import pack_full_segments
from polymem.engines.sqlite.timeline import Group, Timelines, group_of
from polymem.ports.faces import REMOVED


class Imported(Protocol):
    """What is known of an import when its rows are stored."""

    writer: PartitionWriter
    fields: Fields
    dim: int
    start: int
    fresh: bool
    last_event: int


def settle(done: Imported) -> None:
    """Finish the import of a partition whose rows from position ``start`` on are new."""
    writer = done.writer
    if done.fresh:
        # The head comes with the export, so that a history that was cut short is found.
        writer.n_events, writer.head = max(done.fields["n_events"], done.last_event), done.fields["head"]
    else:
        _join(writer, writer.rid(done.start), writer.rid(POSITION_MASK))
    writer.connection.execute("DELETE FROM key_value WHERE partition = ?", (writer.no,))
    writer.connection.executemany(
        "INSERT INTO key_value VALUES (?, ?, ?, ?, ?)",
        [
            (writer.no, *place, *entry)
            for place, entry in derive_entries(writer.connection, writer.no, writer.owner_entity).items()
        ],
    )
    if writer.next_position >> SEGMENT_BITS > writer.n_packed:
        writer.n_packed = pack_full_segments(
            writer.connection,
            writer.no,
            next_position=writer.next_position,
            n_packed=writer.n_packed,
            dim=done.dim,
        )
    writer.finish()


def _join(writer: PartitionWriter, first: int, last: int) -> None:
    """Make the new rows agree with those that were there."""
    connection, low = writer.connection, writer.rid(0)
    for key, version, text, metadata in connection.execute(
        "SELECT id, max(version), text, metadata FROM item WHERE rid BETWEEN ? AND ? AND flags & ? GROUP BY id",
        (first, last, REMOVED),
    ).fetchall():
        writer.event("DELETE", key, content=(text, metadata), versions=(version, 0), reason="imported")
    connection.execute(
        "UPDATE item SET superseded_by = NULL WHERE rid BETWEEN ? AND ? AND superseded_by IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM item b WHERE b.id = item.superseded_by AND b.rid BETWEEN ? AND ? AND b.flags & ? = 0)",
        (first, last, low, last, REMOVED),
    )
    # What is new may contradict what was there, whichever came later into the world.
    groups = set[Group]()
    for row in connection.execute(
        "SELECT DISTINCT subject, predicate, slot FROM relation WHERE fact BETWEEN ? AND ?", (first, last)
    ).fetchall():
        groups.add(group_of(*row))
    writer.flush_events()
    Timelines(writer).settle(groups, late=True)
    episodes = connection.execute(
        "SELECT episode FROM source WHERE rid BETWEEN ? AND ? UNION SELECT rid FROM episode WHERE rid BETWEEN ? AND ?",
        (first, last, first, last),
    ).fetchall()
    for (episode,) in episodes:
        mark_superseded(writer, episode)
