"""What of a document that comes again is new, what stays, what is gone."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Sequence

from polymem.domain.document import Chunk, StoredChunk
from polymem.domain.item import JsonObject
from polymem.domain.slotted import dataclass

__all__ = ["Difference", "chunk_digest", "difference", "stored_chunks"]


@dataclass(frozen=True, slots=True)
class Difference:
    """How the chunks of a document differ from those that are stored.

    Attributes:
        kept: By place in the new order, the id of the stored chunk that says the same; None for a new one.
        gone: Ids of the stored chunks that say what is said no more.
    """

    kept: tuple[str | None, ...]
    gone: tuple[str, ...]

    @property
    def new(self) -> tuple[int, ...]:
        """The places that are new."""
        return tuple(n for n, item_id in enumerate(self.kept) if item_id is None)


def chunk_digest(text: str, metadata: JsonObject, *, further: Sequence[str] = ()) -> str:
    """Return the SHA-256, hex, of all that a chunk's item says; where the chunk stands does not count.

    Args:
        text: Its words.
        metadata: Its metadata: what it inherits, its headings.
        further: What else its item was given.
    """
    said = json.dumps([text, metadata, list(further)], ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()


def difference(stored: Sequence[StoredChunk], digests: Sequence[str]) -> Difference:
    """Compare the stored chunks of a document with what it says now.

    Of several that say the same the first stored stands for the first now, and so on.

    Example:
        >>> before = [StoredChunk("i1", "a", 0, 1), StoredChunk("i2", "b", 3, 4)]
        >>> difference(before, ["c", "a", "a"])
        Difference(kept=(None, 'i1', None), gone=('i2',))
    """
    known: dict[str, deque[str]] = {}
    for chunk in stored:
        known.setdefault(chunk.digest, deque()).append(chunk.item_id)
    kept = tuple(known[digest].popleft() if known.get(digest) else None for digest in digests)
    stays = set(kept)
    return Difference(kept, tuple(chunk.item_id for chunk in stored if chunk.item_id not in stays))


def stored_chunks(
    chunks: Sequence[Chunk], digests: Sequence[str], item_ids: Sequence[str]
) -> tuple[StoredChunk, ...]:
    """Return where the items of a document stand in it.

    Args:
        chunks: The chunks in order.
        digests: Their digests.
        item_ids: The items that they are.
    """
    return tuple(
        StoredChunk(item_id, digest, chunk.start, chunk.stop, chunk.page, chunk.last_page, chunk.page_starts)
        for chunk, digest, item_id in zip(chunks, digests, item_ids, strict=True)
    )
