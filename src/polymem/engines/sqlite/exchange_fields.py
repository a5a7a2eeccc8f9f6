"""How each field of a record of the exchange format is read: its JSON value becomes the stored one."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias, cast
from uuid import UUID

from polymem.domain.item import KINDS
from polymem.domain.metadata import check_metadata, depth_fault, text_fault
from polymem.domain.scope import check_id
from polymem.domain.timespan import to_micros
from polymem.engines.sqlite.queue import are_instructions, instructions_json, instructions_of
from polymem.ports.faces import ARCHIVED, EMBEDDED, INDEXED, PENDING, REMOVED, SUPERSEDED

MAX_WHOLE: Final = 2**53 - 1
"""What every reader of JSON keeps exactly; it leaves room to count on in 64 bits."""
MAX_VERSION: Final = 2**32 - 1
"""What a link of the event chain holds."""
END_OF_STORING: Final = to_micros(datetime(9999, 1, 1, tzinfo=UTC))
FLAG_NAMES: Final = {
    "indexed": INDEXED,
    "removed": REMOVED,
    "embedded": EMBEDDED,
    "superseded": SUPERSEDED,
    "pending": PENDING,
    "archived": ARCHIVED,
}

Reader: TypeAlias = Callable[[object], Any]
"""Turns a field's JSON value into the stored one, or raises :class:`Malformed`."""


class Malformed(ValueError):  # noqa: N818 - becomes an InputError where the record's place is known
    """A field cannot be read; the text says why, without the value."""


def text(value: object) -> str:
    """Read text that can be stored."""
    if not isinstance(value, str):
        raise Malformed("is not text")
    fault = text_fault(value)
    if fault:
        raise Malformed(fault)
    return value


def owner_id(value: object) -> str:
    """Read an id of a scope, exactly as it was written."""
    name = text(value)
    if check_id(name, argument="id") != name:
        raise Malformed("is not a usable id")
    return name


def whole(value: object) -> int:
    """Read a number that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= MAX_WHOLE:
        raise Malformed("is not a whole number")
    return value


def positive(value: object) -> int:
    """Read a whole number from 1."""
    number = whole(value)
    if number < 1:
        raise Malformed("is not a positive number")
    return number


def version(value: object) -> int:
    """Read an item's version, 0 for none."""
    number = whole(value)
    if number > MAX_VERSION:
        raise Malformed("is not a version")
    return number


def share(value: object) -> float:
    """Read a number from 0 to 1."""
    if not isinstance(value, (int, float)) or isinstance(value, bool) or not 0 <= value <= 1:
        raise Malformed("is not a number from 0 to 1")
    return float(value)


def yes_or_no(value: object) -> bool:
    """Read a truth value."""
    if not isinstance(value, bool):
        raise Malformed("is not true or false")
    return value


def uuid(value: object) -> bytes:
    """Read a public id as its 16 bytes."""
    try:
        key = UUID(text(value))
    except ValueError:
        raise Malformed("is not an id") from None
    if str(key) != value:
        raise Malformed("is not an id in its usual form")
    return key.bytes


def uuids(value: object) -> list[bytes]:
    """Read a list of public ids."""
    if not isinstance(value, list):
        raise Malformed("is not a list")
    return [uuid(element) for element in cast("list[object]", value)]


def instant(value: object) -> int:
    """Read ISO 8601 with an offset as microseconds."""
    try:
        moment = datetime.fromisoformat(text(value))
    except ValueError:
        raise Malformed("is not a time in ISO 8601") from None
    if moment.tzinfo is None:
        raise Malformed("is a time without an offset")
    try:
        return to_micros(moment.astimezone(UTC))
    except OverflowError:
        raise Malformed("is a time outside the years 1 to 9999") from None


def stored_instant(value: object) -> int:
    """Read when something was stored; what is stored after it must have a time too."""
    micros = instant(value)
    if micros >= END_OF_STORING:
        raise Malformed("is a time of storing beyond the year 9998")
    return micros


def digits(value: object) -> bytes:
    """Read hexadecimal digits."""
    try:
        return bytes.fromhex(text(value))
    except ValueError:
        raise Malformed("is not hexadecimal") from None


def sha256(value: object) -> bytes:
    """Read a digest: 64 hexadecimal digits."""
    raw = digits(value)
    if len(raw) != 32:
        raise Malformed("is not a digest")
    return raw


