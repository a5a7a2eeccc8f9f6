"""All items of a scope, a page at a time."""

from __future__ import annotations

import base64
import binascii
import struct
from hashlib import blake2b
from typing import Final

from polymem.domain.hit import Page
from polymem.domain.query import Selection
from polymem.domain.scope import Scope
from polymem.errors import InputError
from polymem.ports.ledger import Snapshot
from polymem.read.plan import check_limit
from polymem.read.selecting import confined

__all__ = ["decode_cursor", "encode_cursor", "list_items"]

_PLACE: Final = struct.Struct(">qi")
_CHECK_BYTES: Final = 6


def list_items(snapshot: Snapshot, selection: Selection, *, limit: int, cursor: str | None = None) -> Page:
    """Return a page of items, newest first by the time at which they were first stored, then by where.

    What is added or updated while paging does not shift later pages.

    Args:
        snapshot: The partition.
        selection: Which items.
        limit: Length of the page.
        cursor: Of the page before; None for the first.

    Raises:
        InputError: *limit* is out of range, or *cursor* is not one that this scope gave.
    """
    check_limit(limit)
    before = None if cursor is None else decode_cursor(cursor, selection.scope)
    positions = snapshot.rows.page(selection, limit=limit + 1, before=before)
    items = snapshot.rows.items(positions[:limit])
    shown = tuple(confined(snapshot, selection.scope, items))
    if len(positions) <= limit:
        return Page(shown)
    first = snapshot.rows.position(items[-1].id, version=1)
    place = positions[limit - 1] if first is None else first
    return Page(shown, encode_cursor((int(snapshot.columns.created[place]), place), selection.scope))


def encode_cursor(place: tuple[int, int], scope: Scope) -> str:
    """Return *place* (microseconds, position of a first version) as an opaque text that holds for *scope* alone."""
    packed = _PLACE.pack(*place)
    return base64.urlsafe_b64encode(packed + _check(packed, scope)).decode()


def decode_cursor(cursor: object, scope: Scope) -> tuple[int, int]:
    """Return the place that :func:`encode_cursor` put into *cursor*.

    Raises:
        InputError: It is damaged, made up, or from another scope.
    """
    try:
        content = base64.b64decode(cursor, altchars=b"-_", validate=True) if isinstance(cursor, str) else b""
    except (binascii.Error, ValueError):
        content = b""
    packed, check = content[: _PLACE.size], content[_PLACE.size :]
    if len(packed) != _PLACE.size or check != _check(packed, scope):
        raise InputError("cursor is not one that this scope gave", argument="cursor")
    stored, position = _PLACE.unpack(packed)
    return stored, position


def _check(packed: bytes, scope: Scope) -> bytes:
    return blake2b(packed + repr(scope).encode(), digest_size=_CHECK_BYTES).digest()
