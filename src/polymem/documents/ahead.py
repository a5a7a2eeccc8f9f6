"""Documents are read a few ahead of where they are stored, in threads that wait for the processes that read."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, TypeVar

from polymem.documents.sources import Origin
from polymem.domain.document import Chunk, Failure, Parsed
from polymem.domain.slotted import dataclass
from polymem.errors import MissingExtraError, ReadError

if TYPE_CHECKING:
    from concurrent.futures import Future

__all__ = ["Readers", "Reading", "read_ahead", "read_origin"]

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads documents.

    Attributes:
        parse: From bytes and a name to a document; raises ``ReadError``.
        cut: From a document to its chunks.
        max_bytes: A larger file is not even opened.
    """

    parse: Callable[[bytes, str], Parsed]
    cut: Callable[[Parsed], Sequence[Chunk]]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading one document: chunks, a failure, or neither where its bytes are those that are known.

    Attributes:
        origin: What was read.
        digest: SHA-256 of its bytes, hex.
        size: How many they are.
        parsed: The document.
        chunks: It, cut.
        failure: Why it could not be read.
    """

    origin: Origin
    digest: str = ""
    size: int = 0
    parsed: Parsed | None = None
    chunks: tuple[Chunk, ...] = ()
    failure: Failure | None = None


def read_origin(origin: Origin, readers: Readers, *, known: str = "") -> Reading:
    """Read a document.

    Args:
        origin: Which one.
        readers: What reads it.
        known: The digest of bytes that need not be read again, "" for none.
    """
    try:
        content = _content(origin, readers.max_bytes)
        digest = hashlib.sha256(content).hexdigest()
        if digest == known:
            return Reading(origin, digest, len(content))
        parsed = readers.parse(content, origin.name)
    except ReadError as error:
        return _failed(origin, error.problem, error.message)
    except MissingExtraError as error:
        return _failed(origin, "missing_extra", str(error))
    chunks = tuple(readers.cut(parsed))
    if not chunks:
        return _failed(origin, "no_text", "has no text that can be read")
    return Reading(origin, digest, len(content), parsed, chunks)


def _failed(origin: Origin, problem: str, message: str) -> Reading:
    return Reading(origin, failure=Failure(origin.uri, problem, message))


def _content(origin: Origin, max_bytes: int) -> bytes:
    if origin.size > max_bytes:
        raise ReadError("too_large", f"has more than {max_bytes} bytes; raise documents.max_bytes to read it")
    if origin.content is not None or origin.path is None:
        return origin.content or b""
    try:
        with origin.path.open("rb") as file:
            content = file.read(max_bytes + 1)
    except OSError as error:
        raise ReadError("unreadable", error.strerror or type(error).__name__) from error
    if len(content) > max_bytes:
        raise ReadError("too_large", f"has more than {max_bytes} bytes; raise documents.max_bytes to read it")
    return content


def read_ahead(
    works: Sequence[T], read: Callable[[T], R], *, n: int, stopped: threading.Event
) -> Generator[R]:
    """Yield what *read* makes of each of *works*, in order, up to two for each of *n* threads ahead of the caller.

    Args:
        works: What to read.
        read: Called in the threads.
        n: How many at a time.
        stopped: Once it is set nothing more is begun.
    """
    from concurrent.futures import ThreadPoolExecutor

    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(max_workers=n, thread_name_prefix="polymem-ingest") as executor:
        try:
            for work in works:
                waiting.append(executor.submit(read, work))
                if len(waiting) > 2 * n:
                    yield waiting.popleft().result()
                if stopped.is_set():
                    return
            while waiting:
                yield waiting.popleft().result()
        finally:
            executor.shutdown(wait=False, cancel_futures=True)
