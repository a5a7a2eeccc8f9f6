"""The SQLite engine keeps the promises of the ledger."""

import sqlite3

import pytest

from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.testing.drafting import ENCODER
from polymem.testing.ledger import LedgerSuite


class TestSqliteLedger(LedgerSuite):
    @pytest.fixture
    def open_ledger(self, tmp_path):
        return lambda name: SqliteLedger(
            tmp_path / f"{name}.db", encoder=EncoderName(ENCODER.name, ENCODER.dim), timeout_s=20
        )

    @pytest.fixture
    def raw_bytes(self, tmp_path):
        return lambda: b"".join(path.read_bytes() for path in sorted(tmp_path.glob("one.db*")))


class TestSqliteLedgerInSmallSegments(TestSqliteLedger):
    """The same over packed segments, which otherwise begin at thousands of rows."""

    @pytest.fixture(autouse=True)
    def packed(self, small_segments):
        pass


def test_the_file_is_plain_sqlite(tmp_path):
    ledger = SqliteLedger(tmp_path / "m.db", encoder=EncoderName(ENCODER.name, ENCODER.dim))
    assert ledger.path.read_bytes()[:15] == b"SQLite format 3"
    with sqlite3.connect(ledger.path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()
