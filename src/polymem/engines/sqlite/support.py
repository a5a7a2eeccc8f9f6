"""What a fact rests on: taken from it, or taken over from another that says the same."""

from __future__ import annotations

import json

from polymem.domain.item import KINDS
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.evidence import evidence_of, hand_over, insert_evidence, promote
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.insert import to_json
from polymem.engines.sqlite.mark import Row, versions_of
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.ports.faces import PENDING


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
    insert_evidence(
        writer,
        *(key, episode, start, stop, row.first_at, subject, predicate, slot, positive, thing),
        *(*times, to_json(words), vector and vector[0]),
    )
    new = versions_of(writer, key)[0]
    connection.executemany(
        "INSERT OR IGNORE INTO source VALUES (?, ?, ?, ?)", [(new.rid, *source) for source in sources]
    )
    connection.execute("UPDATE item SET n_evidence = n_evidence + 1 WHERE rid = ?", (new.rid,))
