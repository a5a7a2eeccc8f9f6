"""What is not believed yet: when it is, and what becomes of it then."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.predicates import predicate_named, stated, unconfirmed
from polymem.engines.sqlite.mark import Row, versions_of
from polymem.engines.sqlite.partition import PartitionWriter

__all__ = ["borne_out", "now_believed", "take_evidence"]

BELIEVED_IMPORTANCE: Final = 0.6
_SAME: Final = "r.partition = ? AND r.subject = ? AND r.predicate = ? AND r.slot = ? AND r.positive = ? AND r.expired_at IS NULL"


def borne_out(writer: PartitionWriter, subject: int, draft: ItemDraft, episodes: list[int]) -> ItemDraft:
    """Return the draft as something believed, if others bear it out; else as it is.

    It is believed when it is known already, or when another episode than *episodes* (their row ids) says the same and
    nothing that is believed contradicts it.
    """
    fact = draft.fact
    if fact is None or fact.predicate == stated(fact.predicate):
        return draft
    believed = replace(
        draft, fact=replace(fact, predicate=stated(fact.predicate)), importance=BELIEVED_IMPORTANCE
    )
    if _exists(writer, subject, believed.fact, "") or (
        _exists(
            writer,
            subject,
            fact,
            " AND EXISTS (SELECT 1 FROM source s WHERE s.rid = r.fact AND s.episode NOT IN "
            f"({', '.join('?' * len(episodes))}))",
            episodes,
        )
        and not _contradicted(writer, subject, fact)
    ):
        return believed
    return draft


def _exists(
    writer: PartitionWriter,
    subject: int,
    fact: FactDraft | None,
    further: str,
    values: list[int] | None = None,
) -> bool:
    if fact is None:
        return False
    key = (writer.no, subject, fact.predicate, fact.slot, fact.positive)
    (found,) = writer.connection.execute(
        f"SELECT EXISTS (SELECT 1 FROM relation r WHERE {_SAME}{further})", (*key, *(values or ()))
    ).fetchone()
    return bool(found)


def _contradicted(writer: PartitionWriter, subject: int, fact: FactDraft) -> bool:
    """Tell whether something that is believed cannot hold beside *fact*."""
    predicate = predicate_named(stated(fact.predicate))
    same = "r.slot = ?" if not (predicate.functional and fact.positive) else "(r.slot = ? OR r.positive = 1)"
    (found,) = writer.connection.execute(
        "SELECT EXISTS (SELECT 1 FROM relation r WHERE r.partition = ? AND r.subject = ? AND r.expired_at IS NULL AND "
        f"((r.predicate = ? AND {same}) OR (r.predicate = ? AND r.slot = ? AND r.positive = ?)))",
        (
            *(writer.no, subject, predicate.name, fact.slot),
            *(predicate.opposite or "", fact.slot, fact.positive),
        ),
    ).fetchone()
    return bool(found)


def now_believed(writer: PartitionWriter, subject: int, fact: FactDraft) -> list[Row]:
    """Return the rows that said unconfirmed what *fact* states."""
    key = (writer.no, subject, unconfirmed(fact.predicate), fact.slot, fact.positive)
    found = writer.connection.execute(f"SELECT r.item FROM relation r WHERE {_SAME}", key).fetchall()
    return [versions_of(writer, item)[0] for (item,) in found]


def take_evidence(writer: PartitionWriter, rid: int, others: list[Row]) -> None:
    """Let the fact *rid* rest on what the *others* rested on as well."""
    for row in others:
        writer.connection.execute(
            "INSERT OR IGNORE INTO source SELECT ?, episode, start, stop FROM source WHERE rid = ?",
            (rid, row.rid),
        )
        writer.connection.execute(
            "UPDATE item SET n_evidence = n_evidence + (SELECT n_evidence FROM item WHERE rid = ?) WHERE rid = ?",
            (row.rid, rid),
        )
