"""Filters as SQL: the same three truth values as :func:`polymem.domain.filter_eval.matches`, with NULL for unknown.

Nothing of a filter is written into the SQL but operators; operands, and the paths of keys, are bound parameters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from sqlite3 import Connection
from typing import Any, NamedTuple, cast

from polymem.domain.filter import And, Compare, Filter, Not, Or
from polymem.domain.filter_eval import json_equal
from polymem.domain.metadata import encode_json
from polymem.domain.timespan import to_micros
from polymem.errors import CapabilityError


class _Sql(NamedTuple):
    """A piece of SQL, its parameters, and how many places it needs on the stack of SQLite's parser."""

    text: str
    params: tuple[object, ...] = ()
    need: int = 0


def to_sql(node: Filter, *, columns: Mapping[str, str]) -> tuple[str, list[object]]:
    """Return a boolean SQL expression and its parameters, in the order of their question marks.

    The expression is TRUE, FALSE or NULL as :func:`~polymem.domain.filter_eval.matches` gives True, False or None; it is
    in parentheses where it needs them. The connection must have been given :func:`register_functions`.

    Args:
        node: The filter.
        columns: SQL for each field, by its name: a column, or an expression in parentheses. "metadata" gives text as
            :func:`polymem.domain.metadata.encode_json` writes it; times are microseconds; NULL is not set.

    Raises:
        CapabilityError: The filter names a field that is not in *columns*.

    Example:
        >>> from polymem.domain.filter import parse_filter
        >>> to_sql(parse_filter({"importance": {"gte": 0.5}}), columns={"importance": "i.importance"})
        ('i.importance >= ?', [0.5])
    """
    sql = _render(_pushed(node, positive=True), columns)
    return sql.text, list(sql.params)


def register_functions(connection: Connection) -> None:
    """Give *connection* the SQL functions that the expressions of :func:`to_sql` call."""
    for name, n_arguments, function in (
        ("polymem_icontains", 2, _icontains),
        ("polymem_casefold", 1, str.casefold),
        ("polymem_json_equal", 2, _json_text_equal),
        ("polymem_json_at", 2, _json_at),
    ):
        connection.create_function(name, n_arguments, function, deterministic=True)


# ---------------------------------------------------------------- SQL functions
_loads = lru_cache(maxsize=64)(json.loads)


def _icontains(value: str | None, folded: str) -> bool | None:
    return None if value is None else folded in value.casefold()


def _json_text_equal(value: str, operand: str) -> bool:
    return json_equal(json.loads(value), _loads(operand))


def _json_at(metadata: str | None, path: str) -> str:
    """Return the value at *path* in an array of one, or an empty array when it is not there."""
    value: Any = json.loads(metadata) if metadata else None
    for key in _loads(path):
        try:
            value = value[key]
        except (KeyError, TypeError):
            return "[]"
    return encode_json([value])


# ---------------------------------------------------------------- AND, OR, NOT
# SQLite refuses a statement whose parentheses need more than about 100 places on its parser's stack ("parser stack
# overflow") or whose tree is higher than 1,000: a chain of 1,000 terms, or 32 levels written from left to right, are too
# much. So NOT is pushed down to the terms, the part that needs most is written first (what comes first costs one place a
# level, what follows costs three), and long lists are grouped.
_LEAF_NEED = 14
_GROUP = 8


def _pushed(node: Filter, *, positive: bool) -> Filter:
    """Return the same condition (or its negation) with NOT on terms only and no AND in AND, no OR in OR."""
    match node:
        case Compare():
            return node if positive else Not(node)
        case Not(part):
            return _pushed(part, positive=not positive)
        case And(parts) | Or(parts):
            kind = And if isinstance(node, And) is positive else Or
            flat: list[Filter] = []
            for part in parts:
                pushed = _pushed(part, positive=positive)
                flat.extend(pushed.parts if isinstance(pushed, kind) else (pushed,))
            return kind(tuple(flat))


