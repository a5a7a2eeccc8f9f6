"""Results as JSON: the fields of the public classes under their own names, times as ISO 8601 in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from polymem.domain.hit import Hits, Page


def plain(value: object) -> Any:
    """Return *value* as plain JSON.

    Example:
        >>> from polymem.domain.scope import Partition
        >>> plain({"owner": Partition("default", "user", "小红")})
        {'owner': {'tenant': 'default', 'kind': 'user', 'owner': '小红'}}
    """
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, Path):
        return str(value)
    # Both are sequences as well, and their other fields must not be lost.
    if isinstance(value, (Hits, Page)) or (is_dataclass(value) and not isinstance(value, type)):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(element) for key, element in cast("Mapping[object, object]", value).items()}
    if isinstance(value, (Sequence, set, frozenset)):
        return [plain(element) for element in cast("Sequence[object]", value)]
    raise TypeError(f"{type(value).__name__} is not for JSON")
