"""Checks of what is kept beside the rows of items, and its repair: what cannot be read or belongs to nothing is let go of."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, cast

from polymem.domain.event import EVENT_NAMES
from polymem.domain.timeline import NEWS
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.problem import Problem
from polymem.engines.sqlite.queue import are_instructions
from polymem.engines.sqlite.schema import POSITION_BITS, POSITION_MASK

_ITEM: Final = "EXISTS (SELECT 1 FROM item i WHERE i.id = {} AND i.rid BETWEEN :low AND :high)"
_ROW: Final = "EXISTS (SELECT 1 FROM item i WHERE i.rid = {})"
_UNLIKE: Final = (
    "typeof(state) <> 'integer' OR state NOT IN (0, 1, 2) OR typeof(attempts) <> 'integer' OR attempts < 0 "
    "OR typeof(next_at) <> 'integer' OR typeof(created_at) <> 'integer' OR (state = 1) <> (token IS NOT NULL) "
    "OR (state = 1) <> (typeof(lease_until) = 'integer')"
)
_WORDS: Final = (
    *(("text", "text"), ("kind", "text"), ("metadata", "object"), ("role", "text"), ("speaker", "text")),
    *(("derived_by", "text"), ("object_type", "text")),
)
_UNREADABLE_WORDS: Final = (
    "CASE WHEN json_valid(draft) THEN "
    + " OR ".join(f"json_type(draft, '$.{name}') IS NOT '{kind}'" for name, kind in _WORDS)
    + " ELSE 1 END OR (vector IS NOT NULL AND (typeof(vector) <> 'blob' OR length(vector) % 2))"
)
_COUNTS: Final = f"iif(said_at IS NOT NULL AND said_at - begins_at <= {int(NEWS.total_seconds() * 1e6)}, said_at, begins_at)"
_RESULT: Final = '{"items": [], "superseded": [], "repeated": []}'


class _Check(NamedTuple):
    """What may be wrong with rows of a table, and what is done with such rows."""

    table: str
    text: str
    where: str
    repair: str = ""


_CHECKS: Final = (
    _Check(
        "derivation",
        "is in a state that there is not",
        f"partition = :no AND ({_UNLIKE})",
        "UPDATE derivation SET state = 0, attempts = 0, token = NULL, lease_until = NULL, "
        "next_at = (SELECT last_at FROM partition WHERE no = :no), created_at = CAST(created_at AS INTEGER)",
    ),
    _Check(
        "derivation",
        "has no id",
        "partition = :no AND (typeof(id) <> 'blob' OR length(id) <> 16)",
        "UPDATE derivation SET id = randomblob(16)",
    ),
    _Check(
        "use",
        "cannot be read",
        "partition = :no AND (typeof(uses) <> 'blob' OR length(uses) % 8 OR NOT length(uses) "
        "OR typeof(n) <> 'integer' OR n < length(uses) / 8)",
    ),
    _Check("use", "belongs to no item", f"partition = :no AND NOT {_ITEM.format('use.item')}"),
    _Check(
        "feedback",
        "cannot be read",
        "partition = :no AND NOT (typeof(query) = 'blob' AND length(query) = 16 AND typeof(at) = 'integer' "
        "AND CASE WHEN json_valid(signals) THEN json_type(signals) = 'object' AND NOT EXISTS (SELECT 1 FROM json_each(signals) "
        "WHERE type NOT IN ('integer', 'real')) ELSE 0 END)",
    ),
    _Check("feedback", "belongs to no item", f"partition = :no AND NOT {_ITEM.format('feedback.item')}"),
    _Check(
        "basis",
        "points to nothing",
        f"rid BETWEEN :low AND :high AND NOT ({_ROW.format('basis.rid')} AND {_ITEM.format('basis.item')})",
    ),
    _Check("belief", "belongs to no item", f"rid BETWEEN :low AND :high AND NOT {_ROW.format('belief.rid')}"),
    _Check(
        "evidence",
        "points to nothing",
        f"partition = :no AND NOT (episode BETWEEN :low AND :high AND {_ROW.format('evidence.episode')} AND "
        f"{_ITEM.format('evidence.item')} AND EXISTS (SELECT 1 FROM entity e WHERE e.rid = :low + evidence.subject))",
    ),
    _Check("evidence", "cannot be read", f"partition = :no AND ({_UNREADABLE_WORDS})"),
    *(
        _Check(
            table,
            "counts from another time than its own times say",
            # Where the clock went back, a fact told without a time counts from when the partition had it.
            f"partition = :no AND counts_at IS NOT {_COUNTS} AND counts_at IS NOT said_at",
            f"UPDATE {table} SET counts_at = {_COUNTS}",
        )
        for table in ("relation", "evidence")
    ),
    _Check(
        "item",
        "is stated by nothing",
        "rid BETWEEN :low AND :high AND n_evidence < 1",
        "UPDATE item SET n_evidence = 1",
    ),
    _Check(
        "merge",
        "what says so cannot be read",
        "partition = :no AND NOT json_valid(evidence)",
        "UPDATE merge SET evidence = '{}'",
    ),
    _Check(
        "idempotency",
        "a result cannot be read",
        "partition = :no AND NOT json_valid(result)",
        f"UPDATE idempotency SET digest = '', result = '{_RESULT}'",
    ),
    _Check("progress", "cannot be read", "partition = :no AND typeof(state) <> 'text'"),
)
_ERASURES: Final = (
    "SELECT min(n), max(n), count(DISTINCT item), count(DISTINCT iif(n BETWEEN ? AND ?, item, NULL)) FROM event "
    f"WHERE partition = ? AND name = {EVENT_NAMES.index('ERASE')} AND reason = ?"
)


def check_notes(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    """Yield what is wrong beside the rows of a partition."""
    for table, text, where, _ in _CHECKS:
        (n,) = connection.execute(f"SELECT count(*) FROM {table} WHERE {where}", _keys(no)).fetchone()
        if n:
            yield Problem(table, text, n)
    for face, text, n in (
        ("derivation", "instructions that cannot be read", len(_illegible(connection, no))),
        ("tombstone", "differs from the history", len(_wrong_tombstones(connection, no))),
    ):
        if n:
            yield Problem(face, text, n)


def mend_notes(connection: sqlite3.Connection, no: int) -> None:
    """Repair what :func:`check_notes` finds."""
    for table, _, where, repair in _CHECKS:
        connection.execute(f"{repair or f'DELETE FROM {table}'} WHERE {where}", _keys(no))
    connection.executemany(
        "UPDATE derivation SET instructions = '{}' WHERE no = ?", [(n,) for n in _illegible(connection, no)]
    )
    for key, values in _wrong_tombstones(connection, no).items():
        connection.execute("DELETE FROM tombstone WHERE id = ?", (key,))
        if values is not None:
            connection.execute("INSERT INTO tombstone VALUES (?, ?, ?, ?, ?, ?, ?)", (key, no, *values))


def _keys(no: int) -> dict[str, int]:
    low = no << POSITION_BITS
    return {"no": no, "low": low, "high": low | POSITION_MASK}


def _illegible(connection: sqlite3.Connection, no: int) -> list[int]:
    rows = connection.execute("SELECT no, instructions FROM derivation WHERE partition = ?", (no,))
    return [number for number, text in rows.fetchall() if not are_instructions(_read(text))]


def _read(text: str) -> dict[str, Any]:
    try:
        found: object = json.loads(text)
    except ValueError:
        found = None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {"": None}


def _wrong_tombstones(
    connection: sqlite3.Connection, no: int
) -> dict[bytes, tuple[int, int, int, int, str] | None]:
    """Return the tombstones that are not as the history tells, with what they should hold, None for nothing.

    An import brings the history of erasures, but not their tombstones, which belong to the file that was erased from.
    """
    wrong = dict[bytes, tuple[int, int, int, int, str] | None]()
    for key, at, first, last, n_items, sound in connection.execute(
        "SELECT id, at, first_event, last_event, n_items, json_valid(counts) FROM tombstone WHERE partition = ?",
        (no,),
    ).fetchall():
        values = (first, last, no, f"tombstone {id_text(key)}")
        least, most, n, n_within = connection.execute(_ERASURES, values).fetchone()
        if not n:
            wrong[key] = None
        elif n_within != n_items or not sound:
            wrong[key] = (at, least, most, n, json.dumps({"items": n}))
    return wrong
