"""Stored text where it is shown: it commands neither a terminal nor what draws it."""

from __future__ import annotations

import json
import re
from datetime import datetime

from polymem.text.lazy import lazy

__all__ = ["day", "one_line", "safe", "safe_json"]

_UNSAFE = lazy(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def safe(text: str) -> str:
    r"""Return *text* unable to command the terminal: control and direction characters as ``\x1b``.

    Example:
        >>> safe("red \x1b[31m")
        'red \\x1b[31m'
    """
    return _UNSAFE.sub(_escaped, text.replace("\r\n", "\n"))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def safe_json(text: str) -> str:
    r"""Return JSON that says the same as *text* and cannot command the terminal either.

    Example:
        >>> safe_json('{"a": "\x9b2J 茶"}')
        '{"a": "\\u009b2J 茶"}'
    """
    return _UNSAFE.sub(lambda found: json.dumps(found[0])[1:-1], text)


def one_line(text: str) -> str:
    """Return *text* safe and on one line."""
    return " ".join(safe(text).split())


def day(moment: datetime | None) -> str:
    """Return the date of *moment* (UTC), "" for None."""
    return "" if moment is None else moment.strftime("%Y-%m-%d")
