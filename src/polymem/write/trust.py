"""How far to believe what a message says, by who sent it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.predicates import unconfirmed
from polymem.domain.slotted import dataclass
from polymem.domain.source import Source, source_of
from polymem.domain.statement import SELF, Extraction
from polymem.ports.extractor import Extractor, ExtractorInput, derives_in_process
from polymem.text.keys import is_passage
from polymem.write.quotas import limited

__all__ = ["UNCONFIRMED_IMPORTANCE", "GuardedExtractor", "impersonal"]

UNCONFIRMED_IMPORTANCE: Final = 0.2


@dataclass(frozen=True, slots=True)
class GuardedExtractor:
    """An extractor whose statements are limited in number, and marked as unconfirmed where their source is not trusted.

    Attributes:
        inner: What derives.
        facts_per_message: Most statements of one message, None for any number.
        corroborate: Sources whose statements count only once others bear them out.
    """

    inner: Extractor
    facts_per_message: int | None = None
    corroborate: AbstractSet[Source] = frozenset()

    @property
    def name(self) -> str:
        """The name of what derives."""
        return self.inner.name

    @property
    def in_process(self) -> bool:
        """Whether :meth:`derive` may be called."""
        return derives_in_process(self.inner)

    def derive(self, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Derive in the calling thread; see :meth:`polymem.ports.extractor.SyncExtractor.derive`."""
        if not derives_in_process(self.inner):
            raise TypeError("this extractor has to be awaited")
        return self._guarded(messages, self.inner.derive(messages))

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Derive; see :meth:`polymem.ports.extractor.Extractor.extract`."""
        if instructions == PLAIN:
            return self._guarded(messages, await self.inner.extract(messages))
        return self._guarded(messages, await self.inner.extract(messages, instructions=instructions))

    def _guarded(self, messages: Sequence[ExtractorInput], found: Sequence[Extraction]) -> list[Extraction]:
        kept, _ = limited(found, self.facts_per_message)
        if not self.corroborate or len(kept) != len(messages):
            return kept
        return [self._weighed(messages, place, each) for place, each in enumerate(kept)]

    def _weighed(self, messages: Sequence[ExtractorInput], place: int, found: Extraction) -> Extraction:
        """Mark the statements that rest on no message of a trusted source."""
        statements = tuple(
            replace(statement, predicate=unconfirmed(statement.predicate), importance=UNCONFIRMED_IMPORTANCE)
            if statement.predicate
            and all(
                source_of(messages[n].role) in self.corroborate
                for n in (place, *(n for n in statement.also_in if n < len(messages)))
            )
            else statement
            for statement in found.statements
        )
        return replace(found, statements=statements)


def impersonal(messages: Sequence[ExtractorInput], found: list[Extraction]) -> list[Extraction]:
    """Return *found* without what passages of documents say in the first person: whoever wrote them is not the user."""
    if not any(is_passage("episode", message.role) for message in messages):
        return found
    return [
        replace(each, statements=tuple(said for said in each.statements if said.subject != SELF))
        if place < len(messages) and is_passage("episode", messages[place].role)
        else each
        for place, each in enumerate(found)
    ]
