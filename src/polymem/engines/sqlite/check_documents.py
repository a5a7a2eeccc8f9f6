"""Checks of what is kept of documents, and its repair: places that lead nowhere are let go of, figures are counted anew."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final, NamedTuple

from polymem.engines.sqlite.check_links import keys_of
from polymem.engines.sqlite.documents_order import MOVED
from polymem.engines.sqlite.problem import Problem
from polymem.engines.sqlite.withheld import HASH_BYTES
from polymem.ports.faces import REMOVED

__all__ = ["check_documents", "mend_documents"]

_UNLIKE_CHUNK: Final = (
    "typeof(digest) <> 'blob' OR length(digest) <> 32 OR typeof(start) <> 'integer' OR typeof(stop) <> 'integer' OR start < 0 "
    "OR stop < start OR (page IS NOT NULL AND (typeof(page) <> 'integer' OR page < 1)) "
    "OR (last_page IS NOT NULL AND (typeof(last_page) <> 'integer' OR last_page < 1)) "
    "OR (page_starts <> '' AND NOT CASE WHEN json_valid(page_starts) THEN json_type(page_starts) = 'array' AND NOT EXISTS ("
    "SELECT 1 FROM json_each(page_starts) s WHERE s.type <> 'array' OR json_array_length(s.value) <> 2 "
    "OR json_type(s.value, '$[0]') <> 'integer' OR json_type(s.value, '$[1]') <> 'integer') ELSE 0 END)"
)
_TEXTS: Final = ("uri", "folder", "title", "media_type", "digest", "form")
_NUMBERS: Final = ("n_pages", "n_chars", "size", "ingested_at")
_UNLIKE: Final = " OR ".join(
    (
        "typeof(id) <> 'blob' OR length(id) <> 16",
        *(f"typeof({name}) <> 'text'" for name in _TEXTS),
        *(f"typeof({name}) <> 'integer'" for name in _NUMBERS),
        "typeof(modified_at) NOT IN ('integer', 'null')",
    )
)
_JSON: Final = "NOT CASE WHEN json_valid({0}) THEN json_type({0}) = '{1}' ELSE 0 END"
_N_CHUNKS: Final = (
    "(SELECT count(*) FROM chunk c WHERE c.partition = document.partition AND c.document = document.no)"
)


class _Check(NamedTuple):
    """What may be wrong with rows of a table, and what is done with such rows."""

    table: str
    text: str
    where: str
    repair: str = ""


_CHECKS: Final = (
    _Check("document", "cannot be read", _UNLIKE),
    _Check(
        "document",
        "metadata that cannot be read",
        _JSON.format("metadata", "object"),
        "UPDATE document SET metadata = '{}'",
    ),
    _Check(
        "document",
        "notes that cannot be read",
        _JSON.format("notes", "array"),
        "UPDATE document SET notes = '[]'",
    ),
    _Check("chunk", "cannot be read", _UNLIKE_CHUNK),
    _Check(
        "withheld",
        "cannot be read",
        " OR ".join(f"typeof({name}) <> 'blob'" for name in ("salt", "agent", "run", "words"))
        + f" OR length(salt) NOT BETWEEN 1 AND 64 OR length(words) <> {HASH_BYTES}",
    ),
    _Check(
        "chunk",
        "belongs to no document",
        "NOT EXISTS (SELECT 1 FROM document d WHERE d.no = chunk.document AND d.partition = chunk.partition)",
    ),
    _Check(
        "chunk",
        "belongs to no item",
        "NOT EXISTS (SELECT 1 FROM item i WHERE i.id = chunk.item AND i.rid BETWEEN :low AND :high "
        f"AND i.flags & {REMOVED} = 0)",
    ),
    _Check(
        "chunk",
        "belongs to an item of another agent or run",
        "EXISTS (SELECT 1 FROM item i JOIN document d ON d.no = chunk.document WHERE i.id = chunk.item "
        "AND i.rid BETWEEN :low AND :high AND NOT (i.agent_id IS d.agent_id AND i.run_id IS d.run_id))",
    ),
    _Check(
        "document",
        "does not tell that its order is its own",
        f"NOT moved AND {MOVED}",
        "UPDATE document SET moved = 1",
    ),
    # At last: what was let go of before does not count.
    _Check(
        "document",
        "counts other chunks than it has",
        f"n_chunks IS NOT {_N_CHUNKS}",
        f"UPDATE document SET n_chunks = {_N_CHUNKS}",
    ),
)


def check_documents(connection: sqlite3.Connection, no: int) -> Iterator[Problem]:
    """Yield what is wrong with the documents of a partition."""
    for table, text, where, _ in _CHECKS:
        sql = f"SELECT count(*) FROM {table} WHERE partition = :no AND ({where})"
        (n,) = connection.execute(sql, keys_of(no)).fetchone()
        if n:
            yield Problem(table, text, n)


def mend_documents(connection: sqlite3.Connection, no: int) -> None:
    """Repair what :func:`check_documents` finds."""
    for table, _, where, repair in _CHECKS:
        sql = f"{repair or f'DELETE FROM {table}'} WHERE partition = :no AND ({where})"
        connection.execute(sql, keys_of(no))
