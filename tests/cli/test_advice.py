"""Advice fits what went wrong, and a profile can be asked about another time."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

ADA = ("--user", "ada")
NOBODY = "00000000-0000-4000-8000-000000000000"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (("get", NOBODY), "`polymem list` and `polymem search` show ids."),
        (("merge", "上海", "Nobody", *ADA), "`polymem entities` shows names."),
        (("graph", "--entity", "Nobody", "--hops", "2", *ADA), "`polymem entities` shows names."),
        (("verify", "--erasure", NOBODY), "`polymem forget` shows it, in the receipt."),
        (("merge", "上海", "Nobody", *ADA, "--run", "r"), ""),
        (("search", "tea"), "Say whose memory is meant: --user ID, or --agent ID, or --run ID."),
    ],
)
def test_advice_is_about_what_was_not_found(run: Run, words: tuple[str, ...], advice: str) -> None:
    assert run("add", "我住在上海。", *ADA).code == 0
    assert run(*words, "--json").error["advice"] == advice


def test_another_history_is_not_to_be_mended_by_a_rebuild(run: Run) -> None:
    assert run("add", "I live in Oslo.", *ADA).code == 0
    done = run("verify", *ADA, "--head", "1:abc")
    assert done.code == 1
    assert "rebuild" not in done.out + done.err


def test_a_profile_of_another_time(run: Run) -> None:
    for text, when in (("我住在上海。", "2024-01-01"), ("我搬到北京了。", "2024-06-01")):
        assert run("add", text, *ADA, "--timestamp", when).code == 0
    assert run("profile", *ADA, "--json").json["residence"]["value"] == "北京"
    assert run("profile", *ADA, "--as-of", "2024-03-01", "--json").json["residence"]["value"] == "上海"
    assert run("profile", *ADA, "--known-at", "2000-01-01", "--json").json == {}
    assert run("profile", *ADA, "--as-of", "soon").code == 2
