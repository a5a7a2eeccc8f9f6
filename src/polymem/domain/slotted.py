"""``@dataclass(slots=True)`` and ``@dataclass(frozen=True, slots=True)``, cheaper to define and to construct.

The standard decorator writes and compiles up to six functions a class: 1.5 ms for a frozen one, and there are seventy
classes, so that was a third of the package's import. Only the constructor depends on the fields, so it alone is compiled
here. It fills the slots directly, past the guard that keeps a frozen value from being changed, which makes a value of
twenty fields in a third of the time.

What comes out is a dataclass as the standard library knows it (``fields``, ``replace``, ``match``, ``copy``, ``pickle``),
and type checkers are told that it is the same decorator.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")


class _LeftOut:
    """Stands for an argument that was not given and whose default is made anew each time."""

    def __repr__(self) -> str:
        return "<factory>"


_LEFT_OUT: Final = _LeftOut()


def _slotted(*, slots: Literal[True], frozen: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Return the decorator; other arguments, ``__post_init__`` and keyword-only fields are the standard one's."""
    del slots
    return partial(_define, frozen=frozen, eq=eq)


def _define(cls: type[T], *, frozen: bool, eq: bool) -> type[T]:
    # The standard decorator would write the signature there: to find it takes longer than all the rest.
    cls.__doc__ = cls.__doc__ or cls.__name__
    made: Any = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    fields = dataclasses.fields(made)
    if hasattr(made, "__post_init__") or any(field.kw_only or not field.init for field in fields):
        raise TypeError(f"{cls.__name__} needs the dataclass of the standard library")
    members: dict[str, object] = {"__init__": _constructor(made, fields), "__repr__": _Methods.__repr__}
    if eq:
        members["_values"] = attrgetter(*(field.name for field in fields))
        members["__eq__"] = _Methods.__eq__
        members["__hash__"] = _Methods.__hash__ if frozen else None
    if frozen:
        members |= {name: vars(_Frozen)[name] for name in _FROZEN}
    for name, member in members.items():
        setattr(made, name, member)
    defined: type[T] = made
    return defined


def _constructor(cls: type[Any], fields: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Compile ``__init__``: parameters in the order of the fields, each put into its slot."""
    known: dict[str, object] = {"left_out": _LEFT_OUT}
    parameters, lines = ["self"], ["  pass"]
    for field in fields:
        name = parameter = value = field.name
        known[f"set_{name}"] = cls.__dict__[name].__set__
        if field.default is not MISSING:
            known[f"default_{name}"] = field.default
            parameter = f"{name}=default_{name}"
        elif field.default_factory is not MISSING:
            known[f"make_{name}"] = field.default_factory
            parameter = f"{name}=left_out"
            value = f"make_{name}() if {name} is left_out else {name}"
        parameters.append(parameter)
        lines.append(f"  set_{name}(self, {value})")
    source = "\n".join(
        [
            f"def make({', '.join(known)}):",
            f" def __init__({', '.join(parameters)}):",
            *lines,
            " return __init__",
        ]
    )
    compiled: dict[str, Callable[..., Any]] = {}
    # The class's own module for globals: there its annotations mean what they say.
    exec(source, vars(sys.modules[cls.__module__]), compiled)  # noqa: S102 - names of our own fields, as dataclasses does
    constructor: Callable[..., None] = compiled["make"](**known)
    constructor.__annotations__ = {field.name: field.type for field in fields if field.init} | {
        "return": None
    }
    constructor.__qualname__ = f"{cls.__qualname__}.__init__"
    return constructor


class _Methods:
    """What does not depend on the fields; it is copied, so that the classes have no base of ours."""

    _values: Callable[[object], Any]

    def __repr__(self) -> str:
        fields = dataclasses.fields(self)  # type: ignore[arg-type]
        shown = ", ".join(f"{field.name}={getattr(self, field.name)!r}" for field in fields if field.repr)
        return f"{type(self).__qualname__}({shown})"

    def __eq__(self, other: object) -> bool:
        if other.__class__ is not self.__class__:
            return NotImplemented
        return bool(self._values(self) == self._values(other))

    def __hash__(self) -> int:
        return hash(self._values(self))


class _Frozen:
    """The same for frozen classes alone."""

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[Any]:
        return [getattr(self, field.name) for field in dataclasses.fields(self)]  # type: ignore[arg-type]

    def __setstate__(self, state: list[Any]) -> None:
        for field, value in zip(dataclasses.fields(self), state, strict=True):  # type: ignore[arg-type]
            object.__setattr__(self, field.name, value)


_FROZEN: Final = ("__setattr__", "__delattr__", "__getstate__", "__setstate__")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _slotted
