"""Retrieval on the sets that come with the package is as good as recorded, and better than the plain rankings.

After a change that moves it for the better: ``polymem eval retrieval --built-in --record tests/evals/recorded.json``.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from polymem.evals.gate import fallen, recorded, records
from polymem.evals.opening import built_in
from polymem.evals.report import content
from polymem.evals.retrieval import BM25, HYBRID, OURS, Options, ask_set

pytestmark = pytest.mark.slow
RECORDED = Path(__file__).with_name("recorded.json")


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    return content([ask_set(data, Options()) for data in built_in()], Options(), seed=0)


def test_nothing_has_fallen(report: dict[str, Any]):
    falls = fallen(records(report), recorded(RECORDED))
    assert not falls, "\n".join(
        f"{fall.name}: {fall.measure} fell from {fall.before} to {fall.now}" for fall in falls
    )


def test_every_set_is_recorded(report: dict[str, Any]):
    assert records(report).keys() == recorded(RECORDED).keys()


def test_it_is_better_than_what_is_plain(report: dict[str, Any]):
    ours, bm25, hybrid = (report["macro"][name] for name in (OURS, BM25, HYBRID))
    for measure in ("R@5", "R@10", "all@10"):
        assert ours[measure]["mean"] > bm25[measure]["mean"] + 4
    assert ours["R@5"]["mean"] > hybrid["R@5"]["mean"] + 2
