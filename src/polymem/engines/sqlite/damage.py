"""Errors that stored bytes cause where sound ones could not, and how they are told from errors of the program."""

from __future__ import annotations

import sqlite3
import struct
from typing import Final

from polymem.domain.scope import Partition
from polymem.errors import PolymemError, StoreCorruptError

UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What decoding a damaged value raises, and much else: only with :func:`tell_damage` is it known which of both."""


def is_undecodable(error: sqlite3.Error) -> bool:
    """Tell whether the error is Python's own about a text that is not UTF-8, and none of SQLite's."""
    return isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)


def tell_damage(error: Exception, connection: sqlite3.Connection, partition: Partition, *, dim: int) -> None:
    """Say it by type when *error* comes from damaged rows of *partition*; return when they are sound.

    Everything of the partition is checked, which takes long; nobody waits for it who reads a sound store.

    Args:
        error: One of :data:`UNREADABLE`, raised by a read.
        connection: The one that was read from, still inside its transaction.
        partition: What was read.
        dim: Size of the vectors, where the store does not say.

    Raises:
        StoreCorruptError: The rows are damaged.
    """
    # Not at the top: only a damaged store is checked without being asked for.
    from polymem.engines.sqlite.check import check

    if isinstance(error, PolymemError):
        return
    if findings := check(connection, partition, dim=dim):
        raise StoreCorruptError(
            "rows of this scope are damaged; verify() says which, rebuild() repairs what can be, a backup has the rest",
            face=findings[0].face,
        ) from error
