"""Each import contract of pyproject.toml breaks on what it forbids."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    *("cli", "client", "testing", "write", "read", "ports", "ranking", "text", "domain"),
    *("engines/other", "engines/sqlite", "models/embedders", "models/extractors"),
)


def lint(folder: Path, files: dict[str, str]) -> subprocess.CompletedProcess[str]:
    package = folder / "polymem"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
    for name, code in files.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(code, encoding="utf-8")
    for always in ("errors.py", "client/build.py", "client/build_reranker.py"):
        (package / always).touch()
    for room in [package, *(path for path in package.rglob("*") if path.is_dir())]:
        (room / "__init__.py").touch()
    contracts = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(contracts, encoding="utf-8")
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {"PYTHONPATH": str(folder), "PATH": "", "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_a_sound_house_passes(tmp_path: Path) -> None:
    done = lint(
        tmp_path,
        {
            "cli/main.py": "import polymem.client.sync",
            "client/sync.py": "import polymem.client.build",
            "client/build.py": "import polymem.engines.sqlite.engine, polymem.models.embedders.static, polymem.write.add",
            "engines/sqlite/engine.py": "import sqlite3, polymem.engines.sqlite.schema, polymem.ports.ledger",
            "engines/sqlite/schema.py": "import polymem.ranking.bm25",
            "models/embedders/static/__init__.py": "import polymem.models.embedders.static.table",
            "models/embedders/static/table.py": "import polymem.ports.embedder",
            "models/embedders/server.py": "import polymem.models.endpoint",
            "models/endpoint.py": "import urllib.request",
            "write/add.py": "import polymem.ports.ledger, polymem.text.language",
            "ports/ledger.py": "import polymem.domain.item",
            "ports/embedder.py": "import numpy",
            "ranking/bm25.py": "import numpy, polymem.domain.item",
            "text/language.py": "import re, unicodedata",
            "domain/item.py": "import dataclasses, datetime, polymem.errors",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


@pytest.mark.parametrize(
    ("contract", "files"),
    [
        ("Imports go down only; every room has a layer", {"utils/lists.py": ""}),
        ("Imports go down only; every room has a layer", {"things.py": ""}),
        (
            "Imports go down only; every room has a layer",
            {"ports/a.py": "import polymem.write.b", "write/b.py": ""},
        ),
        (
            "Imports go down only; every room has a layer",
            {"read/a.py": "import polymem.write.b", "write/b.py": ""},
        ),
        (
            "Imports go down only; every room has a layer",
            {"cli/a.py": "import polymem.testing.b", "testing/b.py": ""},
        ),
        (
            "Imports go down only; every room has a layer",
            {"ports/a.py": "def f():\n    import polymem.read.b", "read/b.py": ""},
        ),
        (
            "Only client.build* imports engines, projections and models",
            {"client/aio.py": "import polymem.engines.sqlite.a", "engines/sqlite/a.py": ""},
        ),
        (
            "Only client.build* imports engines, projections and models",
            {"cli/a.py": "import polymem.models.embedders.a", "models/embedders/a.py": ""},
        ),
        (
            "No adapter imports another",
            {"engines/other/a.py": "import polymem.engines.sqlite.b", "engines/sqlite/b.py": ""},
        ),
        (
            "No adapter imports another",
            {"models/embedders/a.py": "import polymem.models.extractors.b", "models/extractors/b.py": ""},
        ),
        (
            "No adapter imports another",
            {"models/embedders/a.py": "import polymem.models.embedders.b", "models/embedders/b.py": ""},
        ),
        (
            "No cycles, at any depth",
            {
                "domain/a.py": "import polymem.domain.b",
                "domain/b.py": "def f():\n    import polymem.domain.a",
            },
        ),
        ("domain, text and ranking touch no file", {"domain/a.py": "import sqlite3"}),
        ("domain, text and ranking touch no file", {"text/a.py": "from pathlib import Path"}),
        ("domain, text and ranking touch no file", {"ranking/a.py": "import simsimd"}),
        ("Ports name no driver", {"ports/a.py": "import sqlite3"}),
        ("Only engines know SQL databases", {"write/a.py": "import sqlite3"}),
    ],
)
def test_a_contract_breaks(tmp_path: Path, contract: str, files: dict[str, str]) -> None:
    done = lint(tmp_path, files)
    assert done.returncode == 1, done.stdout + done.stderr
    broken = [line for line in done.stdout.splitlines() if line.endswith("BROKEN")]
    assert any(line.startswith(contract) for line in broken), done.stdout
