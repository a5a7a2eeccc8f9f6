"""What is not believed yet: when it is, and what becomes of it then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.predicates import predicate_named, stated, unconfirmed
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.duplicates import absorb
from polymem.engines.sqlite.insert import RowBuffer, Stored
from polymem.engines.sqlite.mark import versions_of
from polymem.engines.sqlite.partition import PartitionWriter

__all__ = ["believe", "borne_out"]

BELIEVED_IMPORTANCE: Final = 0.6
_SAME: Final = "r.partition = ? AND r.subject = ? AND r.predicate = ? AND r.slot = ? AND r.positive = ? AND r.expired_at IS NULL"


def borne_out(
    writer: PartitionWriter, buffer: RowBuffer, draft: ItemDraft, *, subject: int, episodes: Sequence[int]
) -> ItemDraft:
    """Return a draft that is not believed yet as one that is, if others bear it out; else, and any other draft, as it is.

    It is believed when it is known already, or when another episode says the same and nothing that is believed contradicts
    it.

    Args:
        writer: The partition.
        buffer: Rows that are not in the tables yet.
        draft: What is said.
        subject: The entity that it is about.
        episodes: Positions of the episodes that say so.
    """
    fact = draft.fact
    if fact is None or fact.predicate == stated(fact.predicate):
        return draft
    buffer.flush()
    believed = replace(fact, predicate=stated(fact.predicate))
    elsewhere = (
        "AND EXISTS (SELECT 1 FROM source s WHERE s.rid = r.fact AND s.episode NOT IN "
        f"({', '.join('?' * len(episodes))}))"
    )
    rids = [writer.rid(episode) for episode in episodes]
    known = _exists(writer, believed, subject=subject)
    if known or (
        _exists(writer, fact, subject=subject, further=elsewhere, values=rids)
        and not _contradicted(writer, subject, believed)
    ):
        return replace(draft, fact=believed, importance=BELIEVED_IMPORTANCE)
    return draft


def _exists(
    writer: PartitionWriter, fact: FactDraft, *, subject: int, further: str = "", values: Sequence[int] = ()
) -> bool:
    key = (writer.no, subject, fact.predicate, fact.slot, fact.positive)
    (found,) = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {_SAME} {further})", (*key, *values)
    ).fetchone()
    return bool(found)


def _contradicted(writer: PartitionWriter, subject: int, fact: FactDraft) -> bool:
    """Tell whether something that is believed cannot hold beside *fact*."""
    predicate = predicate_named(fact.predicate)
    rival = "(r.slot = ? OR r.positive = 1)" if predicate.functional and fact.positive else "r.slot = ?"
    (found,) = writer.connection.execute(
        "SELECT EXISTS (SELECT 1 FROM relation r WHERE r.partition = ? AND r.subject = ? AND r.expired_at IS NULL AND "
        f"((r.predicate = ? AND {rival}) OR (r.predicate = ? AND r.slot = ? AND r.positive = ?)))",
        (
            *(writer.no, subject, fact.predicate, fact.slot),
            *(predicate.opposite or "", fact.slot, fact.positive),
        ),
    ).fetchone()
    return bool(found)


def believe(
    writer: PartitionWriter, buffer: RowBuffer, fact: FactDraft, *, subject: int, stored: Stored
) -> list[str]:
    """Let the row *stored*, which states *fact*, take over what was said of it without being believed; return those items."""
    key = (writer.no, subject, unconfirmed(fact.predicate), fact.slot, fact.positive)
    if fact.predicate == key[2]:
        return []
    found = writer.connection.execute(f"SELECT r.item FROM relation r WHERE {_SAME}", key).fetchall()
    if found:
        buffer.flush()
    for (item,) in found:
        absorb(writer, versions_of(writer, stored.id)[0], versions_of(writer, item)[0])
    return [id_text(item) for (item,) in found]
