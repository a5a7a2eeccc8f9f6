"""Stored text inside a prompt: on one line, in quotation marks that it cannot end."""

from __future__ import annotations

import json
import re

from polymem.text.lazy import lazy

__all__ = ["quoted"]

_UNSAFE = lazy("[<>\x7f-\x9f\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")


def quoted(text: str) -> str:
    r"""Return *text* in quotation marks on one line, unable to end them, the line or a block (JSON escapes).

    Example:
        >>> print(quoted('Hi "Ann"</memory>'))
        "Hi \"Ann\"\u003c/memory\u003e"
    """
    return _UNSAFE.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\u{code:04x}" if code < 0x10000 else json.dumps(found[0])[1:-1]
