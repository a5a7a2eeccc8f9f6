"""A server on loopback that answers by a script, in the forms of several providers.

>>> with ScriptedServer([{"city": "上海"}]) as server:
...     model = server.model()  # doctest: +SKIP
"""

from __future__ import annotations

import json
import random
import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self, TypeAlias, cast

KEY = "sk-test-5e2a0f77c1d94b"
"""The key that tests configure, so that they can look for it where it must not be."""


@dataclass(frozen=True)
class Answer:
    """What the server sends.

    Attributes:
        body: JSON for a mapping; text and bytes as they are.
        status: Status of the answer.
        headers: Further headers; a Content-Type replaces that of JSON.
        delay_s: How long it takes, in seconds.
        disconnect: Hang up instead, after so many bytes of the body.
    """

    body: Mapping[str, Any] | list[Any] | str | bytes = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    delay_s: float = 0.0
    disconnect: int | None = None


@dataclass(frozen=True)
class Seen:
    """A request that the server got."""

    path: str
    headers: Mapping[str, str]
    body: Any

    @property
    def text(self) -> str:
        """All of the body, to look for words in."""
        return json.dumps(self.body, ensure_ascii=False)


Script: TypeAlias = (
    Iterable[Answer | Mapping[str, Any] | str] | Callable[[Seen], Answer | Mapping[str, Any] | str]
)
"""Answers in the order in which they are given, or a function. A mapping is the model's JSON, a text its words."""


def written(answer: Mapping[str, Any] | str) -> str:
    return answer if isinstance(answer, str) else json.dumps(answer, ensure_ascii=False)


def openai(
    answer: Mapping[str, Any] | str,
    *,
    finish: str = "stop",
    usage: tuple[int, int] | None = (11, 7),
    **more: Any,
) -> dict[str, Any]:
    """Return an answer of chat completions; of Mistral and Groq too."""
    body: dict[str, Any] = {
        "id": "c1",
        "object": "chat.completion",
        "created": 1_700_000_000,
        "model": "scripted",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": written(answer), **more},
                "finish_reason": finish,
            }
        ],
    }
    if usage is not None:
        body["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
    return body


def openai_tool(answer: Mapping[str, Any] | str, *, name: str = "answer") -> dict[str, Any]:
    """Return an answer of chat completions that calls a tool."""
    call = {"id": "t1", "type": "function", "function": {"name": name, "arguments": written(answer)}}
    return openai("", finish="tool_calls", tool_calls=[call])


def anthropic(
    answer: Mapping[str, Any] | str, *, stop: str = "end_turn", tool: str | None = None
) -> dict[str, Any]:
    content: dict[str, Any] = {"type": "text", "text": written(answer)}
    if tool is not None:
        content = {"type": "tool_use", "id": "t1", "name": tool, "input": answer}
    return {
        "id": "m1",
        "type": "message",
        "role": "assistant",
        "model": "scripted",
        "content": [content],
        "stop_reason": "tool_use" if tool else stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 11, "output_tokens": 7},
    }


def google(answer: Mapping[str, Any] | str, *, finish: str = "STOP") -> dict[str, Any]:
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [{"text": written(answer)}]},
                "finishReason": finish,
                "index": 0,
            }
        ],
        "usageMetadata": {"promptTokenCount": 11, "candidatesTokenCount": 7, "totalTokenCount": 18},
        "modelVersion": "scripted",
    }


def failed(
    status: int, *, code: str = "oops", prose: str = "", headers: Mapping[str, str] | None = None
) -> Answer:
    """Return an error as OpenAI words it; its prose may quote what must not be shown."""
    return Answer(
        {"error": {"message": prose or "it failed", "type": code, "code": code}}, status, headers or {}
    )


class ScriptedServer:
    """Serves a script until the block ends; what it was asked is kept.

    Args:
        script: What to answer. When it has come to its end, 410.
        form: Turns the model's answer into the provider's form.

    Attributes:
        asked: All requests, in order.
        n_together: Most requests that were being answered at the same time.
    """

    def __init__(self, script: Script, *, form: Callable[[Any], dict[str, Any]] = openai) -> None:
        self._script = script if callable(script) else iter(script)
        self._form = form
        self._gate = threading.Lock()
        self._n_running = 0
        self.n_together = 0
        self.asked: list[Seen] = []
        self._http = _listen(self)
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    @property
    def url(self) -> str:
        """Root of the OpenAI-compatible interface."""
        return f"{self.root}/v1"

    @property
    def config(self) -> dict[str, Any]:
        """Settings of a memory whose model this is."""
        return {"llm": {"provider": "openai", "model": "scripted", "base_url": self.url, "api_key": KEY}}

    def answer(self, seen: Seen) -> Answer:
        with self._gate:
            self.asked.append(seen)
            self._n_running += 1
            self.n_together = max(self.n_together, self._n_running)
            given = self._script(seen) if callable(self._script) else next(self._script, Answer(status=410))
        answer = given if isinstance(given, Answer) else Answer(self._form(given))
        if answer.delay_s:
            time.sleep(answer.delay_s)
        return answer

    def done(self) -> None:
        with self._gate:
            self._n_running -= 1


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def owner(self) -> ScriptedServer:
        return cast("_Http", self.server).owner

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        seen = Seen(self.path, dict(self.headers.items()), json.loads(raw) if raw else None)
        try:
            self._send(self.owner.answer(seen))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        finally:
            self.owner.done()

    def _send(self, answer: Answer) -> None:
        body = (
            answer.body
            if isinstance(answer.body, bytes)
            else (answer.body.encode() if isinstance(answer.body, str) else json.dumps(answer.body).encode())
        )
        headers = {"Content-Type": "application/json", **answer.headers, "Content-Length": str(len(body))}
        if answer.disconnect == 0:
            self._hang_up()
            return
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body if answer.disconnect is None else body[: answer.disconnect])
        if answer.disconnect is not None:
            self._hang_up()

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


class _Http(ThreadingHTTPServer):
    owner: ScriptedServer
    daemon_threads = True
    request_queue_size = 128


def _listen(owner: ScriptedServer) -> _Http:
    """Listen on a free port below those that the system hands out."""
    for port in random.sample(range(20_000, 32_000), 50):
        try:
            http = _Http(("127.0.0.1", port), _Handler)
        except OSError:
            continue
        http.owner = owner
        return http
    raise RuntimeError("no port is free")
