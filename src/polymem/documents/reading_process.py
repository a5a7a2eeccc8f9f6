"""The process in which files are read: one request after another, until its input ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

from polymem.documents.chunk import cut
from polymem.documents.confinement import allow_time, confine
from polymem.documents.limits import ReadLimits
from polymem.documents.media import media_type_of
from polymem.documents.readers.building import Source
from polymem.documents.readers.registry import read_content
from polymem.documents.wire import WireError, frames_of, problem_of, receive, send
from polymem.errors import MissingExtraError, ReadError

__all__ = ["main", "serve"]

_HEAD: Final = 4096
_MAX_REQUEST: Final = 1 << 20
_OUT_OF_MEMORY: Final = problem_of("memory", "needs more memory to be read than memory_mb; raise it")
"""Made beforehand: when it is said there is no room to make anything."""


def main(limits: ReadLimits) -> None:
    """Answer on the standard output what is asked on the standard input; what libraries print goes nowhere."""
    asked = os.fdopen(os.dup(0), "rb")
    told = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    # Ctrl-C goes to all processes of a terminal; what becomes of this one is for the parent to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A document may nest a few hundred deep in parsers that call themselves.
    sys.setrecursionlimit(3_000)
    confine(limits)
    send(told, b"")
    serve(asked, told, limits)


def serve(asked: IO[bytes], told: IO[bytes], limits: ReadLimits) -> None:
    """Answer requests until there are no more.

    After a file that was too large for the memory the process ends: what is left of it would count for the next one.
    """
    while True:
        try:
            request = json.loads(receive(asked, limit=_MAX_REQUEST))
            content = receive(asked, limit=limits.max_bytes) if request["path"] is None else None
        except WireError:
            return
        allow_time(limits)
        goes_on = True
        for frame in _answer(request, content, limits):
            send(told, frame)
            goes_on = frame is not _OUT_OF_MEMORY
        content = None
        if not goes_on:
            return


def _answer(request: dict[str, Any], content: bytes | None, limits: ReadLimits) -> Iterator[bytes]:
    try:
        if content is None:
            content = _bytes_of(Path(request["path"]), limits)
        source = Source(content, request["name"], limits)
        media_type = request["media_type"] or media_type_of(source.name, content[:_HEAD])
        yield from frames_of(cut(read_content(source, media_type or ""), max_chars=request["max_chars"]))
    except ReadError as error:
        yield problem_of(error.problem, error.message)
    except MissingExtraError as error:
        yield problem_of("missing_extra", str(error))
    except RecursionError:
        yield problem_of("too_deep", "is nested too deeply")
    except MemoryError:
        yield _OUT_OF_MEMORY
    except Exception as error:  # whatever a parser raises on hostile bytes, by its name alone: its words may be the document's
        yield problem_of("damaged", f"cannot be read: {type(error).__name__}")


def _bytes_of(path: Path, limits: ReadLimits) -> bytes:
    """Return the content of a regular file; links, pipes and devices are none. Nothing is waited for."""
    flags = (
        os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    )
    try:
        number = os.open(path, flags)
    except OSError as error:
        raise ReadError(
            "unreadable", f"cannot be opened: {error.strerror or type(error).__name__}"
        ) from error
    with os.fdopen(number, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):
            raise ReadError("unreadable", "is no regular file")
        content = file.read(limits.max_bytes + 1) if state.st_size <= limits.max_bytes else b""
        if state.st_size > limits.max_bytes or len(content) > limits.max_bytes:
            raise ReadError(
                "too_large", f"has more than {limits.max_bytes} bytes; raise max_bytes to read it"
            )
        return content
