"""What a call of ``ingest`` says of each document, and the form that stands for it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

from polymem.client.ingest_steps import Given
from polymem.documents.describe import check_given, check_given_title
from polymem.documents.sources import Origin
from polymem.errors import InputError

__all__ = ["Forms", "MetadataInput"]

MetadataInput: TypeAlias = Mapping[str, Any] | Callable[[Path], Mapping[str, Any]]


class Forms:
    """Says what is given for each document; each is asked for once.

    Args:
        metadata: For all documents, or what says it for the path of a file.
        title: The title, of a call that names one document.
        stated_at: From when they hold.
        expires_at: From when their chunks are hidden.
        reading: What reads and cuts them, with versions and settings.

    Raises:
        InputError: The metadata or the title cannot be used.
    """

    def __init__(
        self,
        metadata: object,
        *,
        title: object,
        stated_at: datetime | None,
        expires_at: datetime | None,
        reading: str,
    ) -> None:
        self._by_path = cast("Callable[[Path], object]", metadata) if callable(metadata) else None
        self._shared = check_given(None if self._by_path is not None else metadata)
        self._title = check_given_title(title)
        self._times = (stated_at, expires_at)
        self._reading = reading
        self._known: dict[str, Given] = {}
        self._plain = self._given(self._title, self._shared)

    def of(self, origin: Origin) -> Given:
        """Return what is given for a document.

        Raises:
            InputError: Its own metadata or title cannot be used.
        """
        given = self._known.get(origin.uri)
        if given is None:
            given = self._known[origin.uri] = self._asked(origin)
        return given

    def _asked(self, origin: Origin) -> Given:
        if (
            origin.metadata is None
            and origin.title is None
            and (self._by_path is None or origin.path is None)
        ):
            return self._plain
        metadata = self._shared
        if self._by_path is not None and origin.path is not None:
            metadata = check_given(_plain(self._by_path(origin.path)))
        if origin.metadata is not None:
            metadata = {**metadata, **check_given(_plain(origin.metadata), argument="source.metadata")}
        own = check_given_title(origin.title, argument="source.title")
        return self._given(self._title if own is None else own, metadata)

    def _given(self, title: str | None, metadata: Mapping[str, Any]) -> Given:
        stated_at, expires_at = self._times
        said = [title, metadata, *(None if time is None else time.isoformat() for time in self._times)]
        digest = hashlib.sha256(json.dumps(said, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
        return Given(title, metadata, stated_at, expires_at, f"{self._reading} {digest[:16]}")


def _plain(metadata: object) -> object:
    """Return a mapping of any kind as a dict."""
    return dict(cast("Mapping[str, Any]", metadata)) if isinstance(metadata, Mapping) else metadata


def check_one_title(title: object, n_documents: int) -> None:
    """Refuse one title for several documents.

    Raises:
        InputError: There are several.
    """
    if title is not None and n_documents > 1:
        raise InputError(
            f"one title for {n_documents} documents; give metadata=lambda path: {{'title': …}} or DocumentInput(title=…)",
            argument="title",
        )
