"""The records of the exchange format, see ``docs/exchange.md``: which fields each has, and how they are checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NoReturn, TypeAlias, cast, get_args

from polymem.domain.event import EVENT_NAMES
from polymem.domain.item import KINDS
from polymem.domain.scope import OwnerKind
from polymem.domain.timespan import from_micros
from polymem.engines.sqlite.exchange_fields import (
    FLAG_NAMES,
    STATED,
    Malformed,
    Reader,
    digits,
    encoder,
    flags,
    halves,
    instant,
    instructions,
    keyed,
    maybe,
    message,
    metadata,
    one_of,
    owner_id,
    page_starts,
    positive,
    sha256,
    share,
    stored_instant,
    text,
    texts,
    uuid,
    uuids,
    version,
    weights,
    whole,
    words,
    yes_or_no,
)
from polymem.errors import InputError

FORMAT: Final = 3
"""Exports of format 1 hold no documents, those of format 2 neither what is withheld nor where pages begin; they are read too."""
Fields: TypeAlias = dict[str, Any]

OWNER_KINDS: Final = get_args(OwnerKind)
RECORDS: Final[Mapping[str, Mapping[str, Reader]]] = {
    "polymem": {"format": positive, "encoder": maybe(encoder), "created_at": stored_instant},
    "partition": {
        "tenant": owner_id,
        "kind": one_of(OWNER_KINDS),
        "owner": owner_id,
        "complete": yes_or_no,
        "n_events": whole,
        "head": digits,
        "last_at": stored_instant,
    },
    "entity": {"id": uuid, "name": text, "kind": text, "owner": yes_or_no, "created_at": stored_instant},
    "episode": {
        "id": uuid,
        "text": text,
        "said_at": instant,
        "recorded_at": stored_instant,
        "role": text,
        "speaker": text,
        "agent_id": maybe(owner_id),
        "run_id": maybe(owner_id),
        "metadata": metadata,
        "message": maybe(message),
    },
    "item": {
        "id": uuid,
        "version": positive,
        "kind": one_of(KINDS),
        "text": text,
        "metadata": metadata,
        "importance": share,
        "role": text,
        "speaker": text,
        "agent_id": maybe(owner_id),
        "run_id": maybe(owner_id),
        "valid_at": instant,
        "invalid_at": maybe(instant),
        "created_at": stored_instant,
        "expired_at": maybe(stored_instant),
        "expires_at": maybe(instant),
        "updated_at": stored_instant,
        "first_at": stored_instant,
        "superseded_by": maybe(uuid),
        "n_evidence": positive,
        "derived_by": text,
        "flags": flags,
        "mentions": uuids,
        "vector": maybe(halves),
    },
    "alias": {"entity": uuid, "name": text, "item": maybe(uuid), "version": maybe(positive)},
    "source": {"item": uuid, "version": positive, "episode": uuid, "start": whole, "stop": whole},
    "relation": {
        "item": uuid,
        "version": positive,
        "subject": uuid,
        "predicate": text,
        "object": uuid,
        "slot": text,
        "positive": yes_or_no,
        "created_at": stored_instant,
        **STATED,
    },
    "evidence": {
        "item": uuid,
        "episode": uuid,
        "start": whole,
        "stop": whole,
        "at": stored_instant,
        "subject": uuid,
        "predicate": text,
        "slot": text,
        "positive": yes_or_no,
        "object": text,
        **STATED,
        "words": words,
        "vector": maybe(halves),
    },
    "belief": {
        "item": uuid,
        "version": positive,
        "until_at": stored_instant,
        "valid_at": instant,
        "invalid_at": maybe(instant),
        "expired_at": maybe(stored_instant),
    },
    "basis": {"item": uuid, "version": positive, "on": uuid},
    "merge": {"entity": uuid, "into": uuid, "at": stored_instant, "evidence": weights},
    "document": {
        "id": uuid,
        "agent_id": maybe(owner_id),
        "run_id": maybe(owner_id),
        "uri": text,
        "folder": text,
        "title": text,
        "media_type": text,
        "digest": text,
        "form": text,
        "metadata": metadata,
        "n_pages": whole,
        "n_chars": whole,
        "n_chunks": whole,
        "size": whole,
        "modified_at": maybe(instant),
        "ingested_at": stored_instant,
        "notes": texts,
    },
    "chunk": {
        "document": uuid,
        "item": uuid,
        "digest": sha256,
        "start": whole,
        "stop": whole,
        "page": maybe(positive),
        "last_page": maybe(positive),
        "page_starts": page_starts,
    },
    "withheld": {"salt": keyed, "agent": digits, "run": digits, "words": keyed},
    "derivation": {
        "id": uuid,
        "agent_id": maybe(owner_id),
        "run_id": maybe(owner_id),
        "instructions": instructions,
        "reextract": yes_or_no,
        "state": one_of(("waiting", "leased", "dead")),
        "attempts": whole,
        "next_at": instant,
        "created_at": stored_instant,
        "problem": text,
        "key": maybe(text),
        "episodes": uuids,
    },
    "event": {
        "n": positive,
        "item": uuid,
        "event": one_of(EVENT_NAMES),
        "at": stored_instant,
        "actor": text,
        "reason": text,
        "old_version": version,
        "new_version": version,
        "salt": maybe(digits),
        "commitment": digits,
        "link": digits,
    },
    "idempotency": {
        "key": text,
        "digest": text,
        "items": uuids,
        "superseded": uuids,
        "repeated": uuids,
        "at": stored_instant,
    },
    "end": {"n_records": whole},
}
"""Every type of record with its fields; all of them are there, and no others."""
ADDED: Final[Mapping[str, Mapping[str, object]]] = {
    "item": {"derived_by": ""},
    "chunk": {"page_starts": ""},
    "relation": dict.fromkeys(STATED),
}
"""Fields that the first exports of this format did not have, with what stands for them; a record has all or none."""


def refuse(line: int, fault: str, *, field: str = "") -> NoReturn:
    """Raise what says which record cannot be used, without its content."""
    place = f"record {line}" + (f", field {field!r}" if field else "")
    raise InputError(f"{place}: {fault}", argument="records", line=line, field=field)


def parse(record: object, line: int) -> tuple[str, Fields]:
    """Return type and fields of a record, checked and in stored form.

    Args:
        record: One line as JSON read it.
        line: Its place, from 1.

    Raises:
        InputError: It is not one of :data:`RECORDS`, or a field is missing, unknown or malformed.
    """
    if not isinstance(record, dict):
        refuse(line, "is not an object")
    given = cast("dict[str, object]", record)
    name = given.get("type")
    if not isinstance(name, str) or name not in RECORDS:
        refuse(line, "is of an unknown type", field="type")
    if name == "polymem" and given.get("format") not in range(1, FORMAT + 1):
        refuse(line, f"is of a later format than {FORMAT}; upgrade the package to read it", field="format")
    readers = RECORDS[name]
    added = ADDED.get(name, {})
    if added and given.keys().isdisjoint(added):
        readers = {field: read for field, read in readers.items() if field not in added}
    if given.keys() - {"type"} != readers.keys():
        missing = sorted(readers.keys() - given.keys())
        if missing:
            refuse(line, "is missing", field=missing[0])
        refuse(line, "has a field that is not known")
    fields: Fields = dict(added)
    for field, read in readers.items():
        try:
            fields[field] = read(given[field])
        except InputError:
            refuse(line, "is not usable", field=field)
        except Malformed as error:
            refuse(line, str(error), field=field)
    return name, fields


def iso(micros: int) -> str:
    """Return a time as records hold it: ISO 8601 in UTC, to the microsecond."""
    return from_micros(micros).isoformat(timespec="microseconds")


def maybe_iso(micros: int | None) -> str | None:
    """Return an open time as null."""
    return None if micros is None else iso(micros)


def flag_names(bits: int) -> list[str]:
    """Return flags by name."""
    return [name for name, bit in FLAG_NAMES.items() if bits & bit]
