"""``search --budget``: only as many hits as fit."""

from __future__ import annotations

from typing import Any

import pytest

from polymem.ranking.budget import estimate_tokens
from tests.cli.conftest import Run

ADA = ("--user", "ada")


@pytest.mark.parametrize("question", ["花生", "Where did I move?"])
def test_hits_keep_to_a_budget(run: Run, told: dict[str, Any], question: str):
    whole = run("search", question, *ADA, "--json").json["hits"]
    budget = sum(estimate_tokens(hit["item"]["text"]) for hit in whole) - 1
    kept = run("search", question, *ADA, "--budget", str(budget), "--json").json["hits"]
    assert 0 < len(kept) < len(whole)
    assert sum(estimate_tokens(hit["item"]["text"]) for hit in kept) <= budget


def test_a_budget_that_is_none_is_refused(run: Run, told: dict[str, Any]):
    assert run("search", "茶", *ADA, "--budget", "0").code != 0
