"""Patterns of paths: ``*``, ``?``, ``[…]`` within a name, ``**`` for any folders."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from typing import Final

from polymem.domain.slotted import dataclass

__all__ = ["Pattern", "is_pattern", "split_pattern"]

_MAGIC: Final = frozenset("*?[")
_ANY: Final = "**"


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern by its parts.

    Attributes:
        parts: What stood between slashes.
    """

    parts: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Return the pattern that *text* says; one without a slash goes for a name in any depth.

        Example:
            >>> Pattern.of("*.md").parts, Pattern.of("docs/*.md").parts
            (('**', '*.md'), ('docs', '*.md'))
        """
        parts = tuple(part for part in text.replace("\\", "/").split("/") if part not in {"", "."})
        return cls(parts if len(parts) > 1 else (_ANY, *parts))

    @property
    def deep(self) -> bool:
        """Whether it fits anything that lies in a folder."""
        return len(self.parts) > 1 or self.parts == (_ANY,)

    def fits(self, path: Sequence[str]) -> bool:
        """Tell whether a path, given by its parts, fits.

        Example:
            >>> Pattern.of("**/茶/*.md").fits(("notes", "茶", "a.md"))
            True
            >>> Pattern.of("docs/*.md").fits(("docs", "old", "a.md"))
            False
        """
        # All places in the pattern at which one can stand after so many parts: no way through it is tried twice.
        places = _past({0}, self.parts)
        for part in path:
            stays = {place for place in places if place < len(self.parts) and self.parts[place] == _ANY}
            steps = {
                place + 1
                for place in places - stays
                if place < len(self.parts) and fnmatchcase(part, self.parts[place])
            }
            places = _past(stays | steps, self.parts)
        return len(self.parts) in places


def _past(places: set[int], parts: tuple[str, ...]) -> set[int]:
    """Return *places* and those that are reached from them by letting ``**`` stand for nothing."""
    reached = set(places)
    for place in sorted(places):
        while place < len(parts) and parts[place] == _ANY:
            place += 1  # noqa: PLW2901
            reached.add(place)
    return reached


def is_pattern(text: str) -> bool:
    """Tell whether *text* holds a sign of a pattern.

    Example:
        >>> is_pattern("notes/*.md"), is_pattern("notes/a.md")
        (True, False)
    """
    return not _MAGIC.isdisjoint(text)


def split_pattern(text: str) -> tuple[str, Pattern]:
    """Return the folder in which a pattern begins, and the pattern of what lies in it.

    Example:
        >>> split_pattern("/notes/2024/*.md")
        ('/notes/2024', Pattern(parts=('*.md',)))
    """
    parts = text.replace("\\", "/").split("/") if "\\" in text and "/" not in text else text.split("/")
    first = next(n for n, part in enumerate(parts) if is_pattern(part))
    root = "/".join(parts[:first]) or ("/" if first else ".")
    return root, Pattern(tuple(part for part in parts[first:] if part not in {"", "."}))
