"""``polymem consolidate``."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run

ANN = ("--user", "ann")


@pytest.fixture
def filled(run: Run) -> None:
    for text in ("I like films.", "I like movies.", "我喜欢爬山。", "我很喜欢登山。"):
        assert run("add", text, *ANN).code == 0


def test_it_says_what_it_would_do_then_does_it(run: Run, filled: None):
    planned = run("consolidate", *ANN, "--dry-run", "--json").json
    assert (planned["dry_run"], len(planned["merged"]), planned["profile"]) == (True, 2, ["likes"])
    done = run("consolidate", *ANN)
    assert done.code == 0
    assert done.out.count("merge") == 2
    assert planned["merged"][0]["keep"][:8] in done.out
    again = run("consolidate", *ANN)
    assert (again.code, again.out) == (0, "")
    assert "Nothing to do." in again.err


def test_what_is_left_is_said(run: Run, filled: None):
    left = run("consolidate", *ANN, "--limit", "1")
    assert "Left for the next time: 1 merge (limit)." in left.err
    assert run("consolidate", *ANN, "--limit", "0").code == 2
    assert run("consolidate").code == 2
