"""The changes of a batch beside its rows: each kind has one applier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from polymem.domain.change import (
    Archive,
    Change,
    DropDocument,
    Feedback,
    Judged,
    MergeEntities,
    MergeItems,
    Note,
    Release,
    Reprofile,
    Rest,
    Retire,
    SplitEntity,
    StoreDocument,
    Unarchive,
    Use,
)
from polymem.engines.sqlite.archive import archive, unarchive, use
from polymem.engines.sqlite.completing import retire
from polymem.engines.sqlite.documents_kept import drop_document, release_passages, store_document
from polymem.engines.sqlite.duplicates import merge_items, note, reprofile, rest
from polymem.engines.sqlite.entities import merge_entities, split_entity
from polymem.engines.sqlite.facts import FactWriter
from polymem.engines.sqlite.judged import judged
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.rated import feedback
from polymem.engines.sqlite.remove import Remover

Applier: TypeAlias = Callable[[PartitionWriter, Remover, FactWriter, Any], None]
APPLIERS: Final[Mapping[type[Change], Applier]] = {
    Archive: archive,
    DropDocument: drop_document,
    Feedback: feedback,
    Judged: judged,
    MergeEntities: merge_entities,
    MergeItems: merge_items,
    Note: note,
    Release: release_passages,
    Reprofile: reprofile,
    Rest: rest,
    SplitEntity: split_entity,
    StoreDocument: store_document,
    Unarchive: unarchive,
    Use: use,
    Retire: retire,
}
"""What carries out each kind of change inside the transaction of its batch."""


def apply(writer: PartitionWriter, remover: Remover, facts: FactWriter, changes: tuple[Change, ...]) -> None:
    """Apply *changes* in their order.

    Raises:
        NotFoundError: One names an item, entity or document that the scope does not hold; nothing of the batch is kept.
        ConflictError: A document is not any more what whoever changes it has read.
    """
    each: Any
    for each in changes:
        APPLIERS[type(each)](writer, remover, facts, each)
