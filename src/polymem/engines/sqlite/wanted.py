"""Rows that are asked for by number or name, as a table to join."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

MAX_WANTED: Final = 500
"""So many at most in one statement."""

T = TypeVar("T")


def wanted(n: int) -> str:
    """Return the table ``wanted(it)`` of *n* parameters, to stand before a SELECT that joins it.

    ``FROM wanted w CROSS JOIN item i ON i.rid = w.it`` takes SQLite half the time of ``WHERE i.rid IN (…)``.
    """
    return f"WITH wanted(it) AS (VALUES {','.join(['(?)'] * n)}) "


def in_parts(values: Sequence[T]) -> list[Sequence[T]]:
    """Return *values* in parts of ``MAX_WANTED``."""
    if len(values) <= MAX_WANTED:
        return [values] if values else []
    return [values[i : i + MAX_WANTED] for i in range(0, len(values), MAX_WANTED)]
