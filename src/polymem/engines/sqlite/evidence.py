"""What else states a fact that is known: kept with its words, so that it can speak for the fact when the first is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.item import KINDS, Kind
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.timeline import Stated
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_bytes, id_text, micros, moment
from polymem.engines.sqlite.facts import FactWriter, mark_superseded
from polymem.engines.sqlite.insert import RowBuffer, half_precision, to_json
from polymem.engines.sqlite.mark import Row, rescan, versions_of
from polymem.engines.sqlite.merged import GAINED
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys

_COLUMNS: Final = (
    "no, item, episode, start, stop, at, subject, predicate, slot, positive, object, begins_at, said_at, ends_at, counts_at, "
    "place, draft, vector"
)
_FURTHER: Final = (
    "SELECT e.no, e.item, e.predicate, e.slot, e.positive, e.object, e.begins_at, e.said_at, e.ends_at, e.counts_at, e.place "
    "FROM wanted w CROSS JOIN evidence e ON e.item = w.it WHERE +e.partition = ? ORDER BY e.no"
)
"""By item: without the plus sign SQLite would walk through the evidence of the whole partition for each."""
RESTATED: Final = "restated"
_GAINED: Final = GAINED.format(episode="s.episode", item="?")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A statement beyond the one whose words an item has; times in microseconds."""

    no: int
    item: bytes
    episode: int
    start: int
    stop: int
    at: int
    subject: int
    predicate: str
    slot: str
    positive: int
    object: str
    begins_at: int
    said_at: int | None
    ends_at: int | None
    counts_at: int
    place: int
    draft: str
    vector: bytes | None


def keep(
    writer: PartitionWriter,
    item: bytes,
    source: tuple[int, int, int],
    *,
    subject: int,
    draft: ItemDraft,
    fact: FactDraft,
    stated: Stated,
) -> None:
    """Keep what a draft states as further evidence of *item*; *source* is position and span of its episode."""
    words = {
        "kind": draft.kind,
        "text": draft.text,
        "importance": draft.importance,
        "metadata": draft.metadata,
        "role": draft.role,
        "speaker": draft.speaker,
        "derived_by": draft.derived_by,
        "embedded": draft.embedded,
        "expires": micros(draft.expires_at),
        "object_type": fact.object_type,
    }
    position, start, stop = source
    vector = None if draft.vector is None else half_precision(draft.vector, dim=len(draft.vector))
    insert_evidence(
        writer,
        *(item, writer.rid(position), start, stop, writer.at, subject, fact.predicate, fact.slot),
        *(int(fact.positive), fact.object, to_micros(stated.valid_at), micros(stated.said_at)),
        *(micros(stated.ends_at), to_micros(stated.counts_at), stated.place, to_json(words), vector),
    )


def insert_evidence(writer: PartitionWriter, *values: object) -> None:
    """Store a row of evidence, its columns in order but for number and partition."""
    writer.connection.execute(
        f"INSERT INTO evidence ({_COLUMNS}, partition) VALUES (NULL, {', '.join('?' * 18)})",
        (*values, writer.no),
    )


def restore_evidence(
    writer: PartitionWriter, fields: Mapping[str, Any], *, episode: int, subject: int
) -> None:
    """Store exported evidence; its episode and subject have numbers of their own here."""
    insert_evidence(
        writer,
        *(fields["item"], episode, fields["start"], fields["stop"], fields["at"], subject),
        *(fields[name] for name in ("predicate", "slot", "positive", "object")),
        *(fields[name] for name in ("begins_at", "said_at", "ends_at", "counts_at", "place")),
        *(to_json(fields["words"]), fields["vector"]),
    )


def note_again(writer: PartitionWriter, row: Row) -> None:
    """Note of the evidence that was kept last whether it comes from the message from which *row* has its words."""
    writer.connection.execute(
        "UPDATE evidence SET again = 1 WHERE no = (SELECT max(no) FROM evidence WHERE item = ?1) AND NOT EXISTS "
        "(SELECT 1 FROM evidence o WHERE o.item = ?1 AND o.episode = evidence.episode AND o.no < evidence.no AND o.again = 0)",
        (row.id,),
    )


def evidence_of(writer: PartitionWriter, item: bytes) -> list[Evidence]:
    """Return the further evidence of an item, in order of arrival."""
    rows = writer.connection.execute(
        f"SELECT {_COLUMNS} FROM evidence WHERE item = ? AND +partition = ? ORDER BY no", (item, writer.no)
    )
    return [Evidence(*row) for row in rows.fetchall()]


def further(writer: PartitionWriter, items: Sequence[bytes]) -> list[Stated]:
    """Return what else states *items*."""
    rows = (
        row
        for part in in_parts(items)
        for row in writer.connection.execute(f"{wanted(len(part))} {_FURTHER}", (*part, writer.no)).fetchall()
    )
    return [
        Stated(
            id_text(item),
            predicate,
            slot,
            bool(positive),
            thing,
            from_micros(begins),
            moment(said),
            moment(ends),
            from_micros(counts),
            place,
            own=False,
            n=no << 1 | 1,
        )
        for no, item, predicate, slot, positive, thing, begins, said, ends, counts, place in rows
    ]


