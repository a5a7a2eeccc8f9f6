"""Regular expressions that are compiled when they are first used.

The rules hold a few hundred, some of them large. To compile all of them takes a quarter of a second of every start,
and a process that reads one language in one direction never needs the rest.
"""

from __future__ import annotations

import re
from typing import Any, Final, cast

__all__ = ["lazy"]

_MEMBERS: Final = (
    "match",
    "search",
    "fullmatch",
    "finditer",
    "findall",
    "sub",
    "split",
    "groupindex",
    "pattern",
)


class _Lazy:
    """Stands for a compiled pattern, and hands on its members from the first use on."""

    __slots__ = ("_flags", "_source", *_MEMBERS)

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        """Compile; a member that has been set is found without coming here."""
        if name not in _MEMBERS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        for member in _MEMBERS:
            setattr(self, member, getattr(compiled, member))
        return getattr(compiled, name)


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """Return *source* as a pattern that is compiled when it is first used.

    Raises:
        re.error: The source is malformed; raised at the first use.

    Example:
        >>> lazy("b+").search("abbc").span()
        (1, 3)
    """
    return cast("re.Pattern[str]", _Lazy(source, flags))
