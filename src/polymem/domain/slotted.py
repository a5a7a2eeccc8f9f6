"""``@dataclass(slots=True)`` and ``@dataclass(frozen=True, slots=True)``, cheaper to define and to construct.

The standard decorator writes and compiles up to six functions a class: 1.5 ms for a frozen one, and with seventy classes
that was a third of the package's import. Here only the constructor depends on the fields, and it is compiled with the
first value, so a class that a program never uses costs next to nothing. It fills the slots directly, past the guard that
keeps a frozen value from being changed, which makes a value of twenty fields in a third of the time.

What comes out is a dataclass as the standard library knows it (``fields``, ``replace``, ``match``, ``copy``, ``pickle``),
and type checkers are told that it is the same decorator.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, FrozenInstanceError
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NoReturn, TypeVar

__all__ = ["dataclass"]

T = TypeVar("T")
_NO_FIELDS: Final = ("ClassVar", "InitVar", "KW_ONLY")


class _LeftOut:
    """Stands for an argument that was not given and whose default is made anew each time."""

    def __repr__(self) -> str:
        return "<factory>"


_LEFT_OUT: Final = _LeftOut()


class _WhenUsed:
    """An attribute of a class that is made when somebody first asks for it."""

    def __init__(self, make: Callable[[type[Any]], object]) -> None:
        self._make = make

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._owner, self._name = owner, name

    def __get__(self, instance: object, owner: type[Any]) -> Any:
        setattr(self._owner, self._name, self._make(self._owner))
        return getattr(owner if instance is None else instance, self._name)


def _slotted(*, slots: Literal[True], frozen: bool = False, eq: bool = True) -> Callable[[type[T]], type[T]]:
    """Return the decorator; what else the standard one takes, or looks for in a class, is a TypeError."""
    del slots
    return partial(_define, frozen=frozen, eq=eq)


def _define(cls: type[T], *, frozen: bool, eq: bool) -> type[T]:
    """Make *cls* again: slots cannot be given to a class that is there already."""
    kinds: dict[str, Any] = cls.__annotations__
    members: dict[str, Any] = dict(vars(cls))
    defaults = {name: members.pop(name) for name in kinds if name in members}
    if "__post_init__" in members or dataclasses.is_dataclass(cls) or not _plain(kinds, defaults):
        raise TypeError(f"{cls.__name__} needs the dataclass of the standard library")

    def standard(made: type[Any], **options: bool) -> Any:
        """Return what the standard decorator makes of the same fields."""
        body = {"__module__": made.__module__, "__doc__": made.__name__, "__annotations__": kinds} | defaults
        return dataclasses.dataclass(init=False, repr=False, **options)(type(made.__name__, (), body))

    members |= {
        "__slots__": tuple(kinds),
        "__match_args__": tuple(kinds),
        "__dataclass_fields__": _WhenUsed(lambda made: standard(made, eq=False).__dataclass_fields__),
        "__dataclass_params__": _WhenUsed(
            lambda made: standard(made, frozen=frozen, eq=eq).__dataclass_params__
        ),
        "__init__": _WhenUsed(partial(_constructor, defaults=defaults)),
        "__repr__": _Methods.__repr__,
        "__replace__": dataclasses.replace,
    }
    if eq:
        members["_values"] = attrgetter(*kinds)
        members["__eq__"] = _Methods.__eq__
        members["__hash__"] = _Methods.__hash__ if frozen else None
    if frozen:
        members |= {name: vars(_Frozen)[name] for name in _FROZEN}
    members.pop("__dict__", None)
    members.pop("__weakref__", None)
    metaclass: Any = type(cls)
    made = metaclass(cls.__name__, cls.__bases__, members)
    made.__qualname__ = cls.__qualname__
    defined: type[T] = made
    return defined


def _plain(kinds: Mapping[str, Any], defaults: Mapping[str, Any]) -> bool:
    """Tell whether all are fields like any other: given to the constructor by place or by name, and compared."""
    fields = [_field(default) for default in defaults.values()]
    return not any(word in str(kind) for kind in kinds.values() for word in _NO_FIELDS) and all(
        field.init and field.compare and field.hash is None and field.kw_only in {False, MISSING}
        for field in fields
    )


def _field(given: Any) -> Field[Any]:
    """Return what stands behind the name of a field as the description that it is, or is short for."""
    return given if isinstance(given, Field) else dataclasses.field(default=given)  # pyright: ignore[reportUnknownVariableType]


def _constructor(made: type[Any], *, defaults: Mapping[str, Any]) -> Callable[..., None]:
    """Compile ``__init__``: parameters in the order of the fields, each put into its slot."""
    kinds: dict[str, Any] = made.__annotations__
    known: dict[str, object] = {"left_out": _LEFT_OUT}
    parameters: list[str] = ["self"]
    lines: list[str] = []
    for name in kinds:
        known[f"set_{name}"] = vars(made)[name].__set__
        field = _field(defaults.get(name, MISSING))
        parameter = value = name
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
    exec(source, vars(sys.modules[made.__module__]), compiled)  # noqa: S102 - names of our own fields, as dataclasses does
    constructor: Callable[..., None] = compiled["make"](**known)
    constructor.__annotations__ = kinds | {"return": None}
    constructor.__qualname__ = f"{made.__qualname__}.__init__"
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

    __match_args__: tuple[str, ...]

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __getstate__(self) -> list[Any]:
        return [getattr(self, name) for name in self.__match_args__]

    def __setstate__(self, state: list[Any]) -> None:
        for name, value in zip(self.__match_args__, state, strict=True):
            object.__setattr__(self, name, value)


_FROZEN: Final = ("__setattr__", "__delattr__", "__getstate__", "__setstate__")

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    dataclass = _slotted
