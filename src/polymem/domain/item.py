"""What search returns, and the raw input it comes from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from polymem.domain.slotted import dataclass
from polymem.domain.source import Source, source_of

Kind: TypeAlias = Literal[
    "episode", "fact", "preference", "event", "procedure", "summary", "profile", "chunk"
]
KINDS: tuple[Kind, ...] = (
    "episode",
    "fact",
    "preference",
    "event",
    "procedure",
    "summary",
    "profile",
    "chunk",
)
"""Every kind; the place in this tuple is the code under which engines store it, so only append."""

JsonObject: TypeAlias = Mapping[str, Any]

NO_DOCUMENT: Final = -1
UNTITLED: Final = -2
"""Number of the document of a passage that has no title; those of titled ones are less, see :mod:`polymem.text.indexed`."""


@dataclass(frozen=True, slots=True)
class Episode:
    """Immutable raw input: one message as it came.

    Attributes:
        id: Public id, shared with the item of kind ``episode`` that was made from it.
        text: The words that can be searched; empty for a message without any.
        role: "user", "assistant", "system", "tool" or what the caller named.
        speaker: The message's ``name``, "" when it has none.
        said_at: When it was said (world time).
        recorded_at: When it was stored (system time).
        agent_id: Agent on the row.
        run_id: Run (session) on the row.
        metadata: As given.
        message: The message as it was given, JSON.
    """

    id: str
    text: str
    role: str
    speaker: str
    said_at: datetime
    recorded_at: datetime
    agent_id: str | None
    run_id: str | None
    metadata: JsonObject
    message: JsonObject


@dataclass(frozen=True, slots=True)
class Item:
    """One version of a memory.

    Attributes:
        id: Public id, the same over all versions (128 random bits as hex with dashes).
        kind: What it is.
        text: Its words.
        metadata: Plain JSON.
        importance: 0..1, a stored property; decay never changes it.
        valid_at: From when it holds in the world (an episode: when it was said).
        invalid_at: Until when it holds in the world; None while open.
        created_at: When this version was stored (system time).
        expired_at: When this version was replaced or closed (system time); None while current.
        expires_at: From when it is hidden and swept; None for never.
        updated_at: When the newest version was stored.
        version: 1, 2, …
        tenant: Tenant of the partition.
        user_id: Owner, where the partition is a user's.
        agent_id: Agent on the row.
        run_id: Run on the row.
        role: Role of the speaker.
        speaker: Name of the speaker, "" when unnamed.
        superseded_by: Id of the item that replaced it in the world; None when current.
        n_evidence: How many statements support it.
        episode_ids: The episodes it comes from (an episode: itself), those of the scope that was asked.
        derived_by: What derived it, with model, version and hash of the prompt; "" for an episode.
        archived: Whether it was put away: no default search finds it, and it can be restored.
    """

    id: str
    kind: Kind
    text: str
    metadata: JsonObject
    importance: float
    valid_at: datetime
    invalid_at: datetime | None
    created_at: datetime
    expired_at: datetime | None
    expires_at: datetime | None
    updated_at: datetime
    version: int
    tenant: str
    user_id: str | None
    agent_id: str | None
    run_id: str | None
    role: str
    speaker: str
    superseded_by: str | None
    n_evidence: int
    episode_ids: tuple[str, ...]
    derived_by: str = ""

    @property
    def source(self) -> Source:
        """The kind of sender that it comes from, by its role: "user", "assistant", "tool", "system" or "document"."""
        return source_of(self.role)

    archived: bool = False
