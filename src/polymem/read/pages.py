"""Which passages are pages of long documents."""

from __future__ import annotations

from typing import Final

import numpy as np

from polymem.ports.faces import Mask
from polymem.ports.ledger import Snapshot
from polymem.text.keys_title import LONG_PAGE

__all__ = ["long_pages"]

MIN_PAGES: Final = 10
"""A document of fewer passages is none of pages."""


def long_pages(snapshot: Snapshot, passages: Mask | None) -> Mask | None:
    """Return bool[n]: the passages of documents that have ten and more, most of them long; None where there are none.

    A long passage among short ones is a passage like them, and a short page among long ones is a page.
    """
    marked = snapshot.texts.postings(LONG_PAGE).positions
    if passages is None or marked.size < MIN_PAGES:
        return None
    rows = np.flatnonzero(passages)
    speaker = snapshot.columns.speaker[rows]
    # Passages of a document mostly follow one another: there are far fewer runs of them than passages.
    first = np.concatenate(([0], np.flatnonzero(speaker[1:] != speaker[:-1]) + 1))
    lengths = np.diff(first, append=rows.size)
    is_long = np.zeros(passages.size, dtype=np.bool_)
    is_long[marked] = True
    documents, place = np.unique(speaker[first], return_inverse=True)
    sizes = np.bincount(place, weights=lengths, minlength=documents.size)
    n_long = np.bincount(
        place, weights=np.add.reduceat(is_long[rows], first, dtype=np.int64), minlength=documents.size
    )
    of_pages = (sizes >= MIN_PAGES) & (n_long > sizes / 2)
    if not of_pages.any():
        return None
    pages = np.zeros(passages.size, dtype=np.bool_)
    pages[rows] = np.repeat(of_pages[place], lengths)
    return pages
