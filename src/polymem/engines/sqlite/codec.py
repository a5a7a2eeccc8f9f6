"""How values become bytes: ids, ranking columns, forward lists."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from polymem.domain.timespan import from_micros, to_micros
from polymem.ports.faces import FOREVER
from polymem.text.tokenise import KEY_MARK

SCAN: Final = np.dtype(
    [
        ("kind", "u1"),
        ("flags", "u1"),
        ("length", "<i4"),
        ("importance", "<f4"),
        ("speaker", "<i4"),
        ("agent", "<i4"),
        ("run", "<i4"),
        ("valid", "<i8"),
        ("invalid", "<i8"),
        ("created", "<i8"),
        ("expired", "<i8"),
        ("expires", "<i8"),
    ]
)
"""The layout of ``scan.columns``; same fields as :class:`polymem.ports.faces.Columns`."""

_KEY_MARK: Final = KEY_MARK.encode()
_FIRST_KEY: Final = b"\n" + _KEY_MARK
ID_BYTES: Final = 16
MAX_COUNT: Final = 255

_SCAN_STRUCT: Final = struct.Struct("<BBifiiiqqqqq")
pack_scan = _SCAN_STRUCT.pack
unpack_scan = _SCAN_STRUCT.unpack


def id_bytes(item_id: str) -> bytes | None:
    """Return the 16 bytes of a public id, None when *item_id* is not one (then nothing can have it)."""
    try:
        # uuid.UUID takes four times as long, and this runs for every row that is written or shown.
        raw = bytes.fromhex(item_id.replace("-", ""))
    except (ValueError, AttributeError, TypeError):
        return None
    return raw if len(raw) == ID_BYTES else None


def id_text(raw: bytes) -> str:
    """Return the public form of an id."""
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def micros(moment: datetime | None) -> int | None:
    """Return microseconds since 1970, None for an open end."""
    return None if moment is None else to_micros(moment)


def moment(stored: int | None) -> datetime | None:
    """Return the instant of a nullable time column."""
    return None if stored is None else from_micros(stored)


def or_forever(stored: int | None) -> int:
    """Return a nullable time as the scan columns hold it."""
    return FOREVER if stored is None else stored


def voice(speaker: str, role: str) -> str:
    """Return the name under which the ranking columns know who speaks: an unnamed speaker goes by the role."""
    return speaker or role


def pack_terms(terms: Sequence[str], keys: Sequence[str] = ()) -> tuple[bytes, int]:
    """Return the forward list of *terms* and *keys*, and the number of terms.

    Layout: uint32 distinct, one byte of count (at most ``MAX_COUNT``) each, then the terms in UTF-8 joined by line feeds.
    """
    counts = dict.fromkeys(terms, 0)
    if len(counts) == len(terms):
        counts = dict.fromkeys(terms, 1)
    else:
        # A Counter takes twice as long for so few.
        for term in terms:
            counts[term] += 1
    counts |= dict.fromkeys(keys, 1)
    values = counts.values()
    capped = bytes(values) if len(terms) <= MAX_COUNT else bytes([min(count, MAX_COUNT) for count in values])
    return struct.pack("<I", len(counts)) + capped + "\n".join(counts).encode(), len(terms)


def split_terms(blob: bytes) -> tuple[bytes, bytes]:
    """Return the distinct terms of a forward list, joined by line feeds, and their counts, one byte each."""
    (n,) = struct.unpack_from("<I", blob)
    return blob[4 + n :], blob[4 : 4 + n]


def unpack_terms(blob: bytes) -> tuple[list[str], bytes]:
    """Return the distinct terms of a forward list and their counts, one byte each."""
    joined, counts = split_terms(blob)
    return joined.decode().split("\n") if counts else [], counts


def unpack_keys(blob: bytes) -> list[str]:
    """Return the keys among the terms of a forward list, which come after its words."""
    joined, _ = split_terms(blob)
    start = 0 if joined[:1] == _KEY_MARK else joined.find(_FIRST_KEY) + 1
    if not start and joined[:1] != _KEY_MARK:
        return []
    return [term for term in joined[start:].decode().split("\n") if term[0] == KEY_MARK]
