"""Files that callers name: whether a name can be one, and what the system says of them as errors of ours."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from polymem.errors import PolymemError, StoreFullError, StoreReadOnlyError, StoreUnavailableError

__all__ = ["file_errors", "name_fault", "refusal"]

_BY_NUMBER: Final[dict[int, type[StoreUnavailableError]]] = {
    **dict.fromkeys((errno.EACCES, errno.EROFS, errno.EPERM), StoreReadOnlyError),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), StoreFullError),
}


def name_fault(path: Path) -> str | None:
    """Say why no file can have this name, or None.

    Example:
        >>> name_fault(Path("a" + chr(0)))
        'holds a NUL character'
    """
    try:
        return "holds a NUL character" if b"\0" in os.fsencode(path) else None
    except UnicodeEncodeError:
        return "holds a lone surrogate"


def refusal(error: OSError) -> type[StoreUnavailableError]:
    """Return the type that says whether there is no permission, no space, or something else in the way.

    Example:
        >>> refusal(OSError(errno.ENOSPC, "No space left on device")).__name__
        'StoreFullError'
    """
    return _BY_NUMBER.get(error.errno or 0, StoreUnavailableError)


@contextmanager
def file_errors(path: Path) -> Generator[None]:
    """Raise the system's errors in writing *path* as :class:`StoreUnavailableError`; the cause is kept."""
    try:
        yield
    except PolymemError:
        # Some of ours are OSErrors too, such as a timeout.
        raise
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise refusal(error)(f"{str(path)!r} cannot be written: {why}", path=str(path)) from error
