"""The value of a cell as Excel shows it."""

from __future__ import annotations

import datetime as dt
from typing import Final

from polymem.text.lazy import lazy

__all__ = ["shown"]

_QUOTED: Final = lazy(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CURRENCY: Final = lazy(r"\[\$([^\]-]*)[^\]]*\]|([$€£¥￥])")
_DECIMALS: Final = lazy(r"[0#?]\.([0#?]+)")
_THOUSANDS: Final = lazy(r"[0#?],[0#?]")
_SCALE: Final = lazy(r"[0#?](,+)(?:[^0#?,]|$)")
_LITERAL: Final = lazy(r'"([^"]*)"')
_MAX_DECIMALS: Final = 15


def shown(value: object, number_format: str) -> str:
    """Return a value as its number format shows it; formats of fractions and exponents are left to the general one.

    Args:
        value: Number, date, time, truth value or text.
        number_format: The code of the cell's format, as in the file.

    Example:
        >>> shown(0.125, "0.0%"), shown(1234567.5, "#,##0.00"), shown(-3, "$#,##0;($#,##0)")
        ('12.5%', '1,234,567.50', '-$3')
    """
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, number_format)
    if isinstance(value, dt.datetime):
        midnight = not (value.hour or value.minute or value.second)
        return (
            value.date().isoformat()
            if midnight
            else value.isoformat(sep=" ", timespec="minutes" if not value.second else "seconds")
        )
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return value.isoformat("seconds" if value.second else "minutes")
    return str(value)


def _number(value: float, number_format: str) -> str:
    """Return a number. A negative one has a minus sign, whatever its format: brackets are lost on who reads a cell alone."""
    code = number_format.split(";", 1)[0]
    plain = _QUOTED.sub("", code)
    if not set(plain) & set("0#?") or "E" in plain.upper() or "/" in plain:
        return _general(value)
    percent = plain.count("%")
    scale = _SCALE.search(plain)
    value = value * 100.0**percent / 1000.0 ** (len(scale[1]) if scale else 0)
    decimals = _DECIMALS.search(plain)
    places = min(len(decimals[1]) if decimals else 0, _MAX_DECIMALS)
    needed = decimals[1].count("0") if decimals else 0
    words = f"{abs(value):,.{places}f}" if _THOUSANDS.search(plain) else f"{abs(value):.{places}f}"
    if needed < places:
        whole, _, fraction = words.partition(".")
        fraction = fraction[:needed] + fraction[needed:].rstrip("0")
        words = f"{whole}.{fraction}" if fraction else whole
    found = _CURRENCY.search(code)
    before = (found[1] or found[2] or "") if found else ""
    after = "%" * percent + "".join(literal for literal in _LITERAL.findall(code.rpartition("0")[2] or ""))
    sign = "-" if value < 0 and words.strip("0.,") else ""
    return f"{sign}{before}{words}{after}"


def _general(value: float) -> str:
    """Return a number with as many digits as it has, eleven at most, as the general format does; whole ones whole."""
    if isinstance(value, int) or value.is_integer():
        return str(int(value)) if abs(value) < 1e15 else f"{value:.10g}"
    return f"{value:.11g}"
