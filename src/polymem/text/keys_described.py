"""Keys by which a question means a document that its metadata describe: whose it is, of which year and quarter, and of what kind.

"annual report.pdf" says nothing of these; ``{"company": "Acme Water", "year": 2021}`` says all. The company takes the place
of the name in the title, whose words become parts: fifty annual reports are told apart by whose they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, cast

from polymem.domain.item import JsonObject
from polymem.text.keys_title import INITIALS, MAX_PARTS, PART, name_keys, pieces_of, title_keys, title_parts
from polymem.text.lazy import lazy
from polymem.text.normalise import fold
from polymem.text.tokenise import STOP_WORDS

__all__ = ["routing_keys"]

_FIELDS: Final[Mapping[str, str]] = {
    name: field
    for field, names in {
        "owner": "company company_name organisation organization issuer 公司 公司名称 企业 机构 发行人",
        "author": "author authors 作者",
        "symbol": "ticker symbol",
        "time": "year fiscal_year report_year fy quarter fiscal_quarter period fiscal_period 年 年份 年度 财年 季度 报告期",
        "date": "date report_date published 日期",
        "form": "form form_type type report_type document_type doc_type 类型 报告类型 文件类型",
    }.items()
    for name in names.split()
}
"""What the keys of metadata mean, in lower case and with "_" for other marks."""
_MAX_FIELDS: Final = 64
_MAX_VALUES: Final = 4
_MAX_CHARS: Final = 160
_MARKS: Final = lazy(r"[\s\-.]+")
_YEAR: Final = lazy(r"(?<!\d)((?:19|20)\d\d)(?!\d)|(?<![a-z\d])(?:fy|cy)\s?'?(\d\d)(?!\d)")
_QUARTER: Final = lazy(
    r"(?<![a-z])q\s?([1-4])(?!\d)|(?<!\d)([1-4])q(?![a-z])|([1-4一二三四])\s?季|(first|second|third|fourth|last) quarter"
    r"|(?<![a-z])h([12])(?!\d)|([上下])半年"
)
_QUARTERS: Final = {
    "一": 1,
    "二": 2,
    "三": 3,
    "四": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
    "last": 4,
}
_HALVES: Final = {"1": 2, "2": 4, "上": 2, "下": 4}
_DAY: Final = lazy(r"((?:19|20)\d\d)\s?[-/.年]\s?(\d{1,2})(?:\s?[-/.月]\s?(\d{1,2}))?")
_FORM: Final = lazy(r"(\d)[\s\-]+([a-z])(?![a-z])")
_AND: Final = lazy(r"[,;&、]|\band\b")
_ADDRESS: Final = lazy(r"<[^<>]*>|\S*@\S*")
_LEGAL: Final = lazy(
    r"(?:[\s,.]+(?:incorporated|inc|corporation|corp|company|co|limited|ltd|llc|plc|ag|sa|se|nv|gmbh))+[\s.]*$"
    r"|(?:集团)?(?:股份有限公司|有限责任公司|有限公司|公司)$"
)


def routing_keys(title: str, metadata: JsonObject) -> tuple[str, ...]:
    """Return the keys by which a question may mean the document of a passage, each once.

    Those of its title, as :func:`.keys_title.title_keys` makes them, where nothing else is said. A company, organisation or
    issuer is its name instead, an author another one, and year, quarter, date, form and type are parts. Nothing is
    made for a passage of which neither title nor document is known: it would stand for all such passages.

    Args:
        title: Title of the document, "" for none.
        metadata: Of the passage; values are texts, whole numbers, or lists of them, and others say nothing.

    Example:
        >>> routing_keys("annual report", {"company": "Acme Water Inc.", "year": 2021, "form": "10-K"})[-4:]
        ('=d:annual', '=d:report', '=d:2021', '=d:10k')
        >>> routing_keys("年报", {"公司": "沼泽水务有限公司", "季度": "第二季度"})
        ('=n:沼泽水务', '=n^沼泽水', '=n^沼泽水务', '=d:年报', '=d:q2')
    """
    said = _said(metadata)
    if not said or not (title or metadata.get("document")):
        return title_keys(title)
    owners = [pieces_of(_LEGAL.sub("", text)) for text in said.get("owner", ())]
    own_name, own_parts = title_parts(title)
    names = [name for name in map(_words, owners) if name]
    parts = list(own_parts)
    if names:
        known = {word for name in names for word in name} | {"".join(name) for name in names}
        parts = [word for word in own_name if word not in known] + parts
    elif own_name:
        names = [own_name]
    names += [name for text in said.get("author", ()) for name in _authors(text)]
    if not names:
        return ()
    parts = _dated(parts, said.get("time", ()), said.get("date", ()))
    parts += [part for text in said.get("form", ()) for part in pieces_of(_FORM.sub(r"\1\2", text))]
    symbols = [INITIALS + piece for text in said.get("symbol", ()) for piece in pieces_of(text)]
    keys = [key for name in names[:_MAX_VALUES] for key in name_keys(name)]
    rest = [PART + part for part in dict.fromkeys(parts)][: 2 * MAX_PARTS]
    return tuple(dict.fromkeys((*keys, *symbols[:_MAX_VALUES], *rest)))


def _said(metadata: JsonObject) -> dict[str, list[str]]:
    """Return what metadata say of a document, folded, by field; what is empty is left out."""
    said: dict[str, list[str]] = {}
    for n, (key, value) in enumerate(metadata.items()):
        field = _FIELDS.get(key) or _FIELDS.get(_MARKS.sub("_", fold(key[:_MAX_CHARS]).strip()))
        if n >= _MAX_FIELDS or field is None:
            continue
        is_quarter = field == "time" and ("quarter" in key.casefold() or "季度" in key)
        texts = [
            f"q{text}" if is_quarter and text in {"1", "2", "3", "4"} else text for text in _texts(value)
        ]
        if texts:
            said.setdefault(field, []).extend(texts)
    return said


def _texts(value: object) -> Iterator[str]:
    """Walk the values of one key as folded texts."""
    values = cast("Sequence[object]", value) if isinstance(value, list | tuple) else (value,)
    for each in values[:_MAX_VALUES]:
        if isinstance(each, float) and each.is_integer():
            yield str(int(each))
        elif isinstance(each, int) and not isinstance(each, bool):
            yield str(each)[:_MAX_CHARS]
        elif isinstance(each, str) and each.strip():
            yield fold(each[:_MAX_CHARS]).strip()


def _authors(text: str) -> Iterator[tuple[str, ...]]:
    """Walk the names of authors; one word, unless it is Chinese, is the account of somebody or of a program."""
    for part in _AND.split(_ADDRESS.sub(" ", text)):
        name = _words(pieces_of(part))
        if len(name) > 1 or (name and not name[0].isascii() and len(name[0]) > 1):
            yield name


def _words(pieces: Iterable[str]) -> tuple[str, ...]:
    return tuple(piece for piece in pieces if piece not in STOP_WORDS)


def _dated(parts: Sequence[str], times: Sequence[str], dates: Sequence[str]) -> list[str]:
    """Return the parts of a title and those of the times that metadata name.

    A year that is stated takes the place of one in the title. A report comes out in the year after its own: the date
    counts where no other year is known, or agrees.
    """
    years = [year or f"20{short}" for text in times for year, short in _YEAR.findall(text)]
    stated = years + [part for text in times for part in _quarters(text)]
    kept = [part for part in parts if not (years and _is_year(part))] + stated
    known = {part for part in kept if _is_year(part)}
    for text in dates:
        found = _DAY.search(text)
        year, month, day = found.groups() if found else (text if _is_year(text) else "", "", "")
        if year and (not known or year in known):
            kept += [year, *(f"{int(part):02}" for part in (month, day) if part)]
    return kept


def _quarters(text: str) -> Iterator[str]:
    """Walk the quarters that a time names; a half of a year is named by its last."""
    for found in _QUARTER.finditer(text):
        first, second, third, word, half, han = found.groups()
        quarter = first or second or third or word
        yield f"q{_QUARTERS.get(quarter) or quarter}" if quarter else f"q{_HALVES[half or han]}"


def _is_year(part: str) -> bool:
    return re.fullmatch(r"(?:19|20)\d\d", part) is not None
