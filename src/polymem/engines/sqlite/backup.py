"""Copies of the file while it is in use, and emptying of its log after an erasure."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from polymem.engines.sqlite.connection import store_errors
from polymem.errors import InputError
from polymem.ports.files import file_errors, name_fault


def copy(connection: sqlite3.Connection, path: Path) -> None:
    """Write a consistent copy to *path*, which must not exist; a failed copy leaves nothing behind.

    Args:
        connection: Outside a transaction.
        path: The file to make; its folder is made if need be.

    Raises:
        InputError: Something lies at *path* already, or no file can be called so.
        StoreUnavailableError: The file cannot be written.
    """
    if fault := name_fault(path):
        raise InputError(f"the backup's path {fault}", argument="path")
    with file_errors(path):
        if path.exists():
            raise InputError("a backup never overwrites; choose another path", argument="path")
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(path.name + ".part")
        part.unlink(missing_ok=True)
        try:
            with store_errors(path):
                _copy(connection, part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _copy(connection: sqlite3.Connection, part: Path) -> None:
    with closing(sqlite3.connect(part)) as target:
        # What is read is of one instant. Without it every commit of somebody else would start the copy anew.
        connection.execute("BEGIN")
        try:
            connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            connection.backup(target, pages=4096)
        finally:
            connection.execute("ROLLBACK")
        target.execute("PRAGMA journal_mode=DELETE")


def truncate_log(connection: sqlite3.Connection) -> bool:
    """Copy the write-ahead log into the file and empty it; False while a reader still needs it."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
