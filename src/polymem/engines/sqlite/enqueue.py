"""Into the queue of what is still to be derived, in the transaction that stores the episodes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby

from polymem.domain.batch import Batch, Enqueue, Outcome
from polymem.domain.derivation import Lease
from polymem.domain.scope import Partition, Scope
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite import queue
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.errors import NotFoundError
from polymem.ports.faces import REMOVED

__all__ = ["enqueued", "waiting_for"]


def enqueued(writer: PartitionWriter, batch: Batch, outcome: Outcome, ids: Mapping[int, str]) -> Outcome:
    """Let something be derived from the batch's episodes, or from stored ones, as the batch asks; tell it in the outcome.

    Args:
        writer: The partition.
        batch: What is being stored.
        outcome: What came of it so far.
        ids: Public ids by position of what the batch stored.

    Raises:
        NotFoundError: A stored episode is none, or was deleted.
    """
    asked, scope = batch.enqueue, batch.scope
    if asked is None:
        return outcome
    if asked.episode_ids:
        groups = [
            (session, group[n : n + (asked.n_together or len(group))])
            for session, group in _by_session(writer, asked.episode_ids, scope=scope)
            for n in range(0, len(group), asked.n_together or len(group))
        ]
        _leave(writer.connection, [rid for _, group in groups for rid in group])
    else:
        drafted = {draft.id for draft in batch.drafts if draft.kind == "episode"}
        rids = [writer.rid(position) for position, key in ids.items() if key in drafted]
        groups = [((scope.agent_id, scope.run_id), rids)] if rids else []
    result_key = batch.idempotency[0] if batch.idempotency else None
    numbers = [_insert(writer, asked, session, group, result_key=result_key) for session, group in groups]
    lease = _first(writer, numbers[0], lease_s=asked.lease_s) if numbers else None
    return replace(outcome, lease=lease, counts={**outcome.counts, "derivations": len(numbers)})


def _first(writer: PartitionWriter, no: int, *, lease_s: float) -> Lease:
    """Return a derivation, held if there is a time to hold it for."""
    now = from_micros(writer.at)
    if lease_s > 0:
        return queue.hold(writer.connection, no, until=now + timedelta(seconds=lease_s))
    (derivation,) = queue.select(writer.connection, "d.no = :no", {"no": no})
    return Lease(derivation, "", now)


def _insert(
    writer: PartitionWriter,
    asked: Enqueue,
    session: tuple[str | None, str | None],
    episodes: Iterable[int],
    *,
    result_key: str | None,
) -> int:
    no = writer.connection.execute(
        "INSERT INTO derivation (id, partition, agent_id, run_id, instructions, reextract, next_at, created_at, result_key) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(os.urandom(queue.ID_BYTES), writer.no, *session, queue.instructions_json(asked.instructions)),
            *(int(asked.reextract), writer.at, writer.at, result_key),
        ),
    ).lastrowid
    writer.connection.executemany(
        "INSERT INTO derivation_episode VALUES (?, ?, ?)", [(no, n, rid) for n, rid in enumerate(episodes)]
    )
    return no or 0


def session_of(
    writer: PartitionWriter, episode_id: str, *, scope: Scope
) -> tuple[int, str | None, str | None]:
    """Return ``rid``, agent and run of an episode.

    Raises:
        NotFoundError: The scope does not hold it, or it was deleted.
    """
    low = writer.rid(0)
    row = writer.connection.execute(
        "SELECT e.rid, e.agent_id, e.run_id FROM item i JOIN episode e ON e.rid = i.rid WHERE i.id = ? AND i.version = 1 "
        "AND i.rid BETWEEN ? AND ? AND NOT EXISTS (SELECT 1 FROM item n WHERE n.id = i.id AND n.flags & ? "
        "AND n.version = (SELECT max(v.version) FROM item v WHERE v.id = i.id))",
        (id_bytes(episode_id), low, low | POSITION_MASK, REMOVED),
    ).fetchone()
    if row is None or scope.agent_id not in (None, row[1]) or scope.run_id not in (None, row[2]):
        raise NotFoundError("no such item in this scope", item_id=episode_id)
    rid, agent, run = row
    return rid, agent, run


def _by_session(
    writer: PartitionWriter, episode_ids: Sequence[str], *, scope: Scope
) -> list[tuple[tuple[str | None, str | None], list[int]]]:
    found = [session_of(writer, each, scope=scope) for each in dict.fromkeys(episode_ids)]
    order = sorted(found, key=lambda row: (row[1] or "", row[2] or ""))
    return [
        (session, [row[0] for row in rows])
        for session, rows in groupby(order, key=lambda row: (row[1], row[2]))
    ]


def _leave(connection: sqlite3.Connection, episodes: Sequence[int]) -> None:
    """Take episodes out of the derivations in which they wait; one that has none left ends."""
    for rid in episodes:
        for (no,) in connection.execute(
            "SELECT derivation FROM derivation_episode WHERE episode = ?", (rid,)
        ).fetchall():
            connection.execute("DELETE FROM derivation_episode WHERE episode = ?", (rid,))
            connection.execute(
                "DELETE FROM derivation WHERE no = ?1 AND NOT EXISTS "
                "(SELECT 1 FROM derivation_episode e WHERE e.derivation = ?1)",
                (no,),
            )


def waiting_for(connection: sqlite3.Connection, partition: Partition, *, result_key: str) -> Lease | None:
    """Return what is still to be derived for the result of an idempotency key, held by nobody here."""
    values = {"tenant": partition.tenant, "kind": partition.kind, "owner": partition.owner, "key": result_key}
    where = "p.tenant = :tenant AND p.kind = :kind AND p.owner = :owner AND d.result_key = :key"
    found = queue.select(connection, where, values)
    return Lease(found[0], "", found[0].next_at) if found else None
