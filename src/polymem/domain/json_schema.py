"""Whether a value has the form that a JSON Schema describes.

The subset that language models are asked with: type, properties, required, additionalProperties, items, minItems,
maxItems, enum, const, minLength, maxLength, minimum, maximum, anyOf, and ``$ref`` into ``$defs``. Source: JSON Schema
2020-12, Validation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from polymem.errors import InputError

__all__ = ["JsonSchema", "check_schema", "problems"]

JsonSchema: TypeAlias = Mapping[str, Any]
"""A JSON Schema of type object; "title" names it, "description" says what it is for."""

_ANNOTATIONS: Final = frozenset(
    ("title", "description", "default", "examples", "$schema", "$id", "$defs", "format")
)
_MAX_DEPTH: Final = 64


def check_schema(schema: JsonSchema) -> None:
    """Refuse a schema that says what :func:`problems` would not look at.

    Raises:
        InputError: It uses a keyword outside of the subset; ``error.keyword`` names it.
    """
    known = {f"#/$defs/{name}" for name in schema.get("$defs", {})}
    for part in _parts(schema):
        if part.get("$ref") not in {None, *known}:
            raise InputError(
                "the schema refers to what it does not define", argument="schema", keyword="$ref"
            )
        unknown = part.keys() - _CHECKS.keys() - _ANNOTATIONS
        if unknown:
            raise InputError(
                f"the schema uses {min(unknown)!r}, which is not checked",
                argument="schema",
                keyword=min(unknown),
            )


def problems(value: object, schema: JsonSchema) -> list[str]:
    """Return what about *value* is not of the form, [] if nothing.

    Every problem names the place by names of the schema and by numbers; no word of the value is in it.

    Args:
        value: What :func:`json.loads` gives.
        schema: The form.

    Example:
        >>> form = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age", "name"]}
        >>> problems({"age": "七"}, form)
        ["'name' is missing", 'age must be integer']
    """
    return list(_problems(value, schema, root=schema, place="", depth=0))


def _parts(schema: JsonSchema) -> Iterator[JsonSchema]:
    yield schema
    inner: list[Any] = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner += [*schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
    for part in inner:
        if isinstance(part, Mapping):
            yield from _parts(cast("JsonSchema", part))


def _problems(
    value: object, schema: JsonSchema, *, root: JsonSchema, place: str, depth: int
) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        yield f"{place or 'the answer'} is nested too deeply"
        return
    reference = schema.get("$ref")
    if reference is not None:
        target = root.get("$defs", {}).get(str(reference).removeprefix("#/$defs/"), {})
        yield from _problems(value, target, root=root, place=place, depth=depth + 1)
    named = place or "the answer"
    for keyword, check in _CHECKS.items():
        if keyword in schema and not check(value, schema[keyword]):
            yield f"{named} must be {_SAID.get(keyword, '{}').format(_words(schema[keyword]))}"
            return
    if "anyOf" in schema:
        yield from _any_of(value, schema["anyOf"], root=root, place=place, depth=depth)
    if isinstance(value, dict):
        yield from _object(cast("dict[str, object]", value), schema, root=root, place=place, depth=depth)
    if isinstance(value, list) and "items" in schema:
        for n, one in enumerate(cast("list[object]", value)):
            yield from _problems(one, schema["items"], root=root, place=f"{place}[{n}]", depth=depth + 1)


def _object(
    value: dict[str, object], schema: JsonSchema, *, root: JsonSchema, place: str, depth: int
) -> Iterator[str]:
    known: Mapping[str, Any] = schema.get("properties", {})
    yield from (
        f"{place and place + '.'}{name!r} is missing"
        for name in schema.get("required", ())
        if name not in value
    )
    others = schema.get("additionalProperties", True)
    for name, one in value.items():
        if name in known:
            inside = f"{place}.{name}" if place else name
            yield from _problems(one, known[name], root=root, place=inside, depth=depth + 1)
        elif others is False:
            yield f"{place or 'the answer'} has a property that the form does not have"
        elif isinstance(others, Mapping):
            form = cast("JsonSchema", others)
            yield from _problems(one, form, root=root, place=f"{place}.*", depth=depth + 1)


def _any_of(
    value: object, forms: Sequence[JsonSchema], *, root: JsonSchema, place: str, depth: int
) -> Iterator[str]:
    found = [list(_problems(value, form, root=root, place=place, depth=depth + 1)) for form in forms]
    if all(found):
        # The form that comes nearest says best what is amiss.
        yield from min(found, key=len)


def _words(operand: object) -> str:
    return (
        " or ".join(map(str, cast("list[object]", operand)))
        if isinstance(operand, (list, tuple))
        else str(operand)
    )


def _has_type(value: object, wanted: object) -> bool:
    kinds = cast("list[str]", wanted) if isinstance(wanted, (list, tuple)) else [wanted]
    return any(_TYPES.get(str(kind), lambda _: False)(value) for kind in kinds)


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _equal(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


_TYPES: Final[Mapping[str, Callable[[Any], bool]]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
    "number": _is_number,
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}
_CHECKS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "type": _has_type,
    "enum": lambda value, wanted: any(_equal(value, one) for one in wanted),
    "const": _equal,
    "minItems": lambda value, least: not isinstance(value, list) or len(cast("list[object]", value)) >= least,
    "maxItems": lambda value, most: not isinstance(value, list) or len(cast("list[object]", value)) <= most,
    "minLength": lambda value, least: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda value, most: not isinstance(value, str) or len(value) <= most,
    "minimum": lambda value, least: not _is_number(value) or value >= least,
    "maximum": lambda value, most: not _is_number(value) or value <= most,
    **dict.fromkeys(
        ("properties", "required", "additionalProperties", "items", "anyOf", "$ref"),
        lambda _value, _wanted: True,
    ),
}
_SAID: Final[Mapping[str, str]] = {
    "enum": "one of {}",
    "const": "{}",
    "minItems": "at least {} long",
    "maxItems": "at most {} long",
    "minLength": "at least {} characters long",
    "maxLength": "at most {} characters long",
    "minimum": "at least {}",
    "maximum": "at most {}",
}
