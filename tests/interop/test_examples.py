"""The examples run from an empty folder, twice in a row, as their readers will run them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize("name", ["assistant.py", "tennis_coach.py", "graph_memory.py"])
def test_an_example_runs_twice_from_an_empty_folder(tmp_path: Path, name: str) -> None:
    folder, home = tmp_path / "empty", tmp_path / "home"
    folder.mkdir()
    for _ in range(2):
        done = subprocess.run(
            [sys.executable, str(EXAMPLES / name)],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=folder,
            env={**os.environ, "POLYMEM_HOME": str(home), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"},
        )
        assert done.stdout.splitlines()[-1] == "ok"
    assert list(folder.iterdir()) == []
    assert (home / "memory.db").is_file()
