"""A repeated call with the same idempotency key gets the first one's result."""

from __future__ import annotations

import json

from polymem.domain.batch import Batch, Outcome
from polymem.engines.sqlite import enqueue
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.errors import ConflictError

__all__ = ["remember", "replayed"]


def replayed(writer: PartitionWriter, batch: Batch) -> Outcome | None:
    """Return the first result of an idempotency key, None when it is new or there is none."""
    if batch.idempotency is None:
        return None
    key, digest = batch.idempotency
    row = writer.connection.execute(
        "SELECT digest, result FROM idempotency WHERE partition = ? AND key = ?", (writer.no, key)
    ).fetchone()
    if row is None:
        return None
    # An empty digest is the tombstone of an erased result: nothing is stored a second time, nothing comes back.
    if row[0] and row[0] != digest:
        raise ConflictError("this idempotency key was used with another payload", argument="idempotency_key")
    result = json.loads(row[1])
    return Outcome(
        version=writer.version,
        item_ids=tuple(result["items"]),
        superseded=tuple(result["superseded"]),
        repeated=tuple(result["repeated"]),
        replayed=True,
        last_event=writer.n_events,
        lease=enqueue.waiting_for(writer.connection, writer.partition, result_key=key),
    )


def remember(writer: PartitionWriter, batch: Batch, outcome: Outcome) -> None:
    """Keep what a batch with an idempotency key gave."""
    if batch.idempotency is not None:
        key, digest = batch.idempotency
        result = {"items": outcome.item_ids, "superseded": outcome.superseded, "repeated": outcome.repeated}
        writer.connection.execute(
            "INSERT INTO idempotency VALUES (?, ?, ?, ?, ?)",
            (writer.no, key, digest, json.dumps(result), writer.at),
        )