def keyed(value: object) -> bytes:
    """Read a keyed hash, or its key: 32 hexadecimal digits."""
    raw = digits(value)
    if len(raw) != 16:
        raise Malformed("is not a keyed hash")
    return raw


def page_starts(value: object) -> str:
    """Read where the pages of a chunk begin as its stored form."""
    if not isinstance(value, list):
        raise Malformed("is not a list")
    pairs = list[list[int]]()
    for each in cast("list[object]", value):
        if not isinstance(each, list) or len(cast("list[object]", each)) != 2:
            raise Malformed("is not a list of pairs")
        page, start = cast("list[object]", each)
        pairs.append([positive(page), whole(start)])
    return json.dumps(pairs, separators=(",", ":")) if pairs else ""


def texts(value: object) -> str:
    """Read a list of texts as its stored form."""
    if not isinstance(value, list):
        raise Malformed("is not a list")
    return json.dumps([text(element) for element in cast("list[object]", value)], ensure_ascii=False)


def halves(value: object) -> bytes:
    """Read a vector: 16-bit floats, little-endian, in base64."""
    try:
        return base64.b64decode(text(value), validate=True)
    except (binascii.Error, ValueError):
        raise Malformed("is not base64") from None


def flags(value: object) -> int:
    """Read a list of flag names as bits."""
    if not isinstance(value, list):
        raise Malformed("is not a list")
    names = cast("list[object]", value)
    if not all(isinstance(name, str) and name in FLAG_NAMES for name in names):
        raise Malformed("names an unknown flag")
    return sum(FLAG_NAMES[name] for name in set(cast("list[str]", names)))


def metadata(value: object) -> str:
    """Read metadata as their stored form."""
    return stored_json(check_metadata(value))


def message(value: object) -> str:
    """Read a raw message, an object of any size, as its stored form."""
    if not isinstance(value, dict):
        raise Malformed("is not an object")
    fields = cast("dict[str, object]", value)
    fault = depth_fault(*fields.values())
    if fault:
        raise Malformed(fault)
    try:
        return text(stored_json(fields))
    except (TypeError, ValueError):
        raise Malformed("is not plain JSON") from None


def weights(value: object) -> str:
    """Read numbers by name as their stored form."""
    if not isinstance(value, dict):
        raise Malformed("is not an object")
    given = cast("dict[str, object]", value)
    for name, number in given.items():
        text(name)
        share(number)
    return stored_json(given)


def instructions(value: object) -> str:
    """Read what a derivation is asked for, as its stored form."""
    stored = json.loads(message(value))
    if not are_instructions(stored):
        raise Malformed("is not what a derivation can be asked for")
    return instructions_json(instructions_of(stored))


def stored_json(value: Mapping[str, Any]) -> str:
    """Return compact JSON text, as rows hold it."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False) if value else "{}"


def one_of(names: tuple[str, ...]) -> Reader:
    """Return a reader of one of *names*, as its place."""

    def read(value: object) -> int:
        if not isinstance(value, str) or value not in names:
            raise Malformed("is not one of the known names")
        return names.index(value)

    return read


def encoder(value: object) -> tuple[str, int]:
    """Read name and dimension of an encoder."""
    if not isinstance(value, dict) or value.keys() != {"name", "dim"}:
        raise Malformed("is not an encoder")
    named = cast("dict[str, object]", value)
    return text(named["name"]), whole(named["dim"])


def maybe(read: Reader) -> Reader:
    """Return a reader that lets null pass."""
    return lambda value: None if value is None else read(value)


_WORDS: Final[Mapping[str, Reader]] = {
    "kind": one_of(KINDS),
    "text": text,
    "importance": share,
    "metadata": metadata,
    "role": text,
    "speaker": text,
    "derived_by": text,
    "embedded": yes_or_no,
    "expires": maybe(instant),
    "object_type": text,
}


def words(value: object) -> str:
    """Read the words of further evidence as their stored form."""
    if not isinstance(value, dict) or value.keys() != _WORDS.keys():
        raise Malformed("has not the fields of further evidence")
    given = cast("dict[str, object]", value)
    read = {name: reader(given[name]) for name, reader in _WORDS.items()}
    return stored_json(read | {"kind": given["kind"], "metadata": given["metadata"]})


STATED: Final[Mapping[str, Reader]] = {
    "begins_at": instant,
    "said_at": maybe(instant),
    "ends_at": maybe(instant),
    "counts_at": instant,
    "place": whole,
}
"""The times that a fact tells itself."""
