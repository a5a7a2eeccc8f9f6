"""The process in which files are read: one request after another, until its input ends."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from pathlib import Path
from typing import IO, Any, Final

from polymem.documents.confinement import allow_time, confine
from polymem.documents.limits import ReadLimits
from polymem.documents.media import media_type_of
from polymem.documents.readers.building import Source
from polymem.documents.readers.registry import read_content
from polymem.documents.wire import WireError, answer_of, receive, send
from polymem.errors import MissingExtraError, ReadError

__all__ = ["main", "serve"]

_HEAD: Final = 4096
_MAX_REQUEST: Final = 1 << 20


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
        answer, goes_on = _answer(request, content, limits)
        content = None
        send(told, answer)
        if not goes_on:
            return


def _answer(request: dict[str, Any], content: bytes | None, limits: ReadLimits) -> tuple[bytes, bool]:
    try:
        if content is None:
            content = _bytes_of(Path(request["path"]), limits)
        source = Source(content, request["name"], limits)
        media_type = request["media_type"] or media_type_of(source.name, content[:_HEAD])
        return answer_of(read_content(source, media_type or "")), True
    except ReadError as error:
        return _problem(error.problem, error.message), True
    except MissingExtraError as error:
        return _problem("missing_extra", str(error)), True
    except RecursionError:
        return _problem("too_deep", "is nested too deeply"), True
    except MemoryError:
        return _problem(
            "memory", f"needs more than {limits.memory_mb} MiB to be read; raise memory_mb"
        ), False
    except Exception as error:  # whatever a parser raises on hostile bytes, by its name alone: its words may be the document's
        return _problem("damaged", f"cannot be read: {type(error).__name__}"), True


def _problem(problem: str, message: str) -> bytes:
    return json.dumps({"problem": problem, "message": message}).encode()


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
