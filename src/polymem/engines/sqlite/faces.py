"""The vector face and the text face over a view."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from polymem.engines.sqlite.codec import unpack_keys, unpack_terms
from polymem.engines.sqlite.kernel import dot_int8, narrow
from polymem.engines.sqlite.ranges import half_to_float
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.engines.sqlite.view import PartitionView
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.errors import DimensionError
from polymem.ports.faces import F32, I32, INDEXED, Postings

_LISTS: Final = "SELECT t.rid, t.list FROM wanted w CROSS JOIN terms t ON t.rid = w.it"
_VECTORS: Final = "SELECT v.rid, v.f16 FROM wanted w CROSS JOIN vector v ON v.rid = w.it"


class SqliteVectorFace:
    """What is alike, see :class:`polymem.ports.faces.VectorFace`.

    Args:
        connection: In the read transaction of the view.
        view: The partition.
    """

    def __init__(self, connection: sqlite3.Connection, view: PartitionView) -> None:
        self._connection = connection
        self._view = view

    @property
    def n_rows(self) -> int:
        """Number of indexed rows that have a vector."""
        return self._view.n_embedded

    def scan(self, query: F32) -> F32:
        """Return float32[n]: cosine of every row with the unit *query* at int8 precision; 0 for rows without a vector.

        Raises:
            DimensionError: The query has another size than the partition's vectors.
        """
        view = self._view
        self._check(query)
        return view.matrix.cosines(query, view.n, view.block_reader(self._connection))

    def near(self, queries: F32, positions: I32) -> F32:
        """Return float32[k, m]: what :meth:`scan` returns for each of float32[k, dim] unit *queries*, of these rows alone.

        Raises:
            DimensionError: The queries have another size than the partition's vectors.
        """
        view = self._view
        out = np.zeros((len(queries), len(positions)), np.float32)
        if not len(queries):
            return out
        self._check(queries[0])
        if not view.matrix.dim:
            return out
        rows = view.matrix.rows(positions, view.block_reader(self._connection))
        scales = view.matrix.scales[positions]
        for place, query in enumerate(queries):
            small, factor = narrow(query)
            out[place] = dot_int8(small, rows) * scales * factor
        return out

    def exact(self, query: F32, positions: I32) -> F32:
        """Return float32[m]: cosine of the rows at *positions* with *query* from the f16 truth.

        Raises:
            DimensionError: The query has another size than the partition's vectors.
        """
        self._check(query)
        vectors = self._stored(positions)
        out = np.zeros(len(positions), np.float32)
        if vectors is not None:
            out[vectors[0]] = vectors[1] @ query
        return out

    def rows(self, positions: I32) -> F32:
        """Return float32[m, dim]: the vectors of the rows at *positions* from the f16 truth; zero for rows without one."""
        out = np.zeros((len(positions), self._view.matrix.dim), np.float32)
        vectors = self._stored(positions)
        if vectors is not None:
            out[vectors[0]] = vectors[1]
        return out

    def _stored(self, positions: I32) -> tuple[I32, F32] | None:
        """Return which of *positions* have a vector, and those; None when there are none."""
        view = self._view
        if not view.matrix.dim:
            return None
        base, size = view.row.no << POSITION_BITS, 2 * view.matrix.dim
        there = np.flatnonzero(view.columns.flags[positions] & INDEXED)
        rids = [base + position for position in positions[there].tolist()]
        blobs: dict[int, bytes] = {}
        for part in in_parts(rids):
            blobs.update(self._connection.execute(wanted(len(part)) + _VECTORS, part).fetchall())
        usable = [n for n, rid in enumerate(rids) if len(blobs.get(rid, b"")) == size]
        if not usable:
            return None
        vectors = half_to_float([blobs[rids[n]] for n in usable], dim=view.matrix.dim)
        return there[usable].astype(np.int32), vectors

    def _check(self, query: F32) -> None:
        dim = self._view.dim
        if dim and query.shape != (dim,):
            raise DimensionError(
                f"a query of shape {query.shape} does not fit dimension {dim}", argument="query"
            )


class SqliteTextFace:
    """What shares words, see :class:`polymem.ports.faces.TextFace`.

    Args:
        connection: In the read transaction of the view.
        view: The partition.
    """

    def __init__(self, connection: sqlite3.Connection, view: PartitionView) -> None:
        self._connection = connection
        self._view = view

    @property
    def n_rows(self) -> int:
        """Number of indexed rows."""
        return self._view.row.n_indexed

    @property
    def mean_length(self) -> float:
        """Mean of ``Columns.length`` over the indexed rows; 1.0 when there are none."""
        row = self._view.row
        return row.n_terms / row.n_indexed if row.n_indexed else 1.0

    def postings(self, term: str) -> Postings:
        """Return where *term* occurs among the indexed rows."""
        return self._view.postings(self._connection, term)

    def look_up(self, terms: Sequence[str]) -> Mapping[str, Postings]:
        """Return the postings of those of *terms* that occur among the indexed rows."""
        return self._view.look_up(self._connection, terms)

    def forward(self, positions: Sequence[int]) -> list[Mapping[str, int]]:
        """Return terms and keys of the rows at *positions* with their counts; none for an unindexed row."""
        return [
            {} if blob is None else dict(zip(*unpack_terms(blob), strict=True))
            for blob in self._lists(positions)
        ]

    def keys(self, positions: Sequence[int]) -> list[list[str]]:
        """Return the keys of the rows at *positions*; none for an unindexed row."""
        return [[] if blob is None else unpack_keys(blob) for blob in self._lists(positions)]

    def _lists(self, positions: Sequence[int]) -> list[bytes | None]:
        """Return the forward lists of rows as they are stored."""
        base = self._view.row.no << POSITION_BITS
        lists: dict[int, bytes] = {}
        for part in in_parts([base + position for position in positions]):
            lists.update(self._connection.execute(wanted(len(part)) + _LISTS, part).fetchall())
        return [lists.get(base + position) for position in positions]
