"""``polymem eval rag --model`` against a real server: the configured model answers and judges."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from polymem.cli.app import app
from polymem.errors import BudgetError, DatasetError, ModelError, RefusalError
from polymem.evals.rag import MODES
from polymem.evals.rag_judge import CALLS_AT_A_TIME, FIGURES
from tests.wire.server import KEY, Answer, ScriptedServer, Seen, failed, openai

PASSAGES = {
    "mill": "The mill on Skarn was built in 1790 by Jon Vik.",
    "boat": "Jon Vik owned three boats and a warehouse in Tromvik.",
    "磨坊": "斯卡恩岛的磨坊在1901年拆除，石料用来修了码头。",
}
QUESTIONS = [
    ("q1", "Who built the mill on Skarn?", "Jon Vik built it in 1790.", ["mill"]),
    ("q2", "磨坊在哪一年拆除？", "磨坊在1901年拆除。", ["磨坊"]),
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    content = {
        "format": "passages/1",
        "name": "mills",
        "split": "dev",
        "lang": "en",
        "passages": [{"id": name, "title": name, "text": text} for name, text in PASSAGES.items()],
        "questions": [
            {"id": n, "question": text, "answer": said, "category": "all", "evidence": ids, "meta": {}}
            for n, text, said, ids in QUESTIONS
        ],
    }
    path = tmp_path / "mills.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def form_of(seen: Seen) -> str:
    return str(seen.body["response_format"]["json_schema"]["name"])


def said(seen: Seen) -> dict[str, Any]:
    """Answer and judge: half of the statements hold, the first passage helps."""
    form, prompt = form_of(seen), seen.body["messages"][-1]["content"]
    if form == "answer":
        return {"found": True, "answer": "1901年。[1]" if "哪一年" in prompt else "Jon Vik. [1]"}
    if form == "questions":
        asked = "磨坊在哪一年拆除？" if "1901" in prompt else "Who built the mill on Skarn?"
        return {"questions": [asked] * 3, "evasive": False}
    if form == "verdicts":
        numbers = [int(n) for n in re.findall(r"(?m)^(\d+)\. ", prompt)]
        return {"verdicts": [{"passage": n, "verdict": n == 1} for n in numbers]}
    half = [True, "Reference answer" in prompt]
    return {"statements": [{"statement": "x", "verdict": verdict} for verdict in half]}


def settings(path: Path, server: ScriptedServer, **more: Any) -> Path:
    lines = (f"{name} = {json.dumps(value)}" for name, value in {**server.config["llm"], **more}.items())
    path.write_text("[llm]\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def measured(file: Path, tmp_path: Path) -> Callable[..., tuple[Result, dict[str, Any]]]:
    def run(server: ScriptedServer, *words: str, **more: Any) -> tuple[Result, dict[str, Any]]:
        config, out = settings(tmp_path / "polymem.toml", server, **more), tmp_path / "out.json"
        arguments = ["eval", "rag", str(file), "--model", "--config", str(config), "--limit", "3"]
        # Wide, so that no cell of the table is cut.
        shown = CliRunner(env={"COLUMNS": "160"}).invoke(app, [*arguments, "--json", str(out), *words])
        return shown, json.loads(out.read_text("utf-8"))["sets"][0] if out.exists() else {}

    return run


def of(form: str, answer: Any) -> Callable[[Seen], Any]:
    """Answer as above, but this in one form."""
    return lambda seen: answer if form_of(seen) == form else said(seen)


def test_all_modes_have_all_figures_and_what_they_cost(serve, measured):
    server = serve(said)
    shown, found = measured(server)
    assert shown.exit_code == 0, shown.output
    assert list(found["modes"]) == list(MODES)
    for cells in found["modes"].values():
        assert {name: cells[name]["mean"] for name in FIGURES} == {
            "faithfulness": 50.0,
            "answer relevance": 100.0,
            "context precision": 100.0,
            "context recall": 100.0,
        }
        assert cells["not_judged"] == {}
        assert cells["answering"] == {
            "calls": 2,
            "prompt_tokens": 22,
            "completion_tokens": 14,
            "n_estimated": 0,
        }
        assert cells["judging"]["calls"] == 8
    assert len(server.asked) == 2 * 4 * 5
    for mode in MODES:
        (row,) = [line for line in shown.output.splitlines() if line.split()[:1] == [mode]]
        assert row.split()[1:5] == ["50.0", "100.0", "100.0", "100.0"]
        assert (
            f"{mode}: answering 2 calls, 22 tokens read and 14 written; judging 8 calls, 88" in shown.output
        )
    assert "not judged" not in shown.output
    assert KEY not in shown.output


def test_another_model_can_judge(serve, measured, tmp_path):
    answering, judging = serve(said), serve(said)
    judge = settings(tmp_path / "judge.toml", judging)
    shown, found = measured(answering, "--judge", str(judge), "--modes", "vector,hybrid")
    assert shown.exit_code == 0, shown.output
    assert {form_of(seen) for seen in answering.asked} == {"answer"}
    assert len(answering.asked) == 2 * 2
    assert len(judging.asked) == 2 * 2 * 4
    assert list(found["modes"]) == ["vector", "hybrid"]


def test_rubbish_is_counted_and_shown_and_no_verdict(serve, measured):
    shown, found = measured(serve(of("verdicts", "Well, the first one, I think.")), "--modes", "hybrid")
    assert shown.exit_code == 0, shown.output
    hybrid = found["modes"]["hybrid"]
    assert hybrid["context precision"] == {"mean": None, "low": None, "high": None}
    assert hybrid["context recall"]["mean"] == 100.0
    assert hybrid["not_judged"] == {"context precision": {"InvalidOutputError": 2}}
    # The first answer and the one that was to mend it are paid for.
    assert hybrid["judging"]["calls"] == 2 * (3 + 2)
    assert (
        "hybrid: context precision of 2 of 2 not judged, left out of its mean (InvalidOutputError 2)"
        in shown.output
    )


def test_a_mended_answer_counts(serve, measured):
    seen_before: list[str] = []

    def once(seen: Seen) -> Any:
        if form_of(seen) == "verdicts" and not seen_before:
            seen_before.append("x")
            return "{"
        return said(seen)

    shown, found = measured(serve(once), "--modes", "hybrid")
    assert shown.exit_code == 0, shown.output
    assert seen_before == ["x"]
    assert found["modes"]["hybrid"]["not_judged"] == {}
    assert found["modes"]["hybrid"]["judging"]["calls"] == 9


def test_an_answer_that_was_refused_is_counted_and_its_context_still_judged(serve, measured):
    def declined(seen: Seen) -> Any:
        if form_of(seen) == "answer" and "哪一年" in seen.body["messages"][-1]["content"]:
            return "I'm sorry, but I can't help with that."
        return said(seen)

    shown, found = measured(serve(declined), "--modes", "hybrid")
    assert shown.exit_code == 0, shown.output
    hybrid = found["modes"]["hybrid"]
    why = {f"{RefusalError.__name__} in the answer": 1}
    assert hybrid["not_judged"] == {"faithfulness": why, "answer relevance": why}
    assert hybrid["faithfulness"]["mean"] == 50.0
    assert hybrid["context recall"]["mean"] == 100.0
    assert hybrid["answering"]["calls"] == 2
    assert hybrid["judging"]["calls"] == 4 + 2


def test_that_nothing_was_found_is_not_relevant_and_nothing_to_judge(serve, measured):
    shown, found = measured(serve(of("answer", {"found": False, "answer": ""})), "--modes", "hybrid")
    assert shown.exit_code == 0, shown.output
    hybrid = found["modes"]["hybrid"]
    assert hybrid["answer relevance"]["mean"] == 0.0
    assert hybrid["faithfulness"]["mean"] is None
    assert hybrid["not_judged"] == {"faithfulness": {"no answer": 2}}


@pytest.mark.parametrize("form", ["answer", "verdicts"])
def test_an_error_of_the_server_is_an_error_of_the_command(serve, measured, form):
    shown, _ = measured(serve(of(form, failed(401))), "--modes", "hybrid")
    assert isinstance(shown.exception, ModelError)
    assert shown.exit_code != 0
    assert KEY not in shown.output


def test_a_budget_ends_the_run(serve, measured):
    server = serve(said)
    shown, _ = measured(server, "--modes", "hybrid", budget_calls=6)
    assert isinstance(shown.exception, BudgetError)
    assert len(server.asked) <= 2 * 6


def test_so_many_calls_at_a_time(serve, measured):
    server = serve(lambda seen: Answer(openai(said(seen)), delay_s=0.05))
    shown, _ = measured(server, concurrency=64)
    assert shown.exit_code == 0, shown.output
    assert 4 < server.n_together <= CALLS_AT_A_TIME


@pytest.mark.parametrize("option", ["--judge", "--answers"])
def test_what_is_for_a_model_needs_one(file, tmp_path, serve, option):
    judge = settings(tmp_path / "judge.toml", serve(said))
    result = CliRunner().invoke(app, ["eval", "rag", str(file), option, str(judge)])
    assert result.exit_code != 0
    assert getattr(result.exception, "argument", "") == option


def test_a_run_that_was_broken_off_goes_on_and_pays_for_nothing_twice(serve, measured, tmp_path):
    answers = tmp_path / "answers.jsonl"
    broken = serve(lambda seen: failed(401) if "哪一年" in seen.text else said(seen))
    shown, _ = measured(broken, "--answers", str(answers))
    assert isinstance(shown.exception, ModelError)
    lines = answers.read_text("utf-8").splitlines()
    assert {json.loads(line)["question"] for line in lines} == {"q1"}
    assert len(lines) == len(MODES)
    with answers.open("a", encoding="utf-8") as file:
        file.write('{"run": "half a li')
    server = serve(said)
    shown, found = measured(server, "--answers", str(answers))
    assert shown.exit_code == 0, shown.output
    assert len(server.asked) == 4 * 5
    # The figures, and what they cost, are those of the whole.
    assert found["n_questions"] == 2
    assert {name: found["modes"]["hybrid"][name]["mean"] for name in FIGURES} == {
        "faithfulness": 50.0,
        "answer relevance": 100.0,
        "context precision": 100.0,
        "context recall": 100.0,
    }
    assert found["modes"]["hybrid"]["judging"]["calls"] == 8
    shown, again = measured(server, "--answers", str(answers))
    assert len(server.asked) == 4 * 5
    figures = [{name: one["modes"]["graph"][name] for name in FIGURES} for one in (found, again)]
    assert figures[0] == figures[1]


def test_what_another_judge_said_or_of_another_context_is_not_used(serve, measured, tmp_path):
    answers = ("--answers", str(tmp_path / "answers.jsonl"), "--modes", "hybrid")
    first, second, third = (serve(said) for _ in range(3))
    measured(first, *answers)
    measured(second, *answers, "--judge", str(settings(tmp_path / "j.toml", second, model="other")))
    assert len(second.asked) == 2 * 5
    measured(third, *answers, "--limit", "1")
    assert len(third.asked) == 2 * 5
    assert KEY not in Path(answers[1]).read_text("utf-8")


def test_what_could_not_be_judged_is_kept_as_such(serve, measured, tmp_path):
    answers = ("--answers", str(tmp_path / "answers.jsonl"), "--modes", "hybrid")
    server = serve(of("verdicts", "no JSON"))
    _, first = measured(server, *answers)
    n = len(server.asked)
    _, again = measured(server, *answers)
    assert len(server.asked) == n
    assert again["modes"]["hybrid"]["context precision"] == first["modes"]["hybrid"]["context precision"]
    assert again["modes"]["hybrid"]["not_judged"] == {"context precision": {"InvalidOutputError": 2}}


@pytest.mark.parametrize("line", ["{}", "[1]", "x"])
def test_a_file_of_something_else_is_refused(serve, measured, tmp_path, line):
    path = tmp_path / "answers.jsonl"
    path.write_text(f"{line}\n", encoding="utf-8")
    server = serve(said)
    shown, _ = measured(server, "--answers", str(path))
    assert isinstance(shown.exception, DatasetError)
    assert server.asked == []
    assert path.read_text("utf-8") == f"{line}\n"
