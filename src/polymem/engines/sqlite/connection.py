"""Connections to the one file: opening, checking, migrating, and SQLite's errors as ours."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from polymem.engines.sqlite.damage import is_undecodable
from polymem.engines.sqlite.filters import register_functions
from polymem.engines.sqlite.forking import FORK_GATE
from polymem.engines.sqlite.schema import APPLICATION_ID, MIGRATIONS, SCHEMA_VERSION
from polymem.errors import (
    SchemaVersionError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreReadOnlyError,
    StoreTimeoutError,
    StoreUnavailableError,
)
from polymem.ports.files import name_fault, refusal

MINIMUM_SQLITE: Final = (3, 38, 0)
_FIRST_WAIT_S: Final = 0.0002
_LONGEST_WAIT_S: Final = 0.008
_OPEN_WAIT_S: Final = 30.0
MOUNTS: Final = Path("/proc/mounts")
NETWORK_FILE_SYSTEMS: Final = frozenset(
    {"nfs", "nfs3", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "ceph"}
)
_DAMAGED: Final = "the store is damaged; restore a backup, or export what can be read"

_BY_CODE: Final[dict[int, tuple[type[StoreError], str]]] = {
    sqlite3.SQLITE_BUSY: (StoreTimeoutError, "another process holds the store's write lock; try again"),
    sqlite3.SQLITE_LOCKED: (StoreTimeoutError, "the store is locked; try again"),
    sqlite3.SQLITE_READONLY: (
        StoreReadOnlyError,
        "the store is read-only; check the file's and its folder's permissions",
    ),
    sqlite3.SQLITE_PERM: (StoreReadOnlyError, "the store may not be written; check its permissions"),
    sqlite3.SQLITE_FULL: (
        StoreFullError,
        "the disk is full; free some space, nothing of this write was kept",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnavailableError,
        "the store cannot be opened; check that the folder exists and is writable",
    ),
    sqlite3.SQLITE_IOERR: (StoreUnavailableError, "reading or writing the store failed; check the disk"),
    sqlite3.SQLITE_PROTOCOL: (
        StoreUnavailableError,
        "the file system cannot lock; keep the store on a local disk",
    ),
    sqlite3.SQLITE_NOLFS: (StoreUnavailableError, "the file system cannot hold the store"),
    sqlite3.SQLITE_AUTH: (StoreUnavailableError, "access to the store was denied"),
    sqlite3.SQLITE_CORRUPT: (
        StoreCorruptError,
        _DAMAGED,
    ),
    sqlite3.SQLITE_NOTADB: (StoreCorruptError, "the file is not a Polymem store"),
}


@contextmanager
def store_errors(path: Path) -> Generator[None]:
    """Raise SQLite's errors as the :class:`StoreError` that says what to do; the cause is kept."""
    try:
        yield
    except sqlite3.Error as error:
        # Python raises a few misuse errors without a code; they are defects of ours and stay visible as the cause.
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if is_undecodable(error):
            code = sqlite3.SQLITE_CORRUPT
        kind, advice = _BY_CODE.get(
            code, (StoreUnavailableError, f"the store failed ({type(error).__name__})")
        )
        raise kind(f"{advice} ({str(path)!r})", path=str(path), code=code) from error
    except UnicodeDecodeError as error:
        # SQLite's message quotes a damaged schema.
        raise StoreCorruptError(f"{_DAMAGED} ({str(path)!r})", path=str(path)) from error


def connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    """Open one connection with the settings that every connection needs.

    Raises:
        StoreUnavailableError: This process was forked in the midst of a transaction, and cannot lock the file.
        StoreError: It cannot be opened.
    """
    FORK_GATE.refuse_lost(path)
    with store_errors(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}{'?mode=ro' if read_only else ''}",
            uri=True,
            isolation_level=None,
            # Others may be making the file, or emptying its log on their way out; both are short.
            timeout=_OPEN_WAIT_S,
            cached_statements=512,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA synchronous=FULL")
            # macOS acknowledges fsync before the disk does; elsewhere these are no-ops.
            connection.execute("PRAGMA fullfsync=1")
            connection.execute("PRAGMA checkpoint_fullfsync=1")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("PRAGMA cache_size=-16384")
            connection.execute("PRAGMA mmap_size=1073741824")
            connection.execute("PRAGMA temp_store=MEMORY")
            connection.execute("PRAGMA foreign_keys=OFF")
            # From here on whoever uses the connection decides how to wait.
            connection.execute("PRAGMA busy_timeout=0")
            register_functions(connection)
        except BaseException:
            connection.close()
            raise
        return connection


def _spread() -> float:
    """Return a factor from 0.5 to 1.5 that keeps waiters apart, those in forks of one process too."""
    return 0.5 + os.urandom(1)[0] / 255


