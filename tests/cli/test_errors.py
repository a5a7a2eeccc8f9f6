"""Errors, exit codes, and what happens where nobody can be asked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.cli import options
from polymem.domain.scope import Scope
from polymem.ports.ledger import Finding
from tests.cli.conftest import Run

ADA = ("--user", "ada")
Process = Callable[..., subprocess.CompletedProcess[str]]
NO_ITEM = "00000000-0000-4000-8000-000000000000"


def test_reading_makes_no_store(run: Run, home: Path):
    done = run("search", "tea", *ADA)
    assert done.code == 4
    assert "there is no store at" in done.err
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        (("get", NO_ITEM), 1, "NotFoundError"),
        (("history", NO_ITEM), 1, "NotFoundError"),
        (("delete", NO_ITEM), 1, "NotFoundError"),
        (("search", "tea"), 2, "ScopeError"),
        (("search", "tea", "--user", "*"), 2, "ScopeError"),
        (("search", "tea", "--user", " "), 2, "ScopeError"),
        (("search", "tea", *ADA, "--filter", "[]"), 2, "FilterError"),
        (("search", "tea", *ADA, "--filter", '{"a": {"like": 1}}'), 2, "FilterError"),
        (("search", "tea", *ADA, "--kind", "rumour"), 2, "InputError"),
        (("search", "tea", *ADA, "--mode", "magic"), 2, "InputError"),
        (("search", "tea", *ADA, "--limit", "0"), 2, "InputError"),
        (("search", "tea", *ADA, "--as-of", "yesterday"), 2, "InputError"),
        (("list", *ADA, "--cursor", "xyz"), 2, "InputError"),
        (("update", NO_ITEM), 2, "InputError"),
        (("forget", *ADA), 2, "InputError"),
        (("demo", "--lang", "fr"), 2, "InputError"),
        (("config", "--config", "nowhere.toml"), 3, "ConfigError"),
        (("stats", "--store", "nowhere/at/all.db"), 4, "StoreUnavailableError"),
    ],
)
def test_each_kind_of_error_has_its_code(
    run: Run, told: dict[str, Any], words: tuple[str, ...], code: int, kind: str
):
    shown = run(*words)
    assert shown.code == code
    assert shown.out == ""
    assert shown.err.startswith("polymem: ")
    assert shown.err.count("\n") == 1
    machine = run(*words, "--json")
    assert machine.code == code
    assert (machine.error["type"], machine.error["exit_code"]) == (kind, code)


def test_forgetting_without_a_criterion_names_options(run: Run, told: dict[str, Any]):
    for words in ((), ("--filter", "{}")):
        done = run("forget", *ADA, *words, "--yes")
        assert done.code == 2
        assert "--everything" in done.err
        assert "=True" not in done.err
    assert run("get", told["I live in Lisbon"]).code == 0


@pytest.mark.parametrize(
    "words", [("serach",), ("search",), ("search", "a", "--nope"), ("add", "--file", "absent.json")]
)
def test_what_cannot_be_parsed_is_usage(run: Run, words: tuple[str, ...]):
    assert run(*words).code == 2
    assert run(*words, "--json").error["exit_code"] == 2
    assert "--help" in run(*words).err


def test_an_unknown_setting_is_named(run: Run, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("POLYMEM__STORE__PAHT", "x")
    assert run("config").code == 3
    assert "store.paht" in run("config").err


def test_a_file_that_is_no_store(run: Run, home: Path):
    (home / "memory.db").write_bytes(b"this is not a database, not at all" * 100)
    assert run("list", *ADA).code == 4
    assert run("list", *ADA, "--json").error["type"] == "StoreCorruptError"


def test_debug_shows_where_it_comes_from(run: Run, told: dict[str, Any]):
    assert "Traceback" not in run("search", "tea").err
    assert "Traceback" in run("search", "tea", "--debug").err


@pytest.mark.parametrize("words", [("delete-all", *ADA), ("forget", *ADA, "--everything")])
def test_destroying_needs_a_yes(run: Run, told: dict[str, Any], words: tuple[str, ...]):
    refused = run(*words)
    assert refused.code == 2
    assert "--yes" in refused.err
    assert run("get", told["I moved to Porto last week."]).code == 0


def test_another_scope_is_not_found_by_id(run: Run, told: dict[str, Any]):
    item_id = told["I moved to Porto last week."]
    for words in (("get", item_id), ("history", item_id), ("delete", item_id), ("update", item_id, "x")):
        assert run(*words, "--user", "bob").code == 1
    assert run("get", item_id, *ADA).code == 0


def test_verify_that_finds_something(run: Run, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    found = [
        Finding("vector", "is missing", 3, Scope(user_id="小红").partition),
        Finding("file", "is odd", 1),
    ]
    monkeypatch.setattr(Memory, "verify", lambda self, **_: found)
    shown = run("verify")
    assert shown.code == 1
    assert "default/user/小红" in shown.out
    assert run("verify", "--json").json[0]["count"] == 3


@pytest.mark.parametrize(
    ("faces", "said"),
    [
        ((), "All faces agree."),
        (("event",), "The history was changed from outside; compare with a backup."),
        (("event", "vector"), "`polymem rebuild` makes the faces anew from the ledger."),
    ],
)
def test_what_verify_advises(
    run: Run, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch, faces: Any, said: str
):
    monkeypatch.setattr(Memory, "verify", lambda self, **_: [Finding(face, "is odd", 1) for face in faces])
    assert said in run("verify").err


def test_interrupted(run: Run, told: dict[str, Any], monkeypatch: pytest.MonkeyPatch):
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Memory, "stats", interrupt)
    assert run("stats").code == 130


# ---------------------------------------------------------------- as a process
def test_without_the_extra_it_says_what_to_install(process: Process, home: Path):
    """The interpreter finds no typer: a finder in front of all others says so."""
    (home / "sitecustomize.py").write_text(
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.partition('.')[0] in ('typer', 'rich'):\n"
        "            raise ModuleNotFoundError(f'No module named {name!r}', name=name)\n"
        "sys.meta_path.insert(0, Missing())\n",
        encoding="utf-8",
    )
    paths = [str(home), *(path for path in sys.path if path)]
    done = process("list", env={"PYTHONPATH": ":".join(paths), "PYTHONUTF8": "1", "PATH": "/usr/bin:/bin"})
    assert done.returncode == 3
    assert 'pip install "polymem[cli]"' in done.stderr
    assert "Traceback" not in done.stderr


def test_a_pipe_that_nobody_reads_ends_quietly(process: Process, home: Path):
    messages = "\n".join(f'{{"content": "note number {n} about tea and the weather"}}' for n in range(2000))
    assert process("add", "-", *ADA, "--no-infer", input=messages).returncode == 0
    command = f"{sys.executable} -m polymem.cli list --user ada --all --json; echo $? >&2"
    done = subprocess.run(
        ["/bin/sh", "-c", f"( {command} ) | head -n 1"],
        check=False,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
    )
    assert done.stdout.count("\n") == 1
    assert done.stderr.split() == [str(options.EXIT_PIPE)]


def test_a_pipe_gets_plain_text_and_no_progress(process: Process):
    done = process("add", "我喜欢喝茶。", *ADA)
    assert done.returncode == 0
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stderr == ""


def test_a_terminal_of_another_encoding_loses_nothing_but_looks(process: Process, home: Path):
    env = {
        "PYTHONPATH": ":".join(p for p in sys.path if p),
        "POLYMEM_HOME": str(home),
        "PYTHONIOENCODING": "latin-1",
    }
    assert process("add", "我喜欢喝茶。", *ADA, env=env).returncode == 0
    done = process("search", "茶", *ADA, env=env)
    assert done.returncode == 0
    assert "\\u6211" in done.stdout
    assert "#" in done.stdout


def test_ids_and_words_that_look_like_options_or_code(process: Process):
    for user in ("a b", "o'hara", "小红/研发", "x; DROP TABLE item", "-u"):
        assert process("add", f"--user={user}", "--", "--help is what I said").returncode == 0
        assert "--help is what I said" in process("list", f"--user={user}").stdout
