"""The hash chain of a partition's events.

Each event carries a salted commitment to the content it concerns, and a link over the previous link, the commitment
and the event's own fields. Erasing an item drops the salt and the text: the commitment can then no longer be opened
by guessing, and the chain still closes.
"""

from __future__ import annotations

import hashlib
import os
import struct
from typing import Final

SALT_BYTES: Final = 16
_FIELDS: Final = struct.Struct("<QBqII")


def new_salts(n: int) -> list[bytes]:
    """Return *n* random salts."""
    pool = os.urandom(SALT_BYTES * n)
    return [pool[i : i + SALT_BYTES] for i in range(0, len(pool), SALT_BYTES)]


def commit_to(salt: bytes, text: str, metadata: str) -> bytes:
    """Return the commitment to a version's content.

    Args:
        salt: 16 random bytes.
        text: The item's text.
        metadata: Its metadata as stored (JSON text).
    """
    words = text.encode()
    return hashlib.sha256(salt + struct.pack("<Q", len(words)) + words + metadata.encode()).digest()


def link_after(
    head: bytes,
    *,
    n: int,
    name: int,
    at: int,
    versions: tuple[int, int],
    item: bytes,
    notes: tuple[str, str],
    commitment: bytes,
) -> bytes:
    """Return the chain's new head.

    Args:
        head: The head before, empty for the first event.
        n: Place of the event, from 1.
        name: Code of the event's name.
        at: Its time in microseconds.
        versions: Old and new version.
        item: The item's 16 bytes.
        notes: Actor and reason.
        commitment: From :func:`commit_to`.
    """
    fields = _FIELDS.pack(n, name, at, *versions)
    return hashlib.sha256(head + fields + item + "\0".join(notes).encode() + b"\0" + commitment).digest()
