"""What goes of a document when an item that is a chunk of it is removed, in whichever way."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from polymem.engines.sqlite.partition import PartitionWriter

__all__ = ["take_chunk"]

_OF_ITEM: Final = "SELECT document FROM chunk WHERE partition = ? AND item = ?"
_REST: Final = "UPDATE document SET n_chunks = n_chunks - 1 WHERE no = ? RETURNING n_chunks, id"


def take_chunk(writer: PartitionWriter, item: bytes, counts: defaultdict[str, int]) -> None:
    """Take the place of *item* out of its document, if it has one; with its last chunk the document goes.

    Its address, title and metadata are content as its words are. One that never had a chunk is not met here.

    Args:
        writer: The partition.
        item: The item's 16 bytes.
        counts: Rows removed by face, added to.
    """
    connection = writer.connection
    found = connection.execute(_OF_ITEM, (writer.no, item)).fetchone()
    if found is None:
        return
    connection.execute("DELETE FROM chunk WHERE partition = ? AND item = ?", (writer.no, item))
    counts["chunks"] += 1
    ((n_left, key),) = connection.execute(_REST, found).fetchall()
    if n_left <= 0:
        connection.execute("DELETE FROM document WHERE no = ?", found)
        counts["documents"] += 1
        writer.ended_documents.add(key)
