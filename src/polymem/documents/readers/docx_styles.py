"""Which paragraphs of a Word document are headings and items of lists: by style, outline level and numbering."""

from __future__ import annotations

from typing import Any, Final

from polymem.domain.slotted import dataclass
from polymem.text.lazy import lazy

__all__ = ["PLAIN", "Style", "Styles", "W"]

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING: Final = lazy(r"(?:heading|标题|標題|überschrift|titre)\s*(?P<level>[1-9])")
_TITLE: Final = frozenset({"title", "标题", "標題", "titel", "titre"})
_LIST: Final = lazy(r"list (?:bullet|number)\s*(?P<depth>[2-5]?)|列表.*")
_MAX_CHAIN: Final = 20


@dataclass(frozen=True, slots=True)
class Style:
    """What a style makes of its paragraphs.

    Attributes:
        heading: Level of the heading; 0 for what is none.
        list_depth: Depth of the item; 0 for what is none.
        is_title: Whether it is the title of the document.
    """

    heading: int = 0
    list_depth: int = 0
    is_title: bool = False


PLAIN: Final = Style()


class Styles:
    """The styles of a document.

    Args:
        root: The root of ``word/styles.xml``; None where there is none.
    """

    def __init__(self, root: Any) -> None:
        elements = root.iterchildren(f"{W}style") if root is not None else ()
        self._elements: dict[str, Any] = {each.get(f"{W}styleId", ""): each for each in elements}
        self._known: dict[str, Style] = {}

    def of(self, paragraph: Any) -> Style:
        """Return what the style and the properties of a paragraph make of it."""
        properties = paragraph.find(f"{W}pPr")
        if properties is None:
            return PLAIN
        style = self._named(_value(properties, "pStyle"))
        own = _direct(properties)
        if style.heading or style.is_title:
            # A numbered heading is a heading.
            return style
        return own or style

    def _named(self, name: str) -> Style:
        if name not in self._known:
            self._known[name] = self._look_up(name)
        return self._known[name]

    def _look_up(self, name: str) -> Style:
        """Return a style, or that of the nearest one it is based on that says anything; chains may be circles."""
        for _ in range(_MAX_CHAIN):
            element = self._elements.get(name)
            if element is None:
                return _by_name(name) or PLAIN
            properties = element.find(f"{W}pPr")
            found = _by_name(_value(element, "name")) or (
                _direct(properties) if properties is not None else None
            )
            if found:
                return found
            name = _value(element, "basedOn")
            if not name:
                break
        return PLAIN


def _by_name(name: str) -> Style | None:
    name = name.strip().lower()
    if name in _TITLE:
        return Style(heading=1, is_title=True)
    heading = _HEADING.fullmatch(name)
    if heading:
        return Style(heading=int(heading["level"]))
    listed = _LIST.fullmatch(name)
    return Style(list_depth=int(listed["depth"] or 1)) if listed else None


def _direct(properties: Any) -> Style | None:
    """Return what the properties of a paragraph or style say by themselves."""
    level = _value(properties, "outlineLvl")
    if level in set("01234567"):
        return Style(heading=int(level) + 1)
    numbering = properties.find(f"{W}numPr")
    if numbering is None or _value(numbering, "numId") == "0":
        return None
    depth = _value(numbering, "ilvl")
    return Style(list_depth=int(depth) + 1 if depth in set("012345678") else 1)


def _value(parent: Any, name: str) -> str:
    child = parent.find(f"{W}{name}")
    return child.get(f"{W}val", "") if child is not None else ""
