"""Blocks of posting lists (see ``blocks``) that a process keeps as the store has them.

A search among documents asks for hundreds of names of which most are nowhere, and one by one each would be sought in the
store. Where many terms are asked for together their buckets are read whole, once.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import Final

from polymem.engines.sqlite.blocks import bucket_of, find, marked
from polymem.engines.sqlite.segments import NOWHERE, Stored, decoded, read_buckets
from polymem.ports.faces import I32, U8

__all__ = ["MANY", "Buckets"]

MANY: Final = 24
"""Where so many terms are looked up at once they are names; of fewer most are there, and are sought one by one."""
_BLOCK_BYTES: Final = 300
"""What the objects of a block cost beside its bytes."""
_AT_ONCE: Final = 64
"""Buckets that are read together, so that what is kept passes its bound by these at most."""


class Buckets:
    """Buckets of a partition, right for as long as no packed row is indexed anew or unindexed.

    Args:
        max_bytes: Beyond it no other bucket is read.
    """

    __slots__ = ("_held", "_lock", "max_bytes", "nbytes")

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.nbytes = 0
        # The number of segments that were read, and their blocks.
        self._held: dict[int, tuple[int, list[Stored]]] = {}
        self._lock = Lock()

    def find(
        self, connection: sqlite3.Connection, partition_no: int, terms: Sequence[str], *, stop: int
    ) -> dict[str, tuple[I32, U8]]:
        """Return positions and counts of each of *terms* in the segments before *stop*; what could not be kept is left out.

        Raises:
            StoreCorruptError: A block of them is damaged.
        """
        words = {term: term.encode() for term in terms}
        places = {term: bucket_of(word) for term, word in words.items()}
        self._read(connection, partition_no, set(places.values()), stop)
        found: dict[str, tuple[I32, U8]] = {}
        held = self._held
        for term, bucket in places.items():
            n_read, blocks = held.get(bucket, (0, ()))
            if n_read < stop:
                continue
            mark = marked(words[term])
            lists = [
                (block.first, find(mark, *block.lists))
                for block in blocks
                if block.no < stop and mark in block.lists[0]
            ]
            found[term] = decoded(lists) if lists else NOWHERE
        return found

    def _read(self, connection: sqlite3.Connection, partition_no: int, buckets: set[int], stop: int) -> None:
        """Read the *buckets* as far as they are not there."""
        held = self._held
        first = {bucket: held[bucket][0] if bucket in held else 0 for bucket in buckets}
        new = sorted(bucket for bucket, no in first.items() if no < stop)
        for start in range(0, len(new), _AT_ONCE):
            if self.nbytes >= self.max_bytes:
                return
            part = {bucket: first[bucket] for bucket in new[start : start + _AT_ONCE]}
            self._keep(part, read_buckets(connection, partition_no, part, stop=stop), stop)

    def _keep(self, first: Mapping[int, int], blocks: Mapping[int, list[Stored]], stop: int) -> None:
        """Keep the *blocks* of the segments from *first* by bucket up to *stop*."""
        held = self._held
        with self._lock:
            for bucket, begun in first.items():
                n_read, known = held.get(bucket, (0, []))
                # Another thread may have read it meanwhile; a reader of what was there goes on with it.
                if n_read == begun:
                    more = blocks.get(bucket, [])
                    held[bucket] = (stop, [*known, *more])
                    self.nbytes += sum(_BLOCK_BYTES + sum(map(len, block.lists)) for block in more)

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._held = {}
            self.nbytes = 0
