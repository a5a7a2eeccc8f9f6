"""What a filter means: the reference that every engine's translation is compared with.

Kleene's three truth values: ``True``, ``False`` and ``None`` for unknown. A row is selected only by ``True``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias, cast

from polymem.domain.filter import And, Compare, Field, Filter, Not, Or

Truth: TypeAlias = bool | None
"""None is unknown."""


class FilterRow(Protocol):
    """What a filter looks at; :class:`polymem.domain.item.Item` is one.

    The other built-in fields (:data:`polymem.domain.filter.BUILT_IN`) are attributes too; None means not set.
    """

    @property
    def metadata(self) -> Mapping[str, Any]:
        """Plain JSON, as :func:`polymem.domain.metadata.check_metadata` returns it."""
        ...


def matches(node: Filter, row: FilterRow) -> Truth:
    """Return whether *node* holds for *row*; None when that is unknown.

    Example:
        >>> from types import SimpleNamespace
        >>> from polymem.domain.filter import parse_filter
        >>> row = SimpleNamespace(metadata={"city": "Paris"})
        >>> [matches(parse_filter(f), row) for f in ({"city": "Paris"}, {"city": {"ne": "Paris"}}, {"n": {"ne": 1}})]
        [True, False, None]
    """
    match node:
        case Compare():
            return _compare(node, row)
        case Not(part):
            return _negated(matches(part, row))
        case And(parts):
            return _negated(_any(_negated(matches(part, row)) for part in parts))
        case Or(parts):
            return _any(matches(part, row) for part in parts)


def json_equal(left: object, right: object) -> bool:
    """Return whether two JSON values are equal: numbers by value, objects without regard to order, all else by type.

    Example:
        >>> json_equal({"a": [1, True]}, {"a": [1.0, True]}), json_equal([1], [True])
        (True, False)
    """
    kind = _type(left)
    if kind != _type(right):
        return False
    if kind == "array":
        one, other = cast("Sequence[object]", left), cast("Sequence[object]", right)
        return len(one) == len(other) and all(map(json_equal, one, other))
    if kind == "object":
        first, second = cast("Mapping[str, object]", left), cast("Mapping[str, object]", right)
        return first.keys() == second.keys() and all(json_equal(first[key], second[key]) for key in first)
    return left == right


class _Missing:
    """The type of the value of a key that is not there."""


_MISSING: Final = _Missing()

_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
}


def _type(value: object) -> str:
    if value is None or value is _MISSING:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    if isinstance(value, str):
        return "text"
    if isinstance(value, datetime):
        return "time"
    return "object" if isinstance(value, Mapping) else "array"


def _negated(truth: Truth) -> Truth:
    return None if truth is None else not truth


def _any(truths: Iterable[Truth]) -> Truth:
    result: Truth = False
    for truth in truths:
        if truth:
            return True
        result = None if truth is None else result
    return result


def _lookup(field: Field, row: FilterRow) -> object:
    if not field.path:
        value = getattr(row, field.name)
        return _MISSING if value is None else value
    value = row.metadata
    for key in field.path:
        if not isinstance(value, Mapping):
            return _MISSING
        value = cast("Mapping[str, object]", value).get(key, _MISSING)
    return value


def _compare(term: Compare, row: FilterRow) -> Truth:
    value, operand = _lookup(term.field, row), term.value
    match term.op:
        case "exists":
            return (value is not _MISSING) is operand
        case "eq":
            return _equal(value, operand)
        case "ne":
            return _negated(_equal(value, operand))
        case "in":
            return _in(value, operand)
        case "nin":
            return _negated(_in(value, operand))
        case "contains" | "icontains":
            return _contains(value, operand, folded=term.op == "icontains")
        case "gt" | "gte" | "lt" | "lte":
            same = _type(value) == _type(operand)
            return _ORDER[term.op](value, operand) if same else None


def _equal(value: object, operand: object) -> Truth:
    if operand is None:
        return _type(value) == "null"
    return json_equal(value, operand) if _type(value) == _type(operand) else None


def _in(value: object, operands: Sequence[object]) -> Truth:
    truths = {_equal(value, operand) for operand in operands}
    if True in truths:
        return True
    return None if truths == {None} else False


def _contains(value: object, operand: Any, *, folded: bool) -> Truth:
    if isinstance(value, str) and isinstance(operand, str):
        return operand.casefold() in value.casefold() if folded else operand in value
    if _type(value) != "array":
        return None
    elements = cast("Sequence[object]", value)
    if folded:
        wanted = str(operand).casefold()
        return any(isinstance(element, str) and element.casefold() == wanted for element in elements)
    return any(json_equal(element, operand) for element in elements)
