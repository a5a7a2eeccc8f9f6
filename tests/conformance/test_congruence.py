"""The SQLite engine answers as the snapshot in memory does."""

import pytest

from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.testing.congruence import SnapshotSuite
from polymem.testing.drafting import ENCODER


class TestSqliteSnapshot(SnapshotSuite):
    @pytest.fixture
    def open_ledger(self, tmp_path):
        return lambda name: SqliteLedger(
            tmp_path / f"{name}.db", encoder=EncoderName(ENCODER.name, ENCODER.dim)
        )


class TestSqliteSnapshotInSmallSegments(TestSqliteSnapshot):
    """The same over packed segments, which otherwise begin at thousands of rows."""

    @pytest.fixture(autouse=True)
    def packed(self, small_segments):
        pass
