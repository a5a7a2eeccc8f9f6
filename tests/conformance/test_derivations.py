"""The queue in the SQLite ledger keeps the promises of a queue of derivations."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import settings

from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.engines.sqlite.queue import SqliteQueue
from polymem.testing.derivation_machine import DerivationMachine
from polymem.testing.derivations import DerivationSuite
from polymem.testing.desk import Desk
from polymem.testing.drafting import ENCODER


def queue_in(ledger):
    return SqliteQueue(read=ledger.job, write=ledger.write)


class TestSqliteQueue(DerivationSuite):
    @pytest.fixture
    def open_ledger(self, tmp_path):
        return lambda name: SqliteLedger(
            tmp_path / f"{name}.db", encoder=EncoderName(ENCODER.name, ENCODER.dim), timeout_s=20
        )

    @pytest.fixture
    def queue_of(self):
        return queue_in

    @pytest.fixture
    def raw_bytes(self, tmp_path):
        return lambda: b"".join(path.read_bytes() for path in sorted(tmp_path.glob("one.db*")))


class Machine(DerivationMachine):
    def open(self):
        self.folder = tempfile.TemporaryDirectory()
        path = Path(self.folder.name) / "one.db"
        return Desk(lambda name: SqliteLedger(path, encoder=EncoderName(ENCODER.name, ENCODER.dim)), queue_in)

    def teardown(self):
        super().teardown()
        self.folder.cleanup()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