def begin_immediate(connection: sqlite3.Connection, *, deadline: float) -> bool:
    """Take the write lock and tell whether another process had it.

    SQLite's own busy handler sleeps long and unfairly, so wait in short random steps.

    Args:
        connection: Outside a transaction.
        deadline: Until when to wait, on the clock of ``time.monotonic``.

    Raises:
        sqlite3.OperationalError: Another process held the lock until the deadline.
    """
    wait_s = _FIRST_WAIT_S
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY
            if not busy or time.monotonic() >= deadline:
                raise
            time.sleep(wait_s * _spread())
            wait_s = min(wait_s * 1.5, _LONGEST_WAIT_S)
        else:
            return wait_s > _FIRST_WAIT_S


@contextmanager
def writing(connection: sqlite3.Connection, *, wait_s: float = 30.0) -> Generator[None]:
    """Hold a write transaction: committed at the end, taken back after an error.

    Args:
        connection: Outside a transaction.
        wait_s: Longest wait for the lock, in seconds.

    Raises:
        SchemaVersionError: A newer Polymem has written the file meanwhile.
    """
    begin_immediate(connection, deadline=time.monotonic() + wait_s)
    try:
        check_schema(connection)
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def prepare(path: Path) -> None:
    """Make the file if it is new, bring its schema up to date, and check that it can be used.

    Raises:
        StoreUnavailableError: SQLite is too old, the folder cannot be used, or the path lies on a network file system.
        StoreCorruptError: The file is not a Polymem store.
        SchemaVersionError: A newer Polymem wrote it.
        StoreTimeoutError: Another process held the file for too long.
    """
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        needed = ".".join(map(str, MINIMUM_SQLITE))
        raise StoreUnavailableError(
            f"SQLite {needed} or newer is needed, this Python has {sqlite3.sqlite_version}"
        )
    _make_folder(path)
    _refuse_network(path)
    deadline = time.monotonic() + _OPEN_WAIT_S
    while True:
        try:
            _prepare_once(path)
        except StoreTimeoutError:
            # Who switches a new file to its log while another does so too is told off at once, without waiting.
            if time.monotonic() >= deadline:
                raise
            time.sleep(_LONGEST_WAIT_S * _spread())
        else:
            return


def _prepare_once(path: Path) -> None:
    connection = connect(path)
    try:
        with store_errors(path):
            _check_owner(connection, path)
            _use_wal(connection, path)
            _migrate(connection)
    finally:
        connection.close()


def _make_folder(path: Path) -> None:
    if fault := name_fault(path):
        raise StoreUnavailableError(f"the store's path {fault}", path=str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            raise StoreUnavailableError(f"the store's path is a folder: {str(path)!r}", path=str(path))
    except OSError as error:
        message = f"the store's folder cannot be made: {str(path.parent)!r}"
        raise refusal(error)(message, path=str(path)) from error


def _refuse_network(path: Path) -> None:
    """WAL needs shared memory between processes, which network file systems do not give."""
    kind = file_system_of(path)
    if kind in NETWORK_FILE_SYSTEMS:
        raise StoreUnavailableError(
            f"{str(path)!r} lies on a network file system ({kind}), which cannot lock the store safely; "
            "keep it on a local disk",
            path=str(path),
            file_system=kind,
        )


def file_system_of(path: Path, *, mounts: Path = MOUNTS) -> str:
    """Return the type of the file system that holds *path*, "" where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = os.path.realpath(path)
    best, kind = "", ""
    for line in lines:
        parts = line.split()
        if len(parts) < 3:
            continue
        point = parts[1].replace("\\040", " ")
        inside = real == point or real.startswith(point.rstrip("/") + "/")
        if inside and len(point) >= len(best):
            best, kind = point, parts[2]
    return kind


def _check_owner(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (n_objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if n_objects and application != APPLICATION_ID:
        raise StoreCorruptError(
            f"{str(path)!r} is a database of another program; choose another path", path=str(path)
        )


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA journal_mode").fetchone()[0] == "wal":
        return
    connection.execute("PRAGMA page_size=4096")
    connection.execute("PRAGMA busy_timeout=10000")
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise StoreUnavailableError(
            f"{str(path)!r} cannot be shared between processes here (journal mode {mode!r}); keep it on a local disk",
            path=str(path),
        )


def check_schema(connection: sqlite3.Connection) -> int:
    """Return the schema version of the file. Another process may raise it at any time.

    Raises:
        SchemaVersionError: A newer Polymem wrote it.
    """
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise SchemaVersionError(
            f"the store was written by a newer Polymem (schema {version}, this one knows {SCHEMA_VERSION}); "
            "upgrade the package",
            found=version,
            known=SCHEMA_VERSION,
        )
    return version


def _migrate(connection: sqlite3.Connection) -> None:
    if check_schema(connection) == SCHEMA_VERSION:
        return
    with writing(connection, wait_s=_OPEN_WAIT_S):
        # Another process may have migrated while this one waited for the lock.
        for number in range(check_schema(connection), SCHEMA_VERSION):
            for statement in _statements(MIGRATIONS[number]):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")


def _statements(script: str) -> Iterator[str]:
    """Split a migration; ``executescript`` would commit the open transaction."""
    pending = ""
    for line in script.splitlines():
        pending += line + "\n"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""
