"""The side of the embedded engine that forgetting needs: uses, tombstones, heads of chains, proof of erasures."""

from __future__ import annotations

import json
import sqlite3
from typing import Final

from polymem.domain.event import ChainHead, Receipt, Tombstone
from polymem.domain.scope import Partition
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.check_erasure import check_erasure
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.encoder import read_encoder
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.uses import read_uses
from polymem.ports.forgetting import Uses
from polymem.ports.ledger import Finding

_FIND: Final = "SELECT no, n_events, head FROM partition WHERE tenant = ? AND kind = ? AND owner = ?"
_TOMBSTONE: Final = (
    "SELECT t.id, p.tenant, p.kind, p.owner, t.at, t.first_event, t.last_event, t.n_items, t.counts "
    "FROM tombstone t JOIN partition p ON p.no = t.partition WHERE t.id = ?"
)


class SqliteErasures:
    """Implements :class:`polymem.ports.forgetting.ErasureLedger`.

    Args:
        ledger: The engine whose file it is.
    """

    def __init__(self, ledger: SqliteLedger) -> None:
        self._ledger = ledger

    async def uses(self, partition: Partition) -> dict[str, Uses]:
        """Return when the items of a partition were of use, by item id."""

        def read(connection: sqlite3.Connection) -> dict[str, Uses]:
            found = _find(connection, partition)
            return {} if found is None else read_uses(connection, found[0])

        return await self._ledger.job(read)

    async def chain_head(self, partition: Partition) -> ChainHead:
        """Return the end of the partition's chain of events."""

        def read(connection: sqlite3.Connection) -> ChainHead:
            found = _find(connection, partition)
            return ChainHead(0, "") if found is None else ChainHead(found[1], found[2].hex())

        return await self._ledger.job(read)

    async def check_head(self, partition: Partition, head: ChainHead) -> list[Finding]:
        """Return what is wrong if the chain does not go through *head*."""

        def read(connection: sqlite3.Connection) -> str:
            found = _find(connection, partition)
            if head.n == 0:
                return "" if not head.link else "another history than when its head was noted"
            row = (
                found
                and connection.execute(
                    "SELECT link FROM event WHERE partition = ? AND n = ?", (found[0], head.n)
                ).fetchone()
            )
            if not row:
                return "cut short since its head was noted"
            return "" if row[0].hex() == head.link else "another history than when its head was noted"

        problem = await self._ledger.job(read)
        return [Finding("event", problem, 1, partition)] if problem else []

    async def tombstone(self, tombstone_id: str) -> Tombstone | None:
        """Return what an erasure left, None if there was none with this id."""

        def read(connection: sqlite3.Connection) -> Tombstone | None:
            row = connection.execute(_TOMBSTONE, (id_bytes(tombstone_id),)).fetchone()
            if row is None:
                return None
            key, tenant, kind, owner, at, first, last, n_items, counts = row
            where = Partition(tenant, kind, owner)
            return Tombstone(id_text(key), where, from_micros(at), first, last, n_items, json.loads(counts))

        return await self._ledger.job(read)

    async def n_erased(self, partition: Partition | None) -> int:
        """Return how many items of a partition, or of the store, were ever erased."""

        def count(connection: sqlite3.Connection) -> int:
            if partition is None:
                return int(connection.execute("SELECT ifnull(sum(n_items), 0) FROM tombstone").fetchone()[0])
            found = _find(connection, partition)
            number = -1 if found is None else found[0]
            sql = "SELECT ifnull(sum(n_items), 0) FROM tombstone WHERE partition = ?"
            return int(connection.execute(sql, (number,)).fetchone()[0])

        return await self._ledger.job(count)

    async def verify_erasure(self, tombstone: Tombstone, receipt: Receipt | None) -> list[Finding]:
        """Empty the write-ahead log, then return what is left of the erased items, or does not agree with *receipt*."""
        emptied = await self._ledger.truncate_log()

        def check(connection: sqlite3.Connection) -> list[Finding]:
            connection.execute("BEGIN")
            try:
                stored = read_encoder(connection)
                problems = check_erasure(
                    connection,
                    id_bytes(tombstone.id) or b"",
                    receipt,
                    dim=self._ledger.encoder.dim if stored is None else stored.dim,
                )
                return [Finding(p.face, p.text, p.n, tombstone.partition) for p in problems]
            finally:
                connection.execute("ROLLBACK")

        findings = await self._ledger.job(check)
        if not emptied and (receipt is None or receipt.status != "complete"):
            busy = Finding("log", "a reader still needs the log, which may hold what was erased", 1)
            findings.append(busy)
        return findings


def _find(connection: sqlite3.Connection, partition: Partition) -> tuple[int, int, bytes] | None:
    key = (partition.tenant, partition.kind, partition.owner)
    found: tuple[int, int, bytes] | None = connection.execute(_FIND, key).fetchone()
    return found
