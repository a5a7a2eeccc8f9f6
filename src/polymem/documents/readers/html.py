"""HTML: what a page says, without what surrounds it."""

from __future__ import annotations

import re
from typing import Any, Final

from polymem.documents.media import HTML
from polymem.documents.readers.building import Building, Source, third_party
from polymem.documents.readers.encodings import decode
from polymem.documents.readers.html_tables import add_table, is_data
from polymem.documents.readers.xml_faults import raise_fault
from polymem.domain.document import Parsed
from polymem.errors import ReadError
from polymem.text.lazy import lazy

__all__ = ["add_html", "read"]

_CHARSET: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:.-]+)""", re.IGNORECASE)
_DROPPED: Final = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "iframe",
        "svg",
        "canvas",
        "select",
        "button",
        "input",
        "textarea",
        "object",
        "embed",
        "head",
        "dialog",
    ]
)
_ROLES: Final = frozenset(
    {"navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog"}
)
_BOILERPLATE: Final = frozenset(
    [
        "nav",
        "navbar",
        "navigation",
        "menu",
        "breadcrumb",
        "breadcrumbs",
        "sidebar",
        "footer",
        "header",
        "site-footer",
        "site-header",
        "pagination",
        "pager",
        "cookie-banner",
        "cookie-consent",
        "cookies",
        "share",
        "social-share",
        "share-buttons",
        "advertisement",
        "ads",
        "skip-link",
    ]
)
_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "legend",
        "li",
        "main",
        "ol",
        "option",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "caption",
    ]
)
_HIDDEN: Final = lazy(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SPACE: Final = lazy(r"\s+")
_WRAPPED: Final = lazy(r"(?<=[\u3000-\u9fff\uff00-\uffef])[^\S\n]*\n\s*(?=[\u3000-\u9fff\uff00-\uffef])")
_METAS: Final = {
    "author": "author",
    "article:author": "author",
    "dc.creator": "author",
    "description": "description",
    "og:description": "description",
    "keywords": "keywords",
    "date": "date",
    "article:published_time": "date",
    "dc.date": "date",
    "dcterms.date": "date",
    "pubdate": "date",
    "publishdate": "date",
    "og:site_name": "site",
    "language": "language",
}
_MIN_MAIN: Final = 200


def read(source: Source) -> Parsed:
    """Read a page: headings, paragraphs, lists, tables, code; no scripts, styles, menus, headers and footers.

    Raises:
        ReadError: It is nested too deeply, has more characters than allowed, or no words.
    """
    declared = _CHARSET.search(source.content[:4096])
    text, _ = decode(source.content, declared=declared[1].decode("ascii") if declared else None)
    building = Building(source.limits)
    add_html(building, text, max_depth=source.limits.max_depth)
    return building.parsed(HTML)


def add_html(building: Building, text: str, *, max_depth: int) -> None:
    """Append the blocks of a page, and what it says of itself as metadata.

    Raises:
        ReadError: It is nested too deeply, or has more characters than allowed.
    """
    etree = third_party("lxml", "lxml.etree")
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:  # an empty page, or what the log tells
        root = None
    raise_fault(parser.error_log)
    if root is None:
        return
    _metadata(building, root)
    body = root.find("body")
    _Walk(building, max_depth).walk(etree, _main(body if body is not None else root))


def _metadata(building: Building, root: Any) -> None:
    title = root.find(".//head/title")
    building.title = "".join(title.itertext()) if title is not None else ""
    for meta in root.iter("meta"):
        name = (meta.get("name") or meta.get("property") or meta.get("itemprop") or "").strip().lower()
        if name == "og:title" and not building.title.strip():
            building.title = meta.get("content", "")
        if name in _METAS:
            building.found(_METAS[name], meta.get("content", ""))
    building.found(
        "language", root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang") or ""
    )


def _main(body: Any) -> Any:
    """Return the part of a page that is its content, if the page says so and there is something in it."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = body.findall(path)
        if len(found) == 1 and len("".join(found[0].itertext()).strip()) >= _MIN_MAIN:
            return found[0]
    return body


class _Walk:
    """Turns the events of a walk into blocks: words gather until a block begins or ends."""

    def __init__(self, building: Building, max_depth: int) -> None:
        self.building = building
        self.max_depth = max_depth
        self.words: list[str] = []
        self.lists = 0
        self.items = 0
        self.heading = 0
        self.code = 0

    def walk(self, etree: Any, root: Any) -> None:
        """Append the blocks below an element."""
        half = len("".join(root.itertext())) // 2
        walk = etree.iterwalk(root, events=("start", "end"))
        depth = 0
        skipped = None
        for event, element in walk:
            if event == "start":
                depth += 1
                if depth > self.max_depth:
                    raise ReadError("too_deep", "is nested too deeply")
                if element is not root and (self._is_left_out(element, half) or self._is_table(element)):
                    skipped = element
                    walk.skip_subtree()
                    continue
                self._start(element.tag)
                self._say(element.text)
                continue
            depth -= 1
            if element is not skipped and element.tag in _BLOCKS:
                self._end(element.tag)
            if element is not root:
                self._say(element.tail)
        self._flush()

    def _say(self, words: str | None) -> None:
        """Take words as a browser lets them flow: line breaks of the source are blanks, between Chinese characters nothing."""
        if words:
            self.words.append(words if self.code else _SPACE.sub(" ", _WRAPPED.sub("", words)))

    def _is_table(self, element: Any) -> bool:
        """Read a table of data as one; one that arranges the page is walked through."""
        if element.tag != "table" or not is_data(element):
            return False
        self._flush()
        add_table(self.building, element)
        return True

    def _is_left_out(self, element: Any, half: int) -> bool:
        tag = element.tag
        if tag in _DROPPED or element.get("role", "") in _ROLES or element.get("hidden") is not None:
            return True
        if element.get("aria-hidden") == "true" or _HIDDEN.search(element.get("style", "")):
            return True
        if (
            tag in {"header", "footer"}
            and next(element.iterancestors("article", "main", "section"), None) is None
        ):
            return element.find(".//h1") is None
        names = {element.get("id", "").lower(), *element.get("class", "").lower().split()} & _BOILERPLATE
        if not names or tag in {"body", "main", "article", "table", "h1"}:
            return False
        return element.find(".//h1") is None and len("".join(element.itertext())) < half

    def _start(self, tag: str) -> None:
        if tag == "br":
            self.words.append("\n")
        if tag not in _BLOCKS:
            return
        self._flush()
        self.lists += tag in {"ul", "ol"}
        self.items += tag == "li"
        self.code += tag == "pre"
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self.heading = int(tag[1])

    def _end(self, tag: str) -> None:
        self._flush()
        self.lists -= tag in {"ul", "ol"}
        self.items -= tag == "li"
        self.code -= tag == "pre"
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self.heading = 0

    def _flush(self) -> None:
        words, self.words = "".join(self.words), []
        if not words.strip():
            return
        if self.code:
            self.building.add("code", words)
            return
        if self.heading:
            self.building.add("heading", words, level=self.heading)
        elif self.items:
            self.building.add("list_item", words, level=max(self.lists, 1))
        else:
            self.building.add("paragraph", words)
