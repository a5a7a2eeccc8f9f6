"""Who and what is spoken of, and how they relate."""

from __future__ import annotations

from datetime import datetime

from polymem.domain.slotted import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """A canonical person, place or thing of one scope.

    Attributes:
        id: Public id.
        name: Display name.
        type: "person", "place", "organisation", … or "" when unknown.
        aliases: Further names, in order of first use.
        n_mentions: How many rows of the scope that was asked mention it, older versions of items included.
        merged: Ids of the entities that were merged into it; see ``split_entity``.
    """

    id: str
    name: str
    type: str
    aliases: tuple[str, ...]
    n_mentions: int
    merged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Same:
    """Two entities that are, or may be, the same.

    Attributes:
        keep_id: Id of the one that speaks, or would speak, for both.
        keep_name: Its name.
        id: Id of the other.
        name: Its name.
        score: 0..1, how sure that is.
        evidence: What says so, by name and weight; "clash" and "split" speak against it.
    """

    keep_id: str
    keep_name: str
    id: str
    name: str
    score: float
    evidence: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Resolved:
    """What was found to be the same.

    Attributes:
        merged: Pairs that were merged, or would be; surest first.
        ambiguous: Pairs that may be the same but are not sure; nothing was done about them.
        dry_run: True when nothing was done.
    """

    merged: tuple[Same, ...] = ()
    ambiguous: tuple[Same, ...] = ()
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Relation:
    """A subject–predicate–object statement with the four times, backed by an item.

    Attributes:
        subject: Display name of the subject.
        predicate: Key of :data:`polymem.domain.predicates.PREDICATES`.
        object: Display name of the object.
        positive: False for a negated statement.
        item_id: The fact that states it.
        valid_at: From when it holds in the world.
        invalid_at: Until when; None while open.
        created_at: When it was stored.
        expired_at: When its end became known; None while current.
        subject_id: Id of the subject's entity.
        object_id: Id of the object's entity.
    """

    subject: str
    predicate: str
    object: str
    positive: bool
    item_id: str
    valid_at: datetime
    invalid_at: datetime | None
    created_at: datetime
    expired_at: datetime | None
    subject_id: str = ""
    object_id: str = ""

    @property
    def current(self) -> bool:
        """Whether nothing is known to have ended it."""
        return self.expired_at is None
