"""The set of pairs: hardly a merge is wrong, and not for want of merging."""

from __future__ import annotations

from benchmarks.entities import PRECISION, measure, read_pairs


def test_merges_are_right():
    assert len(read_pairs()) >= 150
    result = measure()
    assert result.precision >= PRECISION, result.wrong
    assert result.recall >= 0.9, result.missed
