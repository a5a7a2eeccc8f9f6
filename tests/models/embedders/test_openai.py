"""An OpenAI-compatible endpoint, against a server on loopback that answers from a script."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from polymem.errors import (
    ConfigError,
    DimensionError,
    EmbeddingError,
    InputError,
    InvalidOutputError,
    ModelTimeoutError,
    RateLimitError,
)
from polymem.models.embedders.openai import OpenAIEmbedder
from polymem.models.endpoint import Endpoint
from polymem.ports.embedder import Purpose, runs_in_process

KEY = "sk-very-secret-0123456789"
SECRET = "我的秘密 secret text"
Answer = Callable[[dict[str, Any]], tuple[int, dict[str, str], bytes]]


def vector(text: str) -> list[float]:
    return [float(len(text)), 1.0, 0.5]


def reply(body: object, *, status: int = 200, **headers: str) -> Answer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return lambda _: (status, {name.replace("_", "-"): value for name, value in headers.items()}, content)


def good(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(request["input"])]
    return 200, {}, json.dumps({"data": data}).encode()


def shuffled(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    data = [{"index": n, "embedding": vector(text)} for n, text in enumerate(request["input"])]
    return 200, {}, json.dumps({"data": data[::-1]}).encode()


def slow(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    time.sleep(0.6)
    return good(request)


class Server(ThreadingHTTPServer):
    """Answers from a script, then always well; keeps what it was sent."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.script: list[Answer] = []
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.dribble_s = 0.0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"


class Handler(BaseHTTPRequestHandler):
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append({"path": self.path, **request})
        self.server.headers.append(dict(self.headers))
        status, headers, body = (self.server.script.pop(0) if self.server.script else good)(request)
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.server.dribble_s:
                for begin in range(len(body)):
                    self.wfile.write(body[begin : begin + 1])
                    time.sleep(self.server.dribble_s)
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has given up

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as in the base class
        """Say nothing."""


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    listening = None
    while listening is None:
        try:
            # Below the range that systems take ports for outgoing connections from.
            listening = Server(random.randrange(20_000, 32_000))
        except OSError:
            continue
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield listening
    listening.shutdown()
    listening.server_close()
    thread.join()


def embedder_for(server: Server, **options: Any) -> OpenAIEmbedder:
    of_endpoint = {"timeout_s": 5.0, "backoff_s": 0.001, "api_key": KEY, "max_attempts": 3}
    of_endpoint |= {name: options.pop(name) for name in list(options) if name in {*of_endpoint, "max_wait_s"}}
    return OpenAIEmbedder("m", **{"dim": 3, **options}, endpoint=Endpoint(server.url, **of_endpoint))


def embed(embedder: OpenAIEmbedder, texts: Sequence[str], purpose: Purpose = "passage") -> np.ndarray:
    return asyncio.run(embedder.embed(texts, purpose=purpose))


def expected(texts: list[str]) -> np.ndarray:
    rows = np.array([vector(text) for text in texts])
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def failure_of(embedder: OpenAIEmbedder, kind: type[Exception]) -> Any:
    """Make a call that fails, and see that neither key nor text is in what is said about it."""
    with pytest.raises(kind) as caught:
        embed(embedder, [SECRET])
    said = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    assert KEY not in said
    assert SECRET not in said
    return caught.value


TEXTS = ["one", "一只猫", "three!", "四四四四"]


@pytest.mark.parametrize("answer", [good, shuffled])
def test_vectors_come_in_the_order_of_the_texts(server, answer):
    server.script = [answer]
    vectors = embed(embedder_for(server), TEXTS)
    assert vectors.dtype == np.float32
    assert np.allclose(vectors, expected(TEXTS), atol=1e-6)
    assert server.requests == [
        {"path": "/v1/embeddings", "model": "m", "input": TEXTS, "encoding_format": "float"}
    ]
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


def test_many_texts_go_in_batches(server):
    texts = [f"文{'x' * n}" for n in range(10)]
    assert np.allclose(embed(embedder_for(server, batch_size=4), texts), expected(texts), atol=1e-6)
    assert [len(request["input"]) for request in server.requests] == [4, 4, 2]


def test_blank_texts_are_not_sent(server):
    vectors = embed(embedder_for(server), ["", "猫", " \n"])
    assert np.allclose(vectors, [[0, 0, 0], *expected(["猫"]), [0, 0, 0]], atol=1e-6)
    assert [request["input"] for request in server.requests] == [["猫"]]
    assert embed(embedder_for(server), []).shape == (0, 3)


def test_prefix_length_and_surrogates(server):
    embedder = embedder_for(server, prefixes={"query": "查："}, max_chars=3, shorten=True)
    embed(embedder, ["猫\ud800狗狗狗"], purpose="query")
    assert server.requests[0]["input"] == ["查：猫\ufffd狗"]
    assert server.requests[0]["dimensions"] == 3


def test_without_a_key_none_is_sent(server):
    embed(embedder_for(server, api_key=None), ["猫"])
    assert "Authorization" not in server.headers[0]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_busy_server_is_asked_again(server, status):
    server.script = [reply({"error": {}}, status=status)] * 2
    assert np.allclose(embed(embedder_for(server), TEXTS), expected(TEXTS), atol=1e-6)
    assert len(server.requests) == 3


@pytest.mark.parametrize("as_date", [False, True])
def test_retry_after_is_honoured(server, as_date):
    # Dates have whole seconds.
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    server.script = [reply({}, status=429, Retry_After=at if as_date else "0.5")]
    begin = time.monotonic()
    embed(embedder_for(server), ["猫"])
    assert time.monotonic() - begin >= 0.45


