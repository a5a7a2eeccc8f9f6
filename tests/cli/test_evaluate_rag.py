"""``polymem eval rag`` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run


@pytest.fixture
def file(tmp_path: Path) -> Path:
    texts = {"p1": "The mill on Skarn was built in 1790.", "p2": "斯卡恩岛的磨坊在1901年拆除。"}
    content = {
        "format": "passages/1",
        "name": "mills",
        "split": "dev",
        "lang": "en",
        "passages": [{"id": name, "title": name, "text": text} for name, text in texts.items()],
        "questions": [
            {
                "id": "q",
                "question": "磨坊在哪一年拆除？",
                "answer": "1901",
                "category": "all",
                "evidence": ["p2"],
                "meta": {},
            }
        ],
    }
    path = tmp_path / "mills.json"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_four_figures_for_every_mode(run: Run, file: Path, tmp_path: Path):
    out, page = tmp_path / "out.json", tmp_path / "page.md"
    shown = run("eval", "rag", str(file), "--json", str(out), "--markdown", str(page))
    assert shown.code == 0, shown.err
    assert "hybrid" in shown.out
    assert "precision" in shown.out
    assert json.loads(out.read_text("utf-8"))["sets"][0]["modes"]["hybrid"]["context recall"]["mean"] == 100.0
    assert "| hybrid | 100.0" in page.read_text("utf-8")


def test_modes_can_be_chosen(run: Run, file: Path):
    told = run("--json", "eval", "rag", str(file), "--modes", "keyword, hybrid").json
    assert list(told["sets"][0]["modes"]) == ["keyword", "hybrid"]


@pytest.mark.parametrize(
    "words", [("--modes", "all"), ("--modes", ""), ("--limit", "0"), ("--sentences", "21")]
)
def test_what_cannot_be_measured_is_refused(run: Run, file: Path, words: tuple[str, ...]):
    assert run("eval", "rag", str(file), *words).code == 2


def test_a_model_has_to_be_configured(run: Run, file: Path):
    assert run("eval", "rag", str(file), "--model").code == 3


def test_a_file_that_is_no_set_is_an_error(run: Run, tmp_path: Path):
    path = tmp_path / "x.json"
    path.write_text("{}", encoding="utf-8")
    assert run("eval", "rag", str(path)).code == 2
