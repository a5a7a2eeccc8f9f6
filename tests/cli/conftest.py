"""Runs the command line in this process (quick) and as a process of its own (real pipes and exit codes)."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from polymem.cli.__main__ import main


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        return json.loads(self.err)["error"]


Run = Callable[..., Ran]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in list(os.environ):
        if name.startswith("POLYMEM"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("POLYMEM_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("PYTHONUTF8", "1")
    return tmp_path


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    def call(*words: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        capsys.readouterr()
        code = main(list(words))
        shown = capsys.readouterr()
        return Ran(code, shown.out, shown.err)

    return call


@pytest.fixture
def process(home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    def call(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "polymem.cli", *words]
        given: dict[str, Any] = {
            "input": "",
            "capture_output": True,
            "encoding": "utf-8",
            "timeout": 60,
            "cwd": home,
        }
        return subprocess.run(command, check=False, **(given | options))

    return call


@pytest.fixture
def told(run: Run) -> dict[str, Any]:
    """A small story in both languages: ids of the items by their text."""
    words = (
        ("I live in Lisbon. My sister is called Ines.", "2025-01-10"),
        ("I moved to Porto last week.", "2025-04-05"),
    )
    for text, when in (*words, ("我喜欢喝茶，我对花生过敏。", "2025-05-01")):
        assert run("add", text, "--user", "ada", "--timestamp", when).code == 0
    everything = run("list", "--user", "ada", "--all", "--json", "--as-of", "2025-01-11").out
    everything += run("list", "--user", "ada", "--all", "--json").out
    return {item["text"]: item["id"] for item in map(json.loads, everything.splitlines())}
