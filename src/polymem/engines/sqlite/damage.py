"""Errors that stored bytes cause where sound ones could not, and how they are told from errors of the program."""

from __future__ import annotations

import sqlite3
import struct
from typing import Final

UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, struct.error)
"""What decoding a damaged value raises, and much else: only by :func:`polymem.engines.sqlite.check.tell_damage` is it known which of both."""


def is_undecodable(error: sqlite3.Error) -> bool:
    """Tell whether the error is Python's own about a text that is not UTF-8, and none of SQLite's."""
    return isinstance(error, sqlite3.OperationalError) and "decode to UTF-8" in str(error)
