"""Retrieval on all sets by one command, and the pages made of its figures."""

from __future__ import annotations

import json
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from benchmarks import recall_all, recall_page
from benchmarks.recall_sets import RUNS

ROOT = Path(__file__).resolve().parents[2]


def papers(prefix: str, texts: tuple[str, ...]) -> dict[str, Any]:
    questions = [
        {"id": "q0", "question": "How deep is the lake?", "category": "one", "evidence": [f"{prefix}-p0"]},
        {"id": "q1", "question": "塔有多高？", "category": "two", "evidence": [f"{prefix}-p1"]},
    ]
    passages = [{"id": f"{prefix}-p{n}", "title": "", "text": text} for n, text in enumerate(texts)]
    return {"format": "passages/1", "name": prefix, "passages": passages, "questions": questions}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    for prefix, texts in (
        ("xquad-en", ("The lake is nine metres deep.", "The tower is forty metres high.")),
        ("xquad-zh", ("湖深九米。", "塔高四十米。")),
        ("musique-100", ("The lake is nine metres deep.", "塔高四十米。")),
    ):
        path = folder / f"{prefix}.dev.json.gz"
        path.write_text(json.dumps(papers(prefix, texts), ensure_ascii=False), encoding="utf-8")
    return folder


def test_the_sets_that_are_there_become_figures_and_pages(data: Path, tmp_path: Path, capsys: Any):
    out, docs = tmp_path / "out", tmp_path / "docs"
    words = [str(data), "--out", str(out), "--docs", str(docs)]
    assert recall_all.main(words) == 0
    said = capsys.readouterr().out
    assert "locomo: no locomo.dev.json.gz" in said
    assert {file.stem for file in out.iterdir()} == {"xquad-en-zh", "xquad-zh-en", "musique-100"}
    for page, plots in (
        (docs / "benchmarks-recall.md", "plots"),
        (docs / "zh" / "benchmarks-recall.md", "../plots"),
    ):
        text = page.read_text("utf-8")
        assert f"]({plots}/recall-musique-100.svg)" in text
        assert "| 72 |" in text
        tables = [part for part in text.split("\n\n") if part.startswith("|")]
        assert len(tables) >= 4
        for table in tables:
            assert len({line.count("|") for line in table.splitlines()}) == 1
    assert "XQuAD：英文问题，中文段落" in (docs / "zh" / "benchmarks-recall.md").read_text("utf-8")
    assert "without `vector`" in (docs / "benchmarks-recall.md").read_text("utf-8")
    for plot in (docs / "plots").iterdir():
        ET.parse(plot)
    kept = (out / "musique-100.json").read_bytes()
    recall_all.main(words)
    assert "musique-100: there already" in capsys.readouterr().out
    assert (out / "musique-100.json").read_bytes() == kept


def test_without_figures_there_is_no_page(tmp_path: Path):
    with pytest.raises(SystemExit, match="no figures"):
        recall_page.main([str(tmp_path), "--docs", str(tmp_path / "docs")])


def test_every_run_has_a_name_of_its_own_and_says_what_is_asked():
    assert len({measured.name for measured in RUNS}) == len(RUNS)
    assert all(measured.targets and measured.en and measured.zh for measured in RUNS)


def test_the_old_way_to_call_it(data: Path):
    file = str(data / "musique-100.dev.json.gz")
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.recall", file, "--json", "-"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert json.loads(ran.stdout)["sets"][0]["name"] == "musique-100"
