"""Arrays by position that grow at the end in place and are copied when an old row changes.

Views share them: a view of n rows reads ``[:n]`` only, so rows that are written beyond are invisible to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from polymem.engines.sqlite.codec import SCAN
from polymem.engines.sqlite.kernel import I8, dot_int8, narrow
from polymem.engines.sqlite.ranges import Records
from polymem.engines.sqlite.schema import SEGMENT_BITS, SEGMENT_ROWS
from polymem.ports.faces import F32, I32, I64, Columns

Array: TypeAlias = NDArray[Any]
ReadBlock: TypeAlias = Callable[[int], I8]

_NAMES: Final = tuple(SCAN.names or ())
_SMALLEST: Final = 64


def with_room(n: int) -> int:
    """Return how many rows to allocate for n of them: an eighth more, so that growing is rare and cheap on average."""
    return n + max(_SMALLEST, n >> 3)


def grown(array: Array, capacity: int) -> Array:
    """Return a copy of *array* with *capacity* rows; those beyond the old ones are zero."""
    out = np.zeros((capacity, *array.shape[1:]), array.dtype)
    out[: len(array)] = array
    return out


class ColumnArrays:
    """The ranking columns with spare capacity."""

    __slots__ = ("_arrays", "_shown", "capacity")

    def __init__(self, arrays: dict[str, Array], capacity: int) -> None:
        self._arrays = arrays
        self._shown = [array.view() for array in arrays.values()]
        for array in self._shown:
            array.flags.writeable = False
        self.capacity = capacity

    @classmethod
    def allocate(cls, n: int) -> ColumnArrays:
        """Make columns for n rows and some more."""
        capacity = with_room(n)
        return cls({name: np.zeros(capacity, SCAN[name]) for name in _NAMES}, capacity)

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.capacity * SCAN.itemsize

    def write(self, first: int, records: Records) -> None:
        """Set rows that no view shows yet."""
        if len(records) == 1:
            for array, value in zip(self._arrays.values(), records.item(), strict=True):
                array[first] = value
            return
        for name, array in self._arrays.items():
            array[first : first + len(records)] = records[name]

    def appended(self, n: int, records: Records) -> ColumnArrays:
        """Return columns with *records* after the first *n* rows."""
        out = self
        if n + len(records) > self.capacity:
            capacity = with_room(n + len(records))
            out = ColumnArrays(
                {name: grown(array, capacity) for name, array in self._arrays.items()}, capacity
            )
        out.write(n, records)
        return out

    def replaced(self, positions: I64, records: Records) -> ColumnArrays:
        """Return columns in which the rows at *positions* are *records*; columns that stay the same are shared."""
        arrays = dict(self._arrays)
        for name, array in self._arrays.items():
            if not np.array_equal(array[positions], records[name]):
                arrays[name] = array.copy()
                arrays[name][positions] = records[name]
        return ColumnArrays(arrays, self.capacity)

    def rows(self, positions: I64) -> Records:
        """Return SCAN[len(positions)]."""
        out = np.empty(len(positions), SCAN)
        for name, array in self._arrays.items():
            out[name] = array[positions]
        return out

    def first(self, n: int) -> Columns:
        """Return the first n rows, read-only."""
        return Columns(*[array[:n] for array in self._shown])


class Matrix:
    """The int8 vectors in blocks of a segment's size, and their scales.

    Blocks let it grow and change without a second copy of the whole. A block may be absent (None): it did not fit into
    the byte budget and is read from its packed segment where it is needed.
    """

    __slots__ = ("blocks", "dim", "nbytes", "scales")

    def __init__(self, dim: int, blocks: Sequence[I8 | None], scales: F32) -> None:
        self.dim = dim
        self.blocks = tuple(blocks)
        self.scales = scales
        self.nbytes = scales.nbytes + sum([block.nbytes for block in blocks if block is not None])

    def appended(self, n: int, vectors: I8, scales: F32) -> Matrix:
        """Return a matrix with rows after the first *n*.

        Args:
            n: Rows so far.
            vectors: int8[m, dim].
            scales: float32[m].
        """
        stop = n + len(scales)
        room = self.scales if stop <= len(self.scales) else grown(self.scales, with_room(stop))
        room[n:stop] = scales
        blocks = list(self.blocks)
        moved = room is not self.scales
        for no in range(n >> SEGMENT_BITS, (stop + SEGMENT_ROWS - 1) >> SEGMENT_BITS if self.dim else 0):
            base = no << SEGMENT_BITS
            low, high = max(n, base), min(stop, base + SEGMENT_ROWS)
            block = blocks[no] if no < len(blocks) else np.zeros((0, self.dim), np.int8)
            if block is None:
                continue
            if len(block) < high - base:
                block = grown(block, _block_rows(high - base))
                blocks[no : no + 1] = [block]
                moved = True
            block[low - base : high - base] = vectors[low - n : high - n]
        return Matrix(self.dim, blocks, room) if moved else self

    def replaced(self, positions: I64, vectors: I8, scales: F32) -> Matrix:
        """Return a matrix in which the rows at *positions* are others; blocks that stay the same are shared."""
        blocks = list(self.blocks)
        copied: dict[int, I8] = {}
        for position, vector in zip(positions.tolist() if self.dim else (), vectors, strict=False):
            no, within = position >> SEGMENT_BITS, position & (SEGMENT_ROWS - 1)
            block = blocks[no]
            if block is None or np.array_equal(block[within], vector):
                continue
            if no not in copied:
                blocks[no] = copied[no] = block.copy()
            copied[no][within] = vector
        room = self.scales
        if not np.array_equal(room[positions], scales):
            room = room.copy()
            room[positions] = scales
        return Matrix(self.dim, blocks, room)

    def cosines(self, query: F32, n: int, read_block: ReadBlock) -> F32:
        """Return float32[n]: products of the first *n* rows with float32[dim]."""
        if not self.dim:
            return np.zeros(n, np.float32)
        out = np.empty(n, np.float32)
        small, factor = narrow(query)
        for no, base in enumerate(range(0, n, SEGMENT_ROWS)):
            stop = min(base + SEGMENT_ROWS, n)
            products = dot_int8(small, self._block(no, read_block)[: stop - base])
            np.multiply(products, self.scales[base:stop], out=out[base:stop])
        out *= factor
        return out

    def rows(self, positions: I32, read_block: ReadBlock) -> I8:
        """Return int8[m, dim]: the rows at *positions*, without their scales."""
        out = np.zeros((len(positions), self.dim), np.int8)
        numbers = positions >> SEGMENT_BITS
        for no in set(numbers.tolist()) if self.dim else ():
            here = (numbers == no).nonzero()[0]
            out[here] = self._block(no, read_block)[positions[here] & (SEGMENT_ROWS - 1)]
        return out

    def _block(self, no: int, read_block: ReadBlock) -> I8:
        block = self.blocks[no]
        return read_block(no) if block is None else block


def _block_rows(n: int) -> int:
    """Return how many rows to allocate for a block that holds n: a power of two, so that small partitions stay small."""
    return min(SEGMENT_ROWS, max(_SMALLEST, 1 << (n - 1).bit_length()))
