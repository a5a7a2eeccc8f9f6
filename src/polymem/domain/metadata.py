"""Metadata: plain JSON, checked and copied at the door, in one stored form.

What is refused here is what some engine could not give back unchanged: integers beyond 64 bits (they would become
floating point), NUL (neither SQLite's JSON functions nor PostgreSQL's ``jsonb`` hold it), lone surrogates (not UTF-8).
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from typing import Any, NoReturn, cast

from polymem.errors import MetadataError

MAX_BYTES = 65_536
MAX_DEPTH = 32
MAX_KEY_CHARS = 256
OWN_KEYS = "polymem:"
"""Keys that begin so are Polymem's own: what replaces the metadata of an item leaves them."""
MIN_INT, MAX_INT = -(2**63), 2**63 - 1


def check_metadata(value: object, *, argument: str = "metadata") -> dict[str, Any]:
    """Return a deep copy of *value*, an object of plain JSON.

    Tuples become lists; subclasses of str, int and float (enumerations, numpy's ``float64``) become the plain type.

    Raises:
        MetadataError: It is not a dict, or holds something else than objects with string keys, arrays, strings, finite
            numbers, booleans and null; an integer beyond 64 bits; a string with NUL or a lone surrogate; a key longer than
            256 characters; it is nested more than 32 deep or longer than 64 KiB as UTF-8 JSON. ``error.path`` says where;
            the value itself is not in the message.

    Example:
        >>> check_metadata({"tags": ("a", "b")})
        {'tags': ['a', 'b']}
        >>> check_metadata({"address": {"zip": float("nan")}})
        Traceback (most recent call last):
        polymem.errors.MetadataError: metadata at 'address.zip' is not a finite number
    """
    if not isinstance(value, dict):
        raise MetadataError(
            f"{argument} must be a dict, not {type(value).__name__}", argument=argument, path=""
        )
    return cast("dict[str, Any]", copy_json(cast("object", value), argument=argument))


def own_keys(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Return what in *metadata* is Polymem's own.

    Example:
        >>> own_keys({"polymem:row": True, "topic": "茶"})
        {'polymem:row': True}
    """
    return {key: value for key, value in metadata.items() if key.startswith(OWN_KEYS)}


def copy_json(value: object, *, argument: str) -> Any:
    """Return a deep copy of any JSON value, under the rules of :func:`check_metadata`.

    Raises:
        MetadataError: As there.
    """
    copier = _Copier(argument)
    copy = copier.copy(value, "", 0)
    if len(encode_json(copy).encode()) > MAX_BYTES:
        copier.fail("", f"is longer than {MAX_BYTES} bytes as JSON")
    return copy


def encode_json(value: object) -> str:
    r"""Return the stored form: UTF-8 text without escapes that are not needed, keys in the order given.

    Engines look keys up in this text, and SQLite before 3.45 compares them as written: an escaped ``\u4e2d`` would not be
    found as 中.

    Example:
        >>> encode_json({"城市": "北京", "n": 1.0})
        '{"城市":"北京","n":1.0}'
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def text_fault(text: str) -> str | None:
    """Say what makes *text* impossible to store, or None.

    Example:
        >>> text_fault("a" + chr(0))
        'holds a NUL character'
    """
    if "\0" in text:
        return "holds a NUL character"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds a lone surrogate"
    return None


def depth_fault(*values: object) -> str | None:
    """Say that one of *values* is nested deeper than it may be, or None.

    Example:
        >>> depth_fault({"a": [1]})
        >>> loop = []
        >>> loop.append(loop)
        >>> depth_fault(loop)
        'is nested more than 32 deep'
    """
    level: Collection[object] = values
    for _ in range(MAX_DEPTH):
        # By identity, so that what holds itself many times is looked at once a level.
        inner = {id(node): node for outer in level for node in _inside(outer) if _nests(node)}
        if not inner:
            return None
        level = inner.values()
    return f"is nested more than {MAX_DEPTH} deep"


def _nests(value: object) -> bool:
    return isinstance(value, (dict, list, tuple, Mapping))


def _inside(value: object) -> Collection[object]:
    if isinstance(value, Mapping):
        return cast("Mapping[object, object]", value).values()
    return cast("list[object] | tuple[object, ...]", value) if isinstance(value, (list, tuple)) else ()


def shown(name: str) -> str:
    """Return *name* fit for a message: printable and at most 80 characters."""
    safe = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in name[:81])
    return safe if len(name) <= 80 else safe[:80] + "…"


class _Copier:
    """Walks a value once; the count of nodes ends the walk of a small object that refers to itself many times."""

    def __init__(self, argument: str) -> None:
        self.argument = argument
        self.n_nodes = 0

    def fail(self, path: str, fault: str) -> NoReturn:
        place = f" at {shown(path)!r}" if path else ""
        raise MetadataError(f"{self.argument}{place} {fault}", argument=self.argument, path=shown(path))

    def copy(self, value: object, path: str, depth: int) -> Any:
        self.n_nodes += 1
        if self.n_nodes > MAX_BYTES:
            self.fail("", f"is longer than {MAX_BYTES} bytes as JSON")
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, (int, float)):
            return self._number(value, path)
        if not isinstance(value, (dict, list, tuple)):
            self.fail(path, f"is not JSON but {type(value).__name__}")
        if depth >= MAX_DEPTH:
            self.fail(path, f"is nested more than {MAX_DEPTH} deep")
        if isinstance(value, dict):
            return self._object(cast("Mapping[object, object]", value), path, depth)
        array = cast("list[object] | tuple[object, ...]", value)
        return [self.copy(element, f"{path}[{n}]", depth + 1) for n, element in enumerate(array)]

    def _object(self, value: Mapping[object, object], path: str, depth: int) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, element in value.items():
            if not isinstance(key, str):
                self.fail(path, f"has a key that is not a string but {type(key).__name__}")
            place = f"{path}.{key}" if path else key
            if len(key) > MAX_KEY_CHARS:
                self.fail(place, f"has a key longer than {MAX_KEY_CHARS} characters")
            result[self._text(key, place)] = self.copy(element, place, depth + 1)
        return result

    def _text(self, value: str, path: str) -> str:
        fault = text_fault(value)
        if fault:
            self.fail(path, fault)
        return str.__str__(value)

    def _number(self, value: float, path: str) -> float:
        if isinstance(value, int):
            if not MIN_INT <= value <= MAX_INT:
                self.fail(path, "is an integer beyond 64 bits")
            return int(value)
        if not math.isfinite(value):
            self.fail(path, "is not a finite number")
        return float(value)
