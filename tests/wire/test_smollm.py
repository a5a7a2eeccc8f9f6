"""A real small model behind a real server: the plumbing, not what it knows."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from polymem import Memory
from polymem.errors import InvalidOutputError
from polymem.models.connection import Connection
from polymem.models.llms.chat import ChatModel
from polymem.models.patience import Patience
from tests.wire.conftest import ask

PATIENT = Patience(timeout_s=50, attempts=2)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Serve the model in a process of its own, as its threads would not survive a fork of this one."""
    command = [sys.executable, str(Path(__file__).with_name("smollm.py"))]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        yield server.stdout.readline().strip()
        server.communicate()


def model(url: str, provider: str = "llamacpp") -> ChatModel:
    return ChatModel(Connection(provider, "smollm2", url, timeout_s=PATIENT.timeout_s), patience=PATIENT)


@pytest.mark.slow
@pytest.mark.parametrize(
    "prompt", ["Anna lives in Berlin. Where does Anna live?", "小红住在上海。小红住在哪里？"]
)
def test_the_grammar_of_the_server_keeps_the_form(prompt: str, url: str) -> None:
    reply = ask(model(url), prompt)
    assert isinstance(reply.value["city"], str)
    assert reply.usage.calls >= 1
    assert reply.usage.prompt_tokens > 10
    assert reply.usage.completion_tokens > 3
    assert reply.usage.n_estimated == 0


@pytest.mark.slow
def test_the_limit_of_the_answer_is_kept(url: str) -> None:
    with pytest.raises(InvalidOutputError) as caught:
        ask(model(url, "openai"), "Name every city of the world.", max_tokens=2)
    assert caught.value.cut_off is True
    assert caught.value.usage.completion_tokens == 2 + 4  # type: ignore[attr-defined]


@pytest.mark.slow
def test_what_is_said_is_kept_whatever_the_model_makes_of_it(url: str, tmp_path: Path) -> None:
    llm = {
        "provider": "llamacpp",
        "model": "smollm2",
        "base_url": url,
        "timeout_s": 50,
        "attempts": 1,
        "max_tokens": 32,
    }
    with Memory(tmp_path / "m.db", config={"llm": llm}) as memory:
        added = memory.add("My name is Anna and I live in Berlin.", user_id="anna")
        assert added.usage.calls >= 1 or added.pending is not None
        assert memory.search("Where does Anna live?", user_id="anna")[0].item.text.endswith("Berlin.")
