"""Reading and cutting files in processes of their own, with limits: the parent never parses bytes.

A reading process takes one file after another. It is held to its memory and CPU time by the system, ended by the parent when the wall
clock runs out, and started anew when it is gone. It never imports the store.
"""

from __future__ import annotations

import json
import queue
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from polymem.documents import reading_process
from polymem.documents.chunk import MAX_CHARS, check_max_chars
from polymem.documents.limits import DEFAULT_LIMITS, ReadLimits, checked
from polymem.documents.readers.registry import READER_VERSION
from polymem.documents.wire import WireError, receive, received, send
from polymem.domain.document import Cut
from polymem.errors import ClosedError, DocumentError, InputError, ReadError

__all__ = ["READER_VERSION", "ReadLimits", "ReaderPool"]

_START: Final = (
    "import json,sys; sys.path[:]=json.loads(sys.argv[1]); "
    "from polymem.documents.worker import main; main(sys.argv[2:])"
)
_MAX_NAME: Final = 4_096
_STARTING_S: Final = 60.0
"""Within which a process must have started, on a machine that has much else to do."""


class ReaderPool:
    r"""Reads files in other processes, started when they are first needed.

    May be used by several threads at once; each waits for a free process.

    Args:
        limits: What a file may ask for.
        n_workers: How many processes, at most.

    Raises:
        InputError: A limit or the number of processes is not positive.

    Example:
        >>> with ReaderPool() as readers:
        ...     readers.read("# 你好\n\nHello.".encode(), name="hello.md").title
        '你好'
    """

    def __init__(self, limits: ReadLimits = DEFAULT_LIMITS, n_workers: int = 1) -> None:
        if n_workers < 1:
            raise InputError(f"n_workers must be at least 1, not {n_workers!r}", argument="n_workers")
        self.limits = checked(limits)
        self._free: queue.SimpleQueue[_Process | None] = queue.SimpleQueue()
        self._n_workers = n_workers
        self._closed = False
        for _ in range(n_workers):
            self._free.put(None)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the processes. A second time does nothing."""
        if self._closed:
            return
        self._closed = True
        for _ in range(self._n_workers):
            process = self._free.get()
            if process is not None:
                process.end()
        self._free.put(None)  # for a thread that waits

    def read(
        self, path: Path | bytes, *, name: str, media_type: str | None = None, max_chars: int = MAX_CHARS
    ) -> Cut:
        """Read one file and cut it into chunks.

        Args:
            path: Where it is, or its bytes. A symbolic link is not followed: resolve it first.
            name: Its name; what it is depends on the suffix where the content does not say.
            media_type: What it is, if that is known.
            max_chars: Most characters in a chunk, see :func:`~polymem.documents.chunk.chunk`.

        Raises:
            InputError: *max_chars* is below 200.
            ReadError: It cannot be read; ``error.problem`` says why.
            ClosedError: The pool was closed.
            DocumentError: No process could be started.
        """
        self._check_open()
        check_max_chars(max_chars)
        if isinstance(path, bytes):
            self._check_size(len(path))
        else:
            self._check_file(path)
        process, kept = self._free.get(), None
        try:
            self._check_open()
            if process is not None and not process.is_alive():
                process.end()
                process = None
            process = process or _Process(self.limits)
            request = {"name": name[-_MAX_NAME:], "media_type": media_type, "max_chars": max_chars}
            return process.read(path, request)
        finally:
            # After whatever went wrong but a reader's own word, the next file gets a new process.
            if process is not None and process.is_sound:
                kept = process
            elif process is not None:
                process.end()
            self._free.put(kept)

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedError("the readers were closed")

    def _check_size(self, n_bytes: int) -> None:
        if n_bytes > self.limits.max_bytes:
            raise ReadError(
                "too_large", f"has more than {self.limits.max_bytes} bytes; raise max_bytes to read it"
            )

    def _check_file(self, path: Path) -> None:
        """Refuse what is no file, before a process is asked; it looks again when it has opened it."""
        try:
            state = path.lstat()
        except (OSError, ValueError) as error:
            said = getattr(error, "strerror", None) or type(error).__name__
            raise ReadError("unreadable", f"cannot be opened: {said}") from error
        if not stat.S_ISREG(state.st_mode):
            raise ReadError("unreadable", "is no regular file")
        self._check_size(state.st_size)


class _Process:
    """One reading process."""

    def __init__(self, limits: ReadLimits) -> None:
        self._limits = limits
        self.is_sound = False
        command = [sys.executable, "-I", "-c", _START, json.dumps(sys.path), json.dumps(asdict(limits))]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter with our own module)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, close_fds=True
        )
        self._asked = cast("IO[bytes]", self._process.stdin)
        self._told = cast("IO[bytes]", self._process.stdout)

        self._started()

    def _started(self) -> None:
        """Wait for the word that the process is there."""
        timer = threading.Timer(_STARTING_S, self._process.kill)
        timer.daemon = True
        timer.start()
        try:
            receive(self._told, limit=0)
        except WireError as error:
            self.end()
            said = "the process that reads documents does not start; sys.executable must be a Python that has polymem"
            raise DocumentError(said) from error
        finally:
            timer.cancel()

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def read(self, path: Path | bytes, request: dict[str, Any]) -> Cut:
        """Read one file as *request* says, and end the process if it takes too long."""
        self.is_sound = False
        late = threading.Event()
        timer = threading.Timer(self._limits.timeout_s, self._expire, (late,))
        timer.daemon = True
        timer.start()
        try:
            self._ask(path, request)
            cut = received(lambda limit: receive(self._told, limit=limit), self._limits)
        except WireError as error:
            raise self._gone(late.is_set()) from error
        except ReadError as error:
            self.is_sound = error.problem != "memory"
            raise
        finally:
            timer.cancel()
        self.is_sound = True
        return cut

    def _ask(self, path: Path | bytes, request: dict[str, Any]) -> None:
        in_memory = isinstance(path, bytes)
        asked = {**request, "path": None if in_memory else str(path)}
        send(self._asked, json.dumps(asked).encode())
        if isinstance(path, bytes):
            send(self._asked, path)

    def _expire(self, late: threading.Event) -> None:
        late.set()
        self._process.kill()

    def _gone(self, late: bool) -> ReadError:  # noqa: FBT001 (private)
        """Return what it means that the process is gone."""
        self._process.kill()
        code = self._process.wait()
        if late or -code == getattr(signal, "SIGXCPU", 0):
            return ReadError(
                "timeout", f"takes longer than {self._limits.timeout_s:g} s to read; raise timeout_s"
            )
        if -code in {signal.SIGABRT, getattr(signal, "SIGKILL", 9), getattr(signal, "SIGTRAP", 5)}:
            return ReadError(
                "memory",
                f"needs more than {self._limits.memory_mb} MiB to be read, or breaks its reader; raise memory_mb",
            )
        return ReadError("damaged", "breaks its reader")

    def end(self) -> None:
        """End the process and wait until it is gone."""
        self._process.kill()
        for stream in (self._asked, self._told):
            try:
                stream.close()
            except OSError:  # what was still to be written has nobody to read it
                continue
        self._process.wait()


def main(arguments: list[str]) -> None:
    """Read what is asked for on the standard input; the first argument is the limits as JSON."""
    limits = ReadLimits(**json.loads(arguments[0])) if arguments else DEFAULT_LIMITS
    reading_process.main(limits)


if __name__ == "__main__":
    main(sys.argv[1:])
