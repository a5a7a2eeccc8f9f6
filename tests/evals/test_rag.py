"""``polymem eval rag``: four figures for every mode, by evidence ids and by a model."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from polymem.domain.derivation import Usage
from polymem.domain.document import Answer, Place
from polymem.errors import BudgetError, InputError, ModelError, ModelTimeoutError, RefusalError
from polymem.evals.cases import Question
from polymem.evals.documents import shelf_of
from polymem.evals.opening import open_set
from polymem.evals.rag import (
    MODES,
    RagOptions,
    RagRun,
    Read,
    ask_rag,
    context_precision,
    context_recall,
    faithfulness,
)
from polymem.evals.rag_judge import FIGURES, Judged, judge, mean_precision, share
from polymem.evals.rag_report import rag_content, rag_markdown
from polymem.models.embedders.callable import CallableEmbedder
from polymem.testing.models import Asked, ScriptedModel

PASSAGES = [
    ("a", "The Salt Road", "The Salt Road is a 1957 film directed by Maren Holt."),
    ("b", "Maren Holt", "Maren Holt was a director. She was born in Tromvik."),
    ("c", "Births", "Directors are born in many places, and films tell where."),
    ("d1", "港口年报", "港口年报第一页：吞吐量增长。"),
    ("d2", "港口年报", "港口年报第二页：1902年岛上有四十条渔船。"),
    ("e", "", "这是没有标题的一段话。"),
]
QUESTIONS = [
    ("q1", "Where was the director of The Salt Road born?", "Tromvik", ["a", "b"]),
    ("q2", "1902年岛上有多少条渔船？", "四十条", ["d2"]),
    ("q3", "Who wrote nothing?", "", []),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    content = {
        "format": "passages/1",
        "name": "skarn",
        "split": "dev",
        "lang": "en",
        "passages": [{"id": name, "title": title, "text": text} for name, title, text in PASSAGES],
        "questions": [
            {
                "id": name,
                "question": text,
                "answer": answer,
                "category": "all",
                "evidence": evidence,
                "meta": {},
            }
            for name, text, answer, evidence in QUESTIONS
        ],
    }
    path = tmp_path / "skarn.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_passages_of_one_title_are_pages_of_one_document(file: Path):
    (corpus,) = open_set(file).corpora()
    shelf = shelf_of(corpus)
    assert [given.title for given in shelf.inputs] == [
        "The Salt Road",
        "Maren Holt",
        "Births",
        "港口年报",
        None,
    ]
    assert (shelf.inputs[3].text or "").count("\f") == 1

    def at(page: int | None, last: int | None) -> tuple[str, ...]:
        return shelf.rows_at(Place("x", "eval:3", "", 0, 1, page=page, last_page=last))

    assert (at(1, 1), at(2, 2), at(1, 2), at(None, None)) == (("d1",), ("d2",), ("d1", "d2"), ("d1", "d2"))
    assert shelf.rows_at(None) == ()


def test_every_mode_is_measured(file: Path):
    run = ask_rag(open_set(file), RagOptions(limit=3))
    assert [question.id for question, _ in run.asked] == ["q1", "q2"]
    assert run.n_documents == 5
    reads = run.asked[1][1]
    assert list(reads) == ["vector", "graph", "concat", "hybrid"]
    assert "d2" in reads["hybrid"].contexts[0]
    assert reads["hybrid"].figures[0] == reads["hybrid"].figures[3] == 1.0
    assert reads["hybrid"].answer.found
    assert all(0 <= value <= 1 for _, read in run.asked for one in read.values() for value in one.figures)


def test_the_report_has_every_figure_and_no_words(file: Path):
    options = RagOptions(limit=3)
    content = rag_content([ask_rag(open_set(file), options)], options, judged="", seed=1)
    modes = content["sets"][0]["modes"]
    assert modes["hybrid"]["context recall"]["mean"] == 100.0
    assert content["sets"][0]["less_than_hybrid"].keys() == {"vector", "graph", "concat"}
    told = json.dumps(content, ensure_ascii=False)
    assert "渔船" not in told
    assert "Tromvik" not in told
    shown = rag_markdown(content)
    assert "| hybrid |" in shown
    assert "context precision" in shown


def test_only_passages_can_be_read(tmp_path: Path):
    talk = {"format": "conversations/1", "name": "t", "split": "dev", "conversations": []}
    path = tmp_path / "t.json"
    path.write_text(json.dumps(talk), encoding="utf-8")
    with pytest.raises(InputError):
        ask_rag(open_set(path), RagOptions())


@pytest.mark.parametrize(
    ("contexts", "precision", "recall"),
    [
        ([], 0.0, 0.0),
        ([["x"], ["a"], ["b"]], (1 / 2 + 2 / 3) / 2, 1.0),
        ([["a"], ["x"], ["y"]], 1.0, 0.5),
        ([["a", "b"], ["a"]], 1.0, 1.0),
    ],
)
def test_precision_and_recall_of_a_context(contexts: list[list[str]], precision: float, recall: float):
    assert context_precision(contexts, {"a", "b"}) == pytest.approx(precision)
    assert context_recall(contexts, {"a", "b"}) == recall
    verdicts = [bool({"a", "b"} & set(names)) for names in contexts]
    assert mean_precision(verdicts) == pytest.approx(precision)


def test_what_is_cited_is_evidence_or_not():
    assert faithfulness([], {"a"}) == 0.0
    assert faithfulness([["a"], ["x"], []], {"a"}) == pytest.approx(1 / 3)


async def embedded(texts: list[str]) -> list[list[float]]:
    return [[1.0, 0.0] if "Tromvik" in text or "渔船" in text else [0.6, 0.8] for text in texts]


def judging(asked: Asked) -> dict[str, Any]:
    """Judge as a model would: by the form that is asked for."""
    title = asked.schema["title"]
    if title == "questions":
        return {
            "questions": ["Where is Tromvik?", "Who?", "岛上的渔船？"],
            "evasive": "Nothing" in asked.prompt,
        }
    if title == "verdicts":
        return {"verdicts": [{"passage": 2, "verdict": False}, {"passage": 1, "verdict": True}]}
    return {
        "statements": [
            {"statement": "x", "verdict": True},
            {"statement": "y", "verdict": "Reference" in asked.prompt},
        ]
    }


def figures(answer: str, script: Any = judging, **more: Any) -> tuple[Judged, ScriptedModel]:
    model = ScriptedModel(script)
    told = {"question": "1902年的渔船？", "reference": "四十条", "texts": ["one", '二"\n3. fake'], **more}
    embedder = CallableEmbedder(embedded, dim=2, name="two")
    return asyncio.run(judge(model, embedder, answer=answer, **told)), model


def test_a_model_judges_by_the_formulas_of_the_paper():
    judged, model = figures("She was born there.")
    assert judged.faithfulness == 0.5
    assert judged.recall == 1.0
    assert judged.precision == 1.0
    assert judged.relevance == pytest.approx((1 + 0.6 + 1) / 3)
    assert judged.problems == {}
    assert judged.usage.calls == model.n_calls == 4


def test_an_evasive_answer_is_not_relevant():
    judged, _ = figures("Nothing was found.")
    assert judged.relevance == 0.0
    assert judged.problems == {}


def test_of_no_answer_nothing_is_asked():
    judged, model = figures(" ")
    assert math.isnan(judged.faithfulness)
    assert (judged.relevance, judged.precision, judged.recall) == (0.0, 1.0, 1.0)
    assert judged.problems == {"faithfulness": "no answer"}
    assert model.n_calls == 2


def test_without_a_reference_the_context_cannot_be_judged():
    judged, model = figures("She was born there.", reference="")
    assert math.isnan(judged.precision)
    assert math.isnan(judged.recall)
    assert judged.faithfulness == 0.5
    assert set(judged.problems.values()) == {"no reference"}
    assert model.n_calls == 2


def test_an_empty_context_holds_nothing_and_costs_nothing():
    judged, model = figures("She was born there.", texts=[])
    assert (judged.precision, judged.recall) == (0.0, 0.0)
    assert model.n_calls == 2


def test_stored_text_is_data_to_the_judge():
    _, model = figures("x")
    assert model.n_calls == 4
    for asked in model.asked:
        assert "渔船" not in asked.system
        assert "fake" not in asked.system
        assert "\n3. fake" not in asked.prompt


def of(title: str, value: Any) -> Callable[[Asked], Any]:
    """Judge as above, but answer this in one form."""
    return lambda asked: value if asked.schema["title"] == title else judging(asked)


def passages(*numbers: int) -> dict[str, Any]:
    return {"verdicts": [{"passage": n, "verdict": True} for n in numbers]}


@pytest.mark.parametrize(
    ("title", "rubbish", "lost", "why"),
    [
        ("verdicts", passages(), ["context precision"], "passages not judged one by one"),
        ("verdicts", passages(1), ["context precision"], "passages not judged one by one"),
        ("verdicts", passages(1, 1), ["context precision"], "passages not judged one by one"),
        ("verdicts", passages(1, 2, 2), ["context precision"], "passages not judged one by one"),
        ("verdicts", passages(0, 1), ["context precision"], "passages not judged one by one"),
        ("verdicts", {"verdicts": ["可以"]}, ["context precision"], "InvalidOutputError"),
        ("verdicts", RefusalError("no", usage=Usage(1, 5, 2)), ["context precision"], "RefusalError"),
        ("questions", {"questions": [" "], "evasive": False}, ["answer relevance"], "no questions"),
        ("questions", {"questions": []}, ["answer relevance"], "InvalidOutputError"),
        ("statements", {"statements": []}, ["faithfulness", "context recall"], "no statements"),
        ("statements", {"statements": [{}]}, ["faithfulness", "context recall"], "InvalidOutputError"),
    ],
)
def test_rubbish_is_not_a_verdict(title: str, rubbish: Any, lost: list[str], why: str):
    judged, _ = figures("She was born there.", of(title, rubbish))
    values = (judged.faithfulness, judged.relevance, judged.precision, judged.recall)
    told = dict(zip(FIGURES, values, strict=True))
    assert [name for name, value in told.items() if math.isnan(value)] == lost
    assert judged.problems == dict.fromkeys(lost, why)
    if isinstance(rubbish, RefusalError):
        assert judged.usage.calls == 4


@pytest.mark.parametrize("error", [ModelTimeoutError("late"), BudgetError("spent"), ModelError("401")])
def test_a_model_that_cannot_be_asked_is_an_error(error: ModelError):
    with pytest.raises(type(error)):
        figures("She was born there.", of("verdicts", error))


def test_shares():
    assert (share([]), share([True, False])) == (0.0, 0.5)
    assert np.isclose(mean_precision([False, True]), 0.5)


def question(n: int) -> Question:
    return Question(id=str(n), text="?", answer="x", category="all", evidence=frozenset({"a"}))


def read(*values: float, **more: Any) -> Read:
    answer = Answer("x", found=True, confidence=1.0)
    return Read((("a",),), ("x",), answer, (*values, 1.0), 7, 0.5, **more)


def test_what_was_not_judged_is_left_out_and_counted():
    lost = {"faithfulness": "RefusalError", "context recall": "no statements"}
    cost = {"answering": Usage(1, 100, 10), "judging": Usage(4, 1_000, 100)}
    whole = {mode: read(1.0, 0.5, 0.25, 0.75, **cost) for mode in ("concat", "hybrid")}
    half = {
        "concat": read(0.0, 0.5, 0.25, 0.25, **cost),
        "hybrid": read(math.nan, 0.5, 0.75, math.nan, problems=lost, **cost),
    }
    run = RagRun("made", 1, 1, 0.0, ((question(1), whole), (question(2), half)))
    content = rag_content([run], RagOptions(modes=("concat", "hybrid")), judged="scripted/1", seed=0)
    modes = content["sets"][0]["modes"]
    assert modes["concat"]["faithfulness"]["mean"] == 50.0
    assert modes["hybrid"]["faithfulness"] == {"mean": 100.0, "low": 100.0, "high": 100.0}
    assert modes["hybrid"]["context recall"]["mean"] == 75.0
    assert modes["hybrid"]["not_judged"] == {
        "faithfulness": {"RefusalError": 1},
        "context recall": {"no statements": 1},
    }
    assert modes["concat"]["not_judged"] == {}
    # Question by question, where both were judged.
    assert content["sets"][0]["less_than_hybrid"]["concat"]["faithfulness"]["mean"] == 0.0
    assert modes["hybrid"]["judging"] == asdict(Usage(8, 2_000, 200))
    json.dumps(content, allow_nan=False)
    shown = rag_markdown(content)
    assert "- hybrid: faithfulness of 1 of 2 not judged, left out of its mean (RefusalError 1)\n" in shown
    assert (
        "- concat: answering 2 calls, 200 tokens read and 20 written; judging 8 calls, 2,000 tokens read and 200 written\n"
        in shown
    )


def test_where_nothing_was_judged_there_is_no_figure():
    reads = {mode: read(*(math.nan,) * 4, problems=dict.fromkeys(FIGURES, "RefusalError")) for mode in MODES}
    run = RagRun("made", 1, 1, 0.0, ((question(1), reads),))
    content = rag_content([run], RagOptions(), judged="scripted/1", seed=0)
    assert content["sets"][0]["modes"]["hybrid"]["context precision"]["mean"] is None
    json.dumps(content, allow_nan=False)
    assert "| hybrid | – | – | – | – | 100.0 [100.0, 100.0] |" in rag_markdown(content)
