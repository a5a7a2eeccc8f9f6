"""What callers hand in, as chat APIs send it, becomes a list of plain messages; nothing of it is lost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias, TypeGuard

from polymem.domain.item import JsonObject
from polymem.domain.metadata import check_metadata, depth_fault
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import as_utc
from polymem.errors import InputError
from polymem.text.indexed import MAX_TITLE_CHARS
from polymem.text.keys import is_passage
from polymem.text.normalise import clean

MessagesInput: TypeAlias = str | Mapping[str, Any] | Sequence[Mapping[str, Any]]

MAX_MESSAGES: Final = 10_000
MAX_TEXT_CHARS: Final = 4_000_000
MAX_NAME_CHARS: Final = 256
_PLAIN_KEYS: Final = frozenset({"role", "content", "name", "timestamp", "metadata"})
_PAYLOADS: Final = ("content", "tool_calls", "function_call", "refusal", "audio", "parts")


@dataclass(frozen=True, slots=True)
class Message:
    """One message, checked.

    Attributes:
        role: "user", "assistant", "system", "tool" or another name; "document" for a passage of one, whose title is
            ``metadata["title"]``.
        speaker: The message's ``name``, "" when it has none.
        text: The words that can be searched; "" when there are none.
        said_at: When it was said.
        metadata: The call's metadata with the message's own over it.
        raw: The message as given, where role, name and text do not say it all; else empty.
    """

    role: str
    speaker: str
    text: str
    said_at: datetime
    metadata: JsonObject
    raw: JsonObject


def read_messages(
    messages: object, *, metadata: Mapping[str, Any] | None, said_at: datetime
) -> list[Message]:
    """Check *messages* and bring them into one form.

    Args:
        messages: A text, one message, or a list of messages ``{role, content, name?, timestamp?, metadata?}``. What else
            a message holds is kept too; it may be nested 32 deep, as metadata may.
        metadata: Metadata of the call; goes onto every message.
        said_at: When a message without a time of its own was said.

    Raises:
        InputError: A message is malformed; ``error.argument`` says which one and where.
        MetadataError: The metadata is not plain JSON.
    """
    shared: dict[str, Any] = {} if metadata is None else check_metadata(metadata)
    if isinstance(messages, str):
        text = _text(messages, where="messages")
        if not text.strip():
            raise InputError("messages is empty; there is nothing to remember", argument="messages")
        raw: JsonObject = (
            {} if text == messages else _raw({"role": "user", "content": messages}, where="messages")
        )
        return [Message("user", "", text, said_at, shared, raw)]
    if _is_mapping(messages):
        return [_message(messages, shared=shared, said_at=said_at, where="messages")]
    if not _is_list(messages):
        raise InputError(
            f"messages must be a text, a message or a list of messages, not {type(messages).__name__}",
            argument="messages",
        )
    if not messages:
        raise InputError("messages is empty; there is nothing to remember", argument="messages")
    if len(messages) > MAX_MESSAGES:
        raise InputError(
            f"more than {MAX_MESSAGES} messages in one call; add them in several", argument="messages"
        )
    return [
        _message(message, shared=shared, said_at=said_at, where=f"messages[{n}]")
        for n, message in enumerate(messages)
    ]


def _is_mapping(value: object) -> TypeGuard[Mapping[str, Any]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, (list, tuple))


def _message(message: object, *, shared: dict[str, Any], said_at: datetime, where: str) -> Message:
    if not _is_mapping(message):
        raise InputError(f"{where} must be a message (a dict), not {type(message).__name__}", argument=where)
    role = _name(message.get("role") or "user", where=f"{where}.role")
    speaker = _name(message.get("name") or "", where=f"{where}.name")
    content = message.get("content")
    if isinstance(content, str) and message.keys() <= _PLAIN_KEYS:
        text = _text(content, where=f"{where}.content")
        named = (message.get("role") or "user", message.get("name") or "")
        complete = content == text and named == (role, speaker)
    else:
        if fault := depth_fault(*message.values()):
            raise InputError(f"{where} {fault}", argument=where)
        text, complete = _searchable(message, where=where), False
    own = message.get("metadata")
    stated = message.get("timestamp")
    metadata = shared if own is None else {**shared, **check_metadata(own, argument=f"{where}.metadata")}
    if is_passage("episode", role):
        check_title(metadata, argument="metadata" if own is None else f"{where}.metadata")
    return Message(
        role,
        speaker,
        text,
        said_at if stated is None else as_utc(stated, argument=f"{where}.timestamp"),
        metadata,
        {} if complete else _raw(message, where=where),
    )


def check_title(metadata: JsonObject, *, argument: str) -> None:
    """Check the title of a passage's document; without one, or with a blank one, it has none.

    Raises:
        InputError: It is not a text, or longer than ``MAX_TITLE_CHARS``.
    """
    title = metadata.get("title")
    if title is not None and (not isinstance(title, str) or len(title) > MAX_TITLE_CHARS):
        raise InputError(
            f"the title of a document must be a text of at most {MAX_TITLE_CHARS} characters",
            argument=f"{argument}.title",
        )


def _name(value: object, *, where: str) -> str:
    if not isinstance(value, str) or len(value) > MAX_NAME_CHARS:
        raise InputError(f"{where} must be a text of at most {MAX_NAME_CHARS} characters", argument=where)
    return clean(value).strip()


def _text(value: str, *, where: str) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise InputError(f"{where} is longer than {MAX_TEXT_CHARS} characters; split it", argument=where)
    return clean(value)


def _searchable(message: Mapping[str, Any], *, where: str) -> str:
    """Return the words of a message: its content, its text parts, and what it asks of tools."""
    if not any(name in message for name in _PAYLOADS):
        raise InputError(f"{where} has no content", argument=f"{where}.content")
    content = message.get("content")
    lines: list[str] = []
    if isinstance(content, str):
        lines.append(content)
    elif _is_list(content):
        lines += [words for part in content if (words := _part(part))]
    elif content is not None:
        raise InputError(
            f"{where}.content must be a text, a list of parts or null, not {type(content).__name__}",
            argument=f"{where}.content",
        )
    calls = message.get("tool_calls")
    if _is_list(calls):
        lines += [words for call in calls if (words := _call(call))]
    if words := _call(message.get("function_call")):
        lines.append(words)
    if isinstance(message.get("refusal"), str):
        lines.append(message["refusal"])
    return _text("\n".join(lines), where=f"{where}.content")


def _part(part: object) -> str:
    """Return the words of a content part: text of any API's spelling, or a tool's result."""
    if isinstance(part, str):
        return part
    if not _is_mapping(part):
        return ""
    for name in ("text", "input_text", "output_text", "refusal"):
        value = part.get(name)
        if isinstance(value, str):
            return value
    inner = part.get("content")
    if isinstance(inner, str):
        return inner
    if _is_list(inner):
        return "\n".join(words for piece in inner if (words := _part(piece)))
    return _call(part)


def _call(call: object) -> str:
    """Return a tool call as text, ``name(arguments)``; "" when it is none."""
    if not _is_mapping(call):
        return ""
    function = call.get("function", call)
    if not _is_mapping(function) or not isinstance(function.get("name"), str):
        return ""
    arguments = function.get("arguments", function.get("input", ""))
    if not isinstance(arguments, str):
        arguments = json.dumps(arguments, ensure_ascii=False, default=str)
    return f"{function['name']}({arguments})"


def _raw(message: Mapping[str, Any], *, where: str) -> JsonObject:
    try:
        text = json.dumps(dict(message), ensure_ascii=False, allow_nan=False, default=_plain)
        raw: JsonObject = json.loads(clean(text))
    except (TypeError, ValueError) as error:
        raise InputError(f"{where} is not plain JSON", argument=where) from error
    return raw


def _plain(value: object) -> str:
    """Let times through, which message objects often carry; anything else is refused."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
