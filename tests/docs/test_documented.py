"""Every command, exit code and setting is in the documents, in both languages."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from polymem.cli.app import COMMANDS, EXIT_CODES
from polymem.client.aio import AsyncMemory
from polymem.client.config import SETTINGS

DOCS = Path(__file__).resolve().parents[2] / "docs"
COMMAND_NAMES = [name for commands in COMMANDS.values() for name, _ in commands]
VERBS = sorted(name for name, _ in inspect.getmembers(AsyncMemory, inspect.isfunction) if name[0] != "_")


@pytest.mark.parametrize("folder", [DOCS, DOCS / "zh"], ids=["en", "zh"])
class TestDocuments:
    def test_every_command(self, folder: Path):
        rows = re.findall(r"^\| `([a-z-]+)[` ]", (folder / "cli.md").read_text("utf-8"), re.MULTILINE)
        assert sorted(name for name in rows if name in COMMAND_NAMES) == sorted(COMMAND_NAMES)

    def test_every_exit_code(self, folder: Path):
        rows = re.findall(r"^\| (\d+) \|", (folder / "cli.md").read_text("utf-8"), re.MULTILINE)
        assert [int(row) for row in rows] == [code for code, _ in EXIT_CODES]

    def test_every_verb(self, folder: Path):
        text = "\n".join(page.read_text("utf-8") for page in sorted(folder.glob("*.md")))
        assert [verb for verb in VERBS if not re.search(rf"[.`]{verb}[(`]", text)] == []

    def test_every_setting_and_no_other(self, folder: Path):
        text = (folder / "configuration.md").read_text("utf-8")
        rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| ([^|]*)\|", text, re.MULTILINE)
        assert [name for name, _ in rows] == list(SETTINGS)
        for name, default in rows:
            assert _shown(SETTINGS[name].default) in default, name


def _shown(default: object) -> str:
    """Return how a default is written, "" for one that needs no words."""
    if default is None or default == ():
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    return f"{default:g}" if isinstance(default, float) else str(default)


def test_every_command_says_what_it_does():
    for commands in COMMANDS.values():
        for name, function in commands:
            assert inspect.getdoc(function), name