def _render(node: Filter, columns: Mapping[str, str]) -> _Sql:
    match node:
        case Compare():
            return _term(node, columns)._replace(need=_LEAF_NEED)
        case Not(part):
            return _sql("NOT ({})", _render(part, columns))._replace(need=_LEAF_NEED + 2)
        case And(parts) | Or(parts):
            word = " AND " if isinstance(node, And) else " OR "
            return _grouped([_render(part, columns) for part in parts], word)


def _grouped(parts: list[_Sql], word: str) -> _Sql:
    parts = sorted(parts, key=_need, reverse=True)
    while len(parts) > _GROUP:
        parts[-_GROUP:] = [_joined(parts[-_GROUP:], word)]
        parts.sort(key=_need, reverse=True)
    return _joined(parts, word)


def _need(sql: _Sql) -> int:
    return sql.need


def _joined(parts: Sequence[_Sql], word: str) -> _Sql:
    text = word.join(part.text for part in parts)
    params = tuple(param for part in parts for param in part.params)
    return _Sql(f"({text})", params, max(1 + parts[0].need, *(3 + part.need for part in parts[1:]), 0))


def _sql(template: str, *parts: _Sql) -> _Sql:
    """Fill the parts into the template's braces, which stand in the order of the parts."""
    return _Sql(
        template.format(*(part.text for part in parts)),
        tuple(param for part in parts for param in part.params),
    )


def _bound(value: object) -> _Sql:
    return _Sql("?", (value,))


# ---------------------------------------------------------------- terms
_ORDER: Mapping[str, str] = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def _term(term: Compare, columns: Mapping[str, str]) -> _Sql:
    column = columns.get(term.field.name)
    if column is None:
        raise CapabilityError(
            f"this engine cannot filter by {term.field.name!r}", capability=f"filter:{term.field.name}"
        )
    if term.op == "ne":
        return _sql("NOT ({})", _term(Compare(term.field, "eq", term.value), columns))
    if term.op == "nin":
        return _sql("NOT ({})", _term(Compare(term.field, "in", term.value), columns))
    if term.field.path:
        return _json_term(_located(column, term.field.path), term)
    return _column_term(_Sql(column), term)


def _column_term(column: _Sql, term: Compare) -> _Sql:
    value = _stored(term.value)
    match term.op:
        case "exists":
            return _sql("{} IS NOT NULL" if value else "{} IS NULL", column)
        case "in":
            given = [_stored(element) for element in term.value if element is not None]
            found = _sql("{} IN (SELECT value FROM json_each({}))", column, _bound(encode_json(given)))
            # An empty list is a constant: SQLite gives 0 for NULL IN (), as the reference does.
            return found if None not in term.value else _sql("({} IS NULL OR {})", column, found)
        case "contains":
            return _sql("instr({}, {}) > 0", column, _bound(value))
        case "icontains":
            return _sql("polymem_icontains({}, {})", column, _bound(str(value).casefold()))
        case "eq" if value is None:
            return _sql("{} IS NULL", column)
        case _:
            return _sql(f"{{}} {_ORDER.get(term.op, '=')} {{}}", column, _bound(value))


def _stored(value: object) -> object:
    return to_micros(value) if isinstance(value, datetime) else value


# ---------------------------------------------------------------- terms on metadata
class _Located(NamedTuple):
    """Where a value lies: the arguments of ``json_type`` and its like, and calls of them."""

    arguments: _Sql

    @property
    def type(self) -> _Sql:
        return _sql("json_type({})", self.arguments)

    @property
    def value(self) -> _Sql:
        return _sql("json_extract({})", self.arguments)


_PLAIN_KEY = re.compile(r'[^"\\\x00-\x1f]*')


def _located(column: str, path: tuple[str, ...]) -> _Located:
    if all(map(_PLAIN_KEY.fullmatch, path)):
        return _Located(_Sql(f"{column}, ?", ("$" + "".join(f'."{key}"' for key in path),)))
    # SQLite compares a quoted key with the text of the JSON as it was escaped, which differs between its versions.
    return _Located(_Sql(f"polymem_json_at({column}, ?), '$[0]'", (encode_json(path),)))


