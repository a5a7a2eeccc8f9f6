"""Checks of an erasure: its events are in the chain without content, and no row, cache or free page holds what went."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from polymem.domain.event import EVENT_NAMES, Receipt
from polymem.engines.sqlite.chain import commit_to
from polymem.engines.sqlite.check_chain import check_chain
from polymem.engines.sqlite.check_links import check_links, keys_of
from polymem.engines.sqlite.check_packed import check_packed
from polymem.engines.sqlite.codec import id_bytes, id_text
from polymem.engines.sqlite.problem import Problem, Tally
from polymem.engines.sqlite.wanted import in_parts, wanted

MAX_LOOKED_THROUGH: Final = 1 << 29
"""Bytes of the largest file whose free pages are read; of a larger one it is only known that they are overwritten."""
_ERASE: Final = EVENT_NAMES.index("ERASE")
_ERASED: Final = "SELECT n, item, salt, commitment FROM event WHERE partition = ? AND n BETWEEN ? AND ? AND name = ? AND reason = ?"
_SALTED: Final = (
    "SELECT count(*) FROM wanted w CROSS JOIN event t INDEXED BY event_item ON t.item = w.it AND t.partition = :no "
    f"WHERE t.name <> {_ERASE} AND t.salt IS NOT NULL"
)
_LEFT: Final = (
    ("item", "SELECT count(*) FROM wanted w CROSS JOIN item t ON t.id = w.it"),
    ("item", "SELECT count(*) FROM wanted w CROSS JOIN item t ON t.superseded_by = w.it"),
    ("use", "SELECT count(*) FROM wanted w CROSS JOIN use t ON t.partition = :no AND t.item = w.it"),
    (
        "feedback",
        "SELECT count(*) FROM wanted w CROSS JOIN feedback t ON t.partition = :no AND t.item = w.it",
    ),
    ("chunk", "SELECT count(*) FROM wanted w CROSS JOIN chunk t ON t.partition = :no AND t.item = w.it"),
    ("basis", "SELECT count(*) FROM wanted w CROSS JOIN basis t ON t.item = w.it"),
    ("evidence", "SELECT count(*) FROM wanted w CROSS JOIN evidence t ON t.item = w.it"),
    ("event", _SALTED),
)
_NO_ITEM: Final = "NOT EXISTS (SELECT 1 FROM item i WHERE i.rid = {})"
_STRAYS: Final = (
    ("evidence", f"evidence t WHERE t.episode BETWEEN :low AND :high AND {_NO_ITEM.format('t.episode')}"),
    ("belief", f"belief t WHERE t.rid BETWEEN :low AND :high AND {_NO_ITEM.format('t.rid')}"),
    (
        "derivation",
        f"derivation_episode t WHERE t.episode BETWEEN :low AND :high AND {_NO_ITEM.format('t.episode')}",
    ),
    ("derivation", f"derived t WHERE t.episode BETWEEN :low AND :high AND {_NO_ITEM.format('t.episode')}"),
    ("basis", f"basis t WHERE t.rid BETWEEN :low AND :high AND {_NO_ITEM.format('t.rid')}"),
    ("alias", f"alias t WHERE t.partition = :no AND t.source >= 0 AND {_NO_ITEM.format(':low + t.source')}"),
    ("key", f"key_value t WHERE t.partition = :no AND {_NO_ITEM.format('t.fact')}"),
    ("episode", f"episode t WHERE t.rid BETWEEN :low AND :high AND {_NO_ITEM.format('t.rid')}"),
)
_TOLD: Final = "SELECT CASE speaker WHEN '' THEN role ELSE speaker END, agent_id, run_id FROM item WHERE rid BETWEEN :low AND :high"


def check_erasure(
    connection: sqlite3.Connection, tombstone: bytes, receipt: Receipt | None, *, dim: int
) -> Iterator[Problem]:
    """Yield what is left of what an erasure destroyed, and what does not agree with its receipt.

    Args:
        connection: In a read transaction.
        tombstone: Id of the tombstone, which exists.
        receipt: What is to be compared with it; None for nothing.
        dim: Size of the vectors, where the store does not say.
    """
    no, first, last, n_items = connection.execute(
        "SELECT partition, first_event, last_event, n_items FROM tombstone WHERE id = ?", (tombstone,)
    ).fetchone()
    reason = f"tombstone {id_text(tombstone)}"
    tally = Tally(repairable=False)
    erased: set[bytes] = set()
    for _, item, salt, commitment in connection.execute(_ERASED, (no, first, last, _ERASE, reason)):
        erased.add(item)
        opens = salt is not None and commit_to(salt, "", "") == commitment
        tally.note("event", "an erasure's commitment is not to nothing", n=not opens)
    tally.note("event", "an erasure is missing from the chain", n=max(n_items - len(erased), 0))
    if receipt is not None:
        _compare(connection, no, receipt, erased=erased, tally=tally)
    _check_rows(connection, no, erased, tally)
    tally.note("file", "a free page is not empty", n=_full_free_pages(connection))
    yield from tally.problems()
    yield from check_chain(connection, no)
    yield from check_links(connection, no)
    yield from check_packed(connection, no, dim=dim)


def _compare(
    connection: sqlite3.Connection, no: int, receipt: Receipt, *, erased: set[bytes], tally: Tally
) -> None:
    named = {id_bytes(item_id) for item_id in receipt.erased}
    tally.note("receipt", "names other items than were erased", n=len(named ^ erased))
    row = connection.execute(
        "SELECT link FROM event WHERE partition = ? AND n = ?", (no, receipt.n)
    ).fetchone()
    fits = row is not None and row[0].hex() == receipt.link
    tally.note("receipt", "its place in the chain is not there", n=not fits)


def _check_rows(connection: sqlite3.Connection, no: int, erased: Iterable[bytes], tally: Tally) -> None:
    for part in in_parts(sorted(erased)):
        for table, sql in _LEFT:
            # The values of the list come first, so that numbered and named ones do not meet.
            statement = wanted(len(part)) + sql.replace(":no", str(no))
            (n,) = connection.execute(statement, part).fetchone()
            tally.note(table, "a row of an erased item is left", n=n)
    for table, where in _STRAYS:
        (n,) = connection.execute(f"SELECT count(*) FROM {where}", keys_of(no)).fetchone()
        tally.note(table, "a row of an erased item is left", n=n)
    names = {id_text(key) for key in erased}
    for (result,) in connection.execute("SELECT result FROM idempotency WHERE partition = ?", (no,)):
        tally.note("idempotency", "an erased item is named", n=any(name in result for name in names))
    told = {name for row in connection.execute(_TOLD, keys_of(no)) for name in row}
    labels = connection.execute("SELECT name FROM label WHERE partition = ?", (no,)).fetchall()
    tally.note("label", "a name that no row carries is left", n=sum(name not in told for (name,) in labels))


def _full_free_pages(connection: sqlite3.Connection) -> int:
    """Return how many pages that SQLite has freed still hold something."""
    (secure,) = connection.execute("PRAGMA secure_delete").fetchone()
    (n_free,) = connection.execute("PRAGMA freelist_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    (n_pages,) = connection.execute("PRAGMA page_count").fetchone()
    if secure != 1:
        return int(n_free)
    if not n_free or n_pages * size > MAX_LOOKED_THROUGH:
        return 0
    # Not by reading the file: closing it would drop SQLite's locks on it in this process.
    content = memoryview(connection.serialize())
    n_full, trunk = 0, int.from_bytes(content[32:36])
    while trunk:
        page = content[(trunk - 1) * size : trunk * size]
        n_leaves = int.from_bytes(page[4:8])
        # Behind its list a trunk keeps the numbers of pages that were taken from it, and nothing else.
        rest = page[8 + 4 * n_leaves :].tobytes()
        n_full += any(int.from_bytes(rest[at : at + 4]) > n_pages for at in range(0, len(rest), 4))
        for at in range(8, 8 + 4 * n_leaves, 4):
            number = int.from_bytes(page[at : at + 4])
            n_full += _is_full(content[(number - 1) * size : number * size])
        trunk = int.from_bytes(page[:4])
    return n_full


def _is_full(page: memoryview) -> bool:
    return bool(page.tobytes().strip(b"\0"))
