"""What a batch may ask beside new rows: to put away, to bring back, to join, to part, to note a use.

Each kind of change is a value here and one applier in the engine; a batch applies them in their order, all or nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TypeAlias

from polymem.domain.document import Document, StoredChunk
from polymem.domain.slotted import dataclass

__all__ = [
    "Archive",
    "Change",
    "DropDocument",
    "Feedback",
    "Judged",
    "MergeEntities",
    "MergeItems",
    "Note",
    "Release",
    "Reprofile",
    "Rest",
    "Retire",
    "SplitEntity",
    "StoreDocument",
    "Unarchive",
    "Use",
]


@dataclass(frozen=True, slots=True)
class Archive:
    """Take items out of the default search; they keep their words, their place in history and can be brought back.

    Attributes:
        item_ids: Which ones.
        reason: Why: the policy that asked for it ("decay", "capacity" …).
    """

    item_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Unarchive:
    """Bring archived items back."""

    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Use:
    """Note that items were of use; decay is reckoned from it. What is gone meanwhile is passed over.

    Attributes:
        item_ids: Which ones.
        at: When; the batch's ``now`` if it is not said.
    """

    item_ids: tuple[str, ...]
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """Note whether a hit was of use.

    Attributes:
        item_id: The item that was found.
        query: Random id of the search.
        useful: Whether it was of use.
        signals: What each signal added to the log odds of its score, by the default weights.
    """

    item_id: str
    query: str
    useful: bool
    signals: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class MergeEntities:
    """Let several entities be one; recorded, and taken back by :class:`SplitEntity`.

    Attributes:
        keep: Id of the entity that speaks for all.
        gone: Ids of those that are the same.
        evidence: What says so, by name and weight ("alias", "type", "co-occurrence", "vector" …).
    """

    keep: str
    gone: tuple[str, ...]
    evidence: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SplitEntity:
    """Take the merge of an entity back.

    Attributes:
        entity: Id of the entity that was merged into another; each row returns to the name that it used.
    """

    entity: str


@dataclass(frozen=True, slots=True)
class MergeItems:
    """Let near-duplicates be one item: *keep* gains their sources and evidence, they are closed as superseded by it.

    What supports *keep* in other words alone does not keep it alive: when the last that says it in its own words goes, it
    goes, and they are current again. Removed by its id, it takes them along.
    """

    keep: str
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Retire:
    """End derived items because what derived them is replaced; only those who look from before see them.

    Attributes:
        item_ids: Derived items.
        reason: Why ("reextracted" …).
    """

    item_ids: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Rest:
    """Let a derived item rest on stored episodes, beside those that it rests on already.

    Attributes:
        item_id: The item; it may be a draft of the same batch.
        episode_ids: What it is derived from.
    """

    item_id: str
    episode_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Write down how far a long task of the partition has come.

    Attributes:
        task: Which task.
        state: How far, in the task's own words; never a word of memory.
    """

    task: str
    state: str


@dataclass(frozen=True, slots=True)
class Reprofile:
    """Make the key-value face anew from what is stated about the owner.

    Attributes:
        reason: Why.
    """

    reason: str = "profile"


@dataclass(frozen=True, slots=True)
class Judged:
    """What a judge says of a new fact and an older one; passed over where either is no longer current, or settled by code.

    Attributes:
        new: Id of the new fact, a draft of the same batch.
        old: Id of the older one.
        verdict: "same": the older one gains the evidence of the new; "refines": the new one takes the place of the older
            and what supports it; "supersedes": the one that holds from later ends the other.
    """

    new: str
    old: str
    verdict: str


@dataclass(frozen=True, slots=True)
class StoreDocument:
    """Keep a document and the order of its chunks, in place of what was kept under its id.

    Attributes:
        document: It.
        chunks: Its chunks in order: drafts of the same batch, or items that are stored.
    """

    document: Document
    chunks: tuple[StoredChunk, ...]


@dataclass(frozen=True, slots=True)
class DropDocument:
    """Keep nothing of a document; its chunks are removed by the removals of the batch.

    Attributes:
        document_id: Which one.
    """

    document_id: str


@dataclass(frozen=True, slots=True)
class Release:
    """Let words of documents that were withheld be stored again, see ``Removal.withheld``.

    Attributes:
        texts: The passages and paragraphs; None for all of the scope.
        uri: The address of the document.
    """

    texts: tuple[str, ...] | None = None
    uri: str = ""


Change: TypeAlias = (
    Archive
    | DropDocument
    | Feedback
    | Judged
    | Unarchive
    | Use
    | MergeEntities
    | SplitEntity
    | StoreDocument
    | MergeItems
    | Rest
    | Note
    | Release
    | Reprofile
    | Retire
)
