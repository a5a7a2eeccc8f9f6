"""Models at scripted servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from polymem.models.connection import Connection
from polymem.models.llms.chat import ChatModel
from polymem.models.patience import Patience
from polymem.ports.llm import LanguageModel, Reply
from tests.wire.server import KEY, Script, ScriptedServer

PLACE = {
    "type": "object",
    "title": "place",
    "properties": {
        "city": {"type": "string", "maxLength": 20},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
    },
    "required": ["city"],
    "additionalProperties": False,
}
WORDS = "我住在上海，口令是芝麻开门。"
"""What is asked; none of it may be in an error."""
SHANGHAI = {"city": "上海"}
QUICK = Patience(timeout_s=5, attempts=3, backoff_s=0.01, max_wait_s=0.4)


def model_at(
    server: ScriptedServer, *, patience: Patience = QUICK, provider: str = "openai", **more: Any
) -> ChatModel:
    url = server.url if provider not in {"anthropic", "google", "mistral", "groq"} else server.root
    at = Connection(provider, "scripted", url, api_key=KEY, timeout_s=patience.timeout_s)
    return ChatModel(at, patience=patience, **more)


def ask(model: LanguageModel, prompt: str = WORDS, *, max_tokens: int = 200) -> Reply:
    """Ask in an event loop of its own."""
    return asyncio.run(model.generate(prompt, system="Name the city.", schema=PLACE, max_tokens=max_tokens))


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Start servers that end with the test."""
    running: list[ScriptedServer] = []

    def start(script: Script, **options: Any) -> ScriptedServer:
        server = ScriptedServer(script, **options).__enter__()
        running.append(server)
        return server

    yield start
    for server in running:
        server.__exit__(None, None, None)
