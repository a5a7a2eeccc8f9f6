"""What the log of an XML or HTML parser says that its result does not."""

from __future__ import annotations

from typing import Any

from polymem.errors import ReadError

__all__ = ["raise_fault"]


def raise_fault(log: Any) -> None:
    """Raise what stopped a parser; a page that is merely untidy passes.

    Args:
        log: The parser's ``error_log``.

    Raises:
        MemoryError: There was not enough.
        ReadError: It is nested too deeply, or has a piece of more than ten megabytes, at which libxml2 stops.
    """
    for entry in log:
        if entry.type_name == "ERR_NO_MEMORY":
            raise MemoryError
        if entry.type_name == "ERR_RESOURCE_LIMIT" or "excessive depth" in entry.message.lower():
            if "depth" in entry.message.lower():
                raise ReadError("too_deep", "is nested too deeply")
            raise ReadError("too_large", "has a stretch of text without markup of more than ten megabytes")
