"""What a model is asked: the prompts, the messages as data, the form of the answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from polymem.domain.derivation import Instructions
from polymem.domain.slotted import dataclass
from polymem.ports.extractor import ExtractorInput
from polymem.ports.llm import JsonSchema
from polymem.text.language import language
from polymem.text.quoted import quoted

__all__ = [
    "FACTS",
    "MAX_CHARS",
    "MAX_MESSAGES",
    "NAMED",
    "PROCEDURE",
    "VERSION",
    "Language",
    "Shown",
    "batches",
    "fingerprint",
    "further",
    "language_of",
    "messages_block",
    "prompt",
    "system_prompt",
]

Language: TypeAlias = Literal["en", "zh"]

VERSION: Final = "extract-1"
MAX_MESSAGES: Final = 30
"""Most messages in one call."""
MAX_CHARS: Final = 12_000
"""Most characters of messages in one call."""
_FILES: Final = Path(__file__).with_name("prompts")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# Loose on purpose: a field that cannot be used is dropped alone, an answer of another form as a whole.
_MAYBE: Final[JsonSchema] = {"type": ["string", "null"]}
NAMED: Final[JsonSchema] = {
    "type": "object",
    "properties": {
        "name": {"type": "string"},
        "type": {"type": "string"},
        "aliases": {"type": "array", "items": {"type": "string"}},
    },
    "required": ["name"],
}
FACTS: Final[JsonSchema] = {
    "title": "notes",
    "type": "object",
    "properties": {
        "facts": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": "string"},
                    "subject": {"type": "string"},
                    "predicate": {"type": "string"},
                    "object": {"type": "string"},
                    "positive": {"type": "boolean"},
                    "kind": {"type": "string"},
                    "importance": {"type": "number"},
                    "start": _MAYBE,
                    "end": _MAYBE,
                    "messages": {"type": "array", "items": {"type": "integer"}},
                    "category": _MAYBE,
                },
                "required": ["text", "subject", "predicate", "object", "messages"],
            },
        },
        "entities": {"type": "array", "items": NAMED},
    },
    "required": ["facts", "entities"],
}
PROCEDURE: Final[JsonSchema] = {
    "title": "procedure",
    "type": "object",
    "properties": {"procedure": {"type": "string"}, "entities": {"type": "array", "items": NAMED}},
    "required": ["procedure", "entities"],
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One message, or a part of a long one, as the model sees it.

    Attributes:
        place: The message's place among those that are to be extracted from.
        text: The words, what was only recalled left out.
        message: The message.
    """

    place: int
    text: str
    message: ExtractorInput


@cache
def _file(name: str) -> str:
    return (_FILES / name).read_text(encoding="utf-8").strip()


def fingerprint(defaults: Instructions) -> str:
    """Return eight hex digits that change with any prompt, the form of the answer or the standing instructions."""
    names = ("extract", "procedure", "refine", "triples")
    asked = [_file(f"{name}-1.{code}.txt") for name in names for code in ("en", "zh")]
    standing = [defaults.custom, defaults.categories, defaults.includes, defaults.excludes]
    content = json.dumps([asked, FACTS, PROCEDURE, standing, MAX_MESSAGES, MAX_CHARS], ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:8]


def language_of(shown: Sequence[Shown]) -> Language:
    """Return the language in which most of the messages are written; what is neither counts as English."""
    n = {"en": 0, "zh": 0}
    for each in shown:
        found = language(each.text)
        if found in {"zh", "mixed"}:
            # A Chinese character says as much as two Latin letters and more.
            n["zh"] += 2 * len(each.text)
        if found != "zh":
            n["en"] += len(each.text)
    return "zh" if n["zh"] > n["en"] else "en"


def system_prompt(code: Language, instructions: Instructions) -> str:
    """Return what the model is to do: the prompt of that language, then what the application asks for."""
    own = prompt("procedure" if instructions.memory_type else "extract", code)
    return "\n".join([own, *further(instructions, code)])


def prompt(name: str, code: Language) -> str:
    """Return a prompt: "extract", "procedure", "refine" or "triples"."""
    return _file(f"{name}-1.{code}.txt")


def further(instructions: Instructions, code: Language) -> list[str]:
    """Return the lines with what the application asks, to be set after a prompt; none if it asks nothing."""
    asked = list(_further(instructions, code))
    if not asked:
        return []
    title = (
        "THE APPLICATION ASKS (this comes before what is said above)"
        if code == "en"
        else "应用的要求（优先于上文）"
    )
    return ["", title, *asked]


def _further(instructions: Instructions, code: Language) -> Iterator[str]:
    english = code == "en"
    if instructions.custom.strip():
        yield instructions.custom.strip()
    if instructions.prompt.strip():
        yield instructions.prompt.strip()
    if instructions.includes:
        yield ("Note only: " if english else "只记：") + "; ".join(instructions.includes)
    if instructions.excludes:
        yield ("Never note: " if english else "绝不记：") + "; ".join(instructions.excludes)
    if instructions.categories:
        yield "Categories:" if english else "类别（category）："
        for name, meaning in instructions.categories:
            yield f"- {name}: {meaning}" if meaning else f"- {name}"


def messages_block(shown: Sequence[Shown]) -> str:
    """Return the messages as data, one JSON object a line, numbered from 1; no text can leave its line."""
    return "\n".join(_lines(shown))


def _lines(shown: Sequence[Shown]) -> Iterator[str]:
    last: tuple[datetime, Any] | None = None
    for n, each in enumerate(shown, start=1):
        message = each.message
        parts = [f'"n":{n}', f'"who":{quoted(message.speaker or message.role)}']
        if message.speaker and message.role != "user":
            parts.append(f'"role":{quoted(message.role)}')
        if (message.said_at, message.zone) != last:
            last = message.said_at, message.zone
            parts.append(f'"at":"{_time(message)}"')
        parts.append(f'"text":{quoted(each.text)}')
        yield "{" + ",".join(parts) + "}"


def _time(message: ExtractorInput) -> str:
    """Return when a message was said where it was said, with the day of the week: "2024-05-01 Wed 14:30 +02:00"."""
    local = message.said_at.astimezone(message.zone)
    offset = local.strftime("%z")
    return f"{local:%Y-%m-%d} {_WEEKDAYS[local.weekday()]} {local:%H:%M} {offset[:3]}:{offset[3:5]}"


def batches(shown: Sequence[Shown]) -> Iterator[list[Shown]]:
    """Yield the messages in as few calls as their size allows, in order; a message too long for one is parted."""
    batch: list[Shown] = []
    size = 0
    for each in shown:
        for part in _parts(each.text):
            if batch and (len(batch) == MAX_MESSAGES or size + len(part) > MAX_CHARS):
                yield batch
                batch, size = [], 0
            batch.append(Shown(each.place, part, each.message))
            size += len(part)
    if batch:
        yield batch


def _parts(text: str) -> Iterator[str]:
    """Yield *text* in pieces of at most ``MAX_CHARS``, cut behind a line or a sentence where there is one."""
    start = 0
    while len(text) - start > MAX_CHARS:
        end = start + MAX_CHARS
        cuts = [text.rfind(mark, start + MAX_CHARS // 2, end) for mark in ("\n", ". ", "。", "！", "？", " ")]
        cut = next((place + 1 for place in cuts if place >= 0), end)
        yield text[start:cut]
        start = cut
    yield text[start:]
