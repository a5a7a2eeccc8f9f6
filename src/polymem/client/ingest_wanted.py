"""From the arguments of an ``ingest`` and the settings to what is to be done, and what reads documents."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import datetime
from typing import Final

from polymem.client.build import Parts
from polymem.client.config import Config
from polymem.client.ingest_forms import Forms, check_one_title
from polymem.client.ingest_known import Missing, Wanted
from polymem.documents.ahead import Readers
from polymem.documents.chunk import CHUNKER_VERSION
from polymem.documents.folders import path_of
from polymem.documents.limits import ReadLimits
from polymem.documents.media import media_type_of
from polymem.documents.sources import Limits, find_sources
from polymem.documents.worker import READER_VERSION, ReaderPool
from polymem.domain.scope import Scope
from polymem.domain.slotted import dataclass
from polymem.errors import InputError
from polymem.ports.event_loop import off_loop
from polymem.ports.ledger import Snapshot

__all__ = ["Asked", "readers_of", "wanted_of"]

UNNAMED: Final = "text.txt"
"""What a text in memory is read as that has no name."""

MOST_WORKERS: Final = 4
"""Files read at a time where the settings do not say: more than that wait for the store."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of a call, as they came where they are not checked yet.

    Attributes:
        scope: Whose memory.
        source: What the documents are.
        metadata: For their passages.
        title: The title of a single one.
        include: Patterns of files in folders.
        recursive: Whether folders within folders are read.
        missing: What becomes of documents whose files are gone.
        restore: Whether passages that were forgotten are stored again.
        infer: Whether facts are derived.
        stated_at: From when they hold.
        expires_at: From when they are hidden.
    """

    scope: Scope
    source: object
    metadata: object
    title: object
    include: object
    recursive: bool
    missing: Missing | None
    restore: bool
    infer: bool
    stated_at: datetime | None
    expires_at: datetime | None


async def wanted_of(parts: Parts, asked: Asked) -> Wanted:
    """Find what is named, and return what is to be done.

    Raises:
        InputError: An argument cannot be used, or a path does not exist.
    """
    config, deriver = parts.config, parts.pool.deriver
    forms = Forms(
        asked.metadata,
        title=asked.title,
        stated_at=asked.stated_at,
        expires_at=asked.expires_at,
        reading=f"{READER_VERSION}.{CHUNKER_VERSION} {config['documents.chunk_chars']}{_redaction(config)}",
    )
    limits = Limits(config["documents.max_files"], config["documents.max_depth"])
    try:
        sources = await off_loop(
            lambda: find_sources(
                asked.source, include=asked.include, recursive=asked.recursive, known=_readable, limits=limits
            )
        )
    except InputError as error:
        raise await _explained(parts, asked.scope, error) from error
    check_one_title(asked.title, len(sources.origins))
    return Wanted(
        asked.scope,
        sources,
        forms,
        asked.missing,
        asked.restore,
        asked.expires_at,
        deriver.enqueue(deriver.standing, waits=False) if asked.infer else None,
        asked.infer,
        config["documents.workers"] or min(os.cpu_count() or 1, MOST_WORKERS),
    )


async def _explained(parts: Parts, scope: Scope, error: InputError) -> InputError:
    """Return *error*; of what is gone and was taken in before it says what to do."""
    gone = error.facts.get("gone")
    if not isinstance(gone, str):
        return error

    def look(snapshot: Snapshot) -> int:
        known = snapshot.documents.listed(scope)
        return sum(each.uri == gone or each.uri.startswith(f"{gone.rstrip('/')}/") for each in known)

    n_known = await parts.ledger.read(scope.partition, look)
    if not n_known:
        return error
    documents = "1 known document" if n_known == 1 else f"{n_known} known documents"
    said = (
        f"{path_of(gone)!r} is not there any more, and {documents} with it; nothing was erased, for its disk may be missing. "
        "If it is gone for good, erase what was taken in from there: remove_document, with folder=… (--folder) for a folder"
    )
    return InputError(said, argument="source", gone=gone)


def _readable(name: str) -> bool:
    """Tell by its name whether a file may have a reader."""
    return media_type_of(name, b"") is not None


def _redaction(config: Config) -> str:
    """Return what stands for the patterns of the settings: with others, documents are read anew."""
    patterns = [config["redaction.patterns"], config["redaction.own"]]
    if not any(patterns):
        return ""
    return f" {hashlib.sha256(json.dumps(patterns).encode()).hexdigest()[:8]}"


def readers_of(parts: Parts, n: int) -> Readers:
    """Return what reads documents, *n* at a time, in processes that are started with the first one."""
    config = parts.config
    limits = ReadLimits(
        **{name: config[f"documents.{name}"] for name in ("max_bytes", "max_pages", "timeout_s", "memory_mb")}
    )
    pool = ReaderPool(limits, n)
    return Readers(
        read=lambda content, name: pool.read(
            content, name=name or UNNAMED, max_chars=config["documents.chunk_chars"]
        ),
        max_bytes=limits.max_bytes,
        close=pool.close,
    )
