"""A partition at one version, in memory."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from polymem.engines.sqlite.adjacent import Adjacency, all_adjacent, extended
from polymem.engines.sqlite.arrays import ColumnArrays, Matrix
from polymem.engines.sqlite.ranges import PartitionRow
from polymem.engines.sqlite.schema import SEGMENT_BITS
from polymem.engines.sqlite.segments import read_postings
from polymem.engines.sqlite.tail import NOTHING, Tail, TermCache
from polymem.ports.faces import I32, INDEXED, Columns, Postings

_OBJECT_BYTES: Final = 8_192
"""What the view's own objects cost."""


@dataclass(slots=True, eq=False)
class PartitionView:
    """Everything that the arms need of a partition, unchanging for its readers.

    Its arrays are shared with older and newer views of the partition. Methods that take a connection expect it to be
    in the read transaction at whose version the view was got.

    Attributes:
        row: The partition's counters.
        columns: Ranking columns of the ``row.n`` rows, read-only.
        arrays: The same with spare capacity.
        matrix: int8 vectors.
        tail: Terms of the rows past the last packed segment.
        terms: Decoded posting lists.
        base: Neighbours as an older view knew them, when they still hold for its rows.
        dim: Size of the vectors; 0 when there is none and the store's is not known.
    """

    row: PartitionRow
    columns: Columns
    arrays: ColumnArrays
    matrix: Matrix
    tail: Tail
    terms: TermCache
    base: Adjacency | None = None
    dim: int = 0
    _adjacency: Adjacency | None = field(default=None, repr=False)

    @property
    def version(self) -> int:
        """The partition's version."""
        return self.row.version

    @property
    def n(self) -> int:
        """Number of positions."""
        return self.row.n

    @property
    def nbytes(self) -> int:
        """Bytes held, by count for arrays and by estimate for the rest."""
        adjacency = self.adjacency_known
        return (
            _OBJECT_BYTES
            + self.arrays.nbytes
            + self.matrix.nbytes
            + self.tail.nbytes
            + self.terms.nbytes
            + (0 if adjacency is None else adjacency.nbytes)
        )

    @property
    def adjacency_known(self) -> Adjacency | None:
        """The newest neighbours computed so far that hold for all rows they cover."""
        return self._adjacency or self.base

    def adjacent(self) -> tuple[I32, I32]:
        """Return int32[n] x 2: the previous and the next episode of the same session by position, -1 for none."""
        found = self._adjacency
        if found is None:
            found = self._neighbours()
            self._adjacency, self.base = found, None
        return found.previous, found.next

    def _neighbours(self) -> Adjacency:
        # Row by row costs 1 µs, all of them 0.1 µs a row.
        known = self.base
        if known is not None and 8 * (self.n - len(known.previous)) <= self.n:
            found = extended(known, self.columns)
            if found is not None:
                return found
        return all_adjacent(self.columns)

    def postings(self, connection: sqlite3.Connection, term: str) -> Postings:
        """Return where *term* occurs among the indexed rows."""
        known = self.terms.get(term)
        postings, upto = known or (NOTHING, 0)
        n = self.row.n
        if upto < n:
            postings = self._extend(connection, term, postings, upto)
            self.terms.put(term, postings, n)
        elif upto > n and len(postings.positions) and postings.positions[-1] >= n:
            # A newer view, which shares the cache, has looked the term up before.
            stop = int(np.searchsorted(postings.positions, n))
            postings = Postings(postings.positions[:stop], postings.counts[:stop])
        return postings

    def _extend(self, connection: sqlite3.Connection, term: str, known: Postings, upto: int) -> Postings:
        """Return *known*, which covers the rows below *upto*, with the rows from there on."""
        n_packed = self.row.n_packed
        positions, counts = self.tail.between(term, max(upto, self.tail.first), self.row.n)
        if upto < n_packed << SEGMENT_BITS:
            packed = read_postings(connection, self.row.no, term, first=upto >> SEGMENT_BITS, stop=n_packed)
            start = int(np.searchsorted(packed[0], upto))
            positions = np.concatenate((packed[0][start:], positions))
            counts = np.concatenate((packed[1][start:], counts))
        if not len(positions):
            return known
        keep = (self.columns.flags[positions] & INDEXED) != 0
        if not keep.all():
            positions, counts = positions[keep], counts[keep]
        if len(known.positions):
            positions = np.concatenate((known.positions, positions))
            counts = np.concatenate((known.counts, counts))
        return Postings(positions, counts)
