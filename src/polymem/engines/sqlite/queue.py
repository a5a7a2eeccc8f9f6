"""The queue of what is still to be derived: made and ended in the transactions of batches, leased in its own."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final, Protocol, TypeVar, cast

from polymem.domain.derivation import Derivation, DerivationState, Instructions, Lease
from polymem.domain.scope import Partition, Scope
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK
from polymem.errors import ConflictError
from polymem.ports.faces import REMOVED

__all__ = ["SqliteQueue", "hold", "instructions_json", "instructions_of", "lost", "select"]

T = TypeVar("T")
STATES: Final[tuple[DerivationState, ...]] = ("waiting", "leased", "dead")
WAITING, LEASED, DEAD = range(3)
ID_BYTES: Final = 16
_COLUMNS: Final = (
    "d.no, d.id, p.tenant, p.kind, p.owner, d.agent_id, d.run_id, d.instructions, d.state, d.attempts, d.next_at, "
    "d.created_at, d.problem, d.reextract"
)
_FROM: Final = "FROM derivation d JOIN partition p ON p.no = d.partition"
_EPISODES: Final = "SELECT i.id FROM derivation_episode e JOIN item i ON i.rid = e.episode WHERE e.derivation = ? ORDER BY e.n"
# A lease that ran out is nobody's any more.
_DUE: Final = (
    "((d.state = 0 AND d.next_at <= :now) OR (d.state = 1 AND d.lease_until <= :now)) AND NOT EXISTS "
    "(SELECT 1 FROM derivation o WHERE o.partition = d.partition AND o.agent_id IS d.agent_id AND o.run_id IS d.run_id "
    "AND o.state = 1 AND o.lease_until > :now AND o.no < d.no)"
)


class Runs(Protocol):
    """Runs a job with a connection."""

    def __call__(self, job: Callable[[sqlite3.Connection], T], /) -> Awaitable[T]: ...


class SqliteQueue:
    """Implements :class:`polymem.ports.derivations.DerivationQueue`.

    Args:
        read: Runs a job on a reader's connection.
        write: Runs a job in a write transaction.
    """

    def __init__(self, *, read: Runs, write: Runs) -> None:
        self._read, self._write = read, write

    async def lease(
        self,
        *,
        now: datetime,
        lease_s: float,
        limit: int = 1,
        scope: Scope | None = None,
        ids: Sequence[str] | None = None,
    ) -> list[Lease]:
        """Take what is due and nobody holds, oldest first, one of a session at a time."""
        where, values = _within(scope, ids)
        values |= {"now": to_micros(now), "limit": limit}
        sql = (
            f"SELECT min(d.no) {_FROM} WHERE {_DUE} AND {where} "
            "GROUP BY d.partition, d.agent_id, d.run_id ORDER BY 1 LIMIT :limit"
        )

        def due(connection: sqlite3.Connection) -> list[int]:
            return [no for (no,) in connection.execute(sql, values).fetchall()]

        def look(connection: sqlite3.Connection) -> bool:
            return bool(due(connection))

        def take(connection: sqlite3.Connection) -> list[Lease]:
            # Asked inside the write transaction, so that no two get the same.
            return [hold(connection, no, until=now + timedelta(seconds=lease_s)) for no in due(connection)]

        # Where nothing is due, which is nearly always, nobody has to write.
        return await self._write(take) if limit > 0 and await self._read(look) else []

    async def postpone(
        self, lease: Lease, *, next_at: datetime, problem: str, dead: bool = False, counted: bool = True
    ) -> None:
        """Give a derivation back after a failure, to be tried at *next_at*, or never again."""

        def give_back(connection: sqlite3.Connection) -> None:
            n = connection.execute(
                "UPDATE derivation SET state = ?, next_at = ?, problem = ?, attempts = attempts - ?, token = NULL, "
                "lease_until = NULL WHERE id = ? AND token = ?",
                (DEAD if dead else WAITING, to_micros(next_at), problem, int(not counted), *_held(lease)),
            ).rowcount
            if not n:
                raise lost(lease)

        await self._write(give_back)

    async def renew(self, lease: Lease, *, now: datetime, lease_s: float) -> Lease:
        """Hold a lease longer; return it with the derivation as it is now."""
        until = now + timedelta(seconds=lease_s)

        def prolong(connection: sqlite3.Connection) -> Lease:
            n = connection.execute(
                "UPDATE derivation SET lease_until = ? WHERE id = ? AND token = ?",
                (to_micros(until), *_held(lease)),
            ).rowcount
            if not n:
                raise lost(lease)
            (derivation,) = select(connection, "d.id = :id", {"id": id_bytes(lease.derivation.id)})
            return Lease(derivation, lease.token, until)

        return await self._write(prolong)

    async def pending(
        self,
        scope: Scope | None,
        *,
        state: DerivationState | None = None,
        ids: Sequence[str] | None = None,
        limit: int = 1_000,
    ) -> list[Derivation]:
        """Return what is not done yet, oldest first."""
        where, values = _within(scope, ids)
        if state is not None:
            where, values = f"{where} AND d.state = :state", values | {"state": STATES.index(state)}
        return await self._read(
            lambda connection: select(
                connection, f"{where} ORDER BY d.no LIMIT :limit", {**values, "limit": limit}
            )
        )

    async def count(self, scope: Scope | None) -> dict[DerivationState, int]:
        """Return how many derivations are in each state."""
        where, values = _within(scope, None)
        sql = f"SELECT d.state, count(*) {_FROM} WHERE {where} GROUP BY d.state"
        found = dict(await self._read(lambda connection: connection.execute(sql, values).fetchall()))
        return {state: found.get(n, 0) for n, state in enumerate(STATES)}

    async def retry(self, scope: Scope | None, *, now: datetime, ids: Sequence[str] | None = None) -> int:
        """Make dead letters and what waits for a later time due at *now*; return how many there were."""
        where, values = _within(scope, ids)
        sql = (
            "UPDATE derivation SET attempts = iif(state = 2, 0, attempts), state = 0, next_at = :now WHERE no IN "
            f"(SELECT d.no {_FROM} WHERE (d.state = 2 OR (d.state = 0 AND d.next_at > :now)) AND {where})"
        )
        return await self._write(
            lambda connection: connection.execute(sql, values | {"now": to_micros(now)}).rowcount
        )

    async def derived_by(self, scope: Scope, episode_ids: Sequence[str]) -> list[frozenset[str]]:
        """Return for each episode what has derived from it; nothing for one that still waits."""

        def look(connection: sqlite3.Connection) -> list[frozenset[str]]:
            low = find_number(connection, scope.partition) << POSITION_BITS
            return [_derived_by(connection, low, id_bytes(each) or b"") for each in episode_ids]

        return await self._read(look)


_DERIVED_BY: Final = (
    "SELECT DISTINCT i.derived_by FROM source s JOIN item i ON i.rid = s.rid WHERE s.episode = ? AND i.flags & ? = 0 "
    "AND i.kind NOT IN (5, 6) AND (i.expired_at IS NULL OR i.superseded_by IS NOT NULL)"
)


def find_number(connection: sqlite3.Connection, partition: Partition) -> int:
    """Return the number of a partition, -1 where there is none."""
    row = connection.execute(
        "SELECT no FROM partition WHERE tenant = ? AND kind = ? AND owner = ?",
        (partition.tenant, partition.kind, partition.owner),
    ).fetchone()
    return -1 if row is None else int(row[0])


def _derived_by(connection: sqlite3.Connection, low: int, key: bytes) -> frozenset[str]:
    row = connection.execute(
        "SELECT rid FROM item WHERE id = ? AND version = 1 AND rid BETWEEN ? AND ?",
        (key, low, low | POSITION_MASK),
    ).fetchone()
    if (
        row is None
        or connection.execute("SELECT 1 FROM derivation_episode WHERE episode = ?", row).fetchone()
    ):
        return frozenset()
    told = connection.execute("SELECT by FROM derived WHERE episode = ?", row).fetchone()
    if told is not None:
        return frozenset(told)
    names = {name for (name,) in connection.execute(_DERIVED_BY, (*row, REMOVED))}
    return frozenset(names or {""})


def _within(scope: Scope | None, ids: Sequence[str] | None) -> tuple[str, dict[str, Any]]:
    """Return a condition on ``derivation d`` and ``partition p``, with its values."""
    parts, values = ["1"], dict[str, Any]()
    if scope is not None:
        partition = scope.partition
        parts.append("p.tenant = :tenant AND p.kind = :kind AND p.owner = :owner")
        values |= {"tenant": partition.tenant, "kind": partition.kind, "owner": partition.owner}
        for name in ("agent_id", "run_id"):
            if (wanted := getattr(scope, name)) is not None:
                parts.append(f"d.{name} = :{name}")
                values[name] = wanted
    if ids is not None:
        keys = [key.hex() for key in map(id_bytes, ids) if key]
        parts.append("hex(d.id) COLLATE NOCASE IN (SELECT value FROM json_each(:ids))")
        values["ids"] = json.dumps(keys)
    return " AND ".join(parts), values


def select(connection: sqlite3.Connection, condition: str, values: dict[str, Any]) -> list[Derivation]:
    """Return the derivations of which a condition on ``derivation d`` and ``partition p`` is true."""
    rows = connection.execute(f"SELECT {_COLUMNS} {_FROM} WHERE {condition}", values).fetchall()
    return [_derivation(connection, row) for row in rows]


def _derivation(connection: sqlite3.Connection, row: Sequence[Any]) -> Derivation:
    no, key, tenant, kind, owner, agent, run, instructions, state, attempts, due, created, problem, again = (
        row
    )
    return Derivation(
        id_text(key),
        Scope(tenant=tenant, **({"agent_id": agent, "run_id": run} | {f"{kind}_id": owner})),
        tuple(id_text(episode) for (episode,) in connection.execute(_EPISODES, (no,)).fetchall()),
        instructions_of(json.loads(instructions)),
        STATES[int(state)],
        attempts,
        from_micros(due),
        from_micros(created),
        problem,
        bool(again),
    )


def _held(lease: Lease) -> tuple[bytes | None, bytes]:
    # A token of nobody must not match the missing one of who waits.
    return id_bytes(lease.derivation.id), bytes.fromhex(lease.token)


def lost(lease: Lease) -> ConflictError:
    """Return what says that somebody else has the derivation, or that it is done or gone."""
    return ConflictError(
        "this derivation was taken over, done or cancelled meanwhile",
        derivation_id=lease.derivation.id,
        lost=True,
    )


def hold(connection: sqlite3.Connection, no: int, *, until: datetime) -> Lease:
    """Lease the derivation *no*."""
    token = os.urandom(ID_BYTES)
    connection.execute(
        "UPDATE derivation SET state = ?, attempts = attempts + 1, token = ?, lease_until = ? WHERE no = ?",
        (LEASED, token, to_micros(until), no),
    )
    (derivation,) = select(connection, "d.no = :no", {"no": no})
    return Lease(derivation, token.hex(), until)


def instructions_json(instructions: Instructions) -> str:
    """Return instructions as they are stored: what differs from the default."""
    return json.dumps(
        {name: value for name, value in asdict(instructions).items() if value}, ensure_ascii=False
    )


_TEXTS: Final = ("prompt", "custom", "memory_type")
_LISTS: Final = ("includes", "excludes", "categories")


def are_instructions(stored: dict[str, Any]) -> bool:
    """Tell whether :func:`instructions_json` can have written *stored*."""
    if not stored.keys() <= {*_TEXTS, *_LISTS} or stored.get("memory_type", "") not in {
        "",
        "procedural_memory",
    }:
        return False
    topics, pairs = (stored.get(name, []) for name in ("includes", "categories"))
    return (
        all(isinstance(stored.get(name, ""), str) for name in _TEXTS)
        and all(_are_texts(each) for each in (topics, stored.get("excludes", [])))
        and _are_pairs(pairs)
    )


def _are_pairs(value: object) -> bool:
    return isinstance(value, list) and all(_are_texts(pair, n=2) for pair in cast("list[object]", value))


def _are_texts(value: object, *, n: int | None = None) -> bool:
    if not isinstance(value, list):
        return False
    texts = cast("list[object]", value)
    return n in {None, len(texts)} and all(isinstance(each, str) for each in texts)


def instructions_of(stored: dict[str, Any]) -> Instructions:
    """Return instructions from what :func:`instructions_json` wrote."""
    lists = {name: tuple(stored.get(name, ())) for name in ("includes", "excludes")}
    return Instructions(
        prompt=stored.get("prompt", ""),
        custom=stored.get("custom", ""),
        categories=tuple((name, meaning) for name, meaning in stored.get("categories", ())),
        memory_type=stored.get("memory_type", ""),
        **lists,
    )
