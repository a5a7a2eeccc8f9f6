"""Paragraphs that stand in many documents, as a legal notice does: they are not what was meant when one of them was forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

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
        wanted, homes = folded(text), set[str]()
        rows = _with_all_words(snapshot, text)[:_MOST_READ]
        for item in snapshot.rows.items(rows.tolist()) if rows.size else ():
            home = item.metadata.get("document")
            own = (item.agent_id, item.run_id) == (scope.agent_id, scope.run_id)
            if own and isinstance(home, str) and home != but and wanted in map(folded, telling(item.text)):
                homes.add(home)
        if len(homes) >= ENOUGH:
            found.add(wanted)
    return frozenset(found)


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
