"""What a call means, whichever generation of mem0 it was written for."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

from polymem.errors import CapabilityError, InputError, MetadataError
from polymem.interop.mem0_config import CompatibilityWarning
from polymem.interop.mem0_filters import Condition, read_filters
from polymem.interop.mem0_rows import MARK
from polymem.read.plan import check_limit

__all__ = ["Request", "check_metadata", "check_search", "named_ids", "one_of", "read_request", "refuse"]

LIMIT: Final = 100
LIMIT_BY_FILTERS: Final = 20


@dataclass(frozen=True, slots=True)
class Request:
    """Whose memory, which rows, how many.

    Attributes:
        ids: The ids of the scope, those given.
        filters: The native filter, or None.
        limit: Most rows.
    """

    ids: dict[str, Any]
    filters: Condition | None
    limit: int


def named_ids(user_id: object, agent_id: object, run_id: object) -> dict[str, Any]:
    """Return the ids of a call by name."""
    return {"user_id": user_id, "agent_id": agent_id, "run_id": run_id}


def read_request(
    ids: Mapping[str, object], filters: Mapping[str, Any] | None, *, limit: int | None, top_k: int | None
) -> Request:
    """Bring the two ways to name a scope and the two names of the limit together.

    Without a limit it is that of the generation to which the call belongs: 100 where ids are arguments, 20 where they
    stand in the filter.

    Raises:
        InputError: Limit and top_k differ or are out of range, or the filter cannot be used.
    """
    named = any(value is not None for value in ids.values())
    scope, native = read_filters(ids, filters)
    usual = LIMIT if named else LIMIT_BY_FILTERS
    wanted = one_of({"limit": limit, "top_k": top_k})
    return Request(scope, native, check_limit(usual if wanted is None else wanted))


def one_of(given: Mapping[str, Any]) -> Any:
    """Return the value that one argument has under several names.

    Raises:
        InputError: Two names carry different values.
    """
    values = [(name, value) for name, value in given.items() if value is not None]
    for name, value in values[1:]:
        if value != values[0][1]:
            raise InputError(f"{values[0][0]} and {name} say different things", argument=name)
    return values[0][1] if values else None


def refuse(arguments: Mapping[str, object], reason: str) -> None:
    """Refuse arguments that ask for what cannot be done yet.

    Raises:
        CapabilityError: One of them is given.
    """
    for name, value in arguments.items():
        if value is not None and value is not False:
            raise CapabilityError(f"{name}: {reason}", capability=name, argument=name)


def check_metadata(metadata: object, messages: object = None) -> None:
    """Check that neither *metadata* nor that of a message has the key which says what the rows are.

    Raises:
        MetadataError: One has.
    """
    several = cast("list[object]", messages) if isinstance(messages, (list, tuple)) else [messages]
    given = [
        cast("Mapping[str, object]", each).get("metadata") for each in several if isinstance(each, Mapping)
    ]
    if any(isinstance(each, Mapping) and MARK in each for each in (metadata, *given)):
        raise MetadataError(f"the key {MARK!r} is reserved", argument="metadata", path=MARK)


def check_search(*, threshold: object, rerank: object, reference_date: object, show_expired: object) -> None:
    """Check the arguments of a search that are not the native search's own.

    Raises:
        InputError: The threshold is not a number from 0 to 1.
        CapabilityError: Something is asked for that cannot be done.
    """
    if threshold is not None and not _is_share(threshold):
        raise InputError("threshold must be a number from 0 to 1", argument="threshold")
    if rerank:
        message = "rerank has no effect: no reranker is configured"
        warnings.warn(message, CompatibilityWarning, stacklevel=2)
    refuse({"reference_date": reference_date}, "write the date into the query instead")
    refuse({"show_expired": show_expired}, "what has expired is gone; its history remains")


def _is_share(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= 1
