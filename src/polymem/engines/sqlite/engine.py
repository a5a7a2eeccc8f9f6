"""The embedded engine: one SQLite file, many threads and processes."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from polymem.domain.batch import Batch, Outcome
from polymem.domain.quota import Quotas
from polymem.domain.scope import OwnerKind, Partition, Scope
from polymem.engines.sqlite.cache import StaleSnapshot, ViewCache
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.commit import commit, erases
from polymem.engines.sqlite.connection import check_schema, connect, prepare, store_errors
from polymem.engines.sqlite.damage import UNREADABLE
from polymem.engines.sqlite.encoder import EncoderName, bind, check_encoder, settings_for
from polymem.engines.sqlite.forking import FORK_GATE
from polymem.engines.sqlite.ranges import find_partition
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.engines.sqlite.snapshot import SqliteSnapshot
from polymem.engines.sqlite.turns import Turns
from polymem.engines.sqlite.writer import WriteQueue, settled
from polymem.errors import ClosedError, EncoderMismatchError
from polymem.ports.event_loop import running_loop
from polymem.ports.faces import ARCHIVED
from polymem.ports.ledger import Finding, PartitionInfo, Record, Snapshot

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

T = TypeVar("T")
MAX_READERS: Final = 8
FREE_TRIES: Final = 8
_ABANDONED: Final[list[object]] = []
"""What a child process inherited over fork: SQLite forbids using or closing it there, so it is kept and never touched."""


class SqliteLedger:
    """Implements :class:`polymem.ports.ledger.Ledger` on one file.

    Args:
        path: The store's file; made when it is new.
        encoder: Name and dimension of the vectors that will be written.
        timeout_s: Longest wait for a write, in seconds.
        cache_bytes: Budget of the in-process caches.
        quotas: What a scope may hold; None for no limits.

    Raises:
        StoreUnavailableError: The file cannot be used.
        StoreCorruptError: It is not a sound store.
        SchemaVersionError: A newer Polymem wrote it.
    """

    def __init__(
        self,
        path: Path,
        *,
        encoder: EncoderName,
        timeout_s: float = 30.0,
        cache_bytes: int = 512 * 1024 * 1024,
        quotas: Quotas | None = None,
    ) -> None:
        self.path = path
        self.encoder = encoder
        self._settings = settings_for(encoder)
        self._timeout_s = timeout_s
        self._quotas = quotas
        self._cache_bytes = cache_bytes
        self._closed = False
        self._ended = False
        self._log_pending = False
        self._gate = threading.Lock()
        self._open()

    def _open(self) -> None:
        self._stored = FORK_GATE.hold(self.path, self._prepared)
        self._writer = WriteQueue(self.path, timeout_s=self._timeout_s)
        self._views = ViewCache(self._cache_bytes, dim=self._stored.dim)
        self._pool: ThreadPoolExecutor | None = None
        # Not the other gate: a signal handler can close in the midst of this one, and a fork leaves it behind.
        self._pool_gate = threading.RLock()
        self._turns = Turns(MAX_READERS)
        self._opened: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        FORK_GATE.add(self)
        # At the end: from here on, other threads of a forked child use what was made.
        self._pid = os.getpid()

    def _prepared(self) -> EncoderName:
        prepare(self.path)
        return bind(self.path, self.encoder)

    def release(self) -> None:
        """Close the readers' connections, as nothing may be open during a fork; called while nobody reads."""
        self._idle.clear()
        # Those too that an interrupt kept from being given back.
        while self._opened:
            self._opened.pop().close()

    def _close_idle(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _alive(self) -> None:
        """Refuse work after ``close`` and start afresh in a forked child.

        Raises:
            ClosedError: The ledger was closed.
            StoreUnavailableError: This process was forked in the midst of a transaction.
        """
        if self._closed:
            raise ClosedError("the store was closed")
        if self._pid != os.getpid():
            with self._gate:
                if self._pid != os.getpid():
                    FORK_GATE.refuse_lost(self.path)
                    _ABANDONED.append((self._writer, self._pool, self._turns, self._idle, self._views))
                    self._open()

    async def commit(self, batch: Batch) -> Outcome:
        """Apply *batch* whole or not at all; it is durable when this returns."""
        outcome = await self.write(lambda c: commit(c, batch, dim=self.encoder.dim, quotas=self._quotas))
        erasing = erases(batch)
        if (erasing and (outcome.removed or outcome.counts.get("documents"))) or self._log_pending:
            outcome.counts["log_truncated"] = int(await self.truncate_log())
        if erasing:
            # What this process holds of it in memory goes with the next look.
            await self.read(batch.scope.partition, lambda snapshot: snapshot.n)
        return outcome

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run *work* in a write transaction."""
        self._alive()

        def checked(connection: sqlite3.Connection) -> T:
            check_schema(connection)
            check_encoder(connection, self.encoder)
            return work(connection)

        if running_loop() is None:
            return self._writer.run(checked)
        return await settled(self._writer.submit(checked))

    async def truncate_log(self) -> bool:
        """Empty the write-ahead log; False while a reader still needs it, then later writes try again."""
        from polymem.engines.sqlite import backup

        self._alive()
        done = await settled(self._writer.submit(backup.truncate_log, alone=True))
        self._log_pending = not done
        return done

    async def read(self, partition: Partition, job: Callable[[Snapshot], T]) -> T:
        """Run the pure *job* on one snapshot of *partition*."""
        self._alive()
        return await self._aside(lambda: self._read(partition, job))

    def _read(self, partition: Partition, job: Callable[[Snapshot], T]) -> T:
        return self._lend(lambda connection: self._read_on(connection, partition, job))

    def _read_on(
        self, connection: sqlite3.Connection, partition: Partition, job: Callable[[Snapshot], T]
    ) -> T:
        for _ in range(FREE_TRIES):
            try:
                return self._read_once(connection, partition, job)
            except StaleSnapshot:
                # Another thread read a newer version meanwhile; the arrays cannot go back, so go forward.
                continue
        # A scope that changes faster than it can be read: hold the other readers back for one turn.
        found = find_partition(connection, partition)
        with self._views.exclusive(-1 if found is None else found.row.no):
            return self._read_once(connection, partition, job)

    def _read_once(
        self, connection: sqlite3.Connection, partition: Partition, job: Callable[[Snapshot], T]
    ) -> T:
        try:
            # Inside, as an interrupt can hit as soon as it has begun.
            connection.execute("BEGIN")
            return job(self._snapshot(connection, partition))
        except (KeyboardInterrupt, SystemExit):
            # It may have hit in the middle of a refresh; what is half refreshed must not be used again.
            self._views.clear()
            raise
        except UNREADABLE as error:
            from polymem.engines.sqlite import check

            check.tell_damage(error, connection, partition, dim=self._stored.dim)
            raise
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def _snapshot(self, connection: sqlite3.Connection, partition: Partition) -> SqliteSnapshot:
        found = find_partition(connection, partition)
        if found is None:
            mismatch = self._mismatch(connection)
            return SqliteSnapshot(connection, self._views.get(connection, -1), partition, mismatch=mismatch)
        row, last_at, owner, settings, merged = found
        mismatch = None if settings == self._settings else self._mismatch(connection)
        view = self._views.get(connection, row.no, row)
        return SqliteSnapshot(connection, view, partition, row.no, last_at, owner, mismatch, merged)

    def _mismatch(self, connection: sqlite3.Connection) -> EncoderMismatchError | None:
        try:
            check_encoder(connection, self.encoder)
        except EncoderMismatchError as error:
            return error
        return None

    def _lend(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run *job* with a reader's connection, at most ``MAX_READERS`` at a time; no fork falls into its use."""
        return self._turns.take(lambda: FORK_GATE.hold(self.path, lambda: self._lend_now(job)))

    def _lend_now(self, job: Callable[[sqlite3.Connection], T]) -> T:
        if self._ended:
            raise ClosedError("the store was closed")
        with store_errors(self.path):
            connection = self._reader()
            try:
                return job(connection)
            finally:
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def _reader(self) -> sqlite3.Connection:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = connect(self.path)
            self._opened.append(connection)
            # Readers wait only while a log is recovered or reset, which is short.
            connection.execute("PRAGMA busy_timeout=5000")
        # An interrupt may have hit who should have ended it.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        return connection

    async def job(self, job: Callable[[sqlite3.Connection], T]) -> T:
        """Run *job* on a reader's connection outside the event loop."""
        self._alive()
        return await self._aside(lambda: self._lend(job))

    async def _aside(self, work: Callable[[], T]) -> T:
        """Run *work* in a reader's thread; in this one where there is no event loop that it could hold up."""
        loop = running_loop()
        return work() if loop is None else await loop.run_in_executor(self._readers(), work)

    def _readers(self) -> ThreadPoolExecutor:
        """Return the threads that read for event loops.

        Raises:
            ClosedError: The ledger was closed.
        """
        pool = self._pool
        if pool is None:
            from concurrent.futures import ThreadPoolExecutor

            with self._pool_gate:
                pool = self._pool = self._pool or ThreadPoolExecutor(
                    MAX_READERS, thread_name_prefix="polymem-reader"
                )
                if self._closed:
                    raise ClosedError("the store was closed")
        return pool

    async def locate(self, item_id: str) -> Scope | None:
        """Return the scope in which an item lies (deleted ones included), None if no partition has it."""

        def find(connection: sqlite3.Connection) -> Scope | None:
            row = connection.execute(
                "SELECT p.tenant, p.kind, p.owner, i.agent_id, i.run_id FROM item i "
                f"JOIN partition p ON p.no = i.rid >> {POSITION_BITS} WHERE i.id = ? ORDER BY i.version DESC LIMIT 1",
                (id_bytes(item_id),),
            ).fetchone()
            if row is None:
                return None
            tenant, kind, owner, agent, run = row
            return Scope(tenant=tenant, **({"agent_id": agent, "run_id": run} | {f"{kind}_id": owner}))

        return await self.job(find)

    async def partitions(self, *, label: str | None = None) -> list[PartitionInfo]:
        """Return all partitions with their counters, those alone that know *label* where it is given."""

        def select(connection: sqlite3.Connection) -> list[PartitionInfo]:
            rows = connection.execute(
                "SELECT tenant, kind, owner, next_position, n_indexed, n_pending, next_entity, next_relation, "
                "n_events, head, (SELECT count(DISTINCT i.id) FROM item i INDEXED BY item_archived WHERE "
                f"i.flags & {ARCHIVED} <> 0 AND i.rid BETWEEN p.no << {POSITION_BITS} AND (p.no + 1 << {POSITION_BITS}) - 1), "
                "(SELECT count(*) FROM document d WHERE d.partition = p.no) "
                "FROM partition p "
                "WHERE ?1 IS NULL OR EXISTS (SELECT 1 FROM label l WHERE l.partition = p.no AND l.name = ?1) "
                "ORDER BY tenant, kind, owner",
                (label,),
            )
            return [_info(*row) for row in rows]

        return await self.job(select)

    async def backup(self, path: Path) -> None:
        """Write a consistent copy while in use."""
        from polymem.engines.sqlite import backup

        await self.job(lambda connection: backup.copy(connection, path))

    async def verify(self, partition: Partition | None, *, repair: bool) -> list[Finding]:
        """Check the faces against each other; with *repair* rebuild what is wrong from the ledger."""
        from polymem.engines.sqlite import check

        if not repair:
            return await self.job(
                lambda connection: check.verify(connection, partition, dim=self._stored.dim)
            )
        self._alive()
        findings = await settled(
            self._writer.submit(lambda c: check.repair(c, partition, dim=self._stored.dim), alone=True)
        )
        self._views.clear()
        return findings

    async def embed(self, partition: Partition | None, encode: Callable[[list[str]], Any] | None) -> int:
        """Return how many rows lack a vector; with *encode* (texts → float32[n, dim]) give them theirs first."""
        from polymem.engines.sqlite import embed

        if encode is None:
            return await self.job(lambda connection: embed.count_pending(connection, partition, self.encoder))
        self._alive()
        given = await settled(
            self._writer.submit(lambda c: embed.fill(c, partition, self.encoder, encode), alone=True)
        )
        if self._stored != self.encoder:
            self._stored = self.encoder
            self._views = ViewCache(self._cache_bytes, dim=self.encoder.dim)
        return given

    async def export(self, scope: Scope | None) -> AsyncIterator[Record]:
        """Yield every record of a scope, or of the whole store, from one consistent copy."""
        from polymem.engines.sqlite import transfer

        self._alive()
        reader = transfer.Exporter(self.path, scope)
        try:
            while block := await self._aside(reader.next_block):
                for record in block:
                    yield record
        finally:
            await self._aside(reader.close)

    async def restore(self, records: Iterable[Record]) -> int:
        """Store records that :meth:`export` yielded; return how many were new."""
        from polymem.engines.sqlite import transfer

        self._alive()
        encoder = self.encoder
        n = await settled(
            self._writer.submit(lambda c: transfer.restore(c, records, encoder=encoder), alone=True)
        )
        self._views.clear()
        return n

    async def close(self) -> None:
        """Finish what was queued and let go of the file; further calls raise ``ClosedError``."""
        if self._closed:
            return
        self._closed = True
        if self._pid != os.getpid():
            return
        loop = running_loop()
        if loop is None:
            self._shut()
        else:
            await loop.run_in_executor(None, self._shut)

    def _shut(self) -> None:
        self._writer.close()
        with self._pool_gate:
            pool = self._pool
        if pool is not None:
            pool.shutdown(wait=True)
        # Threads that read for themselves are not the pool's. Who is in line is waited for, who comes now is refused. A
        # signal handler can close in the midst of a read of this very thread, for which it cannot wait.
        self._ended = True
        alone = self._turns.await_others()
        FORK_GATE.hold(self.path, self.release if alone else self._close_idle)


def _info(tenant: str, kind: OwnerKind, owner: str, *figures: Any) -> PartitionInfo:
    n_rows, n_indexed, n_pending, n_entities, n_relations, n_events, head, n_archived, n_documents = figures
    counts = (n_rows, n_indexed, n_pending, n_entities, n_relations, n_events)
    return PartitionInfo(Partition(tenant, kind, owner), *counts, head.hex(), n_archived, n_documents)
