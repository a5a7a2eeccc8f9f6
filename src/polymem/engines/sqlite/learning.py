"""What each tenant's feedback taught, and the feedback that it was learned from."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import datetime
from typing import Final

from polymem.domain.learning import NOTHING_LEARNED, Example, Learned
from polymem.domain.timespan import from_micros, to_micros
from polymem.engines.sqlite.codec import id_text
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.fits import read_fit, read_signals, write_fit

__all__ = ["KEPT_FITS", "SqliteFeedback"]

KEPT_FITS: Final = 16
"""So many fits of a tenant are kept, for feedback on searches that were made with them."""
_EXAMPLES: Final = (
    "SELECT f.item, f.query, f.at, f.useful, f.signals FROM partition p JOIN feedback f ON f.partition = p.no "
    "WHERE p.tenant = ? ORDER BY f.at, f.query, f.item"
)


class SqliteFeedback:
    """Implements :class:`polymem.ports.learning.FeedbackLedger`.

    Args:
        ledger: The engine whose file it is.
    """

    def __init__(self, ledger: SqliteLedger) -> None:
        self._ledger = ledger

    async def examples(self, tenant: str) -> list[Example]:
        """Return which hits were of use in the tenant's memories, in order of time."""

        def read(connection: sqlite3.Connection) -> list[Example]:
            return [
                Example(id_text(item), id_text(query), from_micros(at), bool(useful), read_signals(signals))
                for item, query, at, useful, signals in connection.execute(_EXAMPLES, (tenant,))
            ]

        return await self._ledger.job(read)

    async def learned(self, tenant: str, no: int | None = None) -> Learned:
        """Return what is in force for a tenant, or its fit number *no*; ``NOTHING_LEARNED`` if there is none."""

        def read(connection: sqlite3.Connection) -> Learned:
            row = connection.execute(
                "SELECT no, at, told FROM learned WHERE tenant = ?1 AND (?2 IS NULL OR no = ?2) "
                "ORDER BY no DESC LIMIT 1",
                (tenant, no),
            ).fetchone()
            if row is None:
                return NOTHING_LEARNED
            return replace(read_fit(row[2]), no=row[0], at=from_micros(row[1]))

        return await self._ledger.job(read)

    async def keep(self, tenant: str, learned: Learned, *, at: datetime) -> Learned:
        """Store what was learned, with its number and time: in force from now on, accepted or not."""

        def write(connection: sqlite3.Connection) -> Learned:
            (last,) = connection.execute(
                "SELECT ifnull(max(no), 0) FROM learned WHERE tenant = ?", (tenant,)
            ).fetchone()
            kept = replace(learned, no=last + 1, at=at)
            connection.execute(
                "INSERT INTO learned VALUES (?, ?, ?, ?)", (tenant, kept.no, to_micros(at), write_fit(kept))
            )
            connection.execute(
                "DELETE FROM learned WHERE tenant = ? AND no <= ?", (tenant, kept.no - KEPT_FITS)
            )
            return kept

        return await self._ledger.write(write)

    async def unlearn(self, tenant: str) -> int:
        """Delete all that a tenant's feedback taught, and the feedback; return how many hits it was of."""

        def write(connection: sqlite3.Connection) -> int:
            # The numbers of fits go on: a search that was made with an earlier one must not be taken for a later one's.
            (last,) = connection.execute(
                "SELECT ifnull(max(no), 0) FROM learned WHERE tenant = ?", (tenant,)
            ).fetchone()
            connection.execute("DELETE FROM learned WHERE tenant = ?", (tenant,))
            if last:
                connection.execute(
                    "INSERT INTO learned VALUES (?, ?, ?, ?)",
                    (tenant, last + 1, 0, write_fit(NOTHING_LEARNED)),
                )
            return connection.execute(
                "DELETE FROM feedback WHERE partition IN (SELECT no FROM partition WHERE tenant = ?)",
                (tenant,),
            ).rowcount

        return await self._ledger.write(write)
