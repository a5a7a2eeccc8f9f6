"""What else states a fact that is known: kept with its words, so that it can speak for the fact when the first is gone."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.item import KINDS
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
from polymem.ports.faces import PENDING
from polymem.text.tokenise import terms

_COLUMNS: Final = (
    "no, item, episode, start, stop, at, subject, predicate, slot, positive, object, begins_at, said_at, ends_at, counts_at, "
    "place, draft, vector"
)
_FURTHER: Final = (
    "SELECT e.no, e.item, e.predicate, e.slot, e.positive, e.object, e.begins_at, e.said_at, e.ends_at, e.counts_at, e.place "
    "FROM wanted w CROSS JOIN evidence e ON e.item = w.it WHERE e.partition = ? ORDER BY e.no"
)
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
    _insert(
        writer,
        *(item, writer.rid(position), start, stop, writer.at, subject, fact.predicate, fact.slot),
        *(int(fact.positive), fact.object, to_micros(stated.valid_at), micros(stated.said_at)),
        *(micros(stated.ends_at), to_micros(stated.counts_at), stated.place, to_json(words), vector),
    )


def _insert(writer: PartitionWriter, *values: object) -> None:
    writer.connection.execute(
        f"INSERT INTO evidence ({_COLUMNS}, partition) VALUES (NULL, {', '.join('?' * 18)})",
        (*values, writer.no),
    )


def restore_evidence(
    writer: PartitionWriter, fields: Mapping[str, Any], *, episode: int, subject: int
) -> None:
    """Store exported evidence; its episode and subject have numbers of their own here."""
    _insert(
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
        f"SELECT {_COLUMNS} FROM evidence WHERE item = ? AND partition = ? ORDER BY no", (item, writer.no)
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
    draft = ItemDraft(
        id=id_text(os.urandom(16)),
        kind=words["kind"] if words["kind"] in KINDS else "fact",
        text=words["text"],
        terms=terms(words["text"]),
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


def lose(writer: PartitionWriter, row: Row, episode: int) -> str | None:
    """Take an episode from what states *row*, an item that others state too.

    Returns:
        None while the item's own words still rest on something; else the id of the item that states the same from what is
        left, to take the place of *row*.
    """
    connection = writer.connection
    own = {
        source
        for (source,) in connection.execute(
            "SELECT s.episode FROM source s WHERE s.rid = ? AND NOT EXISTS "
            "(SELECT 1 FROM evidence e WHERE e.item = ? AND e.episode = s.episode AND e.again = 0)",
            (row.rid, row.id),
        )
    }
    for each in evidence_of(writer, row.id):
        if each.episode == episode:
            connection.execute("DELETE FROM evidence WHERE no = ?", (each.no,))
            connection.execute(
                "UPDATE item SET n_evidence = max(1, n_evidence - 1) WHERE rid = ?", (row.rid,)
            )
    said = evidence_of(writer, row.id)
    if own != {episode} or not said:
        if episode in own:
            connection.execute(
                "UPDATE item SET n_evidence = max(1, n_evidence - 1) WHERE rid = ?", (row.rid,)
            )
        connection.execute(
            "DELETE FROM source WHERE episode = ? AND rid IN (SELECT i.rid FROM item i WHERE i.id = ?)",
            (episode, row.id),
        )
        expires = _expires_with(writer, row.rid)
        if expires != row.expires:
            FactWriter(writer).prolong(row, expires)
            writer.expect_expiry(expires)
        return None
    heads = [
        each
        for each in said
        if connection.execute(
            "SELECT 1 FROM relation WHERE fact = ? AND predicate = ? AND slot = ? AND positive = ?",
            (row.rid, each.predicate, each.slot, each.positive),
        ).fetchone()
    ]
    chosen = (heads or said)[0]
    owner = promote(writer, chosen.no, known_since_now=False)
    for each in said:
        if each is not chosen:
            hand_over(writer, each.no, owner)
    return owner


def _expires_with(writer: PartitionWriter, rid: int) -> int | None:
    """Return when the last of the episodes behind a row expires, None for never."""
    rows = writer.connection.execute(
        "SELECT (SELECT n.expires_at FROM item n WHERE n.id = e.id ORDER BY n.version DESC LIMIT 1) "
        "FROM source s JOIN item e ON e.rid = s.episode WHERE s.rid = ?",
        (rid,),
    ).fetchall()
    ends = [end for (end,) in rows]
    return None if None in ends or not ends else max(ends)


def absorb(writer: PartitionWriter, row: Row, owner: str) -> None:
    """Keep what an item says as further evidence of *owner*; the caller takes the item away."""
    connection, key = writer.connection, id_bytes(owner) or b""
    importance, role, speaker, by = connection.execute(
        "SELECT importance, role, speaker, derived_by FROM item WHERE rid = ?", (row.rid,)
    ).fetchone()
    low = writer.rid(0)
    stated = connection.execute(
        "SELECT r.subject, r.predicate, r.slot, r.positive, e.name, e.type, r.begins_at, r.said_at, r.ends_at, r.counts_at, "
        "r.place FROM relation r JOIN entity e ON e.rid = ? + r.object WHERE r.fact = ?",
        (low, row.rid),
    ).fetchone()
    sources = connection.execute(
        "SELECT episode, start, stop FROM source WHERE rid = ? ORDER BY episode", (row.rid,)
    ).fetchall()
    if stated is None or not sources:
        return
    subject, predicate, slot, positive, thing, kind, *times = stated
    vector = connection.execute("SELECT f16 FROM vector WHERE rid = ?", (row.rid,)).fetchone()
    words = {
        "kind": KINDS[row.kind],
        "text": row.text,
        "importance": importance,
        "metadata": json.loads(row.metadata),
        "role": role,
        "speaker": speaker,
        "derived_by": by,
        "embedded": not row.flags & PENDING,
        "expires": row.expires,
        "object_type": kind,
    }
    episode, start, stop = sources[0]
    _insert(
        writer,
        *(key, episode, start, stop, row.first_at, subject, predicate, slot, positive, thing),
        *(*times, to_json(words), vector and vector[0]),
    )
    new = versions_of(writer, key)[0]
    connection.executemany(
        "INSERT OR IGNORE INTO source VALUES (?, ?, ?, ?)", [(new.rid, *source) for source in sources]
    )
    connection.execute("UPDATE item SET n_evidence = n_evidence + 1 WHERE rid = ?", (new.rid,))
