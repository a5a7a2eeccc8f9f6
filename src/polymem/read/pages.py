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
    documents, place, sizes = np.unique(
        snapshot.columns.speaker[rows], return_inverse=True, return_counts=True
    )
    is_long = np.zeros(passages.size, dtype=np.bool_)
    is_long[marked] = True
    n_long = np.bincount(place, weights=is_long[rows], minlength=documents.size)
    of_pages = (sizes >= MIN_PAGES) & (n_long > sizes / 2)
    if not of_pages.any():
        return None
    pages = np.zeros(passages.size, dtype=np.bool_)
    pages[rows] = of_pages[place]
    return pages
