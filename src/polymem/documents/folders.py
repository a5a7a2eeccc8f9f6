"""Which documents of a folder have lost their files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from stat import S_ISREG
from urllib.parse import unquote_to_bytes

from polymem.documents.sources import Sources
from polymem.domain.document import Document
from polymem.errors import InputError

__all__ = ["missing_from", "path_of", "refuse_emptied"]

_SCHEME = "file://"


def path_of(uri: str) -> str | None:
    """Return the path of a ``file:`` URI, None for others.

    Example:
        >>> path_of("file:///notes/%E8%8C%B6%201.md"), path_of("https://example.org/a")
        ('/notes/茶 1.md', None)
    """
    if not uri.startswith(_SCHEME):
        return None
    path = os.fsdecode(unquote_to_bytes(uri.removeprefix(_SCHEME)))
    # A drive stands behind a slash: file:///c:/notes.
    return path[1:] if os.name == "nt" and path[2:3] == ":" else path


def missing_from(sources: Sources, known: Sequence[Document]) -> list[Document]:
    """Return those of the *known* documents that came with a folder, lie in one of the folders named, and whose files are gone.

    A file that was passed over this time, or cannot be looked at, is not gone.
    """
    here = {origin.uri for origin in sources.origins}
    return [
        each
        for each in known
        if each.folder and each.uri not in here and _within(each.uri, sources.folders) and _gone(each.uri)
    ]


def refuse_emptied(sources: Sources, gone: Sequence[Document]) -> None:
    """Refuse to take a folder that is empty now for one whose files were removed: its disk may not be there.

    Raises:
        InputError: Nothing lies in a folder any more of which documents are known.
    """
    for folder in sources.folders:
        n_gone = sum(_within(each.uri, (folder,)) for each in gone)
        if n_gone and not any(_within(origin.uri, (folder,)) for origin in sources.origins):
            raise InputError(
                f"the folder has none of its {n_gone} known documents any more; if they were removed and are to be erased, "
                'pass missing="erase", else missing="keep"',
                argument="missing",
                folder=folder,
            )


def _within(uri: str, folders: Sequence[str]) -> bool:
    return any(uri.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def _gone(uri: str) -> bool:
    path = path_of(uri)
    if path is None:
        return False
    try:
        return not S_ISREG(os.lstat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
