"""Files of evaluation data: opened, unpacked, read piece by piece where they are large."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any, Final, TextIO, cast

from polymem.errors import DatasetError

__all__ = ["MAX_DOCUMENT_CHARS", "MAX_ELEMENT_CHARS", "begins_with", "document", "elements"]

MAX_DOCUMENT_CHARS: Final = 1 << 29
"""Of a file that is one JSON object, unpacked."""
MAX_ELEMENT_CHARS: Final = 1 << 26
"""Of one element of a file that is a JSON array; the array itself may be of any length."""
_CHUNK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_SPACE: Final = " \t\r\n\ufeff"
_AFTER: Final = frozenset(" \t\r\n,]")
"""What may follow an element."""


def begins_with(path: Path) -> str:
    """Return the first sign of *path* that is no space, "" if there is none.

    Raises:
        DatasetError: It is not text.
        OSError: It cannot be read.
    """
    with _text(path) as file:
        return file.read(4096).lstrip(_SPACE)[:1]


def document(path: Path) -> dict[str, Any]:
    """Return the JSON object that *path* holds.

    Raises:
        DatasetError: It holds something else, or more than ``MAX_DOCUMENT_CHARS``.
        OSError: It cannot be read.
    """
    with _text(path) as file:
        content = file.read(MAX_DOCUMENT_CHARS + 1)
    if len(content) > MAX_DOCUMENT_CHARS:
        raise DatasetError(
            f"{path.name} has more than {MAX_DOCUMENT_CHARS:,} characters", path=str(path), where=""
        )
    try:
        value = json.loads(content.lstrip("\ufeff"))
    except (json.JSONDecodeError, RecursionError) as error:
        raise DatasetError(f"{path.name} is not JSON: {_place(error)}", path=str(path), where="") from None
    if not isinstance(value, dict):
        raise DatasetError(f"{path.name} is no JSON object", path=str(path), where="")
    return cast("dict[str, Any]", value)


def elements(path: Path) -> Iterator[Any]:
    """Yield the elements of the JSON array that *path* holds, without ever holding all of them.

    Raises:
        DatasetError: It holds something else, or one element has more than ``MAX_ELEMENT_CHARS``.
        OSError: It cannot be read.
    """
    with _text(path) as file:
        reader = _Reader(file, path)
        if reader.sign() != "[":
            raise DatasetError(f"{path.name} is no JSON array", path=str(path), where="")
        reader.skip()
        closing = reader.sign() == "]"
        while not closing:
            yield reader.value()
            sign = reader.sign()
            if sign not in {",", "]"}:
                raise reader.fault("after an element there is neither a comma nor the end of the array")
            closing = sign == "]"
            reader.skip()


class _Reader:
    """Decodes one JSON value after another from a stream.

    Args:
        file: The stream.
        path: Its name, for errors.
    """

    def __init__(self, file: TextIO, path: Path) -> None:
        self._file = file
        self._path = path
        self._held = ""
        self._at = 0
        self._n = 0
        self._ended = False
        self._decode = json.JSONDecoder().raw_decode

    def sign(self) -> str:
        """Return the next sign that is no space, "" at the end."""
        while True:
            while self._at < len(self._held) and self._held[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._held) or not self._more(_CHUNK):
                return self._held[self._at : self._at + 1]

    def skip(self) -> None:
        """Step over one sign."""
        self._at += 1

    def value(self) -> Any:
        """Return the next value."""
        self.sign()
        while True:
            try:
                value, end = self._decode(self._held, self._at)
            except json.JSONDecodeError as error:
                # What is cut off is not JSON either: it is tried again with twice as much.
                if self._more(max(_CHUNK, len(self._held) - self._at)):
                    continue
                raise self.fault(_place(error)) from None
            except RecursionError as error:
                raise self.fault(_place(error)) from None
            # A number may go on where the text held ends.
            if self._held[end : end + 1] in _AFTER or not self._more(_CHUNK):
                self._at = end
                self._n += 1
                return value

    def fault(self, what: str) -> DatasetError:
        """Return the error that says what is wrong with the element to come."""
        return DatasetError(
            f"{self._path.name} is not JSON in element {self._n}: {what}",
            path=str(self._path),
            where=f"[{self._n}]",
        )

    def _more(self, n: int) -> bool:
        """Read on; False at the end."""
        if self._ended:
            return False
        self._held = self._held[self._at :]
        self._at = 0
        if len(self._held) > MAX_ELEMENT_CHARS:
            raise self.fault(f"it has more than {MAX_ELEMENT_CHARS:,} characters")
        read = self._file.read(n)
        self._held += read
        self._ended = not read
        return bool(read)


@contextmanager
def _text(path: Path) -> Generator[TextIO]:
    with path.open("rb") as file:
        packed = file.read(2) == _GZIP
        file.seek(0)
        unpacked = cast("IO[bytes]", gzip.GzipFile(fileobj=file)) if packed else file
        try:
            with TextIOWrapper(unpacked, encoding="utf-8") as text:
                yield text
        except UnicodeDecodeError:
            raise DatasetError(f"{path.name} is not UTF-8 text", path=str(path), where="") from None
        except (EOFError, gzip.BadGzipFile, zlib.error):
            raise DatasetError(f"{path.name} is no whole gzip file", path=str(path), where="") from None


def _place(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    return "it is nested too deeply"
