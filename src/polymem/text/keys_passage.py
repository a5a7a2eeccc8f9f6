"""Keys of a passage of a document: what its title names, and whom it mentions."""

from __future__ import annotations

from typing import Final

from polymem.text.keys_title import page_keys, title_keys
from polymem.text.lazy import lazy
from polymem.text.spans import find_spans, title_forms

__all__ = ["HAN_TITLE", "MENTIONS", "TITLED", "YEAR", "passage_keys"]

TITLED: Final = "=t:"
"""Before the key of a name that a passage's title is."""
MENTIONS: Final = "=e:"
"""Before the key of a name that a passage mentions."""
HAN_TITLE: Final = "=c"
"""Key of a passage whose title has Chinese characters."""
YEAR: Final = "=y"
"""Key of a passage that names a year."""

MAX_CHARS: Final = 2_000
"""Names are looked for in the beginning of a longer passage only."""
_HAN: Final = lazy("[\u3400-\u9fff]")
_YEAR: Final = lazy(r"(?<!\d)(?:1[6-9]|20)\d\d(?!\d)")


def passage_keys(text: str, title: str) -> tuple[str, ...]:
    """Return the keys of a passage, each once.

    Args:
        text: Its words.
        title: Title of the document that it is of, "" for none.

    Example:
        >>> passage_keys("Ann Lee was born in 1901 in Oslo.", "Ann Lee (painter)")[:5]
        ('=t:ann lee painter', '=t:ann lee', '=e:ann lee', '=e:oslo', '=y')
    """
    start = text[:MAX_CHARS]
    titled = [TITLED + form for form in title_forms(title)]
    if _HAN.search(title):
        titled.append(HAN_TITLE)
    mentioned = [MENTIONS + name for name in find_spans(start)]
    dated = [YEAR] if _YEAR.search(start) or _YEAR.search(title) else []
    return (*titled, *mentioned, *dated, *title_keys(title), *page_keys(text))
