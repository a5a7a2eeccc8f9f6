"""Paragraphs that stand in many documents, as a legal notice does: they are not what was meant when one of them was forgotten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from polymem.domain.item import Item
from polymem.domain.scope import Scope
from polymem.ports.faces import ARCHIVED, FOREVER, I32, INDEXED, REMOVED
from polymem.ports.ledger import Snapshot
from polymem.text.keys import PASSAGE
from polymem.text.paragraphs import folded, telling
from polymem.text.tokenise import terms

__all__ = ["common_of"]

ENOUGH: Final = 2
"""Other documents in which a paragraph still stands that is withheld no more; a single one may be a copy that was overlooked."""
_MOST_READ: Final = 64
"""Passages with all words of a paragraph that are read for it."""
_AT_ONCE: Final = 4


def common_of(snapshot: Snapshot, scope: Scope, texts: Sequence[str], *, but: str) -> frozenset[str]:
    """Return those of *texts*, folded, that are paragraphs of two other documents with exactly the ids of *scope*.

    Args:
        snapshot: The partition.
        scope: Whose documents.
        texts: Paragraphs that were forgotten.
        but: Id of a document that does not count, "" for none.
    """
    found = set[str]()
    for text in texts:
        homes = set[str]()
        for item in _read(snapshot, _with_all_words(snapshot, text)):
            home = item.metadata.get("document")
            own = (item.agent_id, item.run_id) == (scope.agent_id, scope.run_id)
            if (
                own
                and isinstance(home, str)
                and home != but
                and folded(text) in map(folded, telling(item.text))
            ):
                homes.add(home)
            if len(homes) == ENOUGH:
                found.add(folded(text))
                break
    return frozenset(found)


def _read(snapshot: Snapshot, rows: I32) -> Iterator[Item]:
    """Yield the first of the items at *rows*, a few at a time: mostly two are enough."""
    for start in range(0, min(rows.size, _MOST_READ), _AT_ONCE):
        yield from snapshot.rows.items(rows[start : start + _AT_ONCE].tolist())


def _with_all_words(snapshot: Snapshot, text: str) -> I32:
    """Return the passages that are shown for good and have all words of a text."""
    words = {PASSAGE, *terms(text)}
    postings = snapshot.texts.look_up(sorted(words))
    if len(postings) < len(words):
        return np.empty(0, dtype=np.int32)
    lists = sorted((posting.positions for posting in postings.values()), key=len)
    left: I32 = lists[0]
    for positions in lists[1:]:
        left = np.intersect1d(left, positions, assume_unique=True)
    flags = snapshot.columns.flags[left]
    stays = (flags & (INDEXED | REMOVED | ARCHIVED) == INDEXED) & (snapshot.columns.expired[left] == FOREVER)
    stays &= snapshot.columns.expires[left] == FOREVER
    kept: I32 = left[stays]
    return kept
