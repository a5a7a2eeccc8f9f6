"""One partition at one instant: the faces over a read transaction."""

from __future__ import annotations

import sqlite3

from polymem.domain.query import Visibility
from polymem.domain.scope import Partition
from polymem.domain.slotted import dataclass
from polymem.engines.sqlite.beliefs import with_beliefs
from polymem.engines.sqlite.documents import SqliteDocuments
from polymem.engines.sqlite.faces import SqliteTextFace, SqliteVectorFace
from polymem.engines.sqlite.graph import SqliteGraph, SqliteKeys
from polymem.engines.sqlite.rows import SqliteRows
from polymem.engines.sqlite.view import PartitionView
from polymem.errors import EncoderMismatchError
from polymem.ports.faces import Columns, Mask
from polymem.ranking.visibility import visible


@dataclass(slots=True)
class SqliteSnapshot:
    """Implements :class:`polymem.ports.ledger.Snapshot`.

    Attributes:
        connection: Inside a read transaction.
        view: The arrays at the transaction's version.
        partition: Which partition.
        no: Its number, -1 when it has no rows yet.
        last_at: System time of the last write in microseconds.
        owner: Entity number of the partition's owner, None if nothing was stated about it.
        mismatch: What to say when vectors are asked for although they come from another encoder, or words although they
            come from another tokeniser; None when they fit.
        merged: Whether any of its entities are merged.
    """

    connection: sqlite3.Connection
    view: PartitionView
    partition: Partition
    no: int = -1
    last_at: int = 0
    owner: int | None = None
    mismatch: EncoderMismatchError | None = None
    merged: bool = False
    _rows: SqliteRows | None = None
    _graph: SqliteGraph | None = None

    @property
    def n(self) -> int:
        """Number of positions."""
        return self.view.n

    @property
    def version(self) -> int:
        """The partition's version, 0 for a partition without rows."""
        return self.view.version

    @property
    def columns(self) -> Columns:
        """The arrays by position."""
        return self.view.columns

    def visible(self, visibility: Visibility) -> Mask:
        """Return bool[n], read-only: the rows that a reader sees."""
        if visibility.known_at is None:
            return self.view.visible(visibility)
        return visible(with_beliefs(self.connection, self.no, self.columns, visibility), visibility)

    @property
    def vectors(self) -> SqliteVectorFace:
        """What is alike.

        Raises:
            EncoderMismatchError: The stored vectors come from another encoder.
        """
        if self.mismatch is not None:
            raise EncoderMismatchError(str(self.mismatch), **self.mismatch.facts)
        return SqliteVectorFace(self.connection, self.view)

    @property
    def texts(self) -> SqliteTextFace:
        """What shares words.

        Raises:
            EncoderMismatchError: The stored terms come from another tokeniser.
        """
        if self.mismatch is not None and "tokeniser" in self.mismatch.facts:
            raise EncoderMismatchError(str(self.mismatch), **self.mismatch.facts)
        return SqliteTextFace(self.connection, self.view)

    @property
    def graph(self) -> SqliteGraph:
        """Who relates to what."""
        if self._graph is None:
            self._graph = SqliteGraph(self.connection, self.no, self.last_at, self.owner, merged=self.merged)
        return self._graph

    @property
    def keys(self) -> SqliteKeys:
        """Details by key."""
        return SqliteKeys(self.connection, self.no, self.owner)

    @property
    def kept(self) -> dict[str, object]:
        """What readers of this version have worked out."""
        return self.view.kept

    @property
    def documents(self) -> SqliteDocuments:
        """The documents whose chunks are among the rows."""
        return SqliteDocuments(self.connection, self.no)

    @property
    def rows(self) -> SqliteRows:
        """The rows themselves."""
        if self._rows is None:
            self._rows = SqliteRows(self.connection, self.view, self.partition, self.no, self.last_at)
        return self._rows
