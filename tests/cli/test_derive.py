"""``work``, ``pending``, ``reextract``, and an ``add`` whose model fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from polymem import Memory
from polymem.domain.statement import Extraction, Statement
from polymem.testing.fakes import ScriptedExtractor
from tests.cli.conftest import Run

HOME = "我住在青岛。"


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> ScriptedExtractor:
    """A model in the place of the rules, as a configured one would be."""
    said = Statement("self", "lives_in", "青岛", "青岛", "fact", True, HOME, (0, len(HOME)))
    model = ScriptedExtractor({HOME: Extraction((said,))})

    def opened(*args: object, **fields: object) -> Memory:
        return Memory(*args, **fields, extractor=model)  # type: ignore[arg-type]

    monkeypatch.setattr("polymem.cli.call.Memory", opened)
    return model


def test_a_model_that_fails_is_told_and_tried_again(run: Run, model: ScriptedExtractor) -> None:
    model.fail(times=2)
    added = run("add", HOME, "--user", "小红")
    assert added.code == 5
    assert HOME in added.out
    assert "still to be derived (ModelError)" in " ".join(added.out.split())
    assert run("work").code == 0
    shown = run("pending")
    assert "waiting (ModelError)" in shown.out
    assert "default/小红" in shown.out
    assert "Due now: 1" in run("pending", "--retry").err
    failed = run("work", "--json")
    assert failed.code == 5
    assert failed.json["n_failed"] == 1
    assert failed.json["problems"] == [["ModelError", 1]]
    assert run("pending", "--retry", "--json").json["n_retried"] == 1
    done = run("work", "--limit", "5")
    assert (done.code, "Derived 1" in done.err) == (0, True)
    assert "Nothing is pending." in run("pending").err
    assert "waiting 0, leased 0, dead 0" in run("stats").out
    assert "青岛" in run("profile", "--user", "小红").out


def test_in_the_background_it_is_no_failure(run: Run, model: ScriptedExtractor) -> None:
    added = run("add", HOME, "--user", "小红", "--background", "--prompt", "只看地点", "--json")
    assert (added.code, added.json["problem"]) == (0, "")
    assert added.json["pending"] is not None
    # Closing waits for what is under way.
    assert run("pending", "--json").json == []
    assert model.asked[0].prompt == "只看地点"


def test_dead_letters_alone(run: Run, model: ScriptedExtractor, home: Path) -> None:
    (home / "config.toml").write_text("[derivation]\nattempts = 1\n", "utf-8")
    model.fail()
    run("add", HOME, "--user", "a")
    assert run("pending", "--dead", "--json").json[0]["state"] == "dead"
    assert run("pending", "--dead", "--user", "b").err.strip() == "Nothing is pending."
    model.recover()
    assert run("pending", "--dead", "--retry", "--user", "b").code == 0
    assert run("pending", "--dead", "--json").json
    assert "Due now: 1" in run("pending", "--dead", "--retry").err
    assert run("work", "--user", "a").code == 0
    assert run("pending", "--json").json == []


def test_deriving_anew(run: Run) -> None:
    run("add", HOME, "--user", "小红")
    assert run("reextract", "--user", "小红", "--json").json["n_episodes"] == 0
    told = run("reextract", "--user", "小红", "--force", "--dry-run")
    assert "Would derive anew from 1 messages" in told.err
    assert run("reextract", "--user", "小红", "--force", "--later", "--json").json["n_derivations"] == 1
    assert len(run("pending", "--json").json) == 1
    assert run("work").code == 0
    assert (
        run("reextract", "--user", "小红", "--force", "--before", "2020-01-01", "--json").json["n_episodes"]
        == 0
    )


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("reextract",), 2),
        (("reextract", "--user", "*"), 2),
        (("reextract", "--user", "a", "--filter", "no"), 2),
        (("pending", "--limit", "0"), 2),
        (("work", "--limit", "-1"), 2),
        (("work", "--user", ""), 2),
        (("add", "x", "--user", "a", "--prompt", "y"), 2),
    ],
)
def test_what_cannot_be_used(run: Run, words: tuple[str, ...], code: int) -> None:
    run("add", "hello", "--user", "a")
    assert run(*words).code == code
    assert run("pending", "--json").json == []


@pytest.mark.parametrize("command", ["work", "pending", "reextract"])
def test_a_store_that_is_not_there(run: Run, command: str) -> None:
    words = ("--user", "a") if command == "reextract" else ()
    assert run(command, *words).code == 4
