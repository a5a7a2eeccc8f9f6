"""What is still to be derived, as records of the exchange format and back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Container, Iterator
from typing import Any, Final

from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.exchange import Fields, iso
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.queue import DEAD, STATES, WAITING
from polymem.engines.sqlite.schema import POSITION_MASK
from polymem.ports.ledger import Record

__all__ = ["exported", "restored"]

_DERIVATIONS: Final = (
    "SELECT no, id, agent_id, run_id, instructions, reextract, state, attempts, next_at, created_at, problem, result_key "
    "FROM derivation d WHERE partition = :no AND (:agent IS NULL OR d.agent_id = :agent) "
    "AND (:run IS NULL OR d.run_id = :run) ORDER BY no"
)
_EPISODES: Final = "SELECT i.id FROM derivation_episode e JOIN item i ON i.rid = e.episode WHERE e.derivation = ? ORDER BY e.n"
_EPISODE: Final = "SELECT e.rid FROM item i JOIN episode e ON e.rid = i.rid WHERE i.id = ? AND i.version = 1 AND i.rid BETWEEN ? AND ?"


def exported(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    """Yield the derivations of a partition, as they stand in the queue; a lease is not handed on."""
    for row in connection.execute(_DERIVATIONS, keys):
        no, key, agent, run, instructions, again, state, attempts, due, created, problem, result_key = row
        yield {
            "type": "derivation",
            "id": id_text(key),
            "agent_id": agent,
            "run_id": run,
            "instructions": json.loads(instructions),
            "reextract": bool(again),
            "state": STATES[DEAD if state == DEAD else WAITING],
            "attempts": attempts,
            "next_at": iso(due),
            "created_at": iso(created),
            "problem": problem,
            "key": result_key if keys["complete"] else None,
            "episodes": [id_text(episode) for (episode,) in connection.execute(_EPISODES, (no,))],
        }


def restored(writer: PartitionWriter, fields: Fields, skipped: Container[bytes]) -> None:
    """Put a derivation into the queue, with those of its episodes that came along; nothing if none did.

    Args:
        writer: The partition.
        fields: The record.
        skipped: Items that were there already, or had been erased: what they say is known or unwanted.
    """
    low, connection = writer.rid(0), writer.connection
    found = [
        row[0]
        for key in fields["episodes"]
        if key not in skipped
        and (row := connection.execute(_EPISODE, (key, low, low | POSITION_MASK)).fetchone())
    ]
    if not found:
        return
    no = connection.execute(
        "INSERT INTO derivation (id, partition, agent_id, run_id, instructions, reextract, state, attempts, next_at, "
        "created_at, problem, result_key) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(fields["id"], writer.no, fields["agent_id"], fields["run_id"], fields["instructions"]),
            *(int(fields["reextract"]), fields["state"], fields["attempts"], fields["next_at"]),
            *(fields["created_at"], fields["problem"], fields["key"]),
        ),
    ).lastrowid
    connection.executemany(
        "INSERT INTO derivation_episode VALUES (?, ?, ?)", [(no, n, rid) for n, rid in enumerate(found)]
    )
