"""Checks the faces against each other and against the history; the whole of a check sees one instant."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from polymem.domain.scope import Partition
from polymem.engines.sqlite.check_chain import check_chain
from polymem.engines.sqlite.check_documents import check_documents
from polymem.engines.sqlite.check_links import check_links, check_strays
from polymem.engines.sqlite.check_notes import check_notes
from polymem.engines.sqlite.check_packed import check_packed
from polymem.engines.sqlite.check_rows import check_rows
from polymem.engines.sqlite.connection import writing
from polymem.engines.sqlite.damage import UNREADABLE, is_undecodable
from polymem.engines.sqlite.encoder import read_encoder, read_tokeniser, write_tokeniser
from polymem.engines.sqlite.fits import illegible_fits, mend_fits
from polymem.engines.sqlite.partition import numbered
from polymem.engines.sqlite.problem import UNREADABLE_ROW, Problem
from polymem.engines.sqlite.repair import rebuild
from polymem.errors import PolymemError, StoreCorruptError
from polymem.ports.ledger import Finding
from polymem.text.tokenise import TOKENISER_VERSION


class _Found(NamedTuple):
    """What is wrong with a partition; number -1 stands for the file."""

    no: int
    partition: Partition | None
    problem: Problem


def verify(connection: sqlite3.Connection, partition: Partition | None, *, dim: int) -> list[Finding]:
    """Return what is wrong, in one read transaction.

    Args:
        connection: Outside a transaction.
        partition: Which one; None for all, and the file itself.
        dim: Size of the vectors, where the store does not say.
    """
    connection.execute("BEGIN")
    try:
        return check(connection, partition, dim=dim)
    finally:
        connection.execute("ROLLBACK")


def check(connection: sqlite3.Connection, partition: Partition | None, *, dim: int) -> list[Finding]:
    """Return what is wrong, as :func:`verify` does, inside the transaction of *connection*."""
    return _as_findings(_find(connection, partition, dim=dim))


def tell_damage(error: Exception, connection: sqlite3.Connection, partition: Partition, *, dim: int) -> None:
    """Say it by type when *error* comes from damaged rows of *partition*; return when they are sound.

    Everything of the partition is checked, which takes long; nobody waits for it who reads a sound store.

    Args:
        error: One of :data:`~polymem.engines.sqlite.damage.UNREADABLE`, raised by a read.
        connection: The one that was read from, still inside its transaction.
        partition: What was read.
        dim: Size of the vectors, where the store does not say.

    Raises:
        StoreCorruptError: The rows are damaged.
    """
    if isinstance(error, PolymemError):
        return
    if findings := check(connection, partition, dim=dim):
        raise StoreCorruptError(
            "rows of this scope are damaged; verify() says which, rebuild() repairs what can be, a backup has the rest",
            face=findings[0].face,
        ) from error


def repair(connection: sqlite3.Connection, partition: Partition | None, *, dim: int) -> list[Finding]:
    """Rebuild what is wrong from the ledger and return what was found; all in one write transaction.

    What the ledger does not tell stays as it is and is found again: damaged history, lost rows of items.

    Args:
        connection: Outside a transaction.
        partition: Which one; None for all.
        dim: Size of the vectors, where the store does not say.
    """
    with writing(connection):
        found = _find(connection, partition, dim=dim)
        for no in sorted({no for no, _, problem in found if no >= 0 and problem.repairable}):
            _rebuild(connection, no, dim=_dim(connection, dim))
        if partition is None and read_tokeniser(connection) != TOKENISER_VERSION:
            write_tokeniser(connection)
        if partition is None:
            mend_fits(connection)
    return _as_findings(found)


def _rebuild(connection: sqlite3.Connection, no: int, *, dim: int) -> None:
    """Rebuild a partition, or leave it as it is where its truth cannot be read."""
    connection.execute("SAVEPOINT partition")
    try:
        rebuild(connection, no, dim=dim)
    except (*UNREADABLE, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and not is_undecodable(error):
            raise
        connection.execute("ROLLBACK TO partition")
    connection.execute("RELEASE partition")


def _as_findings(found: list[_Found]) -> list[Finding]:
    return [Finding(problem.face, problem.text, problem.n, partition) for _, partition, problem in found]


def _dim(connection: sqlite3.Connection, dim: int) -> int:
    stored = read_encoder(connection)
    return dim if stored is None else stored.dim


def _find(connection: sqlite3.Connection, partition: Partition | None, *, dim: int) -> list[_Found]:
    found = (
        [] if partition is not None else [_Found(-1, None, problem) for problem in _check_file(connection)]
    )
    size = _dim(connection, dim)
    for no, key in numbered(connection, partition):
        for face, problems in (
            ("item", check_rows(connection, no, dim=size)),
            ("relation", check_links(connection, no)),
            ("item", check_notes(connection, no)),
            ("document", check_documents(connection, no)),
            ("event", check_chain(connection, no)),
            ("segment", check_packed(connection, no, dim=size)),
        ):
            found += [_Found(no, key, problem) for problem in _readable(problems, face)]
    return found


def _readable(problems: Iterator[Problem], face: str) -> Iterator[Problem]:
    """Yield *problems*, and at last that the check met with rows that it could not read."""
    try:
        yield from problems
    except (*UNREADABLE, sqlite3.Error) as error:
        if isinstance(error, sqlite3.Error) and not is_undecodable(error):
            raise
        # Caches are made anew from the rows, which are checked for themselves.
        yield Problem(face, UNREADABLE_ROW, 1, repairable=face == "segment")


def _check_file(connection: sqlite3.Connection) -> Iterator[Problem]:
    messages = connection.execute("PRAGMA quick_check").fetchall()
    if messages != [("ok",)]:
        yield Problem("file", "pages or indexes are unsound", len(messages), repairable=False)
    if read_tokeniser(connection) != TOKENISER_VERSION:
        yield Problem("terms", "made by another version of the tokeniser", 1)
    if illegible := illegible_fits(connection):
        yield Problem("learned", "cannot be read", len(illegible))
    yield from check_strays(connection)
