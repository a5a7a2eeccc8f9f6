"""Posting lists of a segment, several terms to a block: most terms of a segment occur in it once or twice.

A term lies in the block that its hash names. A block holds ``terms`` (UTF-8, a line feed before and after each),
``starts`` (uint32 for each term and one more: where its records begin and the last ones end) and ``records``
(:data:`RECORD`, by term, positions ascending). Terms hold no line feed, in a block as in a forward list.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import compress, count, pairwise
from typing import Any, Final, NamedTuple, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from polymem.engines.sqlite.codec import split_terms
from polymem.engines.sqlite.schema import BUCKET_BITS
from polymem.errors import StoreCorruptError

N_BUCKETS: Final = 1 << BUCKET_BITS
RECORD: Final = np.dtype([("position", "<u2"), ("count", "u1")])
"""One row of a posting list: position within the segment, and how often the term occurs there."""

RECORD_BYTES: Final = RECORD.itemsize

Records: TypeAlias = NDArray[Any]
_PAIR: Final = struct.Struct("<II")


class Block(NamedTuple):
    """The posting lists of the terms of one bucket."""

    terms: bytes
    starts: bytes
    records: bytes


def bucket_of(term: bytes) -> int:
    """Return the number of the bucket that holds *term*."""
    return crc32(term) & (N_BUCKETS - 1)


def marked(term: bytes) -> bytes:
    """Return *term* as it stands among the terms of a block."""
    return b"\n%b\n" % term


def make_blocks(rows: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, Block]]:
    """Invert the forward lists of a segment.

    Args:
        rows: Position within the segment, ascending, and forward list.

    Returns:
        Number of the bucket, ascending, and block; buckets without a term are left out.
    """
    lists = [(position, *split_terms(blob)) for position, blob in rows]
    lists = [row for row in lists if row[2]]
    if not lists:
        return
    positions, texts, counts = zip(*lists, strict=True)
    # Whoever asks for a term that is not there gives it the next number.
    numbers: defaultdict[bytes, int] = defaultdict(count().__next__)
    words = b"\n".join(texts).split(b"\n")
    numbered = np.fromiter(map(numbers.__getitem__, words), np.int64, len(words))
    vocabulary = list(numbers)
    buckets = np.fromiter(map(crc32, vocabulary), np.uint32, len(vocabulary)) & (N_BUCKETS - 1)
    by_bucket = np.argsort(buckets.astype(np.uint16), kind="stable")
    place = np.empty(len(vocabulary), np.uint16 if len(vocabulary) <= 1 << 16 else np.int32)
    place[by_bucket] = np.arange(len(vocabulary))
    placed = place[numbered]
    # A stable sort by term keeps the positions of each term ascending.
    order = np.argsort(placed, kind="stable")
    records = np.empty(len(words), RECORD)
    records["position"] = np.repeat(np.array(positions, np.uint16), [len(each) for each in counts])[order]
    records["count"] = np.frombuffer(b"".join(counts), np.uint8)[order]
    starts = np.concatenate(([0], np.cumsum(np.bincount(placed))))
    sorted_numbers: list[int] = by_bucket.tolist()
    ordered = [vocabulary[number] for number in sorted_numbers]
    used, sizes = np.unique(buckets, return_counts=True)
    stops: list[int] = np.cumsum(sizes).tolist()
    for bucket, (first, stop) in zip(used.tolist(), pairwise([0, *stops]), strict=True):
        yield bucket, _block(ordered[first:stop], starts[first : stop + 1], records)


def _block(terms: Iterable[bytes], starts: NDArray[np.int64], records: Records) -> Block:
    low, high = starts[0], starts[-1]
    return Block(
        b"\n%b\n" % b"\n".join(terms), (starts - low).astype("<u4").tobytes(), records[low:high].tobytes()
    )


def find(mark: bytes, terms: bytes, starts: bytes, records: bytes) -> bytes:
    """Return the records of one term; empty when the block has none.

    Args:
        mark: The term as :func:`marked` returns it.
        terms: The block's terms, and so on; as three values, because this runs for every segment and term of a question.
        starts: See :class:`Block`.
        records: See :class:`Block`.

    Raises:
        StoreCorruptError: The block has more terms than lists.
    """
    at = terms.find(mark)
    if at < 0:
        return b""
    try:
        start, stop = _PAIR.unpack_from(starts, 4 * terms.count(b"\n", 0, at))
    except struct.error as error:
        raise StoreCorruptError(
            "a block of posting lists is damaged; rebuild the store", face="posting"
        ) from error
    return records[RECORD_BYTES * start : RECORD_BYTES * stop]


def without(block: Block, within: NDArray[np.uint16]) -> Block | None:
    """Return *block* without the rows at the positions *within*, itself when it has none of them, None when nothing is left."""
    records = np.frombuffer(block.records, RECORD)
    keep = ~np.isin(records["position"], within)
    if keep.all():
        return block
    if not keep.any():
        return None
    starts = np.concatenate(([0], np.cumsum(keep)))[np.frombuffer(block.starts, "<u4")]
    stays = np.diff(starts) > 0
    return _block(compress(_terms(block), stays.tolist()), starts[[True, *stays.tolist()]], records[keep])


def unpack(block: Block) -> dict[bytes, bytes]:
    """Return the records of every term.

    Raises:
        ValueError: The parts of the block do not fit together.
    """
    terms = _terms(block)
    starts = np.frombuffer(block.starts, "<u4")
    if len(starts) != len(terms) + 1 or RECORD_BYTES * int(starts[-1]) != len(block.records):
        raise ValueError("the parts of a block do not fit together")
    return {
        term: block.records[RECORD_BYTES * start : RECORD_BYTES * stop]
        for term, (start, stop) in zip(terms, pairwise(starts.tolist()), strict=True)
    }


def _terms(block: Block) -> list[bytes]:
    return block.terms[1:-1].split(b"\n")
