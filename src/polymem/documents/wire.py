"""What the reading process and its parent say to one another: frames of JSON, nothing that could run.

A frame is its length (eight bytes, the highest first) and so many bytes. A request is one frame of JSON and, where the file
is in memory, one of its bytes; an answer is one frame of JSON. The parent trusts no answer: its length, types and kinds are checked.
"""

from __future__ import annotations

import json
from typing import IO, Any, Final, cast

from polymem.documents.limits import ReadLimits
from polymem.domain.document import Block, BlockKind, Parsed

__all__ = ["WireError", "answer_of", "max_answer", "parsed_of", "receive", "send"]

_KINDS: Final = frozenset({"heading", "paragraph", "list_item", "table", "code"})
_LENGTH: Final = 8


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
    """Return how many bytes an answer within the limits can have: four a character, twice for tables, and the signs between."""
    return limits.max_chars * 16 + (64 << 20)


def answer_of(parsed: Parsed) -> bytes:
    """Return a document as it is sent."""
    blocks = [(b.kind, b.text, b.level, b.page, b.rows, b.n_header) for b in parsed.blocks]
    said = {
        "blocks": blocks,
        "title": parsed.title,
        "metadata": parsed.metadata,
        "media_type": parsed.media_type,
        "n_pages": parsed.n_pages,
        "notes": parsed.notes,
    }
    return json.dumps(said, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        "utf-8", "replace"
    )


def parsed_of(said: dict[str, Any]) -> Parsed:
    """Return the document of an answer.

    Raises:
        WireError: It is none.
    """
    metadata, blocks, notes = said.get("metadata"), said.get("blocks"), said.get("notes")
    if not isinstance(metadata, dict) or not isinstance(blocks, list) or not isinstance(notes, list):
        raise WireError("the answer has another form")
    return Parsed(
        tuple(_block(each) for each in cast("list[object]", blocks)),
        _text(said.get("title")),
        cast("dict[str, Any]", metadata),
        _text(said.get("media_type")),
        _count(said.get("n_pages")),
        tuple(_text(note) for note in cast("list[object]", notes)),
    )


def _block(said: object) -> Block:
    if not isinstance(said, list) or len(cast("list[object]", said)) != 6:
        raise WireError("a block has another form")
    kind, text, level, page, rows, n_header = cast("list[object]", said)
    if kind not in _KINDS or not isinstance(rows, list):
        raise WireError("a block has another form")
    cells = tuple(_row(row) for row in cast("list[object]", rows))
    number = None if page is None else _count(page)
    return Block(cast("BlockKind", kind), _text(text), _count(level), number, cells, _count(n_header))


def _row(said: object) -> tuple[str, ...]:
    if not isinstance(said, list):
        raise WireError("a row has another form")
    return tuple(_text(cell) for cell in cast("list[object]", said))


def _text(said: object) -> str:
    if not isinstance(said, str):
        raise WireError("a text has another form")
    return said


def _count(said: object) -> int:
    if not isinstance(said, int) or isinstance(said, bool) or said < 0:
        raise WireError("a number has another form")
    return said
