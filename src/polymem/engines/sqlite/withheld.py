"""Passages that were forgotten are known again by keyed hashes, so that their file does not bring them back.

The key is random, of the partition, and lies beside the hashes: who has the store's file and the very words of a passage can tell
that it was forgotten here, and nobody can read the words from it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from typing import Any, Final

from polymem.domain.scope import Scope
from polymem.engines.sqlite.mark import Row
from polymem.engines.sqlite.partition import PartitionWriter
from polymem.engines.sqlite.wanted import in_parts, wanted
from polymem.ports.ledger import Record
from polymem.text.paragraphs import folded, telling

__all__ = ["HASH_BYTES", "exported", "find_withheld", "has_withheld", "release", "restored", "withhold"]

HASH_BYTES: Final = 16
_SALTS: Final = "SELECT DISTINCT salt FROM withheld WHERE partition = ? ORDER BY salt"
_FIND: Final = (
    "SELECT t.words FROM wanted w CROSS JOIN withheld t ON t.partition = ? AND t.salt = ? AND t.agent = ? AND t.run = ? "
    "AND t.words = w.it"
)
_CARRIES: Final = "partition = ?1 AND salt = ?2 AND (?3 = x'' OR agent = ?3) AND (?4 = x'' OR run = ?4)"
_PASSAGE: Final = "SELECT text, agent_id, run_id FROM episode WHERE rid = ? AND role = 'document'"
_ADDRESS: Final = "SELECT d.uri FROM chunk c CROSS JOIN document d ON d.no = c.document WHERE c.partition = ? AND c.item = ?"
_NAMES: Final = ("salt", "agent", "run", "words")
_EXPORTED: Final = f"SELECT {', '.join(_NAMES)} FROM withheld WHERE partition = :no AND :complete ORDER BY {', '.join(_NAMES)}"


def withhold(writer: PartitionWriter, rows: Sequence[Row], *, everywhere: bool) -> None:
    """Keep what tells the words of an item again, if it is a passage of a document: those of the whole, and of its paragraphs.

    Args:
        writer: The partition.
        rows: All versions of the item, newest first; the words are those of the file, that is of the first.
        everywhere: Whether they are known again under whatever address; else under that of their document alone.
    """
    connection = writer.connection
    found = connection.execute(_PASSAGE, (rows[-1].rid,)).fetchone()
    address = connection.execute(_ADDRESS, (writer.no, rows[0].id)).fetchone()
    if found is None or (address is None and not everywhere):
        return
    text, agent, run = found
    salt = (_salts(connection, writer.no) or [os.urandom(HASH_BYTES)])[0]
    uri = "" if everywhere or address is None else address[0]
    values = (writer.no, salt, *_whose(salt, agent, run))
    connection.executemany(
        "INSERT OR IGNORE INTO withheld VALUES (?, ?, ?, ?, ?)",
        [(*values, _words(salt, uri, unit)) for unit in (text, *telling(text))],
    )


def release(writer: PartitionWriter, scope: Scope, uri: str, texts: Sequence[str] | None) -> None:
    """Keep nothing of words with exactly the agent and run of *scope*; with None of all whose rows carry its ids."""
    connection = writer.connection
    for salt in _salts(connection, writer.no):
        values = (writer.no, salt, *_whose(salt, scope.agent_id, scope.run_id))
        if texts is None:
            connection.execute(f"DELETE FROM withheld WHERE {_CARRIES}", values)
        else:
            connection.executemany(
                "DELETE FROM withheld WHERE partition = ? AND salt = ? AND agent = ? AND run = ? AND words = ?",
                [(*values, _words(salt, where, text)) for text in texts for where in ("", uri)],
            )


def find_withheld(
    connection: sqlite3.Connection, no: int, texts: Sequence[str], scope: Scope, *, uri: str
) -> frozenset[int]:
    """Return the places in *texts* of those that are withheld at an address, with exactly the agent and run of *scope*."""
    found = set[int]()
    for salt in _salts(connection, no) if texts else ():
        places: dict[bytes, list[int]] = {}
        for n, text in enumerate(texts):
            for where in {"", uri}:
                places.setdefault(_words(salt, where, text), []).append(n)
        values = (no, salt, *_whose(salt, scope.agent_id, scope.run_id))
        for part in in_parts(list(places)):
            for (words,) in connection.execute(wanted(len(part)) + _FIND, (*part, *values)):
                found.update(places[words])
    return frozenset(found)


def has_withheld(connection: sqlite3.Connection, no: int, scope: Scope) -> bool:
    """Tell whether anything is withheld of rows that carry all ids of *scope*."""
    sql = f"SELECT 1 FROM withheld WHERE {_CARRIES} LIMIT 1"
    return any(
        connection.execute(sql, (no, salt, *_whose(salt, scope.agent_id, scope.run_id))).fetchone()
        for salt in _salts(connection, no)
    )


def _salts(connection: sqlite3.Connection, no: int) -> list[bytes]:
    return [salt for (salt,) in connection.execute(_SALTS, (no,))]


def _whose(salt: bytes, *names: str | None) -> tuple[bytes, ...]:
    return tuple(b"" if name is None else _hash(salt, name) for name in names)


def _hash(salt: bytes, text: str) -> bytes:
    return blake2b(text.encode(), key=salt, digest_size=HASH_BYTES).digest()


def _words(salt: bytes, uri: str, text: str) -> bytes:
    # No address has a line break.
    return _hash(salt, f"{uri}\n{folded(text)}")


def exported(connection: sqlite3.Connection, keys: dict[str, Any]) -> Iterator[Record]:
    """Yield what is withheld in a partition that is exported as a whole: whose a part is cannot be told."""
    for row in connection.execute(_EXPORTED, keys):
        yield {"type": "withheld", **{name: value.hex() for name, value in zip(_NAMES, row, strict=True)}}


def restored(writer: PartitionWriter, fields: dict[str, Any]) -> None:
    """Store a record of :func:`exported`."""
    values = (writer.no, *(fields[name] for name in _NAMES))
    writer.connection.execute("INSERT OR IGNORE INTO withheld VALUES (?, ?, ?, ?, ?)", values)
