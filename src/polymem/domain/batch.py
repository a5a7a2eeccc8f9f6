"""What a writer asks of the ledger: drafts, revisions, removals, all or nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any, Literal, TypeAlias

from polymem.domain.change import Change
from polymem.domain.derivation import Instructions, Lease
from polymem.domain.item import Item, JsonObject, Kind
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.domain.statement import Mention
from polymem.domain.timeline import Stated, Stretch, timeline

Vector: TypeAlias = Any
"""float32[dim]; typed loosely since the domain knows no numpy."""


@dataclass(frozen=True, slots=True)
class FactDraft:
    """The relation that a drafted item states.

    Attributes:
        subject: Name of the subject; the scope's own entity when it is the owner who speaks.
        subject_type: Type of the subject entity, "" when unknown.
        is_owner: Whether the subject is the owner of the partition.
        predicate: Key of ``PREDICATES``.
        object: Display form of the object.
        object_type: Type of the object entity.
        slot: Normal form of the object; with subject and predicate it identifies the fact.
        positive: False for a negated statement.
        said_at: When it was said; None where only the time from which it holds is known.
        past: Whether its words name a time that was over when they were said.
    """

    subject: str
    subject_type: str
    is_owner: bool
    predicate: str
    object: str
    object_type: str
    slot: str
    positive: bool
    said_at: datetime | None = None
    past: bool = False


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A new item with everything the four faces need.

    Attributes:
        id: Public id.
        kind: What it is.
        text: Its words, clean (no lone surrogates, no NUL).
        terms: Index terms with repetition.
        keys: What it is found by beside its words, see :mod:`polymem.text.keys`.
        vector: float32[dim], or None when embedding failed or the text has nothing known.
        embedded: False when embedding failed and is to be retried.
        valid_at: From when it holds in the world.
        importance: 0..1.
        metadata: Plain JSON.
        role: Role of the speaker.
        speaker: Name of the speaker, "" when unnamed.
        invalid_at: Until when it holds, where the text says so.
        expires_at: From when it is hidden.
        message: The raw message (episodes only).
        sources: For derived items: index of the episode's draft in the batch, and the span in its text.
        mentions: Entities named.
        fact: The relation it states, or None.
        derived_by: What derived it, with model, version and hash of the prompt; "" for an episode.
        basis: Ids of the derived items that it was made of (a summary's facts): it is erased with any of them, and ends when
            one of them is deleted or closed, to be made anew.
    """

    id: str
    kind: Kind
    text: str
    terms: Sequence[str]
    vector: Vector | None
    valid_at: datetime
    embedded: bool = True
    importance: float = 0.5
    metadata: JsonObject = field(default_factory=dict[str, Any])
    role: str = "user"
    speaker: str = ""
    invalid_at: datetime | None = None
    expires_at: datetime | None = None
    message: JsonObject | None = None
    sources: tuple[tuple[int, int, int], ...] = ()
    mentions: tuple[Mention, ...] = ()
    fact: FactDraft | None = None
    derived_by: str = ""
    basis: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()


Resolver: TypeAlias = Callable[[Sequence[Stated]], Sequence[Stretch]]
"""Pure; called inside the write transaction with a drafted fact and what competes with it. All that competes is given where
the draft comes late, else what is current."""


@dataclass(frozen=True, slots=True)
class Revision:
    """A new version of an existing item.

    Attributes:
        item_id: The item.
        draft: The new version (its ``id`` equals ``item_id``).
        derived: Drafts derived from the new text; what was derived from the old version is retired.
        version: The version that it follows; None for whichever is the newest.
        restated: Whether an item's own words were read anew: what the old ones stated ends, and ``draft.fact``, if it has
            one, takes the place.
    """

    item_id: str
    draft: ItemDraft
    derived: tuple[ItemDraft, ...] = ()
    version: int | None = None
    restated: bool = False


