"""What the reading process and its parent say to one another: frames of JSON, nothing that could run.

A frame is its length (eight bytes, the highest first) and so many bytes. A request is one frame of JSON and, where the file
is in memory, one of its bytes. An answer is one frame of JSON, either a problem or what is said of the document as a whole, and then
frames of its chunks until they are as many as were said. The parent trusts no answer: its length, types and numbers are checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import IO, Any, Final, cast

from polymem.documents.limits import ReadLimits
from polymem.domain.document import Chunk, Cut
from polymem.errors import ReadError

__all__ = ["WireError", "frames_of", "max_answer", "problem_of", "receive", "received", "send"]

_LENGTH: Final = 8
_FRAME_CHARS: Final = 1 << 20
"""Characters of chunks in a frame: neither side holds a long answer twice."""


class WireError(Exception):
    """The other side is gone, or says what it may not say."""


def send(stream: IO[bytes], content: bytes) -> None:
    """Write one frame.

    Raises:
        WireError: The other side is gone.
    """
    try:
        stream.write(len(content).to_bytes(_LENGTH, "big"))
        stream.write(content)
        stream.flush()
    except (OSError, ValueError) as error:
        raise WireError("the other side is gone") from error


def receive(stream: IO[bytes], *, limit: int) -> bytes:
    """Read one frame of at most *limit* bytes.

    Raises:
        WireError: The other side is gone, or wants to send more.
    """
    length = int.from_bytes(_exactly(stream, _LENGTH), "big")
    if length > limit:
        raise WireError("the frame is longer than allowed")
    return _exactly(stream, length)


def _exactly(stream: IO[bytes], length: int) -> bytes:
    parts: list[bytes] = []
    while length:
        try:
            part = stream.read(min(length, 1 << 20))
        except (OSError, ValueError) as error:
            raise WireError("the other side is gone") from error
        if not part:
            raise WireError("the other side is gone")
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def max_answer(limits: ReadLimits) -> int:
    """Return how many bytes an answer within the limits can have.

    Four a character, and half as many again for the headers of tables that are repeated; headings and places beside them.
    """
    return limits.max_chars * 8 + (16 << 20)


def problem_of(problem: str, message: str) -> bytes:
    """Return the frame that says why there is no document."""
    return _json({"problem": problem, "message": message})


def frames_of(cut: Cut) -> Iterator[bytes]:
    """Walk the frames in which a document is sent."""
    yield _json(
        {
            "title": cut.title,
            "metadata": cut.metadata,
            "media_type": cut.media_type,
            "n_pages": cut.n_pages,
            "n_chars": cut.n_chars,
            "notes": cut.notes,
            "n_chunks": len(cut.chunks),
        }
    )
    waiting, n_chars = list[object](), 0
    for c in cut.chunks:
        waiting.append((c.text, c.start, c.stop, c.page, c.last_page, c.headings, c.page_starts))
        n_chars += len(c.text)
        if n_chars >= _FRAME_CHARS:
            yield _json(waiting)
            waiting, n_chars = [], 0
    if waiting:
        yield _json(waiting)


def _json(said: object) -> bytes:
    return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def received(receiving: Callable[[int], bytes], limits: ReadLimits) -> Cut:
    """Receive a document.

    Args:
        receiving: Returns the next frame, of at most so many bytes.
        limits: What was allowed.

    Raises:
        ReadError: There is none, for the reason that is given.
        WireError: The other side is gone, or its answer has another form or is longer than it can be.
    """
    room = max_answer(limits)
    frame = receiving(room)
    head = _parsed(frame)
    if not isinstance(head, dict):
        raise WireError("the answer has another form")
    n_chunks, chunks = _count(head.get("n_chunks")), list[Chunk]()
    while len(chunks) < n_chunks:
        room -= len(frame)
        frame = receiving(room)
        said = _parsed(frame)
        if not isinstance(said, list) or not said:
            raise WireError("the answer has another form")
        chunks.extend(map(_chunk, said))
    if len(chunks) > n_chunks:
        raise WireError("there are more chunks than were said")
    return _cut(head, chunks)


def _parsed(frame: bytes) -> dict[str, Any] | list[object] | None:
    """Return what a frame says; None for what nobody would say."""
    try:
        said = cast("object", json.loads(frame))
    except (ValueError, RecursionError) as error:
        raise WireError("the answer has another form") from error
    if isinstance(said, list):
        return cast("list[object]", said)
    if not isinstance(said, dict):
        return None
    told = cast("dict[str, Any]", said)
    if "problem" in told:
        raise ReadError(str(told["problem"])[:64], str(told.get("message"))[:1_000])
    return told


def _cut(head: dict[str, Any], chunks: list[Chunk]) -> Cut:
    metadata, notes = head.get("metadata"), head.get("notes")
    if not isinstance(metadata, dict) or not isinstance(notes, list):
        raise WireError("the answer has another form")
    return Cut(
        tuple(chunks),
        _text(head.get("title")),
        cast("dict[str, Any]", metadata),
        _text(head.get("media_type")),
        _count(head.get("n_pages")),
        _count(head.get("n_chars")),
        tuple(_text(note) for note in cast("list[object]", notes)),
    )


def _chunk(said: object) -> Chunk:
    if not isinstance(said, list) or len(cast("list[object]", said)) != 7:
        raise WireError("a chunk has another form")
    text, start, stop, page, last_page, headings, page_starts = cast("list[object]", said)
    if not isinstance(headings, list) or not isinstance(page_starts, list):
        raise WireError("a chunk has another form")
    return Chunk(
        _text(text),
        _count(start),
        _count(stop),
        None if page is None else _count(page),
        None if last_page is None else _count(last_page),
        tuple(_text(heading) for heading in cast("list[object]", headings)),
        tuple(_page_start(each) for each in cast("list[object]", page_starts)),
    )


def _page_start(said: object) -> tuple[int, int]:
    if not isinstance(said, list) or len(cast("list[object]", said)) != 2:
        raise WireError("a page has another form")
    page, start = cast("list[object]", said)
    return _count(page), _count(start)


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise WireError("a text has another form")
    return said


def _count(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or said < 0:
        raise WireError("a number has another form")
    return said
