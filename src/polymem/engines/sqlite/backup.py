"""Copies of the file while it is in use, and emptying of its log after an erasure."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from polymem.engines.sqlite.connection import store_errors
from polymem.errors import InputError


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Write a consistent copy to *path*, which must not exist; a failed copy leaves nothing behind.

    Raises:
        InputError: Something lies at *path* already.
    """
    if path.exists():
        raise InputError("a backup never overwrites; choose another path", argument="path")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with store_errors(path):
        target = sqlite3.connect(part)
        try:
            connection.backup(target, pages=4096)
            target.execute("PRAGMA journal_mode=DELETE")
        finally:
            target.close()
    with part.open("rb+") as file:
        os.fsync(file.fileno())
    part.replace(path)


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Copy the write-ahead log into the file and empty it; False while a reader still needs it."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
