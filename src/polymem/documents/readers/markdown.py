"""Markdown (CommonMark with tables) and its front matter."""

from __future__ import annotations

import re
from typing import Any, Final

from polymem.documents.media import MARKDOWN
from polymem.documents.readers.building import Building, Source, third_party
from polymem.documents.readers.encodings import decode
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from polymem.text.lazy import lazy

__all__ = ["read"]

_FRONT: Final = lazy(r"---[^\S\n]*\n(?P<lines>(?:.*\n){0,200}?)(?:---|\.\.\.)[^\S\n]*(?:\n|$)")
_FIELD: Final = lazy(r"(?P<key>[A-Za-z][\w -]{0,60}?)\s*:(?:\s+(?P<value>.*))?$")
_FRONT_LINE: Final = lazy(r"\s|-\s|#|[\]}]|$|[A-Za-z][\w -]{0,60}\s*:(?:\s|$)")
_MARKUP: Final = lazy(r"<!--.*?-->|</?[A-Za-z][^<>]*>", re.DOTALL)
_BREAK: Final = lazy(r"<br\s*/?>", re.IGNORECASE)
_KEYS: Final = {
    "authors": "author",
    "lang": "language",
    "created": "date",
    "published": "date",
    "tags": "keywords",
}
_MAX_NESTING: Final = 50


def read(source: Source) -> Parsed:
    """Read Markdown; what stands in its front matter is metadata.

    Raises:
        ReadError: It is nested too deeply, has more characters than allowed, or no words.
    """
    text, _ = decode(source.content)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    building = Building(source.limits)
    front = _FRONT.match(text)
    if front and all(_FRONT_LINE.match(line) for line in front["lines"].split("\n")):
        _front_matter(building, front["lines"])
        text = text[front.end() :]
    options = {"maxNesting": _MAX_NESTING, "html": True, "linkify": False, "typographer": False}
    markdown = third_party("markdown-it-py", "markdown_it").MarkdownIt("commonmark", options).enable("table")
    try:
        tokens = markdown.parse(text)
    except RecursionError as error:
        raise ReadError("too_deep", "is nested too deeply") from error
    # Deeper ones the parser leaves out without a word.
    if max((token.level for token in tokens), default=0) >= _MAX_NESTING - 2:
        raise ReadError("too_deep", f"has lists or quotes nested more than {_MAX_NESTING} deep")
    _Walk(building).walk(tokens)
    return building.parsed(MARKDOWN)


def _front_matter(building: Building, lines: str) -> None:
    """Keep the flat fields of a front matter: words, lists in brackets and lists of dashes."""
    fields: dict[str, list[str]] = {}
    values: list[str] = []
    for line in lines.split("\n"):
        field = _FIELD.match(line)
        if field:
            key = field["key"].strip().lower()
            values = fields.setdefault(_KEYS.get(key, key), [])
            value = (field["value"] or "").strip()
            if value.startswith("[") and value.endswith("]"):
                values.extend(part.strip().strip("'\"") for part in value[1:-1].split(","))
            elif value.strip("|>"):
                values.append(value.strip("'\""))
        elif line.strip():
            values.append(line.strip().removeprefix("-").strip().strip("'\""))
    building.title = " ".join(fields.pop("title", []))
    for key, found in fields.items():
        building.found(key, ", ".join(found) if key == "author" or len(found) < 2 else found)


class _Walk:
    """Turns tokens, which come flat and in order, into blocks."""

    def __init__(self, building: Building) -> None:
        self.building = building
        self.depth = 0
        self.rows: list[list[str]] = []
        self.n_header = 0
        self.item: list[int] = []

    def walk(self, tokens: list[Any]) -> None:
        """Append the blocks of all tokens."""
        kind, level = "", 0
        for token in tokens:
            name = token.type
            if name == "inline":
                self._inline(_words(token), kind, level)
            elif name in {"fence", "code_block"}:
                self.building.add("code", token.content)
            elif name == "html_block":
                self.building.add("paragraph", _stripped(token.content))
            elif name.startswith(("bullet_list", "ordered_list")):
                self.depth += token.nesting
            elif name == "list_item_open":
                # A number is part of what is said; a dash is not.
                self.marker = f"{token.info}{token.markup} " if token.info else ""
            elif name.startswith(("table", "tr", "th", "td")):
                self._table(name)
            kind, level = name, int(token.tag[1]) if name == "heading_open" else level

    marker = ""

    def _inline(self, words: str, kind: str, level: int) -> None:
        if kind == "heading_open":
            self.building.add("heading", words, level=level)
        elif kind in {"td_open", "th_open"}:
            self.rows[-1][-1] = words
        elif self.depth:
            self.building.add("list_item", self.marker + words, level=self.depth)
            self.marker = ""
        else:
            self.building.add("paragraph", words)

    def _table(self, name: str) -> None:
        if name == "table_open":
            self.rows, self.n_header = [], 0
        elif name == "tr_open":
            self.rows.append([])
        elif name in {"td_open", "th_open"}:
            self.rows[-1].append("")
        elif name == "thead_close":
            self.n_header = len(self.rows)
        elif name == "table_close":
            self.building.table(self.rows, n_header=self.n_header)


def _words(token: Any) -> str:
    """Return the words of a line of Markdown: text and code as they are, of pictures what describes them, no addresses."""
    parts: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append("\n")
        elif child.type == "image":
            parts.append(child.content)
        elif child.type == "html_inline" and _BREAK.match(child.content):
            parts.append("\n")
    return "".join(parts)


def _stripped(content: str) -> str:
    return _MARKUP.sub(" ", _BREAK.sub("\n", content))