@dataclass(frozen=True, slots=True)
class Removal:
    """Items to remove.

    Attributes:
        item_ids: Which ones.
        how: "delete" hides and unindexes, history keeps the text; "erase" destroys the text everywhere;
            "expire" is a delete because ``expires_at`` has passed.
        tombstone_id: Of an erasure: where it is recorded what it left.
        withheld: Whether the words of passages of documents among them are known again when they come again, and left out: keyed
            hashes of them stay. What is erased is known again in any document, else in that alone of which it was.
    """

    item_ids: tuple[str, ...]
    how: Literal["delete", "erase", "expire"]
    tombstone_id: str = ""
    withheld: bool = False


@dataclass(frozen=True, slots=True)
class Enqueue:
    """What is to be derived from a batch's episodes once they are durable.

    Stored episodes leave the derivations in which they still waited, for the newest one knows best.

    Attributes:
        instructions: How.
        lease_s: For how long the writer takes it at once; 0 leaves it to a worker.
        episode_ids: Stored episodes to derive from anew, instead of the drafted ones. They are parted by session.
        reextract: Whether what these episodes gave before ends when it succeeds.
        n_together: Most of the stored episodes in one derivation, 0 for any number.
    """

    instructions: Instructions
    lease_s: float = 0.0
    episode_ids: tuple[str, ...] = ()
    reextract: bool = False
    n_together: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """What a derivation gave, beside the drafts of its batch.

    Attributes:
        lease: The derivation, and the right to end it.
        versions: Of the episodes as they were read, in order; 0 for one that was gone.
        names: The entities that each episode names.
        by: What derived it.
    """

    lease: Lease
    versions: tuple[int, ...]
    names: tuple[tuple[Mention, ...], ...] = ()
    by: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """One unit of writing; committed whole or not at all.

    Attributes:
        scope: Where it goes.
        now: The writer's present; the ledger keeps system time from running backwards.
        actor: Who asked for it.
        reason: Why.
        drafts: New items, episodes before what is derived from them.
        revisions: New versions.
        removals: Deletions and erasures.
        resolve: Arranges facts that compete.
        idempotency: Key and digest of the payload.
        if_version: Commit only if the partition is still at this version.
        unstated_at: The time of messages whose time nobody stated. They were said after all that is stored, even if a
            clock that was set back says otherwise.
        changes: Applied after the removals, revisions and drafts, in this order.
        enqueue: Let something be derived from the drafted episodes later; see ``Outcome.lease``.
        completes: This is what a derivation gave: it is done with this commit. ``sources`` of the drafts count its
            episodes, in order.
        dry_run: Do everything, tell the outcome, and take it back.
    """

    scope: Scope
    now: datetime
    actor: str = "user"
    reason: str = ""
    drafts: tuple[ItemDraft, ...] = ()
    revisions: tuple[Revision, ...] = ()
    removals: tuple[Removal, ...] = ()
    resolve: Resolver = timeline
    idempotency: tuple[str, str] | None = None
    if_version: int | None = None
    unstated_at: datetime | None = None
    changes: tuple[Change, ...] = ()
    enqueue: Enqueue | None = None
    completes: Completion | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a commit did.

    Attributes:
        version: The partition's version after it.
        item_ids: Items stored, in the order of the drafts that were kept.
        superseded: Facts that were closed.
        repeated: Facts that gained evidence.
        removed: Items that were removed, those derived from them included.
        counts: Rows touched by face.
        replayed: True when the idempotency key was known; then nothing was written.
        items: The items stored, in the same order; empty when replayed.
        last_event: Place of the last event in the partition's chain.
        link: The chain's hash after it, hex.
        n_pending: Rows of the partition that still wait for a vector.
        lease: What ``Batch.enqueue`` made, the first where it made several; held by the writer where it asked for that.
            Where the idempotency key was known, what is still to be derived of that call, held by nobody.
    """

    version: int
    item_ids: tuple[str, ...] = ()
    superseded: tuple[str, ...] = ()
    repeated: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    counts: dict[str, int] = field(default_factory=dict[str, int])
    replayed: bool = False
    last_event: int = 0
    link: str = ""
    n_pending: int = 0
    lease: Lease | None = None
