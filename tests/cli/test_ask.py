"""``polymem ask``: the answer, its citations, and the source opened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.cli import ask
from polymem.cli.screen import Screen
from polymem.domain.document import Answer, Citation, Place
from polymem.errors import InputError
from tests.cli.conftest import Run

ANN = ("--user", "ann")
LIT = "When was the lighthouse on Skarn lit for the first time?"
BOATS = "1902年斯卡恩岛有多少条渔船？"
PAGES = [
    {
        "role": "document",
        "content": "The lighthouse on Skarn was built of granite. It was lit for the first time in 1871.",
        "metadata": {"title": "Skarn"},
    },
    {
        "role": "document",
        "content": "斯卡恩岛的渔民在冬天捕鳕鱼。1902年岛上有四十条渔船。",
        "metadata": {"title": "渔业"},
    },
]


@pytest.fixture
def pages(home: Path) -> None:
    with Memory(home / "memory.db") as memory:
        memory.add(PAGES, user_id="ann", infer=False)


@pytest.mark.parametrize(("question", "words"), [(LIT, "in 1871. [1]"), (BOATS, "四十条渔船。 [1]")])
def test_an_answer_and_its_citations(run: Run, pages: None, question: str, words: str):
    shown = run("ask", question, *ANN, "--sentences", "1")
    assert shown.code == 0
    assert words in shown.out
    assert "source" in shown.out
    assert "confidence" in shown.err


def test_sentences_that_cite_nothing_are_counted(capsys: pytest.CaptureFixture[str]):
    answer = Answer(
        "It is so. It leans.", found=True, confidence=0.9, item_ids=("i",), signals={"claims": 2, "cited": 0}
    )
    ask.show_answer(Screen(json=False), answer)
    assert "2 of 2 sentences cite nothing" in capsys.readouterr().err


def test_an_answer_for_programs(run: Run, pages: None):
    answer = run("ask", LIT, *ANN, "--json").json
    assert answer["found"] is True
    assert answer["citations"][0]["quote"] == "It was lit for the first time in 1871."
    assert json.dumps(answer, ensure_ascii=False)


def test_that_there_is_no_answer(run: Run, pages: None):
    shown = run("ask", "谁发明了蒸汽机车的制动阀？", *ANN)
    assert (shown.code, shown.out.strip()) == (0, "已存的内容里没有答案。")
    assert "--min-confidence 0" in shown.err
    assert "polymem search" in shown.err


def test_where_nothing_is_stored_it_is_said_how_to_begin(run: Run, pages: None):
    shown = run("ask", LIT, "--user", "bob")
    assert shown.code == 0
    assert "polymem ingest" in shown.err
    assert "--min-confidence" not in shown.err


def test_a_row_of_a_table_is_shown_with_its_header(run: Run, home: Path):
    table = (
        "Code | Meaning | Action\nE4 | The pressure is too low | Open valve B\nE7 | Too hot | Wait 20 minutes"
    )
    with Memory(home / "memory.db") as memory:
        memory.add(
            {"role": "document", "content": table, "metadata": {"title": "Pump"}}, user_id="ann", infer=False
        )
    shown = run("ask", "What does code E4 mean?", *ANN, "--sentences", "1")
    assert "Code: E4 | Meaning: The pressure is too low | Action: Open valve B [1]" in shown.out


def test_what_is_read_can_be_narrowed(run: Run, pages: None):
    told = run("ask", LIT, *ANN, "--filter", '{"title": "渔业"}', "--min-confidence", "0", "--json").json
    assert all("灯塔" not in c["quote"] and "granite" not in c["quote"] for c in told["citations"])
    assert run("ask", LIT, *ANN, "--mode", "nonsense").code == 2
    assert run("ask", LIT, *ANN, "--min-confidence", "2").code == 2
    assert run("ask", LIT, *ANN, "--model").code == 3


def cited(uri: str, *, page: int | None = None, supported: bool = True) -> Citation:
    place = Place("d", uri, "", 10, 25, page=page, last_page=page)
    return Citation(1, "i", "words", 0, 5, place=place, support=1.0, supported=supported)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    uris: list[str] = []
    monkeypatch.setattr("webbrowser.open", uris.append)
    return uris


def test_the_source_is_opened_at_its_page(opened: list[str], tmp_path: Path):
    for name in ("渔业.pdf", "渔业.docx", "a b.MD"):
        path = tmp_path / name
        path.write_text("x", encoding="utf-8")
        ask.open_source([cited(path.as_uri(), page=3)])
    ask.open_source([cited("https://example.org/a")])
    folder = tmp_path.as_uri()
    assert opened == [
        f"{folder}/%E6%B8%94%E4%B8%9A.pdf#page=3",
        f"{folder}/%E6%B8%94%E4%B8%9A.docx",
        f"{folder}/a%20b.MD",
        "https://example.org/a",
    ]


def test_a_file_that_is_gone_is_not_opened(opened: list[str], tmp_path: Path):
    with pytest.raises(InputError, match="not there any more"):
        ask.open_source([cited((tmp_path / "gone.pdf").as_uri(), page=1)])
    assert opened == []


def test_that_nothing_opens_it_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("webbrowser.open", lambda _: False)
    with pytest.raises(InputError, match="could open"):
        ask.open_source([cited("https://example.org/a")])


@pytest.mark.parametrize(
    "uri",
    [
        "javascript:alert(1)",
        " \x01javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,<script>alert(1)</script>",
        "vbscript:x",
        "note-7",
        "--help.pdf",
        "$(touch x).pdf",
        "ssh://host/x",
        "smb://host/x",
        "",
        "file://host/share/a.pdf",
        "file:////host/share/a.pdf",
        "file:///%5C%5Chost/share/a.pdf",
        "file:///bin/sh?a.pdf",
        "file:///bin/sh#a.pdf",
        "file:///bin/sh;.pdf",
        "file:///bin/a.pdf%00",
        "file:///bin/a.pdf%2f..%2fsh",
    ],
)
def test_nothing_else_is_opened(opened: list[str], uri: str):
    with pytest.raises(InputError):
        ask.open_source([cited(uri)])
    assert opened == []


@pytest.mark.parametrize("name", ["run.exe", "run.sh", "run.desktop", "run", "a.pdf.bat"])
def test_a_file_that_would_be_run_is_not_opened(opened: list[str], tmp_path: Path, name: str):
    (tmp_path / name).write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="cannot be opened"):
        ask.open_source([cited((tmp_path / name).as_uri())])
    assert opened == []


def test_without_a_document_there_is_nothing_to_open(run: Run, pages: None, opened: list[str]):
    assert run("ask", LIT, *ANN, "--open").code == 2
    assert opened == []


@pytest.mark.parametrize(
    ("citation", "told"),
    [
        (cited("file:///a.pdf", page=3), "file:///a.pdf, p. 3, 10–25"),
        (Citation(1, "item-7", "x", 0, 1), "item-7"),
        (Citation(1, "i", "x", 0, 1, speaker="Ann", at=datetime(2024, 5, 1, tzinfo=UTC)), "Ann, 2024-05-01"),
        (
            Citation(1, "i", "x", 0, 1, speaker="小安", at=datetime(2024, 5, 1, tzinfo=UTC)),
            "小安, 2024-05-01",
        ),
        (Citation(1, "i", "x", 0, 1, title="渔业", at=datetime(2024, 5, 1, tzinfo=UTC)), "渔业"),
        (
            Citation(1, "i", "x", 0, 1, place=Place("d", "u", "年报", 5, 9, page=2, last_page=4)),
            "年报, pp. 2–4, 5–9",
        ),
    ],
)
def test_where_a_citation_points_to(citation: Citation, told: str):
    assert ask.where(citation) == told


def test_a_citation_that_is_not_supported_is_marked(capsys: pytest.CaptureFixture[str]):
    from rich.console import Console

    Console(width=80).print(ask.citation_table([cited("u", supported=False)]))
    assert "[1?]" in capsys.readouterr().out


def test_where_somebody_looks_the_answer_comes_in_pieces(
    run: Run, pages: None, monkeypatch: pytest.MonkeyPatch
):
    told: list[Any] = []
    monkeypatch.setattr("polymem.cli.screen._Console.is_terminal", True)
    monkeypatch.setattr("polymem.cli.screen.Screen.piece", lambda self, text: told.append(text))
    shown = run("ask", LIT, *ANN, "--sentences", "1")
    assert shown.code == 0
    assert told == ["It was lit for the first time in 1871. [1]"]
    assert "[1]" in shown.out
