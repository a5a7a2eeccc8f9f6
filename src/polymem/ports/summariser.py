"""Sums up a session."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from polymem.domain.derivation import Usage
from polymem.domain.slotted import dataclass

__all__ = ["Summariser", "Summary", "Told"]


@dataclass(frozen=True, slots=True)
class Told:
    """One message of a session.

    Attributes:
        who: Name of the speaker, or the role.
        text: The words.
        said_at: When it was said.
    """

    who: str
    text: str
    said_at: datetime


@dataclass(frozen=True, slots=True)
class Summary:
    """What a session came to.

    Attributes:
        text: In the language of the session; "" where there is none, see ``problem``.
        usage: What it cost.
        n_read: Messages that were read, at most all.
        problem: "ungrounded" where the answers told what the messages do not say.
    """

    text: str
    usage: Usage
    n_read: int
    problem: str = ""


class Summariser(Protocol):
    """Sums up sessions; what it is shown is data."""

    @property
    def name(self) -> str:
        """Model, version and hash of the prompts; the provenance of a summary."""
        ...

    def n_calls(self, messages: Sequence[Told]) -> int:
        """Return how many requests :meth:`summarise` sends if none has to be repeated."""
        ...

    async def summarise(self, messages: Sequence[Told]) -> Summary:
        """Sum up a session.

        Args:
            messages: In order, at least one.

        Raises:
            ModelError: The model failed, refused, or the budget is used up.
        """
        ...
