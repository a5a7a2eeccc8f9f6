"""The vector face and the text face over a view."""

from __future__ import annotations

import json
import sqlite3

import numpy as np

from polymem.engines.sqlite.ranges import half_to_float
from polymem.engines.sqlite.schema import POSITION_BITS
from polymem.engines.sqlite.view import PartitionView
from polymem.errors import DimensionError
from polymem.ports.faces import F32, I32, INDEXED, Postings


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

    def exact(self, query: F32, positions: I32) -> F32:
        """Return float32[m]: cosine of the rows at *positions* with *query* from the f16 truth.

        Raises:
            DimensionError: The query has another size than the partition's vectors.
        """
        view = self._view
        self._check(query)
        out = np.zeros(len(positions), np.float32)
        if not view.matrix.dim:
            return out
        wanted = np.flatnonzero(view.columns.flags[positions] & INDEXED)
        rows = self._connection.execute(
            "SELECT j.key, v.f16 FROM json_each(?) j CROSS JOIN vector v ON v.rid = j.value + ?",
            (json.dumps(positions[wanted].tolist()), view.row.no << POSITION_BITS),
        ).fetchall()
        usable = [(key, blob) for key, blob in rows if len(blob) == 2 * view.matrix.dim]
        if usable:
            at = wanted[[key for key, _ in usable]]
            out[at] = half_to_float([blob for _, blob in usable], dim=view.matrix.dim) @ query
        return out

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
