"""What each operator of a filter may be given, by the type of the field."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, NoReturn, TypeAlias, cast, get_args

from polymem.domain.item import KINDS
from polymem.domain.metadata import copy_json, shown
from polymem.domain.scope import check_id
from polymem.domain.timespan import as_utc
from polymem.errors import FilterError, InputError

Op: TypeAlias = Literal["eq", "ne", "gt", "gte", "lt", "lte", "in", "nin", "contains", "icontains", "exists"]
OPS: frozenset[str] = frozenset(get_args(Op))
FieldType: TypeAlias = Literal["json", "text", "kind", "id", "number", "time", "scope"]

MAX_LIST = 10_000

_EQUALITY: frozenset[str] = frozenset({"eq", "ne", "in", "nin"})
_ORDER: frozenset[str] = frozenset({"gt", "gte", "lt", "lte"})
_OPS: Mapping[FieldType, frozenset[str]] = {
    "json": OPS,
    "text": OPS,
    "id": OPS,
    "kind": _EQUALITY | {"exists"},
    "number": _EQUALITY | _ORDER | {"exists"},
    "time": _EQUALITY | _ORDER | {"exists"},
    "scope": frozenset({"eq"}),
}


def fail(name: str, fault: str) -> NoReturn:
    """Raise the FilterError that says what is wrong at the key *name* ("" for the filter as a whole)."""
    field = shown(name)
    raise FilterError(
        f"filters: {field!r} {fault}" if name else f"filters {fault}", argument="filters", field=field
    )


def check_operand(name: str, *, kind: FieldType, op: str, value: object) -> object:
    """Return the operand of one term, checked and copied.

    Args:
        name: The key as it was written, for messages.
        kind: What the field holds.
        op: The operator.
        value: The operand as it was given.

    Raises:
        FilterError: The field cannot be asked with this operator, or the operator not with this operand.
    """
    if op not in _OPS[kind]:
        fail(name, f"cannot be asked with {op!r}, only with {', '.join(sorted(_OPS[kind]))}")
    if op == "exists":
        if not isinstance(value, bool):
            fail(name, f"needs true or false for 'exists', not {type(value).__name__}")
        return value
    if op in {"in", "nin"}:
        if not isinstance(value, (list, tuple)):
            fail(name, f"needs a list for {op!r}, not {type(value).__name__}")
        elements = cast("Sequence[object]", value)
        if len(elements) > MAX_LIST:
            fail(name, f"has a list of more than {MAX_LIST} values")
        return tuple(_equal_to(name, kind, element, scalar=True) for element in elements)
    if op in {"eq", "ne"}:
        return _equal_to(name, kind, value, scalar=False)
    if op in _ORDER:
        return _ordered_by(name, kind, value)
    if op == "icontains" or kind != "json":
        return _text(name, value)
    return _json(name, value)


def _equal_to(name: str, kind: FieldType, value: object, *, scalar: bool) -> object:
    if value is None and kind != "scope":
        return None
    checked = _CHECKS[kind](name, value)
    if checked == "*":
        fail(name, 'has the wildcard "*"; to ask for any value write {"exists": true}')
    if scalar and isinstance(checked, (list, dict)):
        fail(name, "has a list or an object in a list; 'in' and 'nin' take scalars")
    return checked


def _ordered_by(name: str, kind: FieldType, value: object) -> object:
    checked = _CHECKS[kind](name, value)
    if isinstance(checked, bool) or not isinstance(checked, (int, float, str, datetime)):
        fail(name, f"can be ordered by a number or a string, not by {type(value).__name__}")
    return checked


def _json(name: str, value: object) -> object:
    try:
        return copy_json(value, argument="the operand")
    except InputError as error:
        hint = "; give times as ISO 8601 text, as they were stored" if hasattr(value, "isoformat") else ""
        _raise_from(name, f"cannot be compared: {error}{hint}", error)


def _text(name: str, value: object) -> object:
    if not isinstance(value, str):
        fail(name, f"needs a string, not {type(value).__name__}")
    return _json(name, value)


def _kind(name: str, value: object) -> object:
    if value not in KINDS:
        fail(name, f"must be one of {', '.join(KINDS)}")
    return _json(name, value)


def _id(name: str, value: object) -> object:
    try:
        return check_id(value, argument="the id")
    except InputError as error:
        _raise_from(name, f"cannot be compared: {error}", error)


def _number(name: str, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        fail(name, f"needs a number, not {type(value).__name__}")
    return _json(name, value)


def _time(name: str, value: object) -> object:
    try:
        return as_utc(value, argument="the time")
    except InputError as error:
        _raise_from(name, f"cannot be compared: {error}", error)


def _raise_from(name: str, fault: str, cause: InputError) -> NoReturn:
    try:
        fail(name, fault)
    except FilterError as error:
        raise error from cause


_CHECKS: Mapping[FieldType, Callable[[str, object], object]] = {
    "json": _json,
    "text": _text,
    "kind": _kind,
    "id": _id,
    "number": _number,
    "time": _time,
    "scope": _id,
}
