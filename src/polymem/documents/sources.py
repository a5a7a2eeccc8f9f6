"""What a caller names (files, folders, patterns, texts in memory) becomes a list of documents to read; nothing is read here.

A folder is walked by its own entries: hidden ones and links are not followed, so nothing outside of it is reached.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any, Final, TypeAlias, cast

from polymem.documents.patterns import Pattern, is_pattern, split_pattern
from polymem.domain.document import DocumentInput, Failure
from polymem.domain.slotted import dataclass
from polymem.errors import InputError
from polymem.ports.files import name_fault
from polymem.text.normalise import clean

__all__ = ["MAX_URI_CHARS", "Limits", "Origin", "SourceInput", "Sources", "find_sources", "uri_of"]

SourceInput: TypeAlias = str | Path | DocumentInput | Sequence[str | Path | DocumentInput]
MAX_URI_CHARS: Final = 4_096
_LOCK: Final = "~$"
"""Begins the names of what office programs keep beside an open file."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one call takes.

    Attributes:
        files: Most files.
        depth: Most folders within one another, the one named counted as the first.
    """

    files: int = 100_000
    depth: int = 32


@dataclass(frozen=True, slots=True)
class Origin:
    """A document that is to be read.

    Attributes:
        uri: Where it is, the name under which it is known.
        name: The name of its file, or as the caller says; tells the format.
        folder: The URI of the folder with which it was named, "" when it was named itself.
        path: Its file, None for what is in memory.
        content: What is in memory, None for a file.
        size: Bytes.
        modified_at: When the file was changed last; None for what is in memory.
        title: The title given for it alone.
        metadata: The metadata given for it alone.
    """

    uri: str
    name: str
    folder: str = ""
    path: Path | None = None
    content: bytes | None = None
    size: int = 0
    modified_at: datetime | None = None
    title: str | None = None
    metadata: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Sources:
    """What was found.

    Attributes:
        origins: What is to be read, by path.
        skipped: What was passed over in folders: of an unknown format, a link, too deep, unreadable.
        folders: The URIs of the folders that were named.
    """

    origins: tuple[Origin, ...] = ()
    skipped: tuple[Failure, ...] = ()
    folders: tuple[str, ...] = ()


@dataclass(slots=True)
class _Search:
    include: tuple[Pattern, ...]
    recursive: bool
    known: Callable[[str], bool]
    limits: Limits
    origins: dict[str, Origin] = field(default_factory=dict[str, Origin])
    skipped: list[Failure] = field(default_factory=list[Failure])
    folders: list[str] = field(default_factory=list[str])

    def take(self, source: str | Path | DocumentInput) -> None:
        if isinstance(source, DocumentInput):
            self._keep(_in_memory(source))
            return
        path = _path(source)
        if (status := _status(path)) is None:
            if "://" in str(source) or not is_pattern(str(source)):
                raise _nothing_there(str(source))
            root, pattern = split_pattern(str(source))
            start = Path(root).expanduser().resolve()
            if _status(start) is None:
                said = f"there is no folder {root!r} to look in"
                raise InputError(said, argument="source", gone=uri_of(start))
            for found in self._walk(start, pattern=pattern):
                self._keep(found)
        elif S_ISDIR(status.st_mode):
            root_path = path.resolve()
            self.folders.append(uri_of(root_path))
            for found in self._walk(root_path, pattern=None):
                self._keep(replace(found, folder=self.folders[-1]))
        elif S_ISREG(status.st_mode):
            self._keep(_file(path.resolve(), status))
        else:
            raise InputError(f"{str(source)!r} is neither a file nor a folder", argument="source")

    def _keep(self, origin: Origin) -> None:
        before = self.origins.get(origin.uri)
        if before is not None and before.content != origin.content:
            raise InputError("two documents of the call have the same uri", argument="source", uri=origin.uri)
        if before is None or (origin.folder and not before.folder):
            self.origins[origin.uri] = origin
        if len(self.origins) > self.limits.files:
            raise InputError(
                f"more than {self.limits.files} files in one call; name parts of it, or raise documents.max_files",
                argument="source",
                limit=self.limits.files,
            )

    def _walk(self, root: Path, *, pattern: Pattern | None) -> Iterator[Origin]:
        deep = self.recursive if pattern is None else pattern.deep
        waiting: list[tuple[str, tuple[str, ...]]] = [(str(root), ())]
        while waiting:
            folder, above = waiting.pop()
            for entry in self._entries(folder):
                parts = (*above, entry.name)
                if entry.name.startswith((".", _LOCK)):
                    continue
                if entry.is_symlink():
                    if deep or self._wanted(parts, pattern):
                        self._skip(entry.path, "link", "links in a folder are not followed; name it itself")
                elif entry.is_dir(follow_symlinks=False):
                    if deep and len(parts) < self.limits.depth:
                        waiting.append((entry.path, parts))
                    elif deep:
                        self._skip(entry.path, "too_deep", "folders lie deeper than documents.max_depth")
                elif self._wanted(parts, pattern) and (found := self._origin(entry)) is not None:
                    yield found

    def _entries(self, folder: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(folder) as entries:
                return list(entries)
        except OSError as error:
            self._skip(folder, "unreadable", error.strerror or type(error).__name__)
            return []

    def _wanted(self, parts: tuple[str, ...], pattern: Pattern | None) -> bool:
        if pattern is not None and not pattern.fits(parts):
            return False
        return not self.include or any(each.fits(parts) for each in self.include)

    def _origin(self, entry: os.DirEntry[str]) -> Origin | None:
        if not self.known(entry.name):
            self._skip(entry.path, "unsupported", "no reader knows this format")
            return None
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError as error:
            self._skip(entry.path, "unreadable", error.strerror or type(error).__name__)
            return None
        return _file(Path(entry.path), status) if S_ISREG(status.st_mode) else None

    def _skip(self, path: str, problem: str, message: str) -> None:
        self.skipped.append(Failure(uri_of(Path(path)), problem, message))


def find_sources(
    source: object,
    *,
    include: object = None,
    recursive: bool = True,
    known: Callable[[str], bool] = lambda _: True,
    limits: Limits | None = None,
) -> Sources:
    """List what *source* names.

    Args:
        source: A path (file, folder, or pattern such as ``notes/**/*.md``), a :class:`DocumentInput`, or a list of these.
        include: Patterns of which a file of a folder has to fit one, by its path within the folder; one without a slash
            goes for the name of the file in any depth.
        recursive: Whether folders within a folder are read.
        known: Tells by the name of a file whether there is a reader for it; in folders others are passed over.
        limits: How much one call takes.

    Raises:
        InputError: Something named does not exist or cannot be used, or there is too much.
    """
    search = _Search(_patterns(include), recursive, known, limits or Limits())
    for each in _listed(source):
        search.take(each)
    return Sources(
        tuple(sorted(search.origins.values(), key=_place)),
        tuple(sorted(search.skipped, key=lambda skipped: skipped.uri)),
        tuple(dict.fromkeys(search.folders)),
    )


def _place(origin: Origin) -> str:
    return origin.uri if origin.path is None else str(origin.path)


def uri_of(path: Path) -> str:
    """Return the URI of an absolute path.

    Example:
        >>> uri_of(Path("/notes/茶 1.md"))
        'file:///notes/%E8%8C%B6%201.md'
    """
    return path.as_uri()


def _listed(source: object) -> list[str | Path | DocumentInput]:
    if isinstance(source, (str, os.PathLike, DocumentInput)):
        given: Iterable[object] = (cast("object", source),)
    elif isinstance(source, (list, tuple)):
        given = cast("Sequence[object]", source)
    else:
        given = (source,)
    found = list[str | Path | DocumentInput]()
    for each in given:
        if isinstance(each, (str, Path, DocumentInput)):
            found.append(each)
        elif isinstance(each, (bytes, bytearray)):
            raise InputError("bytes need a name: DocumentInput(data=…, name='report.pdf')", argument="source")
        elif isinstance(each, os.PathLike):
            found.append(Path(cast("os.PathLike[str]", each)))
        else:
            raise InputError(
                f"source must be a path, a DocumentInput or a list of these, not {type(each).__name__}",
                argument="source",
            )
    if not found:
        raise InputError("source is empty; there is nothing to read", argument="source")
    return found


def _patterns(include: object) -> tuple[Pattern, ...]:
    if include is None:
        return ()
    given = cast(
        "Sequence[object]",
        [include] if isinstance(include, str) else include if isinstance(include, (list, tuple)) else (),
    )
    texts = [text for text in given if isinstance(text, str) and text.strip()]
    if not texts or len(texts) < len(given):
        raise InputError("include must be a pattern or a list of patterns", argument="include")
    return tuple(Pattern.of(text) for text in texts)


def _path(source: str | Path) -> Path:
    path = Path(source)
    fault = name_fault(path) if str(source).strip() else "is empty"
    if fault:
        raise InputError(f"the path {fault}", argument="source")
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise InputError(
            f"the folder of the user in {str(source)!r} is not known", argument="source"
        ) from error


def _nothing_there(source: str) -> InputError:
    if "://" in source:
        return InputError(
            f"{source!r} is an address, which is not fetched; save the page, or pass DocumentInput(data=…, "
            "name='page.html', uri=…)",
            argument="source",
        )
    said = "a text itself is given as DocumentInput(text=…)"
    gone = uri_of(Path(source).expanduser().resolve())
    return InputError(f"there is no file or folder {source!r}; {said}", argument="source", gone=gone)


def _status(path: Path) -> os.stat_result | None:
    """Return what the system knows of a path, None where there is nothing."""
    try:
        return path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise InputError(
            f"{str(path)!r}: {error.strerror or type(error).__name__}", argument="source"
        ) from error


def _file(path: Path, status: os.stat_result) -> Origin:
    return Origin(
        uri_of(path),
        path.name,
        path=path,
        size=status.st_size,
        modified_at=datetime.fromtimestamp(status.st_mtime_ns // 1000 / 1_000_000, UTC),
    )


def _in_memory(given: DocumentInput) -> Origin:
    if (given.text is None) == (given.data is None):
        raise InputError("a DocumentInput has either text or data", argument="source")
    for name, value, kind in (
        ("text", given.text, str),
        ("data", given.data, bytes),
        ("uri", given.uri, str),
        ("name", given.name, str),
        ("title", given.title, str),
    ):
        if value is not None and not isinstance(cast("object", value), kind):
            raise InputError(
                f"{name} of a DocumentInput must be {kind.__name__}, not {type(value).__name__}",
                argument=f"source.{name}",
            )
    uri = clean(given.uri or given.name)
    if not uri.strip() or len(uri) > MAX_URI_CHARS:
        raise InputError(
            f"a DocumentInput needs a uri or a name of at most {MAX_URI_CHARS} characters, under which it is known "
            "when it comes again",
            argument="source.uri",
        )
    content = clean(given.text).encode() if given.text is not None else given.data
    name = given.name or ("" if given.text is not None else uri.rpartition("/")[2])
    return Origin(
        uri,
        clean(name),
        content=content,
        size=len(content or b""),
        title=given.title,
        metadata=given.metadata,
    )
