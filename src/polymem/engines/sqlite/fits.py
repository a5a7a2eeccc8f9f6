"""How fits and feedback are written, and what is wrong with those that cannot be read."""

from __future__ import annotations

import json
import math
import sqlite3
from dataclasses import asdict
from typing import Any, Final, cast

from polymem.domain.learning import NOTHING_LEARNED, Learned
from polymem.errors import StoreCorruptError

__all__ = ["illegible_fits", "mend_fits", "read_fit", "read_signals", "write_fit"]

_PLAIN: Final = {
    name: value for name, value in asdict(NOTHING_LEARNED).items() if name not in {"no", "at", "factors"}
}


def write_fit(learned: Learned) -> str:
    """Return what is stored of a fit beside its number and time; what is not known is left out."""
    fields = {name: getattr(learned, name) for name in _PLAIN} | {"factors": dict(learned.factors)}
    known = {name: value for name, value in fields.items() if value == value}  # noqa: PLR0124 - nan is left out
    return json.dumps(known, allow_nan=False)


def read_fit(text: str) -> Learned:
    """Return a fit without its number and time.

    Raises:
        StoreCorruptError: It is nothing that :func:`write_fit` returns.
    """
    fields = _numbers_and_words(text)
    factors: object = fields.pop("factors", {})
    if not isinstance(factors, dict) or not all(map(_is_like, fields, fields.values())):
        raise _damaged()
    checked = cast("dict[str, object]", factors)
    # By a factor of nought nothing could be divided, which feedback on an earlier search does.
    if not all(isinstance(value, float) and 0 < value < math.inf for value in checked.values()):
        raise _damaged()
    return Learned(**fields, factors=cast("dict[str, float]", checked))


def read_signals(text: str) -> dict[str, float]:
    """Return the signals of a hit of which it is known whether it was of use.

    Raises:
        StoreCorruptError: They are not numbers by name.
    """
    fields = _numbers_and_words(text)
    if not all(_is_number(value) for value in fields.values()):
        raise _damaged()
    return fields


def illegible_fits(connection: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return tenant and number of the fits that cannot be read."""
    return [
        (tenant, no)
        for tenant, no, text in connection.execute("SELECT tenant, no, told FROM learned").fetchall()
        if not _is_legible(text)
    ]


def mend_fits(connection: sqlite3.Connection) -> None:
    """Let the default weights be in force in place of a fit that cannot be read; an earlier one is outdated."""
    connection.executemany(
        "UPDATE learned SET told = ? WHERE tenant = ? AND no = ?",
        [(write_fit(NOTHING_LEARNED), tenant, no) for tenant, no in illegible_fits(connection)],
    )


def _is_legible(text: str) -> bool:
    try:
        read_fit(text)
    except StoreCorruptError:
        return False
    return True


def _numbers_and_words(text: str) -> dict[str, Any]:
    try:
        fields: object = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        raise _damaged() from None
    if not isinstance(fields, dict):
        raise _damaged()
    return cast("dict[str, Any]", fields)


def _is_like(name: str, value: object) -> bool:
    """Tell whether *value* is of the kind that the field *name* of a fit has."""
    default = _PLAIN.get(name)
    return _is_number(value) if isinstance(default, float) else type(value) is type(default)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _damaged() -> StoreCorruptError:
    return StoreCorruptError("what is kept of feedback is damaged; rebuild() lets go of what cannot be read")
