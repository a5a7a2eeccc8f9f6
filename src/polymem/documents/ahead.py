"""Documents are read a few ahead of where they are stored, in threads that wait for the processes that read."""

from __future__ import annotations

import hashlib
import os
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from stat import S_ISREG
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from polymem.documents.sources import Origin
from polymem.domain.document import Cut, Failure
from polymem.domain.slotted import dataclass
from polymem.errors import MissingExtraError, ReadError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["EMPTY", "Ahead", "Readers", "Reading", "read_origin"]

EMPTY: Final = "empty"
"""Problem of a file without any content."""
_BLANK: Final = b" \t\r\n\v\f\0\xef\xbb\xbf\xff\xfe"
"""Bytes of white space and of the marks that begin a text, in UTF-8 and UTF-16."""
_TICK: Final = timedelta(seconds=2)
"""The coarsest clock of a file system that is met."""
T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads documents.

    Attributes:
        read: From bytes and a name to a document that is cut; raises ``ReadError``.
        max_bytes: A larger file is not even opened.
        close: Ends them; waits for what they are at.
    """

    read: Callable[[bytes, str], Cut]
    max_bytes: int
    close: Callable[[], None]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one document: it, a failure, or neither where its bytes are those that are known.

    Attributes:
        origin: What was read.
        digest: SHA-256 of its bytes, hex.
        size: How many they are.
        modified_at: When the file was changed last, as it is kept: of one that was changed just before it was read a microsecond
            less, so that its bytes are compared next time. Its clock may not tell a further change.
        cut: The document.
        failure: Why it could not be read.
    """

    origin: Origin
    digest: str = ""
    size: int = 0
    modified_at: datetime | None = None
    cut: Cut | None = None
    failure: Failure | None = None


def read_origin(origin: Origin, readers: Readers, *, known: str = "") -> Reading:
    """Read a document.

    Args:
        origin: Which one.
        readers: What reads it.
        known: The digest of bytes that need not be read again, "" for none.
    """
    try:
        modified_at = _trusted(origin.modified_at)
        content = _content(origin, readers.max_bytes)
        digest = hashlib.sha256(content).hexdigest()
        if digest == known:
            return Reading(origin, digest, len(content), modified_at)
        if not content.strip(_BLANK):
            return _failed(origin, EMPTY, "is empty")
        cut = readers.read(content, origin.name)
    except ReadError as error:
        return _failed(origin, error.problem, error.message)
    except MissingExtraError as error:
        return _failed(origin, "missing_extra", str(error))
    if not cut.chunks:
        return _failed(origin, "no_text", "has no text that can be read")
    return Reading(origin, digest, len(content), modified_at, cut)


def _trusted(modified_at: datetime | None) -> datetime | None:
    if modified_at is None or abs(datetime.now(UTC) - modified_at) >= _TICK:
        return modified_at
    return modified_at - timedelta(microseconds=1)


def _failed(origin: Origin, problem: str, message: str) -> Reading:
    return Reading(origin, failure=Failure(origin.uri, problem, message))


def _content(origin: Origin, max_bytes: int) -> bytes:
    if origin.size > max_bytes:
        raise ReadError("too_large", f"has more than {max_bytes} bytes; raise documents.max_bytes to read it")
    if origin.content is not None or origin.path is None:
        return origin.content or b""
    try:
        with open(origin.path, "rb", opener=_opened) as file:
            # Since it was found it may have become a pipe, which would be waited for, or a device.
            if not S_ISREG(os.fstat(file.fileno()).st_mode):
                raise ReadError("unreadable", "is no regular file")
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise ReadError("unreadable", error.strerror or type(error).__name__) from error
    if len(content) > max_bytes:
        raise ReadError("too_large", f"has more than {max_bytes} bytes; raise documents.max_bytes to read it")
    return content


def _opened(path: str, flags: int) -> int:
    """Open a file without waiting for anybody, and no link: what was found was none."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0))


class Ahead(Generic[T, R]):
    """Does work in order, up to two pieces for each of *n* threads ahead of who takes them.

    Args:
        works: What to do.
        do: Called in the threads.
        n: How many at a time.
        weigh: What a piece weighs; by default nothing.
        most: What may weigh so much together is done ahead; a piece that weighs more is done alone.

    Example:
        >>> ahead = Ahead(["a", "茶"], len, n=1)
        >>> ahead.take(), ahead.take(), ahead.take()
        (1, 1, None)
        >>> ahead.close()
    """

    def __init__(
        self,
        works: Sequence[T],
        do: Callable[[T], R],
        *,
        n: int,
        weigh: Callable[[T], int] = lambda _: 0,
        most: int = 0,
    ) -> None:
        from concurrent.futures import ThreadPoolExecutor

        self._works = deque(works)
        self._do = do
        self._room = 2 * n + 1
        self._weigh = weigh
        self._most = most
        self._weight = 0
        self._waiting: deque[tuple[int, Future[R]]] = deque()
        self._threads = ThreadPoolExecutor(max_workers=n, thread_name_prefix="polymem-ingest")

    def take(self) -> R | None:
        """Wait for the next piece; None after the last.

        Raises:
            BaseException: What the work raised.
        """
        while self._works and len(self._waiting) < self._room:
            weight = self._weigh(self._works[0])
            if self._waiting and self._weight + weight > self._most:
                break
            self._weight += weight
            self._waiting.append((weight, self._threads.submit(self._do, self._works.popleft())))
        if not self._waiting:
            return None
        weight, done = self._waiting.popleft()
        self._weight -= weight
        return done.result()

    def close(self) -> None:
        """Begin nothing more, and wait for what was begun."""
        self._works.clear()
        self._threads.shutdown(wait=True, cancel_futures=True)
