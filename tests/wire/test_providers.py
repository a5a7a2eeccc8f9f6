"""The wire forms of further providers, each through its own library."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from polymem.domain.derivation import Usage
from polymem.errors import (
    ConfigError,
    DimensionError,
    EmbeddingError,
    InvalidOutputError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
    RefusalError,
)
from polymem.models.connection import Connection
from polymem.models.embedders.remote import RemoteEmbedder
from polymem.models.llms.chat import ChatModel
from polymem.models.patience import Patience
from polymem.models.presets import PRESETS
from polymem.testing.embedder import EmbedderSuite
from polymem.testing.fakes import WordEmbedder
from tests.wire.conftest import QUICK, SHANGHAI, WORDS, ask, model_at
from tests.wire.server import KEY, Answer, ScriptedServer, Seen, anthropic, failed, google, openai

Serve = Callable[..., ScriptedServer]
ERRORS = {
    "anthropic": lambda status: Answer(
        {"type": "error", "error": {"type": "rate_limit_error", "message": WORDS}}, status
    ),
    "google": lambda status: Answer(
        {"error": {"code": status, "status": "RESOURCE_EXHAUSTED", "message": WORDS}}, status
    ),
    "mistral": lambda status: Answer({"object": "error", "message": WORDS, "code": "1300"}, status),
    "groq": lambda status: failed(status, code="rate_limit_exceeded", prose=WORDS),
}
FORMS: dict[str, Any] = {"anthropic": anthropic, "google": google, "mistral": openai, "groq": openai}
PATHS = {
    "anthropic": "/v1/messages",
    "google": "/v1beta/models/scripted:generateContent",
    "mistral": "/v1/chat/completions",
    "groq": "/openai/v1/chat/completions",
}
CUT = {
    "anthropic": anthropic('{"city": "上', stop="max_tokens"),
    "google": google('{"city": "上', finish="MAX_TOKENS"),
    "mistral": openai('{"city": "上', finish="length"),
    "groq": openai('{"city": "上', finish="length"),
}
each = pytest.mark.parametrize("provider", sorted(FORMS))


@each
def test_an_answer_with_its_cost(provider: str, serve: Serve) -> None:
    server = serve([SHANGHAI], form=FORMS[provider])
    reply = ask(model_at(server, provider=provider))
    assert (reply.value, reply.usage) == (SHANGHAI, Usage(1, 11, 7))
    (seen,) = server.asked
    assert seen.path.partition("?")[0] == PATHS[provider]
    assert WORDS in seen.text
    assert "maxItems" in seen.text
    assert KEY in json.dumps(seen.headers)
    assert KEY not in seen.path


@each
def test_a_tool_is_an_answer_too(provider: str, serve: Serve) -> None:
    call = {
        "anthropic": anthropic(SHANGHAI, tool="place"),
        "google": {
            "candidates": [
                {
                    "content": {
                        "role": "model",
                        "parts": [{"functionCall": {"name": "place", "args": SHANGHAI}}],
                    },
                    "finishReason": "STOP",
                }
            ]
        },
    }.get(provider) or openai(
        "",
        finish="tool_calls",
        tool_calls=[
            {
                "id": "abcdefghi",
                "type": "function",
                "function": {"name": "place", "arguments": json.dumps(SHANGHAI)},
            }
        ],
    )
    server = serve([Answer(call)])
    assert ask(model_at(server, provider=provider, output="tool")).value == SHANGHAI


@each
def test_a_cut_off_answer_is_asked_for_with_more_room(provider: str, serve: Serve) -> None:
    server = serve([Answer(CUT[provider]), SHANGHAI], form=FORMS[provider])
    assert ask(model_at(server, provider=provider)).usage.calls == 2
    server = serve([Answer(CUT[provider])] * 3)
    with pytest.raises(InvalidOutputError):
        ask(model_at(server, provider=provider))
    assert len(server.asked) == 2


@each
def test_a_broken_form_is_mended(provider: str, serve: Serve) -> None:
    server = serve(["杭州？", SHANGHAI], form=FORMS[provider])
    assert ask(model_at(server, provider=provider)).usage.calls == 2


@each
@pytest.mark.parametrize("status", [429, 500, 503])
def test_attempts_are_counted_by_us_alone(provider: str, status: int, serve: Serve) -> None:
    error = ERRORS[provider]
    server = serve([error(status), SHANGHAI], form=FORMS[provider])
    assert ask(model_at(server, provider=provider)).usage.calls == 1
    assert len(server.asked) == 2
    server = serve([error(status)] * 9)
    with pytest.raises(ModelError) as caught:
        ask(model_at(server, provider=provider))
    assert len(server.asked) == QUICK.attempts
    assert "芝麻" not in str(caught.value)
    if status == 429:
        assert isinstance(caught.value, RateLimitError)


@each
def test_a_slow_server(provider: str, serve: Serve) -> None:
    ask(model_at(serve([SHANGHAI], form=FORMS[provider]), provider=provider))
    server = serve([Answer(FORMS[provider](SHANGHAI), delay_s=5)], form=FORMS[provider])
    with pytest.raises(ModelTimeoutError):
        ask(model_at(server, provider=provider, patience=Patience(timeout_s=0.5)))
    assert len(server.asked) == 1


@each
def test_a_broken_connection(provider: str, serve: Serve) -> None:
    server = serve([Answer(disconnect=0), SHANGHAI], form=FORMS[provider])
    assert ask(model_at(server, provider=provider)).value == SHANGHAI


@each
def test_what_is_no_answer_of_the_interface(provider: str, serve: Serve) -> None:
    page = Answer("<html>芝麻开门</html>", headers={"Content-Type": "text/html"})
    with pytest.raises(ModelError) as caught:
        ask(model_at(serve([page] * 9), provider=provider))
    assert "芝麻" not in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "answer"),
    [
        ("google", google("", finish="SAFETY")),
        ("google", {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": {"promptTokenCount": 11}}),
        ("anthropic", anthropic("", stop="refusal")),
        ("anthropic", anthropic("I'm sorry, I can't.")),
    ],
)
def test_a_refusal_is_told_apart(provider: str, answer: Any, serve: Serve) -> None:
    server = serve([Answer(answer), SHANGHAI], form=FORMS[provider])
    with pytest.raises(RefusalError):
        ask(model_at(server, provider=provider))
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "provider",
    sorted(name for name, preset in PRESETS.items() if preset.wire == "openai" and name != "openai"),
)
def test_whoever_speaks_like_openai(provider: str, serve: Serve) -> None:
    server = serve([SHANGHAI])
    model = model_at(server, provider=provider)
    assert ask(model).value == SHANGHAI
    assert model.name == f"{provider}:scripted"
    assert server.asked[0].path == "/v1/chat/completions"


def test_bedrock_through_its_stub() -> None:
    """boto3 takes its answers from a stub; the request is checked against the model of the service."""
    from botocore.stub import Stubber

    from polymem.models import connection

    at = Connection("bedrock", "anthropic.claude-3-haiku", region="us-east-1", timeout_s=5)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
        patch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        connection._bedrock.cache_clear()
        provider = connection._bedrock(at, __import__("os").getpid())
    assert provider.client.meta.config.retries["total_max_attempts"] == 1
    tool = {"toolUse": {"toolUseId": "t1", "name": "place", "input": SHANGHAI}}
    answer = {
        "output": {"message": {"role": "assistant", "content": [tool]}},
        "stopReason": "tool_use",
        "usage": {"inputTokens": 11, "outputTokens": 7, "totalTokens": 18},
        "metrics": {"latencyMs": 1},
    }
    with Stubber(provider.client) as stub:
        stub.add_client_error("converse", "ThrottlingException", http_status_code=429)
        stub.add_response("converse", answer)
        reply = ask(ChatModel(at, patience=QUICK))
    assert (reply.value, reply.usage) == (SHANGHAI, Usage(1, 11, 7))


def google_vectors(seen: Seen) -> Answer:
    texts = [part["text"] for one in seen.body["requests"] for part in one["content"]["parts"]]
    return Answer({"embeddings": [{"values": row.tolist()} for row in WordEmbedder().encode(texts)]})


def embedder_at(server: ScriptedServer, **options: Any) -> RemoteEmbedder:
    at = Connection("google", "scripted", server.root, api_key=KEY, timeout_s=5)
    return RemoteEmbedder(at, patience=QUICK, **{"dim": 32, **options})


class TestGoogleEmbedder(EmbedderSuite):
    """The suite of embedders, against a scripted server."""

    @pytest.fixture
    def embedder(self, serve: Serve) -> RemoteEmbedder:
        return embedder_at(serve(google_vectors), batch_size=3)


def test_queries_and_passages_are_told_apart(serve: Serve) -> None:
    server = serve(google_vectors)
    embedder = embedder_at(server)
    asyncio.run(embedder.embed(["茶"], purpose="query"))
    asyncio.run(embedder.embed(["茶", "", "tea"], purpose="passage"))
    kinds = [[one["taskType"] for one in seen.body["requests"]] for seen in server.asked]
    assert kinds == [["RETRIEVAL_QUERY"], ["RETRIEVAL_DOCUMENT"] * 2]


def test_what_an_embedder_may_meet(serve: Serve) -> None:
    wide = embedder_at(serve(google_vectors), dim=8)
    with pytest.raises(DimensionError):
        asyncio.run(wide.embed(["茶"], purpose="query"))
    refused = embedder_at(serve([Answer({"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, 400)]))
    with pytest.raises(EmbeddingError) as caught:
        asyncio.run(refused.embed([WORDS], purpose="query"))
    assert caught.value.status == 400
    short = embedder_at(serve([Answer({"embeddings": []})] * 9))
    with pytest.raises(InvalidOutputError):
        asyncio.run(short.embed(["茶"], purpose="query"))
    busy = serve([failed(503), failed(503)])
    assert not np.any(asyncio.run(embedder_at(busy).embed(["", " "], purpose="query")))
    assert busy.asked == []


@pytest.mark.parametrize(
    ("options", "setting"),
    [
        ({"provider": "nobody"}, "provider"),
        ({"model": " "}, "model"),
        ({"base_url": "ftp://x"}, "base_url"),
        ({"base_url": "http://user:word@x"}, "base_url"),
        ({"base_url": "http://x/v1?key=1"}, "base_url"),
        ({"api_key": "two\nlines"}, "api_key"),
        ({"api_key": ""}, "api_key"),
    ],
)
def test_what_no_connection_can_be(options: dict[str, Any], setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection(**{"provider": "openai", "model": "m", **options})
    assert caught.value.setting == setting


def test_not_everybody_embeds() -> None:
    with pytest.raises(ConfigError):
        RemoteEmbedder(Connection("anthropic", "m", api_key=KEY), dim=8)


@pytest.mark.parametrize("name", ["timeout_s", "attempts", "concurrency"])
def test_patience_has_its_bounds(name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Patience(**{name: 0})
    assert caught.value.setting == name
