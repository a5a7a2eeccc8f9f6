"""What every chunk of a document inherits: metadata, given before found, its title, and the time it is of."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final, cast

from polymem.documents.readers.building import one_line
from polymem.domain.document import Cut
from polymem.domain.item import JsonObject
from polymem.domain.metadata import check_metadata
from polymem.domain.slotted import dataclass
from polymem.domain.timespan import as_utc
from polymem.errors import InputError, MetadataError
from polymem.text.keys import MAX_TITLE_CHARS
from polymem.text.lazy import lazy
from polymem.text.normalise import clean

__all__ = ["OWN_NAMES", "Description", "check_given", "check_given_title", "describe", "time_of"]

OWN_NAMES: Final = ("document", "heading")
"""Keys of the metadata of a chunk that tell its document and its headings; callers cannot give them."""
_PARTIAL_DATE: Final = lazy(r"(\d{4})(?:-(\d{2}))?")
_MOST_FOUND: Final = 8_192
"""Characters of what a document says of itself: every chunk inherits it."""
_BAD_METADATA: Final = "metadata"
"""Note of a document whose own metadata could not be kept."""


@dataclass(frozen=True, slots=True)
class Description:
    """What is said of a document as a whole.

    Attributes:
        title: Its title, "" for none.
        metadata: Given and found, without the title.
        notes: What could not be kept of it.
    """

    title: str
    metadata: JsonObject
    notes: tuple[str, ...] = ()


def check_given(metadata: object, *, argument: str = "metadata") -> dict[str, Any]:
    """Return the metadata that a caller gives for a document.

    Raises:
        MetadataError: It is not plain JSON.
        InputError: It holds what Polymem says itself, or a title that is none.
    """
    checked = check_metadata({} if metadata is None else metadata, argument=argument)
    for name in OWN_NAMES:
        if name in checked:
            raise InputError(
                f"{argument}.{name} is said by Polymem itself; use another key", argument=f"{argument}.{name}"
            )
    if "title" in checked:
        check_given_title(checked["title"], argument=f"{argument}.title")
    return checked


def check_given_title(title: object, *, argument: str = "title") -> str | None:
    """Return the title that a caller gives.

    Raises:
        InputError: It is no text, blank or too long.
    """
    if title is None:
        return None
    if not isinstance(title, str) or not title.strip() or len(title) > MAX_TITLE_CHARS:
        raise InputError(f"{argument} must be a text of 1 to {MAX_TITLE_CHARS} characters", argument=argument)
    return clean(title)


def describe(cut: Cut, *, name: str, given: Mapping[str, Any], title: str | None = None) -> Description:
    """Return the title and the metadata of a document.

    The title is the one given, else that of the metadata given, else that of the document, else the name of its file.

    Args:
        cut: The document as it was read.
        name: The name of its file.
        given: Metadata as :func:`check_given` returned it.
        title: The title given.

    Example:
        >>> found = Cut((), title="", metadata={"author": "Li", "year": 2020})
        >>> describe(found, name="a_b.txt", given={"year": 2021})
        Description(title='a_b', metadata={'author': 'Li', 'year': 2021}, notes=())
    """
    stated = title or cast("str | None", given.get("title"))
    chosen = stated or one_line(clean(cut.title)) or one_line(clean(PurePath(name).stem))
    metadata, notes = _merged(cut.metadata, given)
    return Description(chosen[:MAX_TITLE_CHARS], metadata, notes)


def _merged(found: Mapping[str, Any], given: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    own = {key: value for key, value in found.items() if key not in OWN_NAMES}
    if len(json.dumps(own, ensure_ascii=False)) > _MOST_FOUND:
        return {key: value for key, value in given.items() if key != "title"}, (_BAD_METADATA,)
    try:
        merged, notes = check_metadata({**own, **given}), tuple[str, ...]()
    except MetadataError:
        # What was given has been checked; so it is what the document says, or both together are too long.
        merged, notes = dict(given), (_BAD_METADATA,)
    merged.pop("title", None)
    return merged, notes


def time_of(
    metadata: Mapping[str, Any], *, stated: datetime | None, modified_at: datetime | None, now: datetime
) -> datetime:
    """Return from when a document holds: as the caller states, else its "date", else when its file was changed, else now.

    What nobody stated is never ahead of *now*: what is known today was written by today.

    Example:
        >>> from datetime import UTC
        >>> today = datetime(2025, 1, 1, tzinfo=UTC)
        >>> time_of({"date": "2024-05"}, stated=None, modified_at=None, now=today).isoformat()
        '2024-05-01T00:00:00+00:00'
    """
    if stated is not None:
        return stated
    said = _dated(metadata.get("date"))
    return min(said or modified_at or now, now)


def _dated(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    partial = _PARTIAL_DATE.fullmatch(text)
    if partial is not None:
        text = f"{partial[1]}-{partial[2] or '01'}-01"
    try:
        return as_utc(text, argument="date")
    except InputError:
        return None
