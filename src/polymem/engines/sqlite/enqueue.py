"""Into the queue of what is still to be derived, in the transaction that stores the episodes."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import groupby

from polymem.domain.batch import Enqueue
from polymem.domain.derivation import Lease
from polymem.domain.scope import Partition, Scope
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite import queue
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.errors import NotFoundError
from polymem.ports.faces import REMOVED

__all__ = ["enqueue", "waiting_for"]


def enqueue(
    writer: PartitionWriter, asked: Enqueue, drafted: Sequence[int], *, scope: Scope, result_key: str | None
) -> tuple[Lease | None, int]:
    """Let something be derived; return the first derivation, held if that was asked for, and how many there are.

    Args:
        writer: The partition.
        asked: What to do.
        drafted: ``rid`` of the episodes that the batch stored.
        scope: Ids of their rows.
        result_key: Idempotency key to whose result belongs what is derived.

    Raises:
        NotFoundError: A stored episode is none, or was deleted.
    """
    if asked.episode_ids:
        groups = [
            (session, group[n : n + (asked.n_together or len(group))])
            for session, group in _by_session(writer, asked.episode_ids, scope=scope)
            for n in range(0, len(group), asked.n_together or len(group))
        ]
        _leave(writer.connection, [rid for _, group in groups for rid in group])
    else:
        groups = [((scope.agent_id, scope.run_id), list(drafted))] if drafted else []
    numbers = [_insert(writer, asked, session, group, result_key=result_key) for session, group in groups]
    if not numbers:
        return None, 0
    now = from_micros(writer.at)
    if asked.lease_s > 0:
        return queue.hold(writer.connection, numbers[0], until=now + timedelta(seconds=asked.lease_s)), len(
            numbers
        )
    (derivation,) = queue.select(writer.connection, "d.no = :no", {"no": numbers[0]})
    return Lease(derivation, "", now), len(numbers)


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
