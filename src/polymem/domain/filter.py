"""Filters: what a caller may ask of rows, as a checked tree.

A filter is a JSON-like dict (:func:`parse_filter`); ``docs/filters.md`` describes the language and its three truth values.
The meaning is fixed by :func:`polymem.domain.filter_eval.matches`, and every engine's translation must agree with it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeAlias, cast

from polymem.domain.filter_operands import OPS, FieldType, Op, check_operand, fail
from polymem.domain.metadata import MAX_DEPTH, MAX_KEY_CHARS, shown, text_fault
from polymem.domain.slotted import dataclass

MAX_NESTING = 32
MAX_TERMS = 1_000

BUILT_IN: Mapping[str, FieldType] = {
    **dict.fromkeys(("id", "text", "role", "speaker"), "text"),
    **dict.fromkeys(("agent_id", "run_id"), "id"),
    **dict.fromkeys(("user_id", "tenant"), "scope"),
    **dict.fromkeys(("importance", "version"), "number"),
    **dict.fromkeys(
        ("created_at", "valid_at", "invalid_at", "expired_at", "expires_at", "updated_at"), "time"
    ),
    "kind": "kind",
}
"""The fields of an item that a filter can name, and what they hold."""


@dataclass(frozen=True, slots=True)
class Field:
    """What a term looks at.

    Attributes:
        name: A key of :data:`BUILT_IN`, or "metadata".
        path: For metadata the keys from the outermost object inwards; empty for a built-in field.
    """

    name: str
    path: tuple[str, ...] = ()

    @property
    def type(self) -> FieldType:
        """What the field holds."""
        return "json" if self.path else BUILT_IN[self.name]


@dataclass(frozen=True, slots=True)
class Compare:
    """One term.

    Attributes:
        field: The left side.
        op: The operator.
        value: The checked operand: JSON (a tuple of scalars for ``in`` and ``nin``), or for a time field aware UTC datetimes.
    """

    field: Field
    op: Op
    value: Any


@dataclass(frozen=True, slots=True)
class And:
    """True when all parts are; at least one part."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """True when one of the parts is; at least one part."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is false; unknown stays unknown."""

    part: Filter


Filter: TypeAlias = Compare | And | Or | Not


def parse_filter(value: object) -> Filter | None:
    """Check a filter and return its tree; None for None and for ``{}``, which filter nothing.

    Raises:
        FilterError: It is malformed; ``error.argument`` is "filters" and ``error.field`` the key at fault, as it was written.

    Example:
        >>> parse_filter({"city": "Paris"})
        Compare(field=Field(name='metadata', path=('city',)), op='eq', value='Paris')
        >>> parse_filter({"stars": {"gte": "*"}, "OR": []})
        Traceback (most recent call last):
        polymem.errors.FilterError: filters: 'OR' must be a list of at least one filter
    """
    if value is None or value == {}:
        return None
    return _Parser().parse(value, "", 0)


def terms(node: Filter) -> Iterator[Compare]:
    """Yield every term of the tree, from left to right.

    Example:
        >>> tree = parse_filter({"AND": [{"user_id": "alice"}, {"NOT": {"n": 1}}]})
        >>> [term.field.name for term in terms(tree)]
        ['user_id', 'metadata']
    """
    match node:
        case Compare():
            yield node
        case Not(part):
            yield from terms(part)
        case And(parts) | Or(parts):
            for part in parts:
                yield from terms(part)


class _Parser:
    """Builds the tree and counts its terms."""

    def __init__(self) -> None:
        self.n_terms = 0

    def parse(self, value: object, name: str, depth: int) -> Filter:
        """Return the tree of one dict, found under the key *name*."""
        if not isinstance(value, dict):
            fail(name, f"must be a dict of conditions, not {type(value).__name__}")
        if not value:
            fail(name, "holds an empty condition")
        if depth > MAX_NESTING:
            fail(name, f"is nested more than {MAX_NESTING} deep")
        parts: list[Filter] = []
        for key, operand in cast("dict[object, object]", value).items():
            if not isinstance(key, str):
                fail(repr(key), f"is a key that is not a string but {type(key).__name__}")
            if key in {"AND", "OR", "NOT"}:
                parts.append(self._branch(key, operand, depth + 1))
            else:
                parts.extend(self._conditions(key, operand))
        return _joined(And, parts)

    def _branch(self, key: str, operand: object, depth: int) -> Filter:
        if key == "NOT" and isinstance(operand, dict):
            return Not(self.parse(cast("object", operand), key, depth))
        if not isinstance(operand, (list, tuple)) or not operand:
            wanted = "a filter or a list of at least one" if key == "NOT" else "a list of at least one filter"
            fail(key, f"must be {wanted}")
        parts = [self.parse(part, key, depth) for part in cast("Sequence[object]", operand)]
        if key == "AND":
            return _joined(And, parts)
        return _joined(Or, parts) if key == "OR" else Not(_joined(Or, parts))

    def _conditions(self, name: str, operand: object) -> Iterator[Filter]:
        field = _field(name)
        given = _by_operator(operand)
        if not given:
            fail(name, 'has no operator; write {"eq": {}} to compare with an empty object')
        for op, value in given.items():
            self.n_terms += 1
            if self.n_terms > MAX_TERMS:
                fail(name, f"is one term too many: a filter has at most {MAX_TERMS}")
            if not isinstance(op, str) or op not in OPS:
                fail(name, _unknown_operator(op))
            yield Compare(field, cast("Op", op), check_operand(name, kind=field.type, op=op, value=value))


def _by_operator(operand: object) -> Mapping[object, object]:
    if isinstance(operand, dict):
        return cast("Mapping[object, object]", operand)
    if isinstance(operand, (list, tuple)):
        return {"in": cast("Sequence[object]", operand)}
    return {"eq": operand}


def _joined(kind: type[And | Or], parts: list[Filter]) -> Filter:
    return parts[0] if len(parts) == 1 else kind(tuple(parts))


def _unknown_operator(op: object) -> str:
    if not isinstance(op, str):
        return f"has an operator that is not a string but {type(op).__name__}"
    if op.removeprefix("$") in OPS:
        return f"has the operator {shown(op)!r}; write it as {op.removeprefix('$')!r}"
    return (
        f"has the unknown operator {shown(op)!r}; for a key inside an object join the keys with a dot, "
        'to compare with a whole object use {"eq": {...}}'
    )


# ---------------------------------------------------------------- fields
_KEY = r"(?:[^.\\]|\\[.\\])+"
_KEYS = re.compile(rf"{_KEY}(?:\.{_KEY})*", re.DOTALL)


def _field(name: str) -> Field:
    if name in BUILT_IN:
        return Field(name)
    if name == "metadata":
        fail(name, "is the whole object; name a key as in 'metadata.city'")
    if not _KEYS.fullmatch(name):
        fail(name, r"is not a usable key: a part is empty, or a backslash is not doubled ('\\' or '\.')")
    keys = tuple(re.sub(r"\\(.)", r"\1", part) for part in re.findall(_KEY, name, re.DOTALL))
    keys = keys[1:] if keys[0] == "metadata" and len(keys) > 1 else keys
    if len(keys) > MAX_DEPTH or any(len(key) > MAX_KEY_CHARS for key in keys):
        fail(name, f"is longer than {MAX_DEPTH} keys of {MAX_KEY_CHARS} characters")
    fault = text_fault(name)
    if fault:
        fail(name, fault)
    return Field("metadata", keys)
