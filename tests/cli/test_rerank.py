"""Searching with a reranker from the command line."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cli.conftest import Run
from tests.wire.server import KEY, Answer, ScriptedServer, Seen, failed

ADA = ("--user", "ada")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    def answer(seen: Seen) -> Answer:
        return Answer(
            [{"index": n, "score": 5 * ("旧" in text)} for n, text in enumerate(seen.body["texts"])]
        )

    with ScriptedServer(answer) as server:
        monkeypatch.setenv("POLYMEM__RERANKER__PROVIDER", "tei")
        monkeypatch.setenv("POLYMEM__RERANKER__BASE_URL", server.root)
        monkeypatch.setenv("POLYMEM__RERANKER__API_KEY", KEY)
        monkeypatch.setenv("POLYMEM__RERANKER__WEIGHT", "1.0")
        yield server


def told(run: Run) -> None:
    for text in ("水壶是绿色的。", "这个水壶很旧。", "水壶在厨房。"):
        assert run("add", text, *ADA).code == 0


def test_a_configured_reranker_is_used_unless_it_is_told_not_to(run: Run, server: ScriptedServer) -> None:
    told(run)
    for words, n in (((), 1), (("--no-rerank",), 1), (("--rerank",), 2)):
        found = run("search", "水壶", *ADA, "--json", "--explain", *words).json["hits"]
        assert len(server.asked) == n
        assert ("rerank" in found[0]["signals"]) == ("--no-rerank" not in words)
    assert found[0]["item"]["text"] == "这个水壶很旧。"
    assert "旧" in run("context", "水壶", *ADA, "--limit", "1").out
    assert len(server.asked) == 3
    assert run("context", "水壶", *ADA, "--no-rerank").code == 0
    assert len(server.asked) == 3


def test_one_that_fails_is_told_of(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with ScriptedServer(lambda _seen: failed(400)) as server:
        monkeypatch.setenv("POLYMEM__RERANKER__PROVIDER", "tei")
        monkeypatch.setenv("POLYMEM__RERANKER__BASE_URL", server.root)
        told(run)
        assert run("search", "水壶", *ADA).code != 0
        monkeypatch.setenv("POLYMEM__RERANKER__ON_FAILURE", "skip")
        shown = run("search", "水壶", *ADA)
        assert shown.code == 0
        assert "reranker failed" in shown.out + shown.err


def test_asking_for_none_that_is_configured_is_an_error(run: Run) -> None:
    told(run)
    refused = run("search", "水壶", *ADA, "--rerank", "--json")
    assert refused.code != 0
    assert "reranker.provider" in str(refused.error)