# CASE, because SQLite may evaluate the sides of an AND in either order.
_SOME_ELEMENT = "EXISTS (SELECT 1 FROM json_each({}) AS e WHERE CASE WHEN {} THEN {} END)"


def _json_term(at: _Located, term: Compare) -> _Sql:
    value = term.value
    match term.op:
        case "exists":
            return _sql("{} IS NOT NULL" if value else "{} IS NULL", at.type)
        case "in":
            return _json_in(at, value)
        case "contains":
            return _json_contains(at, value)
        case "icontains":
            folded = _bound(value.casefold())
            elements = _sql(
                _SOME_ELEMENT,
                at.arguments,
                _Sql("e.type = 'text'"),
                _sql("polymem_casefold(e.value) = {}", folded),
            )
            text = _sql("polymem_icontains({}, {})", at.value, folded)
            return _sql("CASE {} WHEN 'text' THEN {} WHEN 'array' THEN {} END", at.type, text, elements)
        case "eq" if value is None:
            return _sql("ifnull({}, 'null') = 'null'", at.type)
        case _:
            test, found = _typed(at.type, at.value, value, _ORDER.get(term.op, "="))
            return _sql("CASE WHEN {} THEN {} END", test, found)


def _type_test(operand: object) -> str:
    """Return the condition on ``json_type`` under which a value has the type of *operand*."""
    if operand is None:
        return "= 'null'"
    if isinstance(operand, bool):
        return "IN ('true', 'false')"
    if isinstance(operand, (int, float)):
        return "IN ('integer', 'real')"
    if isinstance(operand, str):
        return "= 'text'"
    return "= 'array'" if isinstance(operand, list) else "= 'object'"


def _typed(type_: _Sql, value: _Sql, operand: object, sign: str) -> tuple[_Sql, _Sql]:
    """Return the test that a JSON value has the type of *operand*, and the comparison of the two."""
    test = _sql(f"{{}} {_type_test(operand)}", type_)
    match operand:
        case None:
            return test, _Sql("1")
        case list() | dict():
            return test, _sql(
                "polymem_json_equal({}, {})", value, _bound(encode_json(cast("object", operand)))
            )
        case float():
            # SQLite reads both sides from their text: where its reading is not exact to the last bit (that depends on
            # the platform's long double), it errs alike.
            number = _sql("json_extract({}, '$')", _bound(encode_json(operand)))
            return test, _sql(f"{{}} {sign} {{}}", value, number)
        case _:
            return test, _sql(f"{{}} {sign} {{}}", value, _bound(operand))


def _json_contains(at: _Located, operand: object) -> _Sql:
    test, found = _typed(_Sql("e.type"), _Sql("e.value"), operand, "=")
    elements = _sql(_SOME_ELEMENT, at.arguments, test, found)
    if not isinstance(operand, str):
        return _sql("CASE {} WHEN 'array' THEN {} END", at.type, elements)
    text = _sql("instr({}, {}) > 0", at.value, _bound(operand))
    return _sql("CASE {} WHEN 'text' THEN {} WHEN 'array' THEN {} END", at.type, text, elements)


def _json_in(at: _Located, operands: Sequence[object]) -> _Sql:
    if not operands:
        return _Sql("0")
    by_test: dict[str, list[object]] = {}
    for operand in operands:
        by_test.setdefault(_type_test(operand), []).append(operand)
    # With null in the list a missing key is found, and a value of a type that the list does not hold is known to be absent.
    with_null = by_test.pop("= 'null'", None) is not None
    branches = [_sql("WHEN ifnull({}, 'null') = 'null' THEN 1 ", at.type)] if with_null else []
    for test, given in by_test.items():
        found = _sql("{} IN (SELECT value FROM json_each({}))", at.value, _bound(encode_json(given)))
        branches.append(_sql(f"WHEN {{}} {test} THEN {{}} ", at.type, found))
    return _sql("CASE " + "{}" * len(branches) + f"ELSE {'0' if with_null else 'NULL'} END", *branches)
