"""Files that callers ask to have written: none of them may be a store."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Final

from polymem.errors import InputError

__all__ = ["refuse_stores"]

_HEADER: Final = b"SQLite format 3\0"
_BESIDE: Final = ("", "-wal", "-shm", "-journal")
"""What a database has next to it; to write over one of these loses what was committed."""


def refuse_stores(path: Path, *, store: Path) -> None:
    """Let *path* be written over, unless it is *store*, any other database, or one of the files beside them.

    Raises:
        InputError: It is.
    """
    for suffix in _BESIDE:
        if suffix and not path.name.endswith(suffix):
            continue
        database = path.with_name(path.name.removesuffix(suffix)) if path.name != suffix else path
        if _same(database, store) or _is_database(database):
            raise InputError(
                f"{str(path)!r} is a store, or belongs to one; name another file", argument="path"
            )
    if any(_same(path, store.with_name(store.name + suffix)) for suffix in _BESIDE):
        raise InputError(f"{str(path)!r} is a link to the store; name another file", argument="path")


def _same(path: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):
        return path.resolve() == other.resolve() or path.samefile(other)
    return False


def _is_database(path: Path) -> bool:
    # Only plain files are looked into: to open a pipe would wait for its writer.
    with suppress(OSError, ValueError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_HEADER)) == _HEADER
    return False
