"""Options that several commands share, as groups: a parameter of a group's class stands for all of its options."""

from __future__ import annotations

import inspect
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from typing import Annotated, Any, Final, TypeVar, cast, get_type_hints

import typer

from polymem import Memory
from polymem.cli.call import Call, Common, given
from polymem.errors import FilterError, MetadataError

G = TypeVar("G")
EXIT_PIPE: Final = 141
"""What a shell reports of a program that was stopped because nobody reads its output any more."""


@dataclass(frozen=True, slots=True)
class Who:
    """The scope."""

    user: Annotated[str | None, typer.Option("--user", "-u", metavar="ID", help="Whose memory.")] = None
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID", help="Which agent's.")] = None
    run: Annotated[str | None, typer.Option("--run", metavar="ID", help="Which session's.")] = None
    tenant: Annotated[str | None, typer.Option("--tenant", metavar="ID", help="Which tenant's.")] = None

    @property
    def ids(self) -> dict[str, Any]:
        """The ids as the verbs name them."""
        return given(user_id=self.user, agent_id=self.agent, run_id=self.run, tenant=self.tenant)

    def bound(self, memory: Memory) -> Memory:
        """Return *memory*, bound to the scope if one is named: then no other scope's item can be reached by its id."""
        return memory.scoped(**self.ids) if self.ids else memory


@dataclass(frozen=True, slots=True)
class When:
    """The two times."""

    as_of: Annotated[
        str | None, typer.Option("--as-of", metavar="TIME", help="What held in the world at this time.")
    ] = None
    known_at: Annotated[
        str | None, typer.Option("--known-at", metavar="TIME", help="What the store knew at this time.")
    ] = None

    @property
    def times(self) -> dict[str, Any]:
        """The times as the verbs name them."""
        return given(as_of=time_of(self.as_of), known_at=time_of(self.known_at))


@dataclass(frozen=True, slots=True)
class Which:
    """A condition on items."""

    filter: Annotated[
        str | None, typer.Option("--filter", metavar="JSON", help="A condition, see docs/filters.md.")
    ] = None
    kind: Annotated[
        list[str] | None, typer.Option("--kind", metavar="KIND", help="Only this kind; may be repeated.")
    ] = None
    archived: Annotated[bool, typer.Option("--archived", help="What was put away, too.")] = False

    @property
    def conditions(self) -> dict[str, Any]:
        """The conditions as the verbs name them.

        Raises:
            FilterError: The filter is not a JSON object.
        """
        return given(
            filters=filter_of(self.filter), kinds=self.kind or None, include_archived=self.archived or None
        )


def filter_of(text: str | None) -> dict[str, Any] | None:
    """Return the filter that *text* holds as JSON.

    Raises:
        FilterError: It is not a JSON object.
    """
    value = None if text is None else _object(text)
    if value is None and text is not None:
        raise FilterError("--filter must be a JSON object", argument="--filter")
    return value


def metadata_of(text: str | None) -> dict[str, Any] | None:
    """Return the metadata that *text* holds as JSON.

    Raises:
        MetadataError: It is not a JSON object.
    """
    value = None if text is None else _object(text)
    if value is None and text is not None:
        raise MetadataError("--metadata must be a JSON object", argument="--metadata")
    return value


def _object(text: str) -> dict[str, Any] | None:
    """Return the JSON object that *text* holds, None if it holds none."""
    try:
        value = json.loads(text)
    except (json.JSONDecodeError, RecursionError):
        return None
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def time_of(text: str | None) -> str | float | None:
    """Return a time as the verbs take it: Unix seconds as a number, everything else as it is."""
    if text is None:
        return None
    try:
        return float(text)
    except ValueError:
        return text


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Return *function* with the options of its groups in place of each parameter that is a group.

    The parameter ``call`` gets the :class:`~polymem.cli.call.Call`, made from the common options.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if hint in _GROUPS}
    signature = inspect.signature(function)
    parameters = [_CONTEXT]
    for name, parameter in signature.parameters.items():
        if name == _CONTEXT.name:
            continue
        if name in groups:
            parameters += _options(groups[name])
        else:
            parameters.append(parameter.replace(annotation=hints[name], kind=inspect.Parameter.KEYWORD_ONLY))

    @wraps(function)
    def filled(**values: Any) -> None:
        context: typer.Context = values[_CONTEXT.name]
        if _CONTEXT.name not in signature.parameters:
            del values[_CONTEXT.name]
        for name, group in groups.items():
            made = _GROUPS[group](**{field.name: values.pop(field.name) for field in fields(_GROUPS[group])})
            values[name] = Call(made.over(context.obj)) if group is Call else made
        try:
            function(**values)
            sys.stdout.flush()
        except BrokenPipeError:
            _abandon_output()
            raise typer.Exit(EXIT_PIPE) from None

    # Typer reads both.
    filled.__dict__["__signature__"] = signature.replace(parameters=parameters)
    filled.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return filled


_GROUPS: Final[dict[Any, type[Any]]] = {Call: Common, Common: Common, Who: Who, When: When, Which: Which}
_CONTEXT: Final = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


def group(made: type[G]) -> type[G]:
    """Let a dataclass of options be used as a group."""
    _GROUPS[made] = made
    return made


def _options(group: Any) -> list[inspect.Parameter]:
    holder = _GROUPS[group]
    hints = get_type_hints(holder, include_extras=True)
    return [
        inspect.Parameter(
            field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
        )
        for field in fields(holder)
    ]


def _abandon_output() -> None:
    """Let the interpreter flush into nothing when it ends, where it would complain of the closed pipe again."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        return
