"""A partition at one version, in memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from polymem.domain.query import Visibility
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.adjacent import Adjacency, Known, adjacency
from polymem.engines.sqlite.arrays import ColumnArrays, Matrix, ReadBlock
from polymem.engines.sqlite.buckets import MANY
from polymem.engines.sqlite.documents_order import read_placed
from polymem.engines.sqlite.ranges import PartitionRow
from polymem.engines.sqlite.schema import SEGMENT_BITS
from polymem.engines.sqlite.segments import read_many, read_postings, read_segment
from polymem.engines.sqlite.tail import NOTHING, Tail, TermCache
from polymem.ports.faces import EMBEDDED, I32, INDEXED, U8, Columns, Mask, Postings
from polymem.ranking.neighbours import Neighbours
from polymem.ranking.visibility import Present, present, visible

N = TypeVar("N", bound=np.generic)
_COUNTED: Final = INDEXED | EMBEDDED
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
        base: Neighbours as an older view knew them.
        dim: Size of the vectors; 0 when there is none and the store's is not known.
        speakers: Label numbers of the speakers by name, once somebody has asked.
        kept: What readers have worked out, see :class:`polymem.ports.ledger.Snapshot`.
    """

    row: PartitionRow
    columns: Columns
    arrays: ColumnArrays
    matrix: Matrix
    tail: Tail
    terms: TermCache
    base: Known | None = None
    dim: int = 0
    speakers: dict[str, int] | None = field(default=None, repr=False)
    kept: dict[str, object] = field(default_factory=dict[str, object], repr=False)
    _adjacency: Adjacency | None = field(default=None, repr=False)
    _present: Present | None = field(default=None, repr=False)
    _n_embedded: int = field(default=-1, repr=False)

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
        known = self.known
        return (
            _OBJECT_BYTES
            + self.arrays.nbytes
            + self.matrix.nbytes
            + self.tail.nbytes
            + self.terms.nbytes
            + self.terms.buckets.nbytes
            + (0 if self._present is None else self._present.mask.nbytes)
            + (0 if known is None else known.adjacency.nbytes)
        )

    @property
    def known(self) -> Known | None:
        """What is known of its neighbours without another look."""
        found = self._adjacency
        return self.base if found is None else Known(found, holds=True, changed=np.empty(0, np.int64))

    def visible(self, visibility: Visibility) -> Mask:
        """Return bool[n], read-only: the rows that a reader sees; see :func:`polymem.ranking.visibility.visible`."""
        if visibility.archived or visibility.as_of is not None or visibility.known_at is not None:
            return visible(self.columns, visibility)
        found = self._present
        if found is None or not found.holds(to_micros(visibility.now)):
            found = self._present = present(self.columns, visibility)
        return found.mask

    @property
    def n_embedded(self) -> int:
        """Number of indexed rows that have a vector."""
        if self._n_embedded < 0:
            self._n_embedded = int(np.count_nonzero((self.columns.flags & _COUNTED) == _COUNTED))
        return self._n_embedded

    def adjacent(self, connection: sqlite3.Connection) -> Neighbours:
        """Return who is next to whom."""
        found = self._adjacency
        if found is None:
            found = adjacency(
                self.columns,
                self.matrix,
                self.block_reader(connection),
                known=self.base,
                placed=read_placed(connection, self.row.no),
            )
            self._adjacency, self.base = found, None
        return found.near

    def block_reader(self, connection: sqlite3.Connection) -> ReadBlock:
        """Return what reads a block of vectors that the matrix does not hold."""
        return lambda no: read_segment(connection, self.row.no, no, dim=self.matrix.dim)[0]

    def postings(self, connection: sqlite3.Connection, term: str) -> Postings:
        """Return where *term* occurs among the indexed rows."""
        if not self.row.n_packed and term not in self.tail:
            # Most of the names, keys and translations that a search of a small partition asks for are nowhere.
            return NOTHING
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

    def look_up(self, connection: sqlite3.Connection, terms: Iterable[str]) -> dict[str, Postings]:
        """Return the postings of those of *terms* that occur anywhere; :meth:`postings` has all of them then."""
        if not self.row.n_packed:
            there = [term for term in dict.fromkeys(terms) if term in self.tail]
            every = {term: self.postings(connection, term) for term in there}
            return {term: postings for term, postings in every.items() if postings.positions.size}
        found, others, new = self.terms.known(terms, self.row.n)
        if len(new) < 2:
            others += new
        else:
            found |= self._look_up(connection, new)
        for term in others:
            postings = self.postings(connection, term)
            if postings.positions.size:
                found[term] = postings
        return found

    def _look_up(self, connection: sqlite3.Connection, new: list[str]) -> dict[str, Postings]:
        """Return the same of terms of which nothing is known yet."""
        n, no, n_packed, tail = self.row.n, self.row.no, self.row.n_packed, self.tail
        packed = dict[str, tuple[I32, U8]]()
        if len(new) >= MANY:
            packed = self.terms.buckets.find(connection, no, new, stop=n_packed)
        rest = [term for term in new if term not in packed] if packed else new
        if rest:
            packed |= zip(rest, read_many(connection, no, rest, first=0, stop=n_packed), strict=True)
        nowhere = [term for term, lists in packed.items() if not lists[0].size and term not in tail]
        self.terms.put_nowhere(nowhere, n)
        found: dict[str, Postings] = {}
        for term in packed.keys() - nowhere:
            postings = self._extend(connection, term, NOTHING, 0, packed=packed[term])
            self.terms.put(term, postings, n)
            if postings.positions.size:
                found[term] = postings
        return found

    def _extend(
        self,
        connection: sqlite3.Connection,
        term: str,
        known: Postings,
        upto: int,
        *,
        packed: tuple[I32, U8] | None = None,
    ) -> Postings:
        """Return *known*, which covers the rows below *upto*, with the rows from there on; *packed* are those of the segments."""
        n_packed = self.row.n_packed
        positions, counts = self.tail.between(term, max(upto, self.tail.first), self.row.n)
        if upto < n_packed << SEGMENT_BITS:
            first = upto >> SEGMENT_BITS
            packed = packed or read_postings(connection, self.row.no, term, first=first, stop=n_packed)
            start = int(packed[0].searchsorted(upto)) if upto else 0
            positions = _joined(packed[0][start:], positions)
            counts = _joined(packed[1][start:], counts)
        if not positions.size:
            return known
        if self.row.n_indexed < self.row.n:
            keep = (self.columns.flags[positions] & INDEXED) != 0
            positions, counts = positions[keep], counts[keep]
        return Postings(_joined(known.positions, positions), _joined(known.counts, counts))


def _joined(first: NDArray[N], then: NDArray[N]) -> NDArray[N]:
    """Return both, one after the other; most often one of them is empty."""
    if not then.size:
        return first
    return then if not first.size else np.concatenate((first, then))
