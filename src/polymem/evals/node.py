"""A JSON value that knows where it stands in its file, so that an error can say what is wrong and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

from polymem.errors import DatasetError

__all__ = ["Node", "iso_time"]


class Node:
    """One value of a file.

    Args:
        value: The value.
        path: The file.
        where: Its place, like ``conversations[3].sessions[0]``.
    """

    def __init__(self, value: object, path: Path, where: str = "") -> None:
        self.value = value
        self.where = where
        self._path = path

    def __contains__(self, key: str) -> bool:
        return _is_object(self.value) and key in self.value

    def __getitem__(self, key: str) -> Node:
        mapping = self.mapping
        if key not in mapping:
            raise self.fault(f"has no {key!r}")
        return Node(mapping[key], self._path, f"{self.where}.{key}".lstrip("."))

    def __iter__(self) -> Iterator[Node]:
        if not _is_array(self.value):
            raise self.fault(f"must be an array, not {_kind(self.value)}")
        for n, element in enumerate(self.value):
            yield Node(element, self._path, f"{self.where}[{n}]")

    def get(self, key: str) -> Node:
        """Return the member *key*; one of null where there is none."""
        return self[key] if key in self else Node(None, self._path, f"{self.where}.{key}".lstrip("."))

    @property
    def mapping(self) -> Mapping[str, Any]:
        """The value as an object."""
        if not _is_object(self.value):
            raise self.fault(f"must be an object, not {_kind(self.value)}")
        return self.value

    @property
    def text(self) -> str:
        """The value as a text that is not blank."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.fault(
                "is blank" if isinstance(self.value, str) else f"must be a text, not {_kind(self.value)}"
            )
        return self.value

    @property
    def words(self) -> str:
        """The value as a text that may be empty; null is the empty one, a number its digits."""
        if _is_array(self.value) or _is_object(self.value):
            raise self.fault(f"must be a text, not {_kind(self.value)}")
        return "" if self.value is None else str(self.value)

    def time(self, read: Callable[[str], datetime]) -> datetime | None:
        """Return the value as a time, None for null.

        Args:
            read: Reads it; a ``ValueError`` says that it cannot.
        """
        if self.value is None:
            return None
        try:
            return read(self.text)
        except ValueError:
            raise self.fault("is no time") from None

    def fault(self, what: str) -> DatasetError:
        """Return the error that says what is wrong with this value; it never holds the value."""
        place = self.where or "the file"
        return DatasetError(f"{self._path.name}: {place} {what}", path=str(self._path), where=self.where)


def iso_time(text: str) -> datetime:
    """Return an ISO 8601 time; one without a zone is in UTC.

    Raises:
        ValueError: It is none.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_array(value: object) -> TypeGuard[list[object]]:
    return isinstance(value, list)


def _kind(value: object) -> str:
    names: dict[type, str] = {dict: "an object", list: "an array", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")
