"""What a judge said of two facts, carried out as far as it still fits."""

from __future__ import annotations

from polymem.domain.change import Judged
from polymem.domain.item import KINDS
from polymem.domain.predicates import predicate_named
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.duplicates import absorb
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.mark import Row, versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.engines.sqlite.timeline import keep_belief, store_times
from polymem.ports.faces import ARCHIVED, REMOVED

_EPISODE = KINDS.index("episode")


def judged(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Judged) -> None:
    """Carry out a verdict; one on what is no longer there, no longer current, or settled by code is passed over."""
    del remover, facts
    new, old = _open(writer, change.new), _open(writer, change.old)
    if new is None or old is None or new.rid == old.rid:
        return
    if change.verdict == "same":
        absorb(writer, old, new)
    elif change.verdict == "refines":
        absorb(writer, new, old)
    elif new.valid >= old.valid:
        _end(writer, old, by=new)
    else:
        # It arrived late: what holds from later stands.
        _end(writer, new, by=old)


def _open(writer: PartitionWriter, item_id: str) -> Row | None:
    """Return the row of a current fact of the partition that no timeline rules."""
    key = id_bytes(item_id)
    rows = versions_of(writer, key) if key else []
    if not rows:
        return None
    row = rows[0]
    if row.kind == _EPISODE or row.flags & (REMOVED | ARCHIVED) or row.expired is not None:
        return None
    stated = writer.connection.execute("SELECT predicate FROM relation WHERE fact = ?", (row.rid,)).fetchall()
    return None if any(predicate_named(name).functional for (name,) in stated) else row


def _end(writer: PartitionWriter, row: Row, *, by: Row) -> None:
    """End a fact that another one has outdated, from when that one holds."""
    keep_belief(writer, row)
    store_times(writer, row, valid=row.valid, invalid=max(row.valid, by.valid), expired=writer.at, by=by.id)
    writer.event(
        "SUPERSEDE",
        row.id,
        content=(row.text, row.metadata),
        versions=(row.version, row.version),
        reason="judged",
    )
