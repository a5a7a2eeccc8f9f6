"""Postings in memory: terms of the rows past the last packed segment, and decoded posting lists."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import Final

import numpy as np
from numpy.typing import NDArray

from polymem.engines.sqlite.buckets import Buckets
from polymem.ports.faces import I32, U8, Postings

_TERM_BYTES: Final = 260
"""What a term costs in a dict: its string, its array object and its slot, on average."""

_ENTRY_BYTES: Final = 640
"""What a decoded list costs beside its numbers: string, tuple, two array objects, slot and links."""

NOTHING: Final = Postings(np.empty(0, np.int32), np.empty(0, np.uint8))


class Tail:
    """Forward lists of the rows from ``first`` on, inverted.

    Rows are only ever added, in order, so that views of different age share one tail: each asks for its own rows.

    Attributes:
        first: Position of the first row it may hold.
        stop: Position after the last row it was given.
    """

    __slots__ = ("_lists", "_lock", "_n_entries", "first", "stop")

    def __init__(self, first: int) -> None:
        self.first = first
        self.stop = first
        # One number for both: position << 8 | count.
        self._lists: dict[str, array[int]] = {}
        self._n_entries = 0
        self._lock = Lock()

    @property
    def nbytes(self) -> int:
        """Bytes held, by estimate."""
        return len(self._lists) * _TERM_BYTES + self._n_entries * 5

    def append(self, rows: Iterable[tuple[int, list[str], bytes]], *, stop: int) -> None:
        """Add rows.

        Args:
            rows: Position, distinct terms and counts; ascending. Rows that it has are passed over.
            stop: Position after the last row, whether or not that had terms.
        """
        with self._lock:
            lists = self._lists
            for position, terms, counts in rows:
                if position < self.stop:
                    continue
                high = position << 8
                for term, count in zip(terms, counts, strict=True):
                    known = lists.get(term)
                    if known is None:
                        lists[term] = array("I", (high | count,))
                    else:
                        known.append(high | count)
                self._n_entries += len(terms)
                self.stop = position + 1
            self.stop = max(self.stop, stop)

    def __contains__(self, term: str) -> bool:
        """Tell whether any of the rows has *term*."""
        return term in self._lists

    def between(self, term: str, first: int, stop: int) -> tuple[I32, U8]:
        """Return positions (int32[m], ascending) and counts (uint8[m]) of *term* in first ≤ position < stop."""
        # Most of the names and keys that a search asks for are nowhere.
        if term not in self._lists:
            return NOTHING.positions, NOTHING.counts
        with self._lock:
            known = self._lists[term]
            low, high = bisect_left(known, first << 8), bisect_left(known, stop << 8)
            both: NDArray[np.uint32] = np.array(known[low:high], np.uint32)
        return (both >> 8).astype(np.int32), both.astype(np.uint8)


class TermCache:
    """Complete posting lists by term, least recently used first out.

    A list covers all rows below its ``upto``. It stays right while rows are added or packed; when an old row is
    indexed or unindexed the views after that get a new cache.

    Args:
        max_bytes: What lists and blocks together may take.

    Attributes:
        buckets: Blocks from which lists are decoded.
    """

    __slots__ = ("_entries", "_lock", "buckets", "max_bytes", "nbytes")

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.nbytes = 0
        self.buckets = Buckets(max_bytes // 2)
        self._entries: OrderedDict[str, tuple[Postings, int]] = OrderedDict()
        self._lock = Lock()

    def get(self, term: str) -> tuple[Postings, int] | None:
        """Return the list of *term* and the number of rows that it covers."""
        with self._lock:
            found = self._entries.get(term)
            if found is not None:
                self._entries.move_to_end(term)
            return found

    def put(self, term: str, postings: Postings, upto: int) -> None:
        """Keep a list unless a longer one is there."""
        with self._lock:
            known = self._entries.get(term)
            if known is not None:
                if known[1] >= upto:
                    return
                self.nbytes -= _cost(term, known[0])
            self._entries[term] = (postings, upto)
            self._entries.move_to_end(term)
            self.nbytes += _cost(term, postings)
            self._make_room()

    def put_nowhere(self, terms: Iterable[str], upto: int) -> None:
        """Keep that none of *terms*, which have no list yet, occurs below *upto*."""
        with self._lock:
            entries, nothing = self._entries, (NOTHING, upto)
            for term in terms:
                if term not in entries:
                    entries[term] = nothing
                    self.nbytes += _ENTRY_BYTES + 2 * len(term)
            self._make_room()

    def known(self, terms: Iterable[str], upto: int) -> tuple[dict[str, Postings], list[str], list[str]]:
        """Return the lists of *terms* that cover just the rows below *upto*, the terms of which there are others, and those without.

        Lists of nothing are left out.
        """
        found, others, new = dict[str, Postings](), list[str](), list[str]()
        with self._lock:
            entries = self._entries
            for term in dict.fromkeys(terms):
                entry = entries.get(term)
                if entry is None:
                    new.append(term)
                elif entry[1] != upto:
                    others.append(term)
                elif entry[0] is not NOTHING:
                    entries.move_to_end(term)
                    found[term] = entry[0]
        return found, others, new

    def _make_room(self) -> None:
        while self.nbytes + self.buckets.nbytes > self.max_bytes and self._entries:
            oldest, (dropped, _) = self._entries.popitem(last=False)
            self.nbytes -= _cost(oldest, dropped)

    def clear(self) -> None:
        """Forget everything."""
        self.buckets.clear()
        with self._lock:
            self._entries.clear()
            self.nbytes = 0


def _cost(term: str, postings: Postings) -> int:
    return _ENTRY_BYTES + 2 * len(term) + postings.positions.nbytes + postings.counts.nbytes
