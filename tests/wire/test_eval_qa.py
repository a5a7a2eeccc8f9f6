"""``polymem eval qa`` against a real server: the configured model answers, another one judges."""

import gzip
import json

import pytest
from typer.testing import CliRunner

from polymem.cli.app import app
from polymem.evals.qa_prompts import ANSWER_SYSTEM
from tests.wire.server import KEY

TALK = {
    "format": "conversations/1",
    "name": "made",
    "split": "dev",
    "conversations": [
        {
            "id": "c",
            "lang": "zh",
            "sessions": [
                {
                    "id": "s",
                    "time": "2024-03-04T10:00:00",
                    "turns": [
                        {"id": "a", "speaker": "小红", "text": "我住在上海。", "time": None},
                        {"id": "b", "speaker": "Ben", "text": "I live in Oslo.", "time": None},
                    ],
                }
            ],
            "questions": [
                {
                    "id": "q",
                    "question": "小红住在哪里？",
                    "answer": "上海",
                    "category": "single-hop",
                    "evidence": ["a"],
                    "time": None,
                    "meta": {},
                }
            ],
        }
    ],
}


def said(seen):
    return (
        {"answer": "上海"}
        if json.dumps(ANSWER_SYSTEM)[1:40] in seen.text
        else {"reason": "对", "correct": True}
    )


@pytest.fixture
def talk(tmp_path):
    path = tmp_path / "talk.json.gz"
    path.write_bytes(gzip.compress(json.dumps(TALK).encode()))
    return path


def configured(path, server):
    llm = server.config["llm"]
    lines = "\n".join(f"{name} = {json.dumps(value)}" for name, value in llm.items())
    path.write_text(f"[llm]\n{lines}\n", encoding="utf-8")
    return path


def test_a_model_answers_and_another_one_judges(serve, talk, tmp_path):
    answering, judging = serve(said), serve(said)
    config = configured(tmp_path / "polymem.toml", answering)
    judge = configured(tmp_path / "judge.toml", judging)
    arguments = ["eval", "qa", str(talk), "--config", str(config), "--judge", str(judge)]
    arguments += ["--answers", str(tmp_path / "answers.jsonl"), "--json", str(tmp_path / "out.json")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    assert "| all | 1 | 100.0" in result.output
    report = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))
    assert report["settings"]["judge"].startswith("openai")
    assert {
        name: one["by_category"]["all"]["accuracy"]["mean"]
        for name, one in report["sets"][0]["systems"].items()
    } == {
        "polymem": 100.0,
        "full": 100.0,
        "naive": 100.0,
    }
    assert len(answering.asked) == len(judging.asked) == 3
    assert KEY not in result.output
    again = CliRunner().invoke(app, arguments)
    assert again.exit_code == 0, again.output
    assert len(answering.asked) == 3


@pytest.mark.parametrize(
    "more",
    [["--systems", "mem0"], ["--protocol", "own"], ["--systems", ""], ["--budget", "0"]],
)
def test_bad_arguments(serve, talk, tmp_path, more):
    config = configured(tmp_path / "polymem.toml", serve(said))
    result = CliRunner().invoke(app, ["eval", "qa", str(talk), "--config", str(config), *more])
    assert result.exit_code != 0


def test_without_a_model_it_says_what_is_missing(talk):
    result = CliRunner().invoke(app, ["eval", "qa", str(talk)])
    assert result.exit_code != 0
    assert getattr(result.exception, "setting", "") == "llm.provider"
