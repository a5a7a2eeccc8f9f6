"""Which documents of a folder have lost their files."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from stat import S_ISLNK, S_ISREG
from urllib.parse import unquote_to_bytes

from polymem.documents.patterns import is_pattern, split_pattern
from polymem.documents.sources import Sources, uri_of
from polymem.domain.document import Document, Failure
from polymem.domain.slotted import dataclass
from polymem.errors import InputError
from polymem.ports.files import name_fault

__all__ = [
    "Absent",
    "absent_from",
    "emptied_failures",
    "folder_uri",
    "is_gone",
    "path_of",
    "refuse_emptied",
    "under",
]

_SCHEME = "file://"
_UNSEEN = frozenset(("link", "unreadable"))
"""Problems of what was passed over that leave open whether a document is still there."""


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


@dataclass(frozen=True, slots=True)
class Absent:
    """Known documents that were not found where they were.

    Attributes:
        gone: Their files are not there any more.
        stale: Nobody can tell: a link took the place of their file, or a folder above it cannot be listed.
        emptied: Their files are not there, but their disk may be missing; each with the address of the folder that is empty.
    """

    gone: tuple[Document, ...] = ()
    stale: tuple[Document, ...] = ()
    emptied: tuple[tuple[Document, str], ...] = ()


def absent_from(sources: Sources, known: Sequence[Document], *, trusting: bool = False) -> Absent:
    """Look after those of the *known* documents that came with a folder, lie in one of the folders named, and were not found.

    A file that was passed over this time, or cannot be looked at, is not gone. Nor are those of a folder within the one that
    is named if it is there and has nothing in it: a disk that is not there leaves such a folder.

    Args:
        sources: What was found.
        known: Documents of the scope.
        trusting: Whether an empty folder is one whose files were removed.
    """
    here = {origin.uri for origin in sources.origins}
    unseen = {skipped.uri for skipped in sources.skipped if skipped.problem in _UNSEEN}
    gone, stale, emptied = list[Document](), list[Document](), list[tuple[Document, str]]()
    empty = cache(_is_empty)
    for each in known:
        if not each.folder or each.uri in here or not _within(each.uri, sources.folders):
            continue
        if each.uri in unseen or any(uri in unseen for uri in _above(each.uri)):
            stale.append(each)
        elif is_gone(each.uri):
            above = None if trusting else _nearest(each.uri, sources.folders)
            if above is not None and empty(above):
                emptied.append((each, above))
            else:
                gone.append(each)
    return Absent(tuple(gone), tuple(stale), tuple(emptied))


def emptied_failures(folders: Iterable[str]) -> list[Failure]:
    """Return what is to be said of folders that are empty, named once for each document that lay in them."""
    return [Failure(uri, "emptied", _emptied(n)) for uri, n in sorted(Counter(folders).items())]


def _emptied(n: int) -> str:
    documents = "its document is" if n == 1 else f"its {n} documents are"
    return (
        f"nothing lies in it any more; {documents} kept, for its disk may not be there. If they were removed, remove the folder "
        'too, or pass missing="erase" (--missing erase)'
    )


def _above(uri: str) -> Iterator[str]:
    """Walk the addresses of the folders above."""
    while "/" in uri.removeprefix(_SCHEME).strip("/"):
        uri = uri.rpartition("/")[0]
        yield uri


def _nearest(uri: str, roots: Sequence[str]) -> str | None:
    """Return the address of the nearest folder above that is there, None if that is none within the ones named."""
    for above in _above(uri):
        if above in roots:
            return None
        path = path_of(above)
        if path is not None and Path(path).is_dir():
            return above
    return None


def _is_empty(uri: str) -> bool:
    try:
        with os.scandir(path_of(uri) or uri) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def folder_uri(folder: object) -> str:
    """Return the address of a folder that a caller names by its path or address; it need not be there.

    Raises:
        InputError: It is neither.
    """
    if not isinstance(folder, str | Path) or not str(folder).strip():
        raise InputError("folder must be a path or a URI", argument="folder")
    text = str(folder)
    if text.startswith("file:"):
        return text
    fault = name_fault(Path(text))
    if fault:
        raise InputError(f"the path {fault}", argument="folder")
    try:
        return uri_of(Path(text).expanduser().resolve())
    except RuntimeError as error:
        raise InputError(f"the folder of the user in {text!r} is not known", argument="folder") from error


def under(folder: str | Path, known: Sequence[Document]) -> list[Document]:
    """Return those of the *known* documents that lie in a folder at any depth, or fit a pattern of paths.

    Raises:
        InputError: It is neither a path nor a URI nor a pattern.
    """
    within = (folder_uri(folder),)
    found = [each for each in known if _within(each.uri, within)]
    if found or not is_pattern(str(folder)):
        return found
    root, pattern = split_pattern(str(folder))
    start = folder_uri(root)
    base = path_of(start)
    if base is None:
        return []
    return [
        each
        for each in known
        if _within(each.uri, (start,)) and pattern.fits(Path(path_of(each.uri) or "").relative_to(base).parts)
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
                f"the folder has none of its known documents any more ({n_gone}); if they were removed and are to be erased, "
                'pass missing="erase" (--missing erase), else missing="keep"',
                argument="missing",
                folder=folder,
            )


def _within(uri: str, folders: Sequence[str]) -> bool:
    return any(uri.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def is_gone(uri: str) -> bool:
    """Tell whether nothing is where a file was; a link that took its place may lead to it."""
    path = path_of(uri)
    if path is None:
        return False
    try:
        mode = os.lstat(path).st_mode
        return not (S_ISREG(mode) or S_ISLNK(mode))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
