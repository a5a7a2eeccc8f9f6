"""Our judge makes of the same verdicts what the package ragas makes of them, as recorded from it."""

from __future__ import annotations

import asyncio
import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polymem.evals.rag_judge import FIGURES, Judged, judge
from polymem.testing.models import Asked, ScriptedModel

ROOT = Path(__file__).parent.parent.parent
RECORDED = json.loads(Path(__file__).with_name("ragas_recorded.json").read_text("utf-8"))
CASES = RECORDED["cases"]
SIDES = ("metrics", "collections")


class Vectors:
    """The vectors that were recorded with a case."""

    name, dim, in_process = "recorded", 6, True

    def __init__(self, case: Mapping[str, Any]) -> None:
        texts = [case["question"], *(question for question, _ in case["made"])]
        self._rows = dict(zip(texts, case["vectors"], strict=True))

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        return np.array([self._rows[text] for text in texts], dtype=np.float32)

    async def embed(self, texts: Sequence[str], *, purpose: str) -> np.ndarray:
        return self.encode(texts)


def model_of(case: Mapping[str, Any]) -> ScriptedModel:
    """Say what was said to ragas, to prompts of ours."""

    def told(asked: Asked) -> dict[str, Any]:
        if asked.schema["title"] == "questions":
            flags = [noncommittal for _, noncommittal in case["made"]]
            return {"questions": [text for text, _ in case["made"]], "evasive": bool(flags) and all(flags)}
        if asked.schema["title"] == "verdicts":
            useful = [verdict for _, verdict in case["contexts"]]
            return {"verdicts": [{"passage": n, "verdict": one} for n, one in enumerate(useful, start=1)]}
        said = case["sentences"] if "Reference answer: " in asked.prompt else case["statements"]
        return {"statements": [{"statement": text, "verdict": verdict} for text, verdict in said]}

    return ScriptedModel(told)


def judged(case: Mapping[str, Any]) -> Judged:
    return asyncio.run(
        judge(
            model_of(case),
            Vectors(case),
            question=case["question"],
            answer=case["answer"],
            reference=case["reference"],
            texts=[text for text, _ in case["contexts"]],
        )
    )


def test_what_was_recorded_is_of_the_locked_version():
    locked = (ROOT / "requirements" / "ragas.lock").read_text("utf-8")
    assert re.findall(r"(?m)^ragas==(\S+)", locked) == [RECORDED["ragas"]]
    assert not re.search(r"(?m)^ragas==", (ROOT / "requirements" / "dev.lock").read_text("utf-8"))


def test_what_was_recorded_is_varied():
    assert len(CASES) >= 40
    assert sum(any("\u4e00" <= sign <= "\u9fff" for sign in case["question"]) for case in CASES) >= 12
    said = [case["ragas"]["metrics"] for case in CASES]
    for figure in FIGURES:
        values = [one[figure] for one in said if one[figure] is not None]
        assert min(values) == 0, figure
        assert max(values) == pytest.approx(1), figure
        assert len({round(value, 3) for value in values}) >= 5, figure
    assert {
        "faithfulness",
        "answer relevance",
        "context recall",
    } <= {figure for one in said for figure, value in one.items() if value is None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_figures_are_those_of_ragas(case: Mapping[str, Any]):
    one = judged(case)
    ours = dict(zip(FIGURES, (one.faithfulness, one.relevance, one.precision, one.recall), strict=True))
    for side in SIDES:
        for figure, theirs in case["ragas"][side].items():
            if figure in case["differs"][side]:
                continue
            expected = math.nan if theirs is None else theirs
            assert ours[figure] == pytest.approx(expected, abs=1e-6, nan_ok=True), (side, figure)


def test_what_differs_differs_for_a_reason_and_as_documented():
    differs = [
        (case, side, figure, why)
        for case in CASES
        for side in SIDES
        for figure, why in case["differs"][side].items()
    ]
    assert {why.split(":")[0] for *_, why in differs} == {
        "no contexts",
        "no questions",
        "a question without a vector",
    }
    for case, side, figure, why in differs:
        one = judged(case)
        theirs = case["ragas"][side][figure]
        if why.startswith("no contexts"):
            assert theirs == "ValueError"
            assert (one.faithfulness, one.precision, one.recall) == (0, 0, 0)
        elif why.startswith("no questions"):
            assert theirs == 0
            assert math.isnan(one.relevance)
            assert one.problems == {"answer relevance": "no questions"}
        else:
            assert theirs is None
            assert one.relevance == pytest.approx(2 / 3, abs=1e-6)
