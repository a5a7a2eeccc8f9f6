"""What a caller asks of extraction, checked and joined with what the configuration asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from polymem.domain.derivation import Instructions
from polymem.domain.metadata import text_fault
from polymem.errors import InputError

__all__ = ["MAX_PROMPT_CHARS", "MAX_TOPICS", "MAX_TOPIC_CHARS", "PROCEDURAL", "instructed"]

MAX_PROMPT_CHARS: Final = 8_000
MAX_TOPICS: Final = 100
MAX_TOPIC_CHARS: Final = 1_000
PROCEDURAL: Final = "procedural_memory"


def instructed(
    standing: Instructions,
    *,
    prompt: object = None,
    memory_type: object = None,
    categories: object = None,
    includes: object = None,
    excludes: object = None,
) -> Instructions:
    """Return *standing* instructions with those of one call; its categories and topics come to those of the configuration.

    Args:
        standing: Of the configuration.
        prompt: Further words for this call.
        memory_type: "procedural_memory" for one procedure instead of facts.
        categories: Names, or names with what each means.
        includes: Topics to keep.
        excludes: Topics to leave out.

    Raises:
        InputError: One is of a wrong type, empty, too long or too many.

    Example:
        >>> instructed(Instructions(includes=("work",)), includes=["旅行"], categories={"travel": "trips"})
        Instructions(prompt='', custom='', categories=(('travel', 'trips'),), includes=('work', '旅行'), excludes=(), memory_type='')
    """
    if memory_type is not None and memory_type != PROCEDURAL:
        raise InputError(f"memory_type must be {PROCEDURAL!r}, or left out", argument="memory_type")
    given = _categories(categories)
    kept = tuple(pair for pair in standing.categories if pair[0] not in dict(given))
    return Instructions(
        prompt="" if prompt is None else _words(prompt, argument="prompt", most=MAX_PROMPT_CHARS),
        custom=standing.custom,
        categories=_counted((*kept, *given), argument="categories"),
        includes=_counted(_joined(standing.includes, includes, argument="includes"), argument="includes"),
        excludes=_counted(_joined(standing.excludes, excludes, argument="excludes"), argument="excludes"),
        memory_type=PROCEDURAL if memory_type is not None else standing.memory_type,
    )


def _joined(standing: tuple[str, ...], topics: object, *, argument: str) -> tuple[str, ...]:
    if topics is None:
        return standing
    return tuple(dict.fromkeys((*standing, *_topics(topics, argument=argument))))


def _listed(topics: object, *, argument: str) -> Sequence[object]:
    if isinstance(topics, (str, bytes)) or not isinstance(topics, Sequence):
        raise InputError(
            f"{argument} must be a list of texts, not {type(topics).__name__}", argument=argument
        )
    return cast("Sequence[object]", topics)


def _topics(topics: object, *, argument: str) -> list[str]:
    return [
        _words(topic, argument=argument, most=MAX_TOPIC_CHARS) for topic in _listed(topics, argument=argument)
    ]


def _categories(categories: object) -> tuple[tuple[str, str], ...]:
    if categories is None:
        return ()
    if not isinstance(categories, Mapping):
        # A list of names, of mappings as other interfaces have it, or of both.
        parts = _listed(categories, argument="categories")
        pairs = [
            pair
            for part in parts
            for pair in (
                cast("Mapping[object, object]", part).items() if isinstance(part, Mapping) else ((part, ""),)
            )
        ]
    else:
        pairs = list(cast("Mapping[object, object]", categories).items())
    read = tuple(
        (
            _words(name, argument="categories", most=MAX_TOPIC_CHARS),
            "" if meaning == "" else _words(meaning, argument="categories", most=MAX_TOPIC_CHARS),
        )
        for name, meaning in pairs
    )
    return tuple(dict(read).items())


def _words(value: object, *, argument: str, most: int) -> str:
    if not isinstance(value, str):
        raise InputError(f"{argument} must be text, not {type(value).__name__}", argument=argument)
    text = value.strip()
    if not text:
        raise InputError(f"{argument} is empty", argument=argument)
    if len(text) > most:
        raise InputError(f"{argument} is longer than {most} characters", argument=argument)
    if fault := text_fault(text):
        raise InputError(f"{argument} {fault}", argument=argument)
    return text


def _counted(topics: tuple[Any, ...], *, argument: str) -> tuple[Any, ...]:
    if len(topics) > MAX_TOPICS:
        raise InputError(f"{argument} holds more than {MAX_TOPICS}", argument=argument)
    return topics
