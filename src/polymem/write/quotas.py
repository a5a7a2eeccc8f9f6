"""Limits on what one message may have derived from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from polymem.domain.statement import Extraction

__all__ = ["limited"]


def limited(extractions: Sequence[Extraction], limit: int | None) -> tuple[list[Extraction], int]:
    """Return extractions of at most *limit* statements each, and how many statements were left out.

    Those of the greatest importance stay, of equal ones the first; they keep their order. The message itself is stored
    whatever is left out.

    Example:
        >>> limited([Extraction()], 3) == ([Extraction()], 0)
        True
    """
    if limit is None or all(len(found.statements) <= limit for found in extractions):
        return list(extractions), 0
    kept = [_kept(found, limit) for found in extractions]
    n = sum(len(found.statements) for found in extractions) - sum(len(found.statements) for found in kept)
    return kept, n


def _kept(found: Extraction, limit: int) -> Extraction:
    ranked = sorted(range(len(found.statements)), key=lambda n: (-(found.statements[n].importance or 0.0), n))
    chosen = sorted(ranked[:limit])
    return replace(found, statements=tuple(found.statements[n] for n in chosen))
