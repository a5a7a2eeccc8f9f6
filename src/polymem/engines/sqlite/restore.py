"""Records of the exchange format into the store: all of them or none."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from polymem.domain.scope import Partition
from polymem.domain.timespan import EPOCH, to_micros
from polymem.engines.sqlite.connection import writing
from polymem.engines.sqlite.encoder import EncoderName, check_encoder
from polymem.engines.sqlite.exchange import OWNER_KINDS, Fields, parse, refuse
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.restore_rows import Target
from polymem.ports.ledger import Record

_IN_PARTITION: Final = (
    *("entity", "episode", "item", "alias", "source", "relation", "evidence", "belief", "basis", "merge"),
    *("document", "chunk", "withheld", "derivation"),
    *("event", "idempotency"),
)


def restore(connection: sqlite3.Connection, records: Iterable[Record], *, encoder: EncoderName) -> int:
    """Store exported records in one transaction; return how many items were new.

    A partition that holds nothing becomes what was exported, with ids, versions, times and history. In one that holds
    something, items whose id it does not know are added, and those that it knows, or has erased, are passed over.

    Args:
        connection: Outside a transaction.
        records: As :class:`polymem.engines.sqlite.transfer.Exporter` gives them.
        encoder: Whose vectors the store holds; rows with vectors of another one wait to be embedded.

    Raises:
        InputError: A record cannot be used; ``error.line`` counts them from 1. Nothing was stored.
        EncoderMismatchError: The store's vectors come from another encoder than *encoder*.
    """
    with writing(connection):
        check_encoder(connection, encoder)
        job = _Restore(connection, encoder)
        line = 0
        for line, record in enumerate(records, 1):
            job.take(*parse(record, line), line=line)
        if not job.ended:
            refuse(line + 1, "the end is missing; the records are not complete")
    return job.n_new


class _Restore:
    """The state of one import."""

    def __init__(self, connection: sqlite3.Connection, encoder: EncoderName) -> None:
        self.connection = connection
        self.encoder = encoder
        self.n_new = 0
        self.ended = False
        self._given: EncoderName | None = None
        self._target: Target | None = None
        self._seen: set[Partition] = set()
        self._place = 0

    def take(self, name: str, fields: Fields, *, line: int) -> None:
        """Store one record."""
        if (line == 1) != (name == "polymem"):
            refuse(line, "is not in its place", field="type")
        if self.ended:
            refuse(line, "comes after the end")
        if name == "polymem":
            self._given = None if fields["encoder"] is None else EncoderName(*fields["encoder"])
        elif name == "partition":
            self._open(fields, line)
        elif name == "end":
            self._close(line)
            self.ended = True
            if fields["n_records"] != line - 1:
                refuse(line, "counts other records than came", field="n_records")
        else:
            self._row(name, fields, line)

    def _open(self, fields: Fields, line: int) -> None:
        self._close(line)
        partition = Partition(fields["tenant"], OWNER_KINDS[fields["kind"]], fields["owner"])
        if partition in self._seen:
            refuse(line, "comes a second time")
        self._seen.add(partition)
        self._place = 0
        writer = PartitionWriter.open(self.connection, partition, now=EPOCH, actor="import")
        # Time must not run backwards for who writes next; a present that has not come yet is believed of rows alone.
        writer.at = max(writer.at, min(fields["last_at"], to_micros(datetime.now(UTC))))
        self._target = Target(writer, fields, encoder=self.encoder, given=self._given)

    def _close(self, line: int) -> None:
        if self._target is not None:
            self.n_new += self._target.finish(line)
            self._target = None

    def _row(self, name: str, fields: Fields, line: int) -> None:
        if self._target is None:
            refuse(line, "comes before its partition")
        # Each kind of record speaks of those before it; episodes and items alternate.
        place = _IN_PARTITION.index("item" if name == "episode" else name)
        if place < self._place:
            refuse(line, "is not in its place", field="type")
        if place > self._place:
            self._target.flush()
        self._place = place
        try:
            self._target.add(name, fields, line)
        except sqlite3.IntegrityError:
            refuse(line, "repeats what is there already")
