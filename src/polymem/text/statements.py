"""Find what a message states about its speaker and the people around: rules only, English and Chinese.

Precision comes before coverage: the message itself is always kept, so a statement that is not found is only not in
the graph, while one that was never made would be believed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Final

from polymem.domain.statement import Statement
from polymem.domain.timespan import Timespan
from polymem.text.lazy import lazy
from polymem.text.normalise import fold_aligned
from polymem.text.statement_reading import Reading
from polymem.text.statement_rules import masked
from polymem.text.statements_en_words import FAMILY as EN_FAMILY
from polymem.text.statements_zh_words import FAMILY as ZH_FAMILY
from polymem.text.times import find_times

__all__ = ["MAX_CHARS", "find_statements"]

MAX_CHARS: Final = 4_000
"""Longer messages are pasted documents, of which nobody is the speaker."""
_FOR_GOOD: Final = (
    "always",
    "never ",
    "ever ",
    "only ",
    "call me",
    "address me",
    "from now",
    "from here",
    "from today",
    "future",
    "forward",
    "every time",
    "all times",
    "stop ",
    "ing in ",
    "to answer in",
    "to reply in",
    "to respond in",
    "to write in",
    "to speak in",
    "to talk in",
    " again",
    "以后",
    "以後",
    "今后",
    "今後",
    "往后",
    "往後",
    "从现在",
    "從現在",
    "从今",
    "從今",
    "每次",
    "永远",
    "永遠",
    "始终",
    "始終",
    "叫我",
    "喊我",
    "称呼我",
    "稱呼我",
    "不用",
    "不必",
    "不需要",
    "一直",
    "总是",
    "總是",
    "一律",
    "别用",
    "不要用",
)
"""What a standing instruction has in it; most messages end here."""
_ENGLISH_FOR_GOOD: Final = tuple(filter(str.isascii, _FOR_GOOD))

_ENGLISH = lazy(
    r"\b(?:I|i|[Mm]y|[Ww]e|[Cc]alls? me|[a-z]+(?:'s)? (?:loves|likes|hates|lives|works|has|is))\b|\b[A-Z]\w+(?:'s)? \w"
)
_HAN = lazy("[\u4e00-\u9fff]{2}|我[\\d\uff10-\uff19]")
_CURLY = lazy(r"(?<=[A-Za-z])\u2019(?=[A-Za-z])")


def find_statements(
    text: str, *, now: datetime, zone: tzinfo = UTC, times: Sequence[Timespan] | None = None
) -> list[Statement]:
    """Return the statements of one message, in order of their place in it.

    Args:
        text: The message.
        now: When it was said; what "last week" is counted from.
        zone: The time zone of its speaker.
        times: The time expressions of *text* if the caller has them already.

    Example:
        >>> [(s.subject, s.predicate, s.object) for s in find_statements("My sister Anna loves tea.", now=datetime.now(UTC))]
        [('self', 'sister', 'Anna'), ('Anna', 'likes', 'tea')]
    """
    if not text or len(text) > MAX_CHARS:
        return []
    plain = text if text.isascii() else _CURLY.sub("'", text)
    english, chinese = _ENGLISH.search(plain) is not None, _HAN.search(plain) is not None
    # Mapped, since a generator takes three times as long, and this runs for every message.
    lasting = any(map(plain.lower().__contains__, _ENGLISH_FOR_GOOD if plain.isascii() else _FOR_GOOD))
    if not english and not chinese and not lasting:
        return []
    reading = Reading(
        masked(plain),
        text,
        lambda: find_times(text, now=now, zone=zone) if times is None else times,
        EN_FAMILY,
        now if now.tzinfo else now.replace(tzinfo=UTC),
    )
    # The rules of a language are loaded with the first message in it.
    if chinese:
        from polymem.text.statements_zh import read_chinese

        folded = fold_aligned(reading.text)
        read_chinese(
            Reading(
                folded,
                text,
                reading.find_times,
                ZH_FAMILY,
                reading.now,
                reading.people,
                reading.found,
                reading.seen,
            )
        )
    if english:
        from polymem.text.statements_en import read_english

        read_english(reading)
    if lasting:
        from polymem.text.statements_instructions import read_instructions

        read_instructions(reading)
    return sorted(reading.found, key=lambda statement: statement.offset)
