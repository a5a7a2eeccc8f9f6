"""Messages become drafts: the episode, and what was derived from it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from polymem.domain.batch import FactDraft, ItemDraft
from polymem.domain.predicates import predicate_named, unconfirmed
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.statement import SELF, Extraction, Statement
from polymem.ports.faces import F32
from polymem.text.indexed import indexed_terms
from polymem.text.keys import index_keys
from polymem.text.normalise import name_key
from polymem.write.messages import Message

EPISODE_IMPORTANCE: Final = 0.5
FACT_IMPORTANCE: Final = 0.6
OWNER_ROLE: Final = "user"
_AHEAD: Final = frozenset({"plans", "wants"})


def new_id() -> str:
    """Return 128 random bits in the form of a UUID (version 4)."""
    raw = bytearray(os.urandom(16))
    raw[6] = raw[6] & 0x0F | 0x40
    raw[8] = raw[8] & 0x3F | 0x80
    digits = raw.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


@dataclass(frozen=True, slots=True)
class Vectors:
    """The vectors of one batch, in the order of its texts.

    Attributes:
        rows: float32[n, dim]; None when embedding failed.
        known: bool[n], False for a text of which the encoder knows nothing.
    """

    rows: F32 | None
    known: Sequence[bool] = ()

    def fields(self, n: int) -> dict[str, Any]:
        """Return the draft's fields for text *n*."""
        if self.rows is None:
            return {"vector": None, "embedded": False}
        return {"vector": self.rows[n] if self.known[n] else None, "embedded": True}


def episode_draft(
    message: Message, extraction: Extraction, *, vector: dict[str, Any], expires_at: datetime | None
) -> ItemDraft:
    """Return the draft of a message's episode; *vector* comes from :meth:`Vectors.fields`."""
    words = indexed_terms("episode", message.text, role=message.role, metadata=message.metadata)
    return ItemDraft(
        id=new_id(),
        kind="episode",
        text=message.text,
        terms=words,
        valid_at=message.said_at,
        importance=EPISODE_IMPORTANCE,
        metadata=message.metadata,
        role=message.role,
        speaker=message.speaker,
        expires_at=expires_at,
        message=message.raw,
        mentions=extraction.mentions,
        keys=index_keys("episode", message.text, role=message.role, metadata=message.metadata, words=words),
        **vector,
    )


def fact_draft(
    message: Message,
    statement: Statement,
    *,
    vector: dict[str, Any],
    episode: int,
    scope: Scope,
    expires_at: datetime | None,
    derived_by: str,
) -> ItemDraft:
    """Return the draft of one statement in a message.

    Args:
        message: Where it was made.
        statement: What it says.
        vector: From :meth:`Vectors.fields`.
        episode: Place of the episode's draft in the batch; so count the further messages that the statement names.
        scope: Tells whose partition it is.
        expires_at: As for the episode.
        derived_by: What found it.
    """
    further = dict.fromkeys(place for place in statement.also_in if place != episode)
    category = {"category": statement.category} if statement.category else {}
    return ItemDraft(
        id=new_id(),
        kind=statement.kind,
        text=statement.text,
        terms=indexed_terms(statement.kind, statement.text, role=message.role, metadata={}),
        keys=index_keys(statement.kind, statement.text, role=message.role, metadata={}),
        valid_at=holds_from(statement, said_at=message.said_at),
        invalid_at=statement.when.end if statement.ended and statement.when is not None else None,
        importance=FACT_IMPORTANCE if statement.importance is None else statement.importance,
        # What the caller says of the message goes before what the extractor says of it.
        metadata={**category, **message.metadata} if category else message.metadata,
        role=message.role,
        speaker=message.speaker,
        expires_at=expires_at,
        sources=((episode, *statement.offset), *((place, 0, 0) for place in further)),
        fact=fact_of(statement, message, scope=scope) if statement.predicate else None,
        derived_by=derived_by,
        **vector,
    )


def holds_from(statement: Statement, *, said_at: datetime) -> datetime:
    """Return from when a statement holds: the time it names if that has come, else when it was said.

    A plan holds from when it is told; the time it names is that of its fulfilment.
    """
    when = statement.when
    if statement.predicate in _AHEAD:
        return said_at
    return (
        when.start if when is not None and (when.start <= said_at or statement.kind == "event") else said_at
    )


def _unconfirmed(statement: Statement) -> str:
    """Return the predicate of what somebody else says about the owner: it may not end what the owner has said."""
    known = predicate_named(statement.predicate)
    competes = known.functional or known.opposite is not None or not statement.positive
    return unconfirmed(statement.predicate) if competes else statement.predicate


def fact_of(statement: Statement, message: Message, *, scope: Scope) -> FactDraft:
    """Return the relation that a statement makes, with its speaker in the place of "I"."""
    partition = scope.partition
    first_person = statement.subject == SELF
    speaker = message.speaker or ("" if message.role == OWNER_ROLE else message.role)
    by_owner = partition.kind == "user" and (not speaker or speaker.casefold() == partition.owner.casefold())
    is_owner = first_person and by_owner
    subject = (speaker or partition.owner) if first_person else statement.subject
    hearsay = not first_person and not by_owner and name_key(subject) == name_key(partition.owner)
    return FactDraft(
        subject=partition.owner if is_owner else subject,
        subject_type="person" if first_person else statement.subject_type,
        is_owner=is_owner,
        predicate=_unconfirmed(statement) if hearsay else statement.predicate,
        object=statement.object,
        object_type=statement.object_type,
        slot=statement.slot,
        positive=statement.positive,
        said_at=message.said_at,
        past=statement.when is not None and statement.when.end <= message.said_at,
    )