def _numbered(writer: PartitionWriter, no: int) -> Evidence:
    row = writer.connection.execute(f"SELECT {_COLUMNS} FROM evidence WHERE no = ?", (no,)).fetchone()
    return Evidence(*row)


def hand_over(writer: PartitionWriter, no: int, owner: str) -> None:
    """Let further evidence support another item than before."""
    connection = writer.connection
    row = connection.execute("SELECT item FROM evidence WHERE no = ?", (no,)).fetchone()
    key = id_bytes(owner) or b""
    if row is None or row[0] == key:
        return
    each = _numbered(writer, no)
    connection.execute("UPDATE evidence SET item = ?, again = 0 WHERE no = ?", (key, no))
    new = versions_of(writer, key)
    if new:
        _support(writer, new[0], each)
        connection.execute("UPDATE item SET n_evidence = n_evidence + 1 WHERE rid = ?", (new[0].rid,))
    _unsupport(writer, each)
    mark_superseded(writer, each.episode)


def _support(writer: PartitionWriter, row: Row, each: Evidence) -> None:
    writer.connection.execute(
        "INSERT OR IGNORE INTO source VALUES (?, ?, ?, ?)", (row.rid, each.episode, each.start, each.stop)
    )


def _unsupport(writer: PartitionWriter, each: Evidence) -> None:
    """Take the support of *each*, which is its own no more, from the item that had it."""
    connection = writer.connection
    old = versions_of(writer, each.item)
    if not old:
        return
    connection.execute("UPDATE item SET n_evidence = max(1, n_evidence - 1) WHERE rid = ?", (old[0].rid,))
    (others,) = connection.execute(
        "SELECT count(*) FROM evidence WHERE item = ? AND episode = ?", (each.item, each.episode)
    ).fetchone()
    if not others:
        connection.executemany(
            "DELETE FROM source WHERE rid = ? AND episode = ?", [(row.rid, each.episode) for row in old]
        )


def promote(writer: PartitionWriter, no: int, *, known_since_now: bool) -> str:
    """Make an item of further evidence, with its own words, and return the item's id.

    Args:
        writer: The partition.
        no: The evidence.
        known_since_now: Whether it was hidden in another item until now; else it is known since it arrived.
    """
    each = _numbered(writer, no)
    draft, fact = _drafted(writer, each)
    dim = 0 if each.vector is None else len(each.vector) // 2
    agent, run = writer.connection.execute(
        "SELECT agent_id, run_id FROM item WHERE rid = ?", (each.episode,)
    ).fetchone()
    partition = writer.partition
    ids: dict[str, Any] = {"agent_id": agent, "run_id": run, f"{partition.kind}_id": partition.owner}
    buffer = RowBuffer(writer, Scope(tenant=partition.tenant, **ids), dim)
    stored = buffer.add(draft)
    buffer.flush()
    writer.connection.execute("DELETE FROM evidence WHERE no = ?", (no,))
    row = versions_of(writer, stored.id)[0]
    _support(writer, row, each)
    _unsupport(writer, each)
    facts = FactWriter(writer)
    facts.relate(draft, fact, stored, subject=each.subject, current=True, stated=_stated(each))
    if not known_since_now:
        for sql in (
            "UPDATE item SET created_at = ?, first_at = ?, updated_at = ? WHERE rid = ?",
            "UPDATE relation SET created_at = ? WHERE fact = ?",
        ):
            writer.connection.execute(sql, (*[each.at] * (sql.count("?") - 1), row.rid))
        rescan(writer, row.position, created=each.at)
    mark_superseded(writer, each.episode)
    writer.event(
        "ADD", stored.id, content=(draft.text, to_json(draft.metadata)), versions=(0, 1), reason=RESTATED
    )
    return draft.id


def _stated(each: Evidence) -> Stated:
    return Stated(
        "",
        each.predicate,
        each.slot,
        bool(each.positive),
        each.object,
        from_micros(each.begins_at),
        moment(each.said_at),
        moment(each.ends_at),
        from_micros(each.counts_at),
        each.place,
    )


def _drafted(writer: PartitionWriter, each: Evidence) -> tuple[ItemDraft, FactDraft]:
    words = json.loads(each.draft)
    fact = FactDraft(
        subject="",
        subject_type="",
        is_owner=each.subject == writer.owner_entity,
        predicate=each.predicate,
        object=each.object,
        object_type=words["object_type"],
        slot=each.slot,
        positive=bool(each.positive),
        said_at=moment(each.said_at),
    )
    kind: Kind = words["kind"] if words["kind"] in KINDS else "fact"
    draft = ItemDraft(
        id=id_text(os.urandom(16)),
        kind=kind,
        text=words["text"],
        terms=indexed_terms(kind, words["text"], role=words["role"], metadata=words["metadata"]),
        keys=index_keys(kind, words["text"], role=words["role"], metadata=words["metadata"]),
        vector=None if each.vector is None else np.frombuffer(each.vector, dtype=np.float16),
        embedded=words["embedded"] or each.vector is not None,
        valid_at=from_micros(each.begins_at),
        invalid_at=moment(each.ends_at),
        importance=words["importance"],
        metadata=words["metadata"],
        role=words["role"],
        speaker=words["speaker"],
        expires_at=moment(words["expires"]),
        fact=fact,
        derived_by=words["derived_by"],
    )
    return draft, fact
