"""Whether hits were of use: noted by numbers alone, no word of the question or of the item."""

from __future__ import annotations

import json
from typing import Final

from polymem.domain.change import Feedback
from polymem.engines.sqlite.codec import id_bytes
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.remove import Remover
from polymem.errors import NotFoundError
from polymem.ports.faces import REMOVED

__all__ = ["KEPT_FEEDBACK", "feedback"]

KEPT_FEEDBACK: Final = 10_000
"""Most hits of a partition of which it is kept whether they were of use; the oldest go first."""


def feedback(writer: PartitionWriter, remover: Remover, facts: FactWriter, change: Feedback) -> None:
    """Note whether a hit was of use; what was said of the same hit before is replaced.

    Raises:
        NotFoundError: The scope does not hold the item, or it was removed.
    """
    del facts
    newest = remover.find(change.item_id)[0]
    if newest.flags & REMOVED:
        raise NotFoundError("no such item in this scope", item_id=change.item_id)
    connection, query = writer.connection, id_bytes(change.query)
    connection.execute(
        "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?, ?, ?, ?)",
        (writer.no, newest.id, query, writer.at, change.useful, json.dumps(dict(change.signals))),
    )
    connection.execute(
        "DELETE FROM feedback WHERE partition = ?1 AND at < (SELECT at FROM feedback WHERE partition = ?1 "
        f"ORDER BY at DESC LIMIT 1 OFFSET {KEPT_FEEDBACK - 1})",
        (writer.no,),
    )
