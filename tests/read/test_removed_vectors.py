"""Rows that were removed say nothing about what cosines are usual."""

from datetime import UTC, datetime

import numpy as np
import pytest

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.snapshot import MemoryRow, MemorySnapshot

NOW = datetime(2024, 5, 1, tzinfo=UTC)


@pytest.mark.parametrize("text", ["Ann lives in Oslo.", "小安住在奥斯陆。"])
def test_removed_rows_are_not_counted(text):
    vector = np.zeros(8, dtype=np.float32)
    vector[0] = 1.0
    gone = [MemoryRow(f"gone {n}", "x", vector=vector, removed=True) for n in range(60)]
    snapshot = MemorySnapshot([MemoryRow("here", text, vector=np.roll(vector, 1)), *gone])
    plan = plan_query(text, now=NOW, vector=vector)
    (hit,) = search(snapshot, plan, Selection(Scope(user_id="someone"), Visibility(now=NOW)), explain=True)
    assert abs(hit.signals["alone"]) < 5
    assert 0.001 < hit.score < 0.999
