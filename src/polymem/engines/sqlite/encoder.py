"""Which encoder a store's vectors come from (mixing two is refused), and which tokeniser its terms."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final, NamedTuple

from polymem.engines.sqlite.connection import connect, store_errors
from polymem.errors import EncoderMismatchError, StoreCorruptError
from polymem.text.tokenise import TOKENISER_VERSION

ENCODER_KEY: Final = "encoder"
"""Under which a store's settings name its encoder."""
TOKENISER_KEY: Final = "tokeniser"
"""Under which they name the version of the tokeniser."""


class EncoderName(NamedTuple):
    """Name and dimension of an encoder."""

    name: str
    dim: int


def settings_for(encoder: EncoderName) -> str:
    """Return what a store has to say, in one line, that was made with *encoder* and this version's tokeniser."""
    return f"{encoder_setting(encoder)} {TOKENISER_VERSION}"


def encoder_setting(encoder: EncoderName) -> str:
    """Return how a store's settings name *encoder*."""
    return f"{encoder.dim} {encoder.name}"


def read_encoder(connection: sqlite3.Connection) -> EncoderName | None:
    """Return the encoder that the store was made with, None for a store without any.

    Raises:
        StoreCorruptError: What is recorded is no encoder.
    """
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (ENCODER_KEY,)).fetchone()
    if row is None:
        return None
    dim, _, name = str(row[0]).partition(" ")
    if not dim.isdecimal():
        raise StoreCorruptError(
            "the store does not tell any more which encoder it was made with; restore a backup",
            face="setting",
        )
    return EncoderName(name, int(dim))


def write_encoder(connection: sqlite3.Connection, encoder: EncoderName) -> None:
    """Record the encoder."""
    connection.execute(
        "INSERT OR REPLACE INTO setting VALUES (?, ?)", (ENCODER_KEY, encoder_setting(encoder))
    )


def read_tokeniser(connection: sqlite3.Connection) -> int:
    """Return the version of the tokeniser that made the store's terms, 0 when it is not known."""
    row = connection.execute("SELECT value FROM setting WHERE key = ?", (TOKENISER_KEY,)).fetchone()
    return int(row[0]) if row is not None and row[0].isdecimal() else 0


def write_tokeniser(connection: sqlite3.Connection) -> None:
    """Record that the store's terms come from this version's tokeniser."""
    connection.execute(
        "INSERT OR REPLACE INTO setting VALUES (?, ?)", (TOKENISER_KEY, str(TOKENISER_VERSION))
    )


def check_encoder(connection: sqlite3.Connection, encoder: EncoderName) -> None:
    """Make sure that vectors of *encoder* and terms of this version's tokeniser fit the store.

    Raises:
        EncoderMismatchError: The store's vectors come from another one, or its terms from another tokeniser; then
            ``error.tokeniser`` is the version that made them, 0 when that is not known.
    """
    stored = read_encoder(connection)
    if stored != encoder and stored is not None:
        raise EncoderMismatchError(
            f"this store was made with the encoder {stored.name!r} ({stored.dim} dimensions), not {encoder.name!r} "
            f"({encoder.dim}); open it with that one, or call rebuild() to embed everything anew",
            stored=stored.name,
            given=encoder.name,
        )
    tokeniser = read_tokeniser(connection)
    if tokeniser != TOKENISER_VERSION:
        raise EncoderMismatchError(
            f"the words of this store were split by another tokeniser (version {tokeniser}, not {TOKENISER_VERSION}); "
            "call rebuild() to split them anew",
            tokeniser=tokeniser,
        )


def bind(path: Path, encoder: EncoderName) -> EncoderName:
    """Record *encoder* in a new store; return the one that the store has."""
    connection = connect(path)
    try:
        with store_errors(path):
            stored = read_encoder(connection)
            if stored is None:
                connection.execute("PRAGMA busy_timeout=30000")
                connection.execute("BEGIN IMMEDIATE")
                stored = read_encoder(connection) or encoder
                write_encoder(connection, stored)
                write_tokeniser(connection)
                connection.execute("COMMIT")
            return stored
    finally:
        connection.close()
