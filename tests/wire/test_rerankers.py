"""Servers that rerank: what is sent, what comes back, and what becomes of what should not have."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from polymem.errors import (
    BudgetError,
    ConfigError,
    InvalidOutputError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
)
from polymem.models.budget import Budget
from polymem.models.endpoint import Endpoint
from polymem.models.presets import RERANKERS
from polymem.models.rerankers.endpoint import EndpointReranker
from tests.wire.server import KEY, Answer, ScriptedServer, failed

Serve = Callable[..., ScriptedServer]
QUERY = "我的口令是什么？"
TEXTS = ["口令是芝麻开门。", "I live in Oslo.", "我爱喝绿茶。"]
FOUND = [
    {"index": 0, "relevance_score": 0.9},
    {"index": 2, "relevance_score": 0.5},
    {"index": 1, "relevance_score": 0.1},
]
LOG_ODDS = [2.1972, -2.1972, 0.0]


def at(server: ScriptedServer, provider: str = "cohere", **more: Any) -> EndpointReranker:
    limits = {"timeout_s": 5.0, "max_attempts": 3, "backoff_s": 0.01, "max_wait_s": 0.4}
    limits |= {name: more.pop(name) for name in list(limits) if name in more}
    return EndpointReranker(provider, "m", endpoint=Endpoint(server.url, api_key=KEY, **limits), **more)


def ask(reranker: EndpointReranker, texts: list[str] = TEXTS, query: str = QUERY) -> list[float]:
    return asyncio.run(reranker.score(query, texts)).tolist()


def test_a_request_and_its_answer(serve: Serve) -> None:
    server = serve([Answer({"id": "r1", "results": FOUND, "meta": {}})])
    assert ask(at(server)) == pytest.approx(LOG_ODDS, abs=1e-3)
    (seen,) = server.asked
    assert seen.path == "/v1/rerank"
    assert seen.headers["Authorization"] == f"Bearer {KEY}"
    assert seen.body == {"model": "m", "query": QUERY, "documents": TEXTS, "top_n": 3}


@pytest.mark.parametrize(
    ("provider", "path", "sent", "answer"),
    [
        ("jina", "/v1/rerank", {"top_n": 3, "return_documents": False}, {"results": FOUND}),
        ("voyage", "/v1/rerank", {"top_k": 3, "return_documents": False}, {"data": FOUND}),
        ("qwen", "/v1/reranks", {"top_n": 3}, {"results": FOUND}),
        ("infinity", "/v1/rerank", {"top_n": 3, "return_documents": False}, {"results": FOUND}),
        ("vllm", "/v1/rerank", {"top_n": 3}, {"results": FOUND}),
    ],
)
def test_the_names_of_each_server(
    provider: str, path: str, sent: dict[str, Any], answer: Any, serve: Serve
) -> None:
    server = serve([Answer(answer)])
    assert ask(at(server, provider)) == pytest.approx(LOG_ODDS, abs=1e-3)
    (seen,) = server.asked
    assert seen.path == path
    assert seen.body == {"model": "m", "query": QUERY, "documents": TEXTS, **sent}


def test_a_server_of_one_model_takes_texts_and_gives_log_odds(serve: Serve) -> None:
    server = serve([Answer([{"index": 1, "score": -9.5}, {"index": 0, "score": 4.25}])])
    reranker = EndpointReranker("tei", endpoint=Endpoint(server.root))
    assert ask(reranker, TEXTS[:2]) == [4.25, -9.5]
    assert server.asked[0].body == {
        "query": QUERY,
        "texts": TEXTS[:2],
        "raw_scores": True,
        "truncate": True,
    }
    assert reranker.name == "tei"


def test_probabilities_of_certainty_are_finite(serve: Serve) -> None:
    certain = [{"index": 0, "relevance_score": 1}, {"index": 1, "relevance_score": 0}]
    high, low = ask(at(serve([Answer({"results": certain})])), TEXTS[:2])
    assert high == -low
    assert 13 < high < 14


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        "null",
        {"results": None},
        {"results": []},
        {"results": FOUND[:2]},
        {"results": [*FOUND, FOUND[0]]},
        {"results": [FOUND[0], FOUND[0], FOUND[1]]},
        {"results": [*FOUND[:2], {"index": 3, "relevance_score": 0.1}]},
        {"results": [*FOUND[:2], {"index": -2, "relevance_score": 0.1}]},
        {"results": [*FOUND[:2], {"index": True, "relevance_score": 0.1}]},
        {"results": [*FOUND[:2], {"index": "1", "relevance_score": 0.1}]},
        {"results": [*FOUND[:2], {"index": 1}]},
        {"results": [*FOUND[:2], {"relevance_score": 0.1}]},
        {"results": [*FOUND[:2], {"index": 1, "relevance_score": "芝麻"}]},
        {"results": [*FOUND[:2], {"index": 1, "relevance_score": None}]},
        {"results": [*FOUND[:2], {"index": 1, "relevance_score": True}]},
        {"results": [*FOUND[:2], {"index": 1, "relevance_score": 1.5}]},
        {"results": [*FOUND[:2], {"index": 1, "relevance_score": -0.5}]},
        json.dumps({"results": [*FOUND[:2], {"index": 1, "relevance_score": math.nan}]}),
        json.dumps({"results": [*FOUND[:2], {"index": 1, "relevance_score": math.inf}]}),
        {"results": [*FOUND[:2], ["芝麻"]]},
        {"results": {"0": 0.5}},
        "<html>芝麻</html>",
        "",
    ],
)
def test_an_answer_of_another_form_is_an_error_without_its_words(answer: Any, serve: Serve) -> None:
    with pytest.raises(InvalidOutputError) as caught:
        ask(at(serve([Answer(answer)] * 2)))
    told = f"{caught.value!r}{caught.value.facts}"
    assert "芝麻" not in told
    assert KEY not in told


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 529])
def test_a_busy_server_is_asked_again(status: int, serve: Serve) -> None:
    server = serve([failed(status), failed(status), Answer({"results": FOUND})])
    assert ask(at(server))[1] < 0
    assert len(server.asked) == 3
    server = serve([failed(status)] * 4)
    with pytest.raises(ModelError) as caught:
        ask(at(server))
    assert (len(server.asked), caught.value.status) == (3, status)
    assert isinstance(caught.value, RateLimitError) is (status == 429)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_refused_for_good_is_not_asked_again(status: int, serve: Serve) -> None:
    server = serve([failed(status, prose=f"bad key {KEY} for 芝麻")] * 2)
    with pytest.raises(ModelError) as caught:
        ask(at(server))
    assert len(server.asked) == 1
    told = f"{caught.value!r}{caught.value.facts}"
    assert KEY not in told
    assert "芝麻" not in told


def test_the_pause_that_is_asked_for_is_kept_if_it_is_short(serve: Serve) -> None:
    begin = time.monotonic()
    server = serve([failed(429, headers={"Retry-After": "0.3"}), Answer({"results": FOUND})])
    ask(at(server))
    assert time.monotonic() - begin >= 0.3
    server = serve([failed(429, headers={"Retry-After": "60"}), Answer({"results": FOUND})])
    with pytest.raises(RateLimitError) as caught:
        ask(at(server))
    assert (len(server.asked), caught.value.retry_after_s) == (1, 60.0)


def test_a_slow_server(serve: Serve) -> None:
    server = serve([Answer({"results": FOUND}, delay_s=3)])
    begin = time.monotonic()
    with pytest.raises(ModelTimeoutError):
        ask(at(server, timeout_s=0.3))
    assert time.monotonic() - begin < 2.5


def test_a_server_that_is_not_there() -> None:
    server = ScriptedServer([]).__enter__()
    reranker = at(server)
    server.__exit__(None, None, None)
    with pytest.raises(ModelError, match="cannot be reached"):
        ask(reranker)


def test_texts_go_in_batches_and_blank_ones_not_at_all(serve: Serve) -> None:
    server = serve(
        lambda seen: Answer(
            {"results": [{"index": n, "relevance_score": 0.5} for n in range(len(seen.body["documents"]))]}
        )
    )
    scores = ask(at(server, batch_size=2), ["一", " ", "二", "", "三", "四", "五"])
    assert [len(seen.body["documents"]) for seen in server.asked] == [2, 2, 1]
    assert [score == 0 for score in scores] == [True, False, True, False, True, True, True]
    assert scores[1] == scores[3] < -13
    assert ask(at(server), []) == []
    assert len(server.asked) == 3


def test_long_texts_are_cut_and_lone_surrogates_replaced(serve: Serve) -> None:
    server = serve([Answer({"results": FOUND[:1]})])
    ask(at(server, max_chars=10), ["茶" * 500 + "\ud800"], "问\ud800" * 5_000)
    (seen,) = server.asked
    assert seen.body["documents"] == ["茶" * 10]
    assert len(seen.body["query"]) == 2_000
    assert "\ud800" not in seen.body["query"]


def test_a_budget_of_calls_stops_before_asking(serve: Serve) -> None:
    server = serve(lambda _seen: Answer({"results": FOUND}))
    reranker = at(server, budget=Budget(calls=2, tokens=None, window_s=0, model="cohere"))
    ask(reranker)
    ask(reranker)
    with pytest.raises(BudgetError):
        ask(reranker)
    assert len(server.asked) == 2


def test_what_was_not_answered_is_not_charged(serve: Serve) -> None:
    server = serve([failed(400), Answer({"results": FOUND})])
    reranker = at(server, budget=Budget(calls=1, tokens=None, window_s=0, model="cohere"))
    with pytest.raises(ModelError):
        ask(reranker)
    assert ask(reranker)[0] > 0


def test_the_key_is_in_no_representation(serve: Serve) -> None:
    assert KEY not in repr(at(serve([])))


@pytest.mark.parametrize(
    ("provider", "model", "more"),
    [
        ("nobody", "m", {}),
        ("cohere", " ", {}),
        ("cohere", "m", {"batch_size": 0}),
        ("cohere", "m", {"max_chars": 0}),
    ],
)
def test_values_that_cannot_be_used(provider: str, model: str, more: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        EndpointReranker(provider, model, **more)


def test_every_server_has_an_address_and_a_name_for_all_that_is_sent() -> None:
    for preset in RERANKERS.values():
        assert preset.base_url.startswith(("https://", "http://localhost"))
        assert preset.path.startswith("/")
        assert preset.documents
        assert preset.score
        # What goes over the internet needs a key.
        assert bool(preset.key_variables) == preset.base_url.startswith("https")
