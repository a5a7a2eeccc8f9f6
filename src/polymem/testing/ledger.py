"""The suite that every ledger passes.

An adapter subclasses it and says how its stores are opened::

    class TestMyLedger(LedgerSuite):
        @pytest.fixture
        def open_ledger(self, tmp_path):
            return lambda name: MyLedger(tmp_path / name, encoder=(ENCODER.name, ENCODER.dim))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from polymem.testing.bench import Bench, OpenLedger
from polymem.testing.clock import NOON
from polymem.testing.histories import histories, replay
from polymem.testing.ledger_documents import DocumentPromises
from polymem.testing.ledger_documents_gone import DocumentRemovalPromises
from polymem.testing.ledger_reading import ReadingPromises
from polymem.testing.ledger_removing import RemovingPromises
from polymem.testing.ledger_upkeep import UpkeepPromises
from polymem.testing.ledger_writing import WritingPromises
from polymem.testing.model import LedgerModel

__all__ = ["LedgerSuite"]


class LedgerSuite(
    WritingPromises,
    ReadingPromises,
    RemovingPromises,
    DocumentPromises,
    DocumentRemovalPromises,
    UpkeepPromises,
):
    """Proves the promises of :class:`polymem.ports.ledger.Ledger`."""

    @pytest.fixture
    def open_ledger(self) -> OpenLedger:
        """Return what opens a store by name; the same name is the same store. Adapters override this."""
        raise NotImplementedError("override open_ledger")

    @pytest.fixture
    def raw_bytes(self) -> Callable[[], bytes] | None:
        """Return what reads all bytes of the store called "one", past the ledger; None where that is impossible."""
        return None

    @pytest.fixture
    def bench(self, open_ledger: OpenLedger) -> Iterator[Bench]:
        """Return a workbench on an empty store."""
        bench = Bench(open_ledger)
        yield bench
        bench.close()

    @settings(
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.too_slow,
            HealthCheck.differing_executors,
        ]
    )
    @given(history=histories(), data=st.data())
    def test_after_any_history_readers_see_what_the_model_sees(
        self, open_ledger: OpenLedger, history: list[Any], data: st.DataObject
    ) -> None:
        """Visibility, ends, successors and evidence agree with plain lists, from any point of both axes of time."""
        bench = Bench(open_ledger, f"history {id(history)} {id(data)}")
        try:
            model = LedgerModel("alice")
            replay(history, bench, model)
            assert bench.verify() == []
            for row in model.rows:
                if not row.erased:
                    found = bench.item(row.id, version=row.number)
                    told = (
                        found.text,
                        found.valid_at,
                        found.invalid_at,
                        found.superseded_by,
                        found.created_at,
                    )
                    assert told == (row.text, row.valid_at, row.invalid_at, row.superseded_by, row.created_at)
                    assert found.expired_at == row.expired_at
                    if row.kind == "fact" and not row.removed:
                        assert sorted(found.episode_ids) == sorted(row.sources)
            hours = st.none() | st.integers(-30, 60).map(lambda n: NOON + timedelta(hours=n))
            for _ in range(4):
                now, as_of, known_at = data.draw(hours) or bench.now, data.draw(hours), data.draw(hours)
                expected = sorted(
                    (row.id, row.number) for row in model.visible(now, as_of=as_of, known_at=known_at)
                )
                for look in (bench.seen, bench.selected):
                    seen = look(now=now, as_of=as_of, known_at=known_at)
                    assert sorted((item.id, item.version) for item in seen) == expected
        finally:
            bench.close()
