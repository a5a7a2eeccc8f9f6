"""mem0's filters in the native language, and the ids in them that say whose memory is meant.

An id in a place where it must hold (the top level, inside ``AND``) completes the scope where the call names none; every
other id is a condition like any other, so it can narrow the scope and never widen it. Fields are those of a mem0 row;
every other name is a key of the metadata, the names of native fields too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeAlias, cast

from polymem.domain.filter import MAX_NESTING
from polymem.domain.timespan import as_utc
from polymem.errors import FilterError, InputError, ScopeError

__all__ = ["OWNERS", "Condition", "expiry", "read_filters"]

OWNERS: Final = ("user_id", "agent_id", "run_id")
WILDCARD: Final = "*"
Condition: TypeAlias = dict[str, Any]

_FIELDS: Final[Mapping[str, str]] = {
    "actor_id": "speaker",
    "expiration_date": "expires_at",
    **{name: name for name in ("agent_id", "run_id", "role", "created_at", "updated_at", "valid_at")},
}
_ALWAYS: Final[Condition] = {"id": {"exists": True}}
_NEVER: Final[Condition] = {"id": {"exists": False}}


def read_filters(
    ids: Mapping[str, object], filters: Mapping[str, Any] | None
) -> tuple[dict[str, Any], Condition | None]:
    """Return the ids of the scope and the native filter.

    Args:
        ids: ``user_id``, ``agent_id`` and ``run_id`` as the call names them, None where it does not.
        filters: mem0's filter.

    Raises:
        FilterError: The filter is malformed.
        ScopeError: It asks for every user.

    Example:
        >>> read_filters({}, {"user_id": "alice", "category": {"ne": "work"}, "run_id": "*"})
        ({'user_id': 'alice'}, {'AND': [{'metadata.category': {'ne': 'work'}}, {'run_id': {'exists': True}}]})
    """
    scope: dict[str, Any] = {name: value for name, value in ids.items() if value is not None}
    if filters is None:
        return scope, None
    conditions: list[Condition] = []
    for key, operand in _conjuncts(filters, 0):
        if key in OWNERS and key not in scope and (owner := _single(operand)) is not None:
            scope[key] = owner
        else:
            conditions.append({key: operand})
    native = [_native(condition, scope, 0) for condition in conditions]
    return scope, None if not native else _joined(native)


def expiry(value: object) -> datetime:
    """Return the instant from which a memory with this ``expiration_date`` is hidden: the end of that day, UTC.

    Raises:
        InputError: It is not a date.
    """
    moment = as_utc(value, argument="expiration_date")
    day = date(moment.year, moment.month, moment.day)
    try:
        return as_utc(day + timedelta(days=1), argument="expiration_date")
    except OverflowError as error:
        raise InputError("expiration_date lies beyond the year 9999", argument="expiration_date") from error


def _conjuncts(filters: object, depth: int) -> Iterator[tuple[str, Any]]:
    """Yield the conditions that must all hold, AND and an OR of one branch unfolded."""
    for key, operand in _mapping(filters, depth).items():
        if key in {"AND", "OR"} and isinstance(operand, (list, tuple)):
            branches = cast("Sequence[object]", operand)
            if branches and (key == "AND" or len(branches) == 1):
                for branch in branches:
                    yield from _conjuncts(branch, depth + 1)
                continue
        yield key, operand


def _mapping(value: object, depth: int) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise FilterError(
            f"filters: a condition must be a dict, not {type(value).__name__}", argument="filters"
        )
    if depth > MAX_NESTING:
        raise FilterError(f"filters: nested more than {MAX_NESTING} deep", argument="filters")
    mapping = cast("Mapping[object, Any]", value)
    for key in mapping:
        if not isinstance(key, str):
            raise FilterError(
                f"filters: a key must be a string, not {type(key).__name__}", argument="filters"
            )
    return cast("Mapping[str, Any]", mapping)


def _single(operand: object) -> object:
    """Return the one id that *operand* asks for; None when it asks for none, for several or for any."""
    value = operand
    if isinstance(operand, Mapping):
        terms = cast("Mapping[str, object]", operand)
        if len(terms) != 1:
            return None
        value = terms.get("eq", terms.get("in"))
    if isinstance(value, (list, tuple)):
        listed = cast("Sequence[object]", value)
        value = listed[0] if len(listed) == 1 else None
    return None if value == WILDCARD else value


def _joined(parts: list[Condition], *, by: str = "AND") -> Condition:
    return parts[0] if len(parts) == 1 else {by: parts}


def _native(condition: object, scope: Mapping[str, object], depth: int) -> Condition:
    parts: list[Condition] = []
    for key, operand in _mapping(condition, depth).items():
        if key in {"AND", "OR", "NOT"}:
            parts.append({key: _branches(key, operand, scope, depth)})
        elif key == "user_id":
            parts.extend(_user(operand, scope))
        else:
            parts.extend(_terms(key, operand))
    if not parts:
        raise FilterError("filters: holds an empty condition", argument="filters")
    return _joined(parts)


def _branches(key: str, operand: object, scope: Mapping[str, object], depth: int) -> list[Condition]:
    listed = [cast("object", operand)] if key == "NOT" and isinstance(operand, Mapping) else operand
    if not isinstance(listed, (list, tuple)):
        raise FilterError(f"filters: {key!r} must be a list of filters", argument="filters", field=key)
    return [_native(branch, scope, depth + 1) for branch in cast("Sequence[object]", listed)]


def _by_operator(operand: object) -> Mapping[str, Any]:
    if isinstance(operand, Mapping):
        return cast("Mapping[str, Any]", operand)
    return {"in": operand} if isinstance(operand, (list, tuple)) else {"eq": operand}


def _terms(key: str, operand: object) -> Iterator[Condition]:
    """Yield the conditions on one field, each with one operator."""
    name = _FIELDS.get(key) or (key if key.startswith("metadata.") else f"metadata.{key}")
    given = _by_operator(operand)
    if not given:
        yield {name: {}}
    for given_op, given_value in given.items():
        op, value = given_op, given_value
        if value == WILDCARD and op in {"eq", "ne"}:
            op, value = "exists", op == "eq"
        if key == "actor_id" and op in {"exists", "ne", "nin"}:
            # Who has no name is stored under the empty one.
            yield {name: {"eq" if value is False else "ne": ""}}
        if key == "expiration_date" and op != "exists":
            value = _expiries(value)
        if key != "actor_id" or op != "exists":
            yield {name: {op: value}}


def _expiries(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_expiries(each) for each in cast("Sequence[object]", value)]
    return None if value is None else expiry(value)


def _user(operand: object, scope: Mapping[str, object]) -> Iterator[Condition]:
    """Yield conditions on the user; all rows of a scope have the same one, or none."""
    for op, value in _by_operator(operand).items():
        if op in {"eq", "ne"} and value == WILDCARD:
            if "user_id" not in scope:
                raise ScopeError("user_id is a wildcard; a search names exactly one user", argument="user_id")
            yield _ALWAYS if op == "eq" else _NEVER
            continue
        if op not in {"eq", "ne", "in", "nin"}:
            raise FilterError(
                f"filters: user_id cannot be asked with {op!r}", argument="filters", field="user_id"
            )
        named = cast("Sequence[object]", value) if isinstance(value, (list, tuple)) else [value]
        anyone = _joined([{"user_id": each} for each in named], by="OR") if named else _NEVER
        yield anyone if op in {"eq", "in"} else {"NOT": [anyone]}
