"""Sessions summed up by a language model: prompts as text files, messages as data, the answer checked against them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.slotted import dataclass
from polymem.ports.llm import JsonSchema, LanguageModel
from polymem.ports.summariser import Summary, Told
from polymem.ranking.budget import estimate_tokens
from polymem.text.language import language
from polymem.text.lazy import lazy
from polymem.text.mentions import find_mentions
from polymem.text.normalise import clean, fold
from polymem.text.quoted import quoted
from polymem.text.recalled import without_recalled
from polymem.text.times import find_times
from polymem.text.tokenise import terms

__all__ = ["VERSION", "PromptedSummariser"]

Language: TypeAlias = Literal["en", "zh"]

VERSION: Final = "summary-1"
MAX_PARTS: Final = 8
"""Most parts of one session that are read; of a longer one the latest."""
MAX_MESSAGE_CHARS: Final = 4_000
"""So much of one message is shown."""
MAX_CHARS: Final = 4_000
"""Longest summary that is kept."""
ANSWER_TOKENS: Final = 800
UNGROUNDED: Final = "ungrounded"
WORD_SHARE: Final = 0.5
"""So much of the summary's words has to occur in the messages."""
_FILES: Final = Path(__file__).with_name("prompts")
_FORM: Final[JsonSchema] = {
    "title": "summary",
    "type": "object",
    "properties": {"summary": {"type": "string"}},
    "required": ["summary"],
}
_DIGITS = lazy(r"\d+(?:[.,:]\d+)*")
_PAIR: Final = 2


@cache
def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8").strip()


@dataclass(frozen=True, slots=True)
class PromptedSummariser:
    """Implements :class:`polymem.ports.summariser.Summariser`.

    A session that does not fit one request is read part by part, and the parts' summaries are joined.

    Attributes:
        llm: The model.
        max_tokens: Most tokens of messages in one request, estimated.
    """

    llm: LanguageModel
    max_tokens: int = 3_000

    @property
    def name(self) -> str:
        """Model, version and hash of the prompts."""
        prompts = [_file(f"{name}-1.{code}.txt") for name in ("summary", "join") for code in ("en", "zh")]
        content = json.dumps([prompts, _FORM, self.max_tokens], ensure_ascii=False)
        return f"{self.llm.name}/{VERSION}/{hashlib.sha256(content.encode()).hexdigest()[:8]}"

    def n_calls(self, messages: Sequence[Told]) -> int:
        """Return how many requests it takes: one for each part, and one to join several."""
        n = min(len(_parts(messages, max_tokens=self.max_tokens)), MAX_PARTS)
        return n if n < _PAIR else n + 1

    async def summarise(self, messages: Sequence[Told]) -> Summary:
        """Sum up a session; see :meth:`polymem.ports.summariser.Summariser.summarise`."""
        parts = _parts(messages, max_tokens=self.max_tokens)[-MAX_PARTS:]
        read = [told for part in parts for told in part]
        code = _language(read)
        texts: list[str] = []
        usage = NO_USAGE
        for part in parts:
            text, cost = await self._ask("summary", code, "\n".join(_lines(part)))
            usage += cost
            if not _grounded(text, part, code=code):
                return Summary("", usage, len(read), UNGROUNDED)
            texts.append(text)
        if len(texts) > 1:
            lines = (f'{{"n": {n}, "text": {quoted(text)}}}' for n, text in enumerate(texts, start=1))
            text, cost = await self._ask("join", code, "\n".join(lines))
            usage += cost
            if not _grounded(text, read, code=code):
                return Summary("", usage, len(read), UNGROUNDED)
            texts = [text]
        return Summary(texts[0], usage, len(read))

    async def _ask(self, prompt: str, code: Language, lines: str) -> tuple[str, Usage]:
        reply = await self.llm.generate(
            lines, system=_file(f"{prompt}-1.{code}.txt"), schema=_FORM, max_tokens=ANSWER_TOKENS
        )
        return clean(str(reply.value.get("summary", ""))).strip(), reply.usage


def _parts(messages: Sequence[Told], *, max_tokens: int) -> list[list[Told]]:
    """Return the messages in parts that fit one request each, in order."""
    parts: list[list[Told]] = [[]]
    left = max_tokens
    for told in messages:
        cost = sum(estimate_tokens(line) for line in _lines([told]))
        if cost > left and parts[-1]:
            parts.append([])
            left = max_tokens
        parts[-1].append(told)
        left -= cost
    return parts


def _lines(messages: Sequence[Told]) -> Iterator[str]:
    """Yield the messages as lines of JSON that nothing in them can end."""
    before = ""
    for n, told in enumerate(messages, start=1):
        at = told.said_at.strftime("%a %Y-%m-%d %H:%M")
        when = "" if at == before else f'"at": "{at}", '
        before = at
        text = without_recalled(told.text)[:MAX_MESSAGE_CHARS]
        yield f'{{"n": {n}, "who": {quoted(told.who)}, {when}"text": {quoted(text)}}}'


def _language(messages: Sequence[Told]) -> Language:
    """Return the language of the session: that of most of its words."""
    counts: dict[Any, int] = {"en": 0, "zh": 0}
    for told in messages:
        code = language(told.text)
        if code in counts:
            counts[code] += estimate_tokens(told.text)
    return "zh" if counts["zh"] > counts["en"] else "en"


def _grounded(text: str, messages: Sequence[Told], *, code: Language) -> bool:
    """Tell whether the messages say what a summary says, as far as code can tell.

    Every number and name has to occur in them, or be of a date that they mean, and half of the other words; the summary has
    to be in the language of the session.
    """
    if not text or len(text) > MAX_CHARS or (language(text) in {"zh", "mixed"}) != (code == "zh"):
        return False
    said = " ".join(f"{told.who} {told.text}" for told in messages)
    words = frozenset(terms(said))
    dates = {
        str(part)
        for told in messages
        for day in [
            told.said_at,
            *(end for span in find_times(told.text, now=told.said_at) for end in (span.start, span.end)),
        ]
        for part in (day.year, day.month, day.day, day.hour, day.minute)
    }
    if not _numbers(text) <= _numbers(said) | dates:
        return False
    named = (terms(mention.name) for mention in find_mentions(text) if mention.type)
    if not all(words.intersection(name) for name in named if name):
        return False
    own = [word for word in terms(text) if not word[0].isdigit()]
    return sum(word in words for word in own) >= WORD_SHARE * len(own) if code == "en" else _share(text, said)


def _share(text: str, said: str) -> bool:
    """Tell whether enough of the single characters of a Chinese summary occur; pairs depend on how it is put."""
    own = [character for character in fold(text) if character.isalpha()]
    known = frozenset(fold(said))
    return sum(character in known for character in own) >= WORD_SHARE * len(own)


def _numbers(text: str) -> frozenset[str]:
    """Return the numbers of *text* in digits, without leading zeros; those of times and dates apart."""
    found = (piece for match in _DIGITS.findall(fold(text)) for piece in match.replace(",", "").split(":"))
    return frozenset(piece.lstrip("0") or "0" for piece in found)
