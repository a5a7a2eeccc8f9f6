"""The entities of an answer, where the messages name them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from polymem.domain.statement import Mention
from polymem.models.extractors.model.found import (
    MAX_NAME_CHARS,
    ROLE_NAMES,
    SPEAKER_NAMES,
    Found,
    Source,
    is_list,
    is_object,
    line,
)
from polymem.text.normalise import fold_aligned, name_key
from polymem.text.recalled import without_recalled

__all__ = ["read_mentions", "types_of"]

MAX_ENTITIES: Final = 60
MAX_ALIASES: Final = 5
_TYPES: Final = frozenset({"person", "place", "organisation", "animal", "activity", "thing"})


def types_of(entities: object) -> dict[str, str]:
    """Return the types that the answer gives to names."""
    types: dict[str, str] = {}
    for entity in entities if is_list(entities) else ():
        kind = line(entity.get("type")) if is_object(entity) else ""
        if is_object(entity) and kind in _TYPES:
            types[name_key(line(entity.get("name")))] = kind
    return types


def _names_in(entities: object) -> set[str]:
    given = entities if is_list(entities) else ()
    return {name_key(line(entity.get("name"))) for entity in given if is_object(entity)}


def _aliases(given: object, everything: str, *, taken: set[str]) -> tuple[str, ...]:
    """Return further names that the messages use, without those that are somebody's own."""
    aliases = dict.fromkeys(line(alias) for alias in given) if is_list(given) else {}
    return tuple(
        alias
        for alias in aliases
        if 1 < len(alias) <= MAX_NAME_CHARS
        and fold_aligned(alias) in everything
        and name_key(alias) not in taken
    )[:MAX_ALIASES]


def read_mentions(answer: Mapping[str, Any], sources: Sequence[Source], *, found: Found) -> None:
    """Add the entities of *answer* to *found*, each where a message names it; its other names too if they occur.

    Args:
        answer: What the model said.
        sources: The messages that were shown.
        found: Takes the mentions and counts what was dropped.
    """
    entities = answer.get("entities")
    texts = [(source, fold_aligned(without_recalled(source.message.text))) for source in sources]
    everything = "\n".join(text for _, text in texts)
    # Who has a name of his own is not made another's by an alias.
    taken = {name_key(source.message.speaker) for source in sources} | _names_in(entities)
    for entity in list(entities)[:MAX_ENTITIES] if is_list(entities) else ():
        name = line(entity.get("name")) if is_object(entity) else ""
        key = fold_aligned(name)
        if not key or len(name) > MAX_NAME_CHARS or key in ROLE_NAMES or key in SPEAKER_NAMES:
            found.dropped["malformed"] += 1
            continue
        if not is_object(entity) or key not in everything:
            found.dropped["ungrounded"] += 1
            continue
        kind = entity.get("type")
        known = _aliases(entity.get("aliases"), everything, taken=taken | {name_key(name)})
        for source, text in texts:
            start = text.find(key)
            if start >= 0 and not source.junk:
                end = start + len(key)
                found.mentions.setdefault(source.place, []).append(
                    Mention(
                        source.message.text[start:end],
                        kind if isinstance(kind, str) and kind in _TYPES else "",
                        (start, end),
                        known,
                    )
                )
