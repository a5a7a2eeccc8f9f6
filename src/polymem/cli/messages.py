"""Messages from a file or a pipe: a JSON array, one JSON object, JSON Lines, or plain text."""

from __future__ import annotations

import json
from typing import Any

from polymem.errors import InputError

FORMS = ("auto", "json", "text")


def messages_of(content: bytes, *, form: str, where: str) -> Any:
    """Return what *content* holds, as ``Memory.add`` takes it.

    Args:
        content: UTF-8, with or without a byte order mark.
        form: "json", "text", or "auto": JSON if it begins like it.
        where: What to call it in errors.

    Raises:
        InputError: It is empty, not UTF-8 or not JSON; ``error.line`` says where.
    """
    if form not in FORMS:
        raise InputError(f"--form must be one of {', '.join(FORMS)}", argument="--form")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{where} is not UTF-8 at byte {error.start}", argument="messages") from error
    if not text.strip():
        raise InputError(f"{where} is empty", argument="messages")
    if form == "text" or (form == "auto" and text.lstrip()[0] not in "[{"):
        return text.rstrip("\n")
    try:
        return json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return [_message(line, n, where) for n, line in enumerate(text.splitlines(), start=1) if line.strip()]


def _message(line: str, n: int, where: str) -> Any:
    try:
        return json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise InputError(
            f"line {n} of {where} is not JSON; --form text takes it as it is", argument="messages", line=n
        ) from error
