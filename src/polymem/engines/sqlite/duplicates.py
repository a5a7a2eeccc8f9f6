"""What consolidation asks of a batch: items that say the same become one, summaries rest on episodes, progress is noted."""

from __future__ import annotations

from typing import Final

from polymem.domain.change import MergeItems, Note, Reprofile, Rest
from polymem.domain.item import KINDS
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.keys import derive_entries
from polymem.engines.sqlite.mark import Row
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.timeline import keep_belief, store_times
from polymem.errors import ConflictError, InputError, NotFoundError
from polymem.ports.faces import ARCHIVED, REMOVED

DUPLICATE: Final = "duplicate"
_EPISODE: Final = KINDS.index("episode")


def merge_items(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: MergeItems) -> None:
    """Close items that say the same as another, which gains their sources and evidence.

    Nothing of theirs is lost: their words stay for those who look from before, and they are current again when what
    supports the one that was kept in its own words goes.

    Raises:
        NotFoundError: The scope does not hold one of them, or it was removed.
        ConflictError: One of them is no longer current, or archived.
        InputError: One is an episode, or the same as *keep*.
    """
    del facts
    keep = _current(remover, change.keep)
    for item_id in change.gone:
        if item_id == change.keep:
            raise InputError("an item cannot be merged into itself", argument="gone")
        gone = _current(remover, item_id)
        absorb(writer, keep, gone)
        keep = remover.find(change.keep)[0]


def absorb(writer: PartitionWriter, keep: Row, gone: Row) -> None:
    """Let *keep* stand for *gone* as well, which says the same."""
    _give(writer, gone, keep)
    _close(writer, gone, by=keep.id)


def _current(remover: Remover, item_id: str) -> Row:
    row = remover.find(item_id)[0]
    if row.flags & REMOVED:
        raise NotFoundError("no such item in this scope", item_id=item_id)
    if row.kind == _EPISODE:
        raise InputError("episodes are never merged", argument="gone", item_id=item_id)
    if row.expired is not None or row.flags & ARCHIVED:
        raise ConflictError("the item is no longer current", item_id=item_id)
    return row


def _give(writer: PartitionWriter, gone: Row, keep: Row) -> None:
    """Let *keep* rest on what *gone* rests on, too."""
    connection = writer.connection
    connection.execute(
        "INSERT OR IGNORE INTO source SELECT ?, episode, start, stop FROM source WHERE rid = ?",
        (keep.rid, gone.rid),
    )
    connection.execute(
        "UPDATE item SET n_evidence = n_evidence + ? WHERE rid = ?", (gone.n_evidence, keep.rid)
    )
    writer.touch(keep.position)
    writer.event(
        "REPEAT",
        keep.id,
        content=(keep.text, keep.metadata),
        versions=(keep.version, keep.version),
        reason=DUPLICATE,
    )


def _close(writer: PartitionWriter, gone: Row, *, by: bytes) -> None:
    """End *gone* as if it had never held beside what says the same; who looks from before still sees it."""
    keep_belief(writer, gone)
    store_times(writer, gone, valid=gone.valid, invalid=gone.valid, expired=writer.at, by=by)
    writer.event(
        "MERGE",
        gone.id,
        content=(gone.text, gone.metadata),
        versions=(gone.version, gone.version),
        reason=DUPLICATE,
    )


def rest(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Rest) -> None:
    """Let a derived item rest on stored episodes.

    Raises:
        NotFoundError: The scope does not hold the item or an episode.
        InputError: The item is an episode, or what it is to rest on is none.
    """
    del facts
    row = remover.find(change.item_id)[0]
    if row.kind == _EPISODE:
        raise InputError("an episode rests on nothing", argument="item_id")
    for episode_id in change.episode_ids:
        versions = remover.find(episode_id)
        if versions[0].flags & REMOVED:
            raise NotFoundError("no such item in this scope", item_id=episode_id)
        if versions[0].kind != _EPISODE:
            raise InputError("this is no episode", argument="episode_ids", item_id=episode_id)
        writer.connection.execute(
            "INSERT OR IGNORE INTO source VALUES (?, ?, 0, ?)",
            (row.rid, versions[-1].rid, len(versions[-1].text)),
        )


def note(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Note) -> None:
    """Write down how far a task has come."""
    del remover, facts
    writer.connection.execute(
        "INSERT OR REPLACE INTO progress VALUES (?, ?, ?, ?)",
        (writer.no, change.task, change.state, writer.at),
    )


def reprofile(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Reprofile) -> None:
    """Make the profile anew from what is stated about the owner."""
    del remover, facts, change
    connection = writer.connection
    entries = derive_entries(connection, writer.no, writer.owner_entity)
    connection.execute("DELETE FROM key_value WHERE partition = ?", (writer.no,))
    connection.executemany(
        "INSERT INTO key_value VALUES (?, ?, ?, ?, ?)",
        [(writer.no, key, place, entry.value, entry.fact) for (key, place), entry in entries.items()],
    )
