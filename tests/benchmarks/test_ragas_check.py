"""The comparison with ragas finds what differs, and its cases are those that were recorded."""

from __future__ import annotations

import asyncio
import json
import math
from dataclasses import asdict
from pathlib import Path

import pytest

from benchmarks.ragas_cases import cases
from benchmarks.ragas_check import by_name, compare, ours, reason, script
from polymem.evals.rag_judge import FIGURES
from polymem.testing.fakes import WordEmbedder

RECORDED = Path(__file__).parent.parent / "evals" / "ragas_recorded.json"
PLAIN = [case for case in cases() if not any(reason(case, figure, "collections") for figure in FIGURES)]


def test_the_cases_are_those_that_were_recorded():
    recorded = json.loads(RECORDED.read_text("utf-8"))["cases"]
    ours = json.loads(json.dumps([asdict(case) for case in cases()]))
    assert [{name: one[name] for name in ours[0]} for one in recorded] == ours
    assert len({case.name for case in cases()}) == len(cases())


def test_what_does_not_differ_is_no_difference(capsys):
    case = PLAIN[0]
    mine = by_name(asyncio.run(ours(case, WordEmbedder(), script(case))))
    assert mine["faithfulness"] == 0.75
    assert compare([case], [mine], [{"metrics": mine, "collections": mine}]) == 0
    assert "DIFFERS" not in capsys.readouterr().out


@pytest.mark.parametrize("other", [0.5, math.nan, "ValueError"])
@pytest.mark.parametrize("figure", FIGURES)
def test_what_differs_is_found(capsys, other, figure):
    case = PLAIN[0]
    mine = by_name(asyncio.run(ours(case, WordEmbedder(), script(case))))
    mine[figure] = 0.75
    theirs = {"metrics": mine, "collections": {**mine, figure: other}}
    assert compare([case], [mine], [theirs]) == 1
    assert f"DIFFERS: {case.name}: {figure}: 0.75 here" in capsys.readouterr().out


def test_a_difference_that_has_a_reason_is_told_but_no_fault(capsys):
    (case,) = [case for case in cases() if case.name == "ferry: no contexts"]
    mine = by_name(asyncio.run(ours(case, WordEmbedder(), script(case))))
    refused = {**mine, **dict.fromkeys(("faithfulness", "context precision", "context recall"), "ValueError")}
    assert compare([case], [mine], [{"metrics": mine, "collections": refused}]) == 0
    assert "differs: no contexts" in capsys.readouterr().out
