"""What one ``ingest`` is to do, and what the memory knows of it before anything is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Literal, TypeAlias

from polymem.client.build import Parts
from polymem.client.ingest_elsewhere import common_of
from polymem.client.ingest_forms import Forms
from polymem.client.ingest_steps import Known, Prepared
from polymem.client.ingest_withheld import forgotten, without
from polymem.documents.folders import Absent, absent_from, refuse_emptied
from polymem.documents.sources import Sources
from polymem.domain.document import Document
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.ports.event_loop import off_loop
from polymem.ports.ledger import Snapshot

if TYPE_CHECKING:
    from polymem.domain.batch import Enqueue

__all__ = ["Before", "Kept", "Missing", "Wanted", "before_of", "kept_of"]

Missing: TypeAlias = Literal["erase", "keep"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for.

    Attributes:
        scope: Whose memory.
        sources: What was found of what the caller named.
        forms: What is said of each document.
        missing: What becomes of documents whose file is gone from its folder; None erases them, unless the folder is empty.
        restore: Whether chunks that were forgotten are stored again.
        expires_at: From when chunks are hidden.
        enqueue: Leaves it to a derivation to say what is in them.
        infer: Whether anything is derived from them.
        workers: Documents read at a time.
    """

    scope: Scope
    sources: Sources
    forms: Forms
    missing: Missing | None
    restore: bool
    expires_at: datetime | None
    enqueue: Enqueue | None
    infer: bool
    workers: int


@dataclass(frozen=True, slots=True)
class Before:
    """What the memory knew before.

    Attributes:
        known: Documents by URI, of what was found and of what was passed over.
        absent: Those that came with a folder that is named, and were not found in it.
        elsewhere: Where a folder is named, all that were not found in it and whose whereabouts are known, by the digest of their
            bytes: some of them may have moved.
    """

    known: dict[str, Document]
    absent: Absent
    elsewhere: dict[str, list[Document]]


@dataclass(frozen=True, slots=True)
class Kept:
    """A document that waits to be stored, beside what is kept of it.

    Attributes:
        prepared: What is to be stored of it.
        known: What is kept of it.
        back: Words of it that are withheld no longer.
    """

    prepared: Prepared
    known: Known | None
    back: tuple[str, ...] = ()


async def before_of(parts: Parts, wanted: Wanted) -> Before:
    """Return what the memory knows of the sources.

    Raises:
        InputError: A folder has lost all of its documents, and nobody said what becomes of them.
    """
    scope, sources = wanted.scope, wanted.sources
    uris = [*(origin.uri for origin in sources.origins), *(skipped.uri for skipped in sources.skipped)]

    def look(snapshot: Snapshot) -> tuple[dict[str, Document], list[Document]]:
        listed = snapshot.documents.listed(scope) if sources.folders else []
        return snapshot.documents.by_uri(uris, scope), listed

    known, listed = await parts.ledger.read(scope.partition, look)
    own = [each for each in listed if (each.agent_id, each.run_id) == (scope.agent_id, scope.run_id)]
    absent = await off_loop(partial(absent_from, sources, own, trusting=wanted.missing is not None))
    if wanted.missing is None:
        refuse_emptied(sources, absent.gone)
    here = {*known, *(each.uri for each in absent.stale)}
    elsewhere: dict[str, list[Document]] = {}
    for each in own:
        if each.uri not in here:
            elsewhere.setdefault(each.digest, []).append(each)
    return Before(known, absent, elsewhere)


async def kept_of(parts: Parts, wanted: Wanted, waiting: Sequence[Prepared]) -> list[Kept]:
    """Return what is kept of each document that waits now, and what of it is to be stored."""
    scope = wanted.scope

    def look(snapshot: Snapshot) -> list[Kept]:
        known = snapshot.documents.by_uri([each.document.uri for each in waiting], scope)
        withholds = snapshot.documents.withholds(scope)
        found = list[Kept]()
        for each in waiting:
            kept = _known(snapshot, scope, each, known.get(each.document.uri))
            texts = forgotten(snapshot, scope, each, kept) if withholds else []
            if wanted.restore:
                found.append(Kept(each, kept, tuple(texts)))
            else:
                common = common_of(snapshot, scope, texts, but=kept[0].id if kept else "")
                found.append(Kept(without(each, texts, common), kept))
        return found

    return await parts.ledger.read(scope.partition, look)


def _known(snapshot: Snapshot, scope: Scope, prepared: Prepared, known: Document | None) -> Known | None:
    if known is None and prepared.before:
        known = snapshot.documents.get(prepared.before, scope)
    return None if known is None else (known, tuple(snapshot.documents.chunks(known.id)))
