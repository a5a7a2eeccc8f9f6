"""The extractor that needs no model: rules for statements, names and times in English and Chinese."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.statement import Extraction, Mention, Statement
from polymem.errors import CapabilityError
from polymem.ports.extractor import ExtractorInput
from polymem.text.mentions import find_mentions
from polymem.text.normalise import name_key
from polymem.text.recalled import without_recalled
from polymem.text.stated_names import with_stated_names
from polymem.text.statements import find_statements
from polymem.text.times import find_times

__all__ = ["RuleExtractor"]

_SPEAKERS_OF_NOTHING: Final = frozenset(("system", "tool", "function", "developer", "document"))
"""Roles whose messages are instructions, results and what others wrote; nobody states anything about themselves there."""


class RuleExtractor:
    """Derives statements, mentions and times by rules.

    Example:
        >>> from datetime import UTC, datetime
        >>> message = ExtractorInput("I live in Berlin.", "ann", "user", datetime(2024, 5, 1, tzinfo=UTC))
        >>> [extraction] = RuleExtractor().derive([message])
        >>> extraction.statements[0].predicate, extraction.mentions[0].name
        ('lives_in', 'Berlin')
    """

    name: str = "rules/1"
    in_process: bool = True

    def derive(self, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Derive in the calling thread; see :meth:`polymem.ports.extractor.SyncExtractor.derive`."""
        return [_derive(message) for message in messages]

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Derive; see :meth:`polymem.ports.extractor.Extractor.extract`."""
        if instructions != PLAIN:
            raise CapabilityError(
                "rules cannot follow instructions; configure a language model", capability="instructions"
            )
        return self.derive(messages)


def _derive(message: ExtractorInput) -> Extraction:
    """Derive from one message; what was only recalled in it states nothing anew."""
    text = without_recalled(message.text)
    mentions = with_stated_names(find_mentions(text), text)
    if message.role.casefold() in _SPEAKERS_OF_NOTHING:
        return Extraction(mentions=tuple(mentions))
    times = find_times(text, now=message.said_at, zone=message.zone)
    statements = find_statements(text, now=message.said_at, zone=message.zone, times=times)
    return Extraction(tuple(statements), tuple(_with_people(mentions, statements, text)), tuple(times))


def _with_people(mentions: list[Mention], statements: list[Statement], text: str) -> list[Mention]:
    """Return the mentions and the people whom only a statement names, as in "my friend's name is john"."""
    known = {name_key(mention.name) for mention in mentions}
    found = list(mentions)
    for statement in statements:
        key = name_key(statement.object)
        if statement.object_type == "person" and key not in known:
            known.add(key)
            start = max(text.find(statement.object, statement.offset[0]), 0)
            found.append(Mention(statement.object, "person", (start, start + len(statement.object))))
    return sorted(found, key=lambda mention: mention.offset)
