"""``eval retrieval``: tables for people, JSON for programs, files, a gate, and errors that say what is wrong."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from polymem.ranking.scoring import GROUPS
from tests.cli.conftest import Run

CONTENT: dict[str, Any] = {
    "format": "conversations/1",
    "name": "small",
    "conversations": [
        {
            "id": "c",
            "sessions": [
                {
                    "id": "s",
                    "time": "2024-05-01T10:00:00",
                    "turns": [
                        {"id": "t1", "speaker": "Ann", "text": "My parrot is called Loro.", "time": None},
                        {"id": "t2", "speaker": "小明", "text": "我在学吹笛子。", "time": None},
                        {"id": "t3", "speaker": "Ann", "text": "The bus was late.", "time": None},
                    ],
                }
            ],
            "questions": [
                {"id": "q1", "question": "Which parrot is it?", "category": "bird", "evidence": ["t1"]},
                {"id": "q2", "question": "小明在学什么乐器？", "category": "乐器", "evidence": ["t2"]},
            ],
        }
    ],
}


@pytest.fixture
def data(tmp_path: Path) -> str:
    path = tmp_path / "small.json"
    path.write_text(json.dumps(CONTENT, ensure_ascii=False), encoding="utf-8")
    return str(path)


def test_tables_for_people(run: Run, data: str):
    shown = run("eval", "retrieval", data)
    assert shown.code == 0
    assert "small: 2 questions, 3 rows in 1 scopes" in shown.out
    for word in ("polymem", "bm25", "hybrid", "R@10", "nDCG@10", "bird", "乐器", "ms CPU"):
        assert word in shown.out
    assert "seed 0" in shown.err
    assert max(map(len, shown.out.splitlines())) <= 80


def test_every_file_that_is_asked_for(run: Run, data: str, tmp_path: Path):
    names = {name: tmp_path / name for name in ("a.json", "a.md", "a.svg", "a.jsonl", "gate.json")}
    wanted = zip(("--json", "--markdown", "--plot", "--questions", "--record"), names.values(), strict=True)
    shown = run("eval", "retrieval", data, *(str(word) for pair in wanted for word in pair))
    assert shown.code == 0
    report = json.loads(names["a.json"].read_text("utf-8"))
    assert report["sets"][0]["systems"]["polymem"]["recall"]["all"]["R@10"]["mean"] == 100
    assert names["a.md"].read_text("utf-8").startswith("# Retrieval")
    ET.parse(names["a.svg"])
    lines = [json.loads(line) for line in names["a.jsonl"].read_text("utf-8").splitlines()]
    assert [line["question"] for line in lines] == ["q1", "q2"]
    assert lines[0]["found"]["polymem"]["ids"][0] == "t1"
    assert json.loads(names["gate.json"].read_text("utf-8")) == {
        "small": dict.fromkeys(("R@10", "all@10", "nDCG@10", "MRR"), 100.0)
    }


def test_json_on_the_output(run: Run, data: str):
    for words in (("eval", "retrieval", data, "--json", "-"), ("--json", "eval", "retrieval", data)):
        shown = run(*words)
        assert (shown.code, shown.err) == (0, "")
        assert shown.json["sets"][0]["n_questions"]["all"] == 2


def test_the_gate_fails_where_figures_have_fallen(run: Run, data: str, tmp_path: Path):
    file = tmp_path / "recorded.json"
    figures = dict.fromkeys(("R@10", "all@10", "nDCG@10", "MRR"), 100.0)
    file.write_text(json.dumps({"small": figures}), encoding="utf-8")
    assert run("eval", "retrieval", data, "--against", str(file)).code == 0
    file.write_text(json.dumps({"small": figures | {"MRR": 104.0}}), encoding="utf-8")
    shown = run("eval", "retrieval", data, "--against", str(file))
    assert shown.code == 1
    assert "small: MRR fell from 104.0 to 100.0" in shown.err


def test_ablation_by_one_flag(run: Run, data: str):
    systems = run("eval", "retrieval", data, "--ablate", "--json", "-").json["sets"][0]["systems"]
    assert {"without vector", "without time", "fusion rrf"} <= systems.keys()
    assert {name.removeprefix("without ") for name in systems if name.startswith("without")} <= GROUPS.keys()
    settings = run(
        "eval", "retrieval", data, "--without", "time, vector", "--fusion", "rrf", "--json", "-"
    ).json["settings"]
    assert (settings["without"], settings["fusion"]) == (["time", "vector"], "rrf")


def test_a_file_of_settings(run: Run, data: str, tmp_path: Path):
    file = tmp_path / "settings.toml"
    file.write_text("[embedder]\ndim = 64\n", encoding="utf-8")
    for words in (
        ("eval", "retrieval", data, "--config", str(file)),
        ("--config", str(file), "eval", "retrieval", data),
    ):
        assert run(*words, "--json", "-").json["settings"]["encoder"].endswith("/64")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "name a FILE"),
        (("README",), 4, "README"),
        (("DATA", "--fusion", "max"), 2, "--fusion must be one of sum, rrf"),
        (("DATA", "--without", "luck"), 3, "ranking.without"),
        (("DATA", "--over", "DATA"), 2, "passages/1"),
        (("DATA", "--limit", "0"), 2, "limit"),
        (("DATA", "--config", "none.toml"), 3, "none.toml"),
    ],
)
def test_what_cannot_be_used(run: Run, data: str, words: tuple[str, ...], code: int, said: str):
    shown = run("eval", "retrieval", *(data if word == "DATA" else word for word in words))
    assert shown.code == code
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_a_wrong_file_says_where(run: Run, tmp_path: Path):
    broken = json.loads(json.dumps(CONTENT))
    broken["conversations"][0]["questions"][1]["evidence"] = ["t9"]
    path = tmp_path / "broken.json"
    path.write_text(json.dumps(broken), encoding="utf-8")
    shown = run("eval", "retrieval", str(path))
    assert shown.code == 2
    assert "broken.json: conversations[0].questions[1].evidence" in shown.err
    error = run("--json", "eval", "retrieval", str(path)).error
    assert error["type"] == "DatasetError"
    assert error["facts"]["where"] == "conversations[0].questions[1].evidence"


def test_the_group_is_in_the_help(run: Run):
    assert "Measure" in run("--help").out
    assert "retrieval" in run("eval", "--help").out
    assert "--ablate" in run("eval", "retrieval", "--help").out
