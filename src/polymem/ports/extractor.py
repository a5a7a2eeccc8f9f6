"""Messages to statements, mentions and times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Protocol, TypeGuard

from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.slotted import dataclass
from polymem.domain.statement import Extraction

__all__ = ["Extractor", "ExtractorInput", "SyncExtractor", "derives_in_process"]


@dataclass(frozen=True, slots=True)
class ExtractorInput:
    """One message as an extractor sees it.

    Attributes:
        text: The words.
        speaker: Who said them, "" when unknown.
        role: "user", "assistant", "system", "tool" or another name.
        said_at: When they were said, aware UTC; what "yesterday" is counted from.
        zone: The speaker's time zone; gives "today" its meaning.
        title: Of a passage, the title of its document; "" for none.
    """

    text: str
    speaker: str
    role: str
    said_at: datetime
    zone: tzinfo = UTC
    title: str = ""


class Extractor(Protocol):
    """Derives what messages say.

    The subject of a first-person statement is :data:`polymem.domain.statement.SELF` whatever the role; the caller
    knows who the speaker is.

    Example:
        A whole extractor, good for tests alone:

        >>> class Nothing:
        ...     name = "nothing/1"
        ...
        ...     async def extract(self, messages, *, instructions=PLAIN):
        ...         return [Extraction() for _ in messages]
        >>> import asyncio
        >>> asyncio.run(Nothing().extract([]))
        []
    """

    @property
    def name(self) -> str:
        """What derives, with its version; whatever changes the result changes it."""
        ...

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Derive from messages that follow one another in a conversation.

        Args:
            messages: In order; texts may be empty.
            instructions: What the caller asks beyond the default.

        Returns:
            One extraction a message, in the same order.

        Raises:
            ModelError: The model did not deliver; nothing of the batch is to be used.
            CapabilityError: It cannot follow *instructions*.
        """
        ...


class SyncExtractor(Extractor, Protocol):
    """An extractor that is quick enough to be called without a thread of its own.

    Whoever holds an :class:`Extractor` asks :func:`derives_in_process`.
    """

    @property
    def in_process(self) -> bool:
        """True: :meth:`derive` is there, neither blocks nor waits, and may be called from any thread."""
        ...

    def derive(self, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Derive in the calling thread.

        Args:
            messages: As in :meth:`Extractor.extract`.

        Returns:
            As :meth:`Extractor.extract`.
        """
        ...


def derives_in_process(extractor: Extractor) -> TypeGuard[SyncExtractor]:
    """Tell whether an extractor declares that it may be called directly.

    Args:
        extractor: Any extractor; one that declares nothing is taken to need `await`.

    Example:
        >>> class Remote:
        ...     name = "remote/1"
        ...
        ...     async def extract(self, messages): ...
        >>> derives_in_process(Remote())
        False
    """
    return bool(getattr(extractor, "in_process", False))
