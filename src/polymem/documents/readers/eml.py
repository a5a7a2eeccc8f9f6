"""Messages (EML): who wrote what to whom and when, and what is attached."""

from __future__ import annotations

import email
import email.policy
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import parsedate_to_datetime
from typing import Any, Final, TypeAlias, cast

from polymem.documents.media import EML, HTML, TEXT, media_type_of
from polymem.documents.readers.building import Building, Source, one_line
from polymem.documents.readers.encodings import decode
from polymem.documents.readers.html import add_html
from polymem.documents.readers.registry import read_content
from polymem.documents.readers.text import add_text
from polymem.domain.document import Block, Parsed
from polymem.errors import MissingExtraError, ReadError

__all__ = ["read"]

_Part: TypeAlias = "Message[Any, Any]"
_PEOPLE: Final = ("from", "to", "cc")
_MAX_PARTS: Final = 1_000
_MAX_ATTACHED: Final = 100
_MAX_DEPTH: Final = 20
_MAX_VALUE: Final = 1_000
_MAX_RAW: Final = 8_000
"""Characters of a header that are decoded: the library's time grows with their square."""


def read(source: Source) -> Parsed:
    """Read a message: its text (HTML if there is no other), and what is attached to it, one level deep.

    What is attached and cannot be read is noted as "attachment".

    Raises:
        ReadError: It is nested too deeply, larger than the limits, or has no words.
    """
    try:
        message = email.message_from_bytes(source.content, policy=email.policy.compat32)
    except (RecursionError, ValueError, LookupError) as error:
        raise ReadError("too_deep", "has messages in messages in messages") from error
    building = Building(source.limits)
    _headers(building, message)
    texts, attached = _parts(message, min(_MAX_DEPTH, source.limits.max_depth))
    for part in texts:
        _add_text(building, part, source)
    if len(attached) > _MAX_ATTACHED:
        building.note("attachment")
    for part in attached[:_MAX_ATTACHED]:
        _attach(building, part, source)
    return building.parsed(EML)


def _headers(building: Building, message: _Part) -> None:
    building.title = _header(message, "subject")
    if building.title:
        building.add("heading", building.title, level=1)
    for name in _PEOPLE:
        building.found(name, _header(message, name))
    building.found("author", _header(message, "from"))
    said = _header(message, "date")
    try:
        building.found("date", parsedate_to_datetime(said).isoformat())
    except (ValueError, TypeError, IndexError, OverflowError):
        building.found("date", said)


def _header(message: _Part, name: str) -> str:
    """Return a header with its encoded words decoded; broken ones stay as they came."""
    value = message.get(name)
    if value is None:
        return ""
    raw = str(value)[:_MAX_RAW]
    try:
        return one_line(str(make_header(decode_header(raw)))[:_MAX_VALUE])
    except (LookupError, ValueError, MessageError):
        return one_line(raw[:_MAX_VALUE])


def _parts(message: _Part, max_depth: int) -> tuple[list[_Part], list[_Part]]:
    """Return the parts that are the text of the message, and those that are attached; of alternatives the plain one.

    Raises:
        ReadError: The parts are nested too deeply, or there are too many.
    """
    texts: list[_Part] = []
    attached: list[_Part] = []
    waiting = [(message, 0)]
    n_parts = 0
    while waiting:
        part, depth = waiting.pop()
        n_parts += 1
        if depth > max_depth or n_parts > _MAX_PARTS:
            raise ReadError("too_deep", f"has parts more than {max_depth} deep, or more than {_MAX_PARTS}")
        kind = part.get_content_type()
        children = part.get_payload() if part.is_multipart() else None
        if kind == "message/rfc822" and part is not message:
            attached.append(part)
            _check_depth(part, max_depth - depth)
        elif isinstance(children, list):
            parts = cast("list[_Part | str]", children)
            chosen: list[_Part] = [child for child in parts if isinstance(child, Message)]
            if kind == "multipart/alternative":
                chosen = _alternative(chosen)
            waiting.extend((child, depth + 1) for child in reversed(chosen))
        elif (
            part.get_content_disposition() != "attachment"
            and kind in {TEXT, HTML}
            and not part.get_filename()
        ):
            texts.append(part)
        else:
            attached.append(part)
    return texts, attached


def _check_depth(part: _Part, left: int) -> None:
    """Refuse messages in messages in messages."""
    while part.is_multipart():
        children = part.get_payload()
        if not isinstance(children, list) or not children or not isinstance(children[0], Message):
            return
        left -= 1
        if left < 0:
            raise ReadError("too_deep", "has messages in messages in messages")
        part = cast("_Part", children[0])


def _alternative(parts: list[_Part]) -> list[_Part]:
    """Return the plain one of alternatives, if it says anything; else the richest, which comes last."""
    for part in parts:
        if part.get_content_type() == TEXT and _content(part).strip():
            return [part]
    return parts[-1:]


def _content(part: _Part) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _add_text(building: Building, part: _Part, source: Source) -> None:
    text, _ = decode(_content(part), declared=part.get_content_charset())
    if part.get_content_type() == HTML:
        title = building.title
        add_html(building, text, max_depth=source.limits.max_depth)
        building.title = title
        return
    add_text(building, text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n\n"))


def _attach(building: Building, part: _Part, source: Source) -> None:
    """Append what is attached, if it can be read, under its name as a heading."""
    name = one_line(part.get_filename() or "")[:200]
    if source.depth or part.get_content_type() == "message/rfc822":
        parsed = None if source.depth else _message(part, source)
    else:
        parsed = _file(name, _content(part), part.get_content_type(), source)
    if parsed is None:
        building.note("attachment")
        return
    building.add("heading", name or parsed.title or "attachment", level=1)
    for block in parsed.blocks:
        building.spend(len(block.text) + 2)
        level = block.level + 1 if block.kind == "heading" else block.level
        building.append(Block(block.kind, block.text, level, None, block.rows, block.n_header))
    for note in parsed.notes:
        building.note(note)


def _message(part: _Part, source: Source) -> Parsed | None:
    inner = part.get_payload()
    if not isinstance(inner, list) or not inner or not isinstance(inner[0], Message):
        return None
    try:
        content = inner[0].as_bytes()
    except (
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        MessageError,
    ):  # it cannot be written as it was read
        return None
    return _read("", content, EML, source)


def _file(name: str, content: bytes, declared: str, source: Source) -> Parsed | None:
    media_type = media_type_of(name, content[:4096]) or (declared if not name else None)
    return _read(name, content, media_type, source) if media_type else None


def _read(name: str, content: bytes, media_type: str, source: Source) -> Parsed | None:
    inner = Source(content, name, source.limits, source.depth + 1)
    try:
        return read_content(inner, media_type)
    except (ReadError, MissingExtraError):
        return None
