"""At a terminal: questions are asked, colours and progress are shown."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from polymem import Memory


@pytest.fixture
def store(home: Path) -> Path:
    with Memory(home / "memory.db") as memory:
        memory.add("I live in Lisbon. 我喜欢喝茶。", user_id="ada")
    return home / "memory.db"


def at_a_terminal(*words: str, answer: str = "") -> tuple[int, str]:
    """Run the command at a terminal of its own and return the exit code and all that was shown."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "polymem.cli", *words]
    environment = {**os.environ, "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as child:
        os.close(theirs)
        os.write(ours, answer.encode())
        shown = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:
                break
            if not read:
                break
            shown += read
        os.close(ours)
        return child.wait(timeout=60), shown.decode()


@pytest.mark.parametrize(("answer", "code"), [("n\n", 1), ("\n", 1), ("y\n", 0), ("\x04", 130)])
@pytest.mark.parametrize(
    "words", [("delete-all", "--user", "ada"), ("forget", "--user", "ada", "--everything")]
)
def test_destroying_asks(store: Path, words: tuple[str, ...], answer: str, code: int):
    ended, shown = at_a_terminal(*words, answer=answer)
    assert ended == code, shown
    assert "[y/N]" in shown
    with Memory(store) as memory:
        assert bool(memory.get_all(user_id="ada")) == (code != 0)


def test_colours_and_the_difference_without_marks(store: Path):
    ended, shown = at_a_terminal("search", "tea 茶", "--user", "ada")
    assert ended == 0
    assert "\x1b[" in shown
    with Memory(store) as memory:
        item = memory.get_all(user_id="ada", kinds=["episode"])[0]
        memory.update(item.id, "I live in Porto. 我喜欢喝茶。")
    _, shown = at_a_terminal("history", item.id)
    assert "[-" not in shown
    assert "Lisbon" in shown


def test_progress_is_shown_and_cleared(store: Path, tmp_path: Path):
    ended, shown = at_a_terminal("export", str(tmp_path / "x.jsonl"))
    assert ended == 0
    assert "exporting" in shown
    _, shown = at_a_terminal("export", str(tmp_path / "x.jsonl"), "--json")
    assert "exporting" not in shown
