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
