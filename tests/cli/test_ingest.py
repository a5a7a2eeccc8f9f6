"""``ingest``, ``documents`` and ``remove-document``, for people and for programs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_terminal import at_a_terminal

WHO = ("--user", "ada")


@pytest.fixture
def lib(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "tea.md").write_text("# Tea\n\nSencha is steamed.", encoding="utf-8")
    (folder / "茶.md").write_text("# 茶\n\n红茶是发酵的。", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return folder


def test_a_folder_is_taken_in_and_found(run: Run, lib: Path):
    shown = run("ingest", "lib", *WHO)
    assert shown.code == 0
    assert "2 added" in shown.out
    assert "红茶" in run("search", "红茶", *WHO).out
    again = run("ingest", "lib", *WHO)
    assert "2 unchanged" in again.out
    (lib / "tea.md").unlink()
    assert "1 removed" in run("ingest", "lib", *WHO).out
    (lib / "茶.md").unlink()
    refused = run("ingest", "lib", *WHO)
    assert refused.code == 2
    assert "erase" in refused.err
    assert run("ingest", "lib", *WHO, "--missing", "erase").code == 0
    assert run("documents", *WHO, "--json").json == []


def test_what_to_do_is_said_as_the_shell_wants_it(run: Run, lib: Path):
    for words in (("lib/*.zzz",), ("lib", "--include", "*.茶")):
        shown = run("ingest", *words, *WHO)
        assert (shown.code, "fits the pattern" in shown.out) == (0, True)
    assert "pattern" not in run("ingest", "lib", *WHO).out
    assert "pattern" not in run("ingest", "lib", *WHO).out
    for file in lib.iterdir():
        file.unlink()
    assert "--missing erase" in run("ingest", "lib", *WHO).err


def test_some_fail_and_the_rest_is_there(run: Run, lib: Path):
    (lib / "坏.pdf").write_bytes(b"%PDF-1.7")
    (lib / "picture.png").write_bytes(b"\x89PNG")
    shown = run("ingest", "lib", *WHO)
    assert shown.code == 1
    assert "2 added, 1 failed, 1 skipped" in shown.out
    assert "lib/坏.pdf" in shown.out
    assert "Skipped: 1 of formats that are not read (.png). --json lists them." in shown.out
    assert "picture.png" not in shown.out
    answer = run("ingest", "lib", *WHO, "--json")
    assert answer.code == 1
    assert answer.json["unchanged"] == 2
    assert [failure["uri"] for failure in answer.json["failed"]] == [(lib / "坏.pdf").as_uri()]


def test_what_lies_in_a_folder_beside_documents_is_no_failure(run: Run, lib: Path):
    for name in ("logo.svg", "图.png", "data.bin", "none"):
        (lib / name).write_bytes(bytes(range(256)))
    (lib / "空.md").write_text("")
    (lib / "link.md").symlink_to(lib / "tea.md")
    for _ in range(2):
        shown = run("ingest", "lib", *WHO)
        assert shown.code == 0
        (line,) = [line for line in shown.out.splitlines() if line.startswith("Skipped")]
        assert "4 of formats that are not read (.bin, .png, .svg, none)" in line
        assert "1 link, not followed" in line
        assert "1 empty file" in line
    listed = run("ingest", "lib", *WHO, "--json").json["skipped"]
    assert len(listed) == 6
    named = run("ingest", "lib/logo.svg", *WHO)
    assert (named.code, "unsupported" in named.out) == (1, True)


def test_options(run: Run, lib: Path):
    done = run(
        *(
            "ingest",
            "lib/tea.md",
            *WHO,
            "--title",
            "Green tea",
            "--metadata",
            json.dumps({"year": 2020, "城市": "杭州"}),
        ),
        *("--timestamp", "2020-05-01", "--no-infer", "--json"),
    ).json
    assert done["added"][0]["title"] == "Green tea"
    assert done["added"][0]["metadata"] == {"year": 2020, "城市": "杭州"}
    found = run(
        "search", "sencha", *WHO, "--filter", '{"城市": "杭州"}', "--as-of", "2020-06-01", "--json"
    ).json
    assert len(found["hits"]) == 1
    assert found["hits"][0]["place"]["uri"] == (lib / "tea.md").as_uri()
    (lib / "old").mkdir()
    (lib / "old" / "x.txt").write_text("old", encoding="utf-8")
    assert len(run("ingest", "lib", *WHO, "--include", "*.txt", "--json").json["added"]) == 1
    assert run("ingest", "lib", *WHO, "--no-recursive", "--json").json["unchanged"] == 0
    assert len(run("ingest", "lib/*.md", "lib/old", *WHO, "--agent", "a", "--json").json["added"]) == 3


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "nothing-there"),
        ("ingest", "lib", "--missing", "drop"),
        ("ingest", "lib", "--title", "one for two"),
        ("ingest", "lib", "--metadata", "[]"),
        ("ingest", "lib", "--metadata", '{"document": "x"}'),
        ("ingest", "lib", "--timestamp", "then"),
        ("ingest",),
        ("remove-document",),
        ("remove-document", "x", "--folder", "lib"),
    ],
)
def test_what_cannot_be_used(run: Run, lib: Path, words: tuple[str, ...]):
    shown = run(*words, *WHO)
    assert shown.code == 2
    assert shown.err


def test_whose_it_is_has_to_be_said(run: Run, lib: Path):
    assert run("ingest", "lib").code == 2
    run("ingest", "lib", *WHO)
    assert run("documents").code == 2
    assert run("remove-document", "x", "--yes").code == 2


def test_documents_are_listed_and_removed(run: Run, lib: Path):
    run("ingest", "lib", *WHO)
    run("ingest", "lib/tea.md", "--user", "bob")
    shown = run("documents", *WHO).out
    assert "lib/tea.md" in shown
    assert "茶" in shown
    assert len(run("documents", *WHO, "--folder", "lib", "--json").json) == 2
    assert run("documents", "--user", "bob", "--folder", "lib", "--json").json == []
    assert run("documents", "--user", "eve").code == 0
    (tea,) = (each for each in run("documents", *WHO, "--json").json if each["title"] == "Tea")
    assert run("remove-document", tea["id"], "--user", "bob", "--yes").code == 1
    plan = run("remove-document", tea["id"], *WHO, "--dry-run", "--json").json
    assert (plan["dry_run"], len(plan["erased"])) == (True, 1)
    assert run("remove-document", tea["id"], *WHO).code == 2
    receipt = run("remove-document", tea["id"], *WHO, "--yes", "--json").json
    assert run("verify", "--erasure", receipt["tombstone_id"]).code == 0
    missing = run("remove-document", tea["id"], *WHO, "--yes")
    assert missing.code == 1
    assert "polymem documents" in missing.err
    assert "steamed" not in run("search", "sencha", *WHO).out


def test_a_folder_is_removed_at_once(run: Run, lib: Path, tmp_path: Path):
    run("ingest", "lib", *WHO)
    lib.rename(tmp_path / "gone")
    refused = run("ingest", "lib", *WHO)
    assert refused.code == 2
    assert "2 known documents" in refused.err
    assert "--folder" in refused.err
    plan = run("remove-document", "--folder", "lib", *WHO, "--dry-run", "--json").json
    assert plan["counts"]["documents"] == 2
    assert run("remove-document", "--folder", "lib", *WHO).code == 2
    assert "2 items" in run("remove-document", "--folder", "lib", *WHO, "--yes").out
    assert run("documents", *WHO, "--json").json == []
    missing = run("remove-document", "--folder", "lib", *WHO, "--yes")
    assert (missing.code, "polymem documents" in missing.err) == (1, True)


def test_what_was_left_out_or_moved_or_is_out_of_date_is_told(run: Run, lib: Path):
    run("ingest", "lib", *WHO)
    assert "1 item" in run("forget", "--about", "红茶", *WHO, "--yes").out
    (lib / "tea.md").rename(lib / "tee.md")
    shown = run("ingest", "lib", *WHO)
    assert shown.code == 0
    assert "1 moved" in shown.out
    assert "1 passage; --restore" in shown.out
    (lib / "tee.md").write_bytes(b"%PDF-1.7")
    shown = run("ingest", "lib", *WHO, "--restore")
    assert shown.code == 1
    assert "1 added, 1 failed" in shown.out
    assert "Out of date: 1 document keeps" in shown.out
    assert "红茶" in run("search", "红茶", *WHO).out


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize("delay_s", [0.2, 0.5, 1.0])
def test_an_interrupt_while_it_loads_is_quiet(lib: Path, delay_s: float):
    words = (sys.executable, "-m", "polymem.cli", "ingest", "lib", *WHO, "--store", "i.db")
    process = subprocess.Popen(
        words,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509 (no threads here)
    )
    time.sleep(delay_s)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    # At the very beginning Python itself may not be there yet, at the end it may be done.
    assert process.returncode in {130, 0, -signal.SIGINT}
    assert process.returncode < 0 or err == ""


def test_a_terminal_shows_how_far_it_is(run: Run, lib: Path):
    code, shown = at_a_terminal("ingest", "lib", *WHO)
    assert code == 0
    assert "reading" in shown
    assert "2 added" in shown
    assert "reading" not in run("ingest", "lib", *WHO).err
