"""Checks of callers' arguments; each error names the argument."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

from polymem.domain.event import ChainHead
from polymem.domain.item import KINDS, Kind
from polymem.domain.timespan import as_utc
from polymem.errors import InputError
from polymem.text.normalise import clean

MAX_IDS: Final = 10_000


def moment(value: object, *, argument: str) -> datetime | None:
    """Return an optional time as aware UTC."""
    return None if value is None else as_utc(value, argument=argument)


def check_bool(value: object, *, argument: str) -> bool:
    """Return *value* if it is a bool: "false" and 0 would silently mean their opposite."""
    if not isinstance(value, bool):
        raise InputError(f"{argument} must be True or False, not {type(value).__name__}", argument=argument)
    return value


def check_name(value: object, *, argument: str) -> str | None:
    """Return an optional name, as names are stored."""
    if value is not None and not isinstance(value, str):
        raise InputError(f"{argument} must be a text, not {type(value).__name__}", argument=argument)
    return None if value is None else clean(value)


def check_target(value: object) -> str | None:
    """Return what is to be forgotten about: a name, an address, a number, with a letter or a digit in it."""
    name = check_name(value, argument="about")
    if name is not None and not any(map(str.isalnum, name)):
        raise InputError("about must be a name, an address or a number", argument="about")
    return None if name is None else name.strip()


def check_head(value: object) -> ChainHead:
    """Return the head of a chain, given as such or as ``{"n": …, "link": …}``."""
    given: Mapping[str, object] = {}
    if isinstance(value, Mapping):
        given = cast("Mapping[str, object]", value)
    elif isinstance(value, ChainHead):
        given = {"n": value.n, "link": value.link}
    n, link = given.get("n"), given.get("link")
    if not isinstance(n, int) or isinstance(n, bool) or n < 0 or not isinstance(link, str):
        raise InputError("expected_head must be what chain_head returned", argument="expected_head")
    return ChainHead(n, link)


def required_name(value: object, *, argument: str) -> str:
    """Return a name or an id that has to be given, as names are stored."""
    if not isinstance(value, str):
        raise InputError(f"{argument} must be a text, not {type(value).__name__}", argument=argument)
    if not value.strip():
        raise InputError(f"{argument} is empty", argument=argument)
    return clean(value)


def check_importance(value: object) -> float:
    """Return an importance within 0..1."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError("importance must be a number from 0 to 1", argument="importance")
    return float(value)


def check_kinds(value: object) -> tuple[Kind, ...]:
    """Return the kinds asked for; empty for all."""
    if value is None:
        return ()
    given = (value,) if isinstance(value, str) else value
    kinds = cast("Sequence[Kind]", given if isinstance(given, (list, tuple, set, frozenset)) else ())
    if not kinds or not all(kind in KINDS for kind in kinds):
        raise InputError(f"kinds must be some of {', '.join(KINDS)}", argument="kinds")
    return tuple(kinds)


def check_id_list(value: object) -> tuple[str, ...]:
    """Return the item ids of a call, each once."""
    given = (value,) if isinstance(value, str) else value
    named = cast("Sequence[object]", given if isinstance(given, (list, tuple)) else ())
    ids = [name for name in named if isinstance(name, str)]
    if not ids or len(ids) < len(named):
        raise InputError("item_ids must be an id or a list of ids", argument="item_ids")
    if len(ids) > MAX_IDS:
        raise InputError(f"more than {MAX_IDS} ids in one call", argument="item_ids")
    return tuple(dict.fromkeys(ids))