def test_a_server_that_asks_for_too_long_a_pause_is_not_asked_again(server):
    server.script = [reply({}, status=429, Retry_After="3600")]
    error = failure_of(embedder_for(server, max_wait_s=1.0), RateLimitError)
    assert (error.retry_after_s, error.status, len(server.requests)) == (3600.0, 429, 1)


def test_rate_limits_end_in_an_error(server):
    server.script = [reply({"error": {"code": "rate_limit_exceeded"}}, status=429)] * 3
    error = failure_of(embedder_for(server), RateLimitError)
    assert (error.code, error.attempts, len(server.requests)) == ("rate_limit_exceeded", 3, 3)


def test_server_errors_end_in_an_error(server):
    server.script = [reply(b"<html>", status=500)] * 3
    error = failure_of(embedder_for(server), EmbeddingError)
    assert (error.status, error.code, error.attempts) == (500, None, 3)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404])
def test_refusals_and_redirects_are_not_tried_again(server, status):
    prose = f"Incorrect API key provided: {KEY}; input was {SECRET}"
    body = {"error": {"message": prose, "code": KEY, "type": "invalid_request_error"}}
    server.script = [reply(body, status=status, Location=server.url)]
    error = failure_of(embedder_for(server), EmbeddingError)
    assert (error.status, error.code, len(server.requests)) == (status, None, 1)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(b"{not json"), InvalidOutputError),
        (reply(b"\xff\xfe"), InvalidOutputError),
        (reply(b"[" * 200_000), InvalidOutputError),
        (reply([]), InvalidOutputError),
        (reply({"data": None}), InvalidOutputError),
        (reply({"data": []}), InvalidOutputError),
        (reply({"data": [{"embedding": [1, 2, 3]}]}), InvalidOutputError),
        (reply({"data": [{"index": 1, "embedding": [1, 2, 3]}]}), InvalidOutputError),
        (reply({"data": [{"index": [], "embedding": [1, 2, 3]}]}), InvalidOutputError),
        (reply({"data": [{"index": 0, "embedding": [1, 2, 3]}] * 2}), InvalidOutputError),
        (reply({"data": [{"index": 0, "embedding": "猫"}]}), InvalidOutputError),
        (reply({"data": [{"index": 0, "embedding": [1, None, 3]}]}), InvalidOutputError),
        (reply(b'{"data": [{"index": 0, "embedding": [1, NaN, 3]}]}'), InvalidOutputError),
        (reply({"data": [{"index": 0, "embedding": [1, 2]}]}), DimensionError),
    ],
)
def test_answers_of_another_form_are_refused(server, answer, kind):
    server.script = [answer]
    failure_of(embedder_for(server), kind)
    assert len(server.requests) == 1


def test_a_slow_server_runs_into_the_timeout(server):
    server.script = [slow]
    error = failure_of(embedder_for(server, timeout_s=0.15), ModelTimeoutError)
    assert error.timeout_s == 0.15
    assert isinstance(error, TimeoutError)


def test_a_server_that_dribbles_runs_into_the_timeout(server):
    server.dribble_s = 0.05
    begin = time.monotonic()
    failure_of(embedder_for(server, timeout_s=0.3), ModelTimeoutError)
    assert time.monotonic() - begin < 2


def test_a_server_that_is_not_there(server):
    gone = embedder_for(server)
    server.shutdown()
    server.server_close()
    error = failure_of(gone, EmbeddingError)
    assert (error.status, error.attempts) == (None, 3)


def test_the_event_loop_stays_free(server):
    server.script = [slow]

    async def count() -> int:
        embedding = asyncio.create_task(embedder_for(server).embed(["猫"], purpose="query"))
        ticks = 0
        while not embedding.done():
            await asyncio.sleep(0.01)
            ticks += 1
        return ticks

    assert asyncio.run(count()) > 10


def test_name_and_representation(server):
    embedder = embedder_for(server)
    assert (embedder.name, embedder.dim) == ("openai:m/3", 3)
    assert embedder_for(server, name="bge-m3 / 我的服务器").name == "bge-m3 / 我的服务器"
    assert KEY not in repr(embedder) + repr(embedder._endpoint) + str(vars(embedder))
    assert not runs_in_process(embedder)


def test_one_string_is_refused(server):
    with pytest.raises(InputError):
        embed(embedder_for(server), "猫")


@pytest.mark.parametrize(
    ("setting", "options"),
    [
        ("dim", {"dim": 0}),
        ("batch_size", {"batch_size": 0}),
        ("max_chars", {"max_chars": 0}),
        ("name", {"name": " "}),
        ("api_key", {"api_key": f"{KEY}\nX-Other: 1"}),
        ("api_key", {"api_key": f"{KEY}密"}),
        ("api_key", {"api_key": ""}),
        ("timeout_s", {"timeout_s": 0}),
        ("timeout_s", {"timeout_s": float("nan")}),
        ("max_attempts", {"max_attempts": 0}),
        ("backoff_s", {"backoff_s": -1}),
    ],
)
def test_settings_out_of_range_are_refused(server, setting, options):
    with pytest.raises(ConfigError) as caught:
        embedder_for(server, **options)
    assert caught.value.setting == setting
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "localhost:8080", "http://u:p@host/v1", "https://h/v1?k=1", ""]
)
def test_addresses_of_another_kind_are_refused(url):
    with pytest.raises(ConfigError) as caught:
        Endpoint(url)
    assert caught.value.setting == "base_url"
    assert url not in str(caught.value) or not url
