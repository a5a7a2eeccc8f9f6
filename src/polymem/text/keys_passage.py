"""Keys of a passage of a document: what its title names, and whom it mentions."""

from __future__ import annotations

from typing import Final

from polymem.domain.item import JsonObject
from polymem.text.keys_derived import derived_names
from polymem.text.keys_described import routing_keys
from polymem.text.keys_title import page_keys
from polymem.text.lazy import lazy
from polymem.text.spans import find_spans, title_forms

__all__ = ["DAY", "DERIVED", "HAN_TITLE", "MENTIONS", "TITLED", "YEAR", "passage_keys"]

TITLED: Final = "=t:"
"""Before the key of a name that a passage's title is."""
MENTIONS: Final = "=e:"
"""Before the key of a name that a passage mentions."""
DERIVED: Final = "=u:"
"""Before the key of a name that a passage is meant by though no title says so."""
HAN_TITLE: Final = "=c"
"""Key of a passage whose title, or derived name, has Chinese characters."""
YEAR: Final = "=y"
"""Key of a passage that names a year."""
DAY: Final = "=Y"
"""Key of a passage that names a day of a month."""

MAX_CHARS: Final = 2_000
"""Names are looked for in the beginning of a longer passage only."""
_HAN: Final = lazy("[\u3400-\u9fff]")
# Both begin with one set of characters, which the search then skips all others by.
_YEAR: Final = lazy(r"[12](?<!\d\d)(?:(?<=1)[6-9]|(?<=2)0)\d\d(?!\d)")
_MONTH_ENDS: Final = "(?:an|ry|eb|ar|ch|pr|il|ay|un|ne|ul|ly|ug|st|ep|pt|er|ct|ov|ec)"
_MAY_BE_DAY: Final = lazy(
    rf"\d(?:(?<={_MONTH_ENDS} \d)|(?<={_MONTH_ENDS}\. \d)|\s?月"
    r"|(?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec))"
)
_MONTH: Final = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?"
    "|dec(?:ember)?)"
)
_DAY: Final = lazy(
    rf"\d\s?月\s?\d{{1,2}}\s?[日号]|\b{_MONTH}\.? \d{{1,2}}\b(?!:)|\b\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}\b"
)


def passage_keys(text: str, title: str, metadata: JsonObject | None = None) -> tuple[str, ...]:
    """Return the keys of a passage, each once.

    Args:
        text: Its words.
        title: Title of the document that it is of, "" for none.
        metadata: What is said of the document, see :func:`.keys_described.routing_keys`.

    Example:
        >>> passage_keys("Ann Lee was born in 1901 in Oslo.", "Ann Lee (painter)")[:5]
        ('=t:ann lee painter', '=t:ann lee', '=e:ann lee', '=e:oslo', '=y')
    """
    start = text[:MAX_CHARS]
    titled = [TITLED + form for form in title_forms(title)]
    named = derived_names(start, title)
    titled += [DERIVED + name for name in named]
    if _HAN.search(title) or any(map(_HAN.search, named)):
        titled.append(HAN_TITLE)
    mentioned = [MENTIONS + name for name in find_spans(start)]
    dated = [YEAR] if _YEAR.search(start) or _YEAR.search(title) else []
    lower = start.lower()
    if _MAY_BE_DAY.search(lower) and _DAY.search(lower):
        dated.append(DAY)
    return (*titled, *mentioned, *dated, *routing_keys(title, metadata or {}), *page_keys(text))
