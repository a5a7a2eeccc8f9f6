"""How much a file may ask of the process that reads it."""

from __future__ import annotations

from dataclasses import fields
from typing import Final

from polymem.domain.slotted import dataclass
from polymem.errors import InputError

__all__ = ["DEFAULT_LIMITS", "ReadLimits"]

_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ReadLimits:
    """Beyond these a file is a failure; nothing of it is taken in.

    Attributes:
        max_bytes: Of the file.
        max_pages: Of a PDF or of a text with form feeds.
        max_chars: Of the text that is read from it; of a table's cells likewise.
        max_depth: How deep elements of HTML and XML, lists, and messages in messages may be nested.
        max_expansion: How many times larger than the archive (DOCX, XLSX) its content may be; the first 16 MiB are free.
        max_expanded_bytes: Of all that an archive holds, unpacked.
        timeout_s: Wall clock and CPU time for one file.
        memory_mb: Address space of the reading process (Linux; other systems do not hold a process to it).
    """

    max_bytes: int = 100 * _MIB
    max_pages: int = 5_000
    max_chars: int = 20_000_000
    max_depth: int = 200
    max_expansion: int = 200
    max_expanded_bytes: int = 512 * _MIB
    timeout_s: float = 60.0
    memory_mb: int = 1_024


def checked(limits: ReadLimits) -> ReadLimits:
    """Return *limits*.

    Raises:
        InputError: One of them is not a positive number, or the process could not even start in the memory.
    """
    for each in fields(limits):
        value = getattr(limits, each.name)
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if not numeric or not 0 < value < float("inf"):
            raise InputError(f"{each.name} must be a positive number, not {value!r}", argument=each.name)
    if limits.memory_mb < 128:
        raise InputError(f"memory_mb must be at least 128, not {limits.memory_mb!r}", argument="memory_mb")
    return limits


DEFAULT_LIMITS: Final = ReadLimits()
