"""A memory with a model at a server: settings that reach the wire, loops, forks, several users at a time."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polymem import AsyncMemory, Memory
from polymem.errors import ConfigError, MissingExtraError
from polymem.models.connection import Connection
from polymem.testing.models import ScriptedModel
from tests.wire.server import KEY, Answer, ScriptedServer, failed, openai

Serve = Callable[..., ScriptedServer]
HOME = {
    "text": "小红住在上海。",
    "subject": "小红",
    "predicate": "lives_in",
    "object": "上海",
    "messages": [1],
}
NOTES = {"facts": [HOME], "entities": [{"name": "上海", "type": "place"}]}
SAID = "我叫小红，住在上海。"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLYMEM_HOME", str(tmp_path / "home"))
    for name in ("OPENAI_API_KEY", "DEEPSEEK_API_KEY", "GOOGLE_API_KEY", "GEMINI_API_KEY"):
        monkeypatch.delenv(name, raising=False)


def told(memory: Memory, user: str) -> list[str]:
    return [item.text for item in memory.get_all(user_id=user) if item.kind == "fact"]


@pytest.mark.parametrize("nested", [False, True])
def test_settings_reach_the_wire(nested: bool, tmp_path: Path, serve: Serve) -> None:
    server = serve([NOTES])
    options = {"model": "scripted", "base_url": server.url, "api_key": KEY, "temperature": 0.3, "seed": 5}
    llm: dict[str, Any] = (
        {"provider": "openai", "config": options} if nested else {"provider": "openai", **options}
    )
    extraction = {
        "instructions": "只记住址。",
        "includes": ["住址"],
        "categories": {"家": "住在哪里"},
        "language": "zh",
    }
    with Memory(tmp_path / "m.db", config={"llm": llm, "extraction": extraction}) as memory:
        added = memory.add(SAID, user_id="小红")
        assert told(memory, "小红") == ["小红住在上海。"]
    assert (added.usage.calls, added.usage.prompt_tokens, added.usage.completion_tokens) == (1, 11, 7)
    body = server.asked[0].body
    assert (body["model"], body["temperature"], body["seed"]) == ("scripted", 0.3, 5)
    for word in ("只记住址。", "住在哪里"):
        assert word in server.asked[0].text


def test_a_file_and_the_environment_configure_a_model(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve([NOTES])
    file = tmp_path / "mine.toml"
    file.write_text(
        f'[llm]\nprovider = "vllm"\nmodel = "qwen"\nbase_url = "{server.url}"\n[extraction]\nexcludes = ["天气"]\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("MY_KEY", KEY)
    monkeypatch.setenv("POLYMEM__LLM__API_KEY_ENV", "MY_KEY")
    with Memory(tmp_path / "m.db", config=file) as memory:
        memory.add(SAID, user_id="小红")
        assert told(memory, "小红") == ["小红住在上海。"]
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert "天气" in server.asked[0].text


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ({"llm": {"model": "m"}}, "llm.model"),
        ({"llm": {"budget_calls": 3}}, "llm.budget_calls"),
        ({"extraction": {"instructions": "x"}}, "extraction.instructions"),
        ({"llm": {"provider": "openai"}}, "llm.model"),
        ({"llm": {"provider": "nobody", "model": "m"}}, "llm.provider"),
        ({"llm": {"provider": "openai", "model": "m"}}, "llm.api_key"),
        ({"llm": {"provider": "openai", "model": "m", "api_key_env": "NOT_SET"}}, "llm.api_key_env"),
        ({"llm": {"provider": "ollama", "model": "m", "temperature": 3}}, "llm.temperature"),
        ({"llm": {"provider": "ollama", "model": "m", "concurrency": 0}}, "llm.concurrency"),
        ({"llm": {"provider": "ollama", "model": "m", "base_url": "ftp://x"}}, "base_url"),
        ({"embedder": {"provider": "google", "model": "m", "api_key": "k"}}, "embedder.dim"),
        ({"embedder": {"provider": "google", "api_key": "k"}}, "embedder.model"),
        ({"embedder": {"provider": "anthropic", "model": "m"}}, "embedder.provider"),
    ],
)
def test_what_cannot_be_used_is_named(config: Any, setting: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        Memory(tmp_path / "m.db", config=config)
    assert caught.value.setting == setting


def test_a_key_of_the_provider_goes_to_nobody_else(
    tmp_path: Path, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai")
    server = serve([NOTES])
    llm = {"provider": "openai", "model": "m", "base_url": server.url}
    with Memory(tmp_path / "m.db", config={"llm": llm}) as memory:
        memory.add(SAID, user_id="小红")
    assert "sk-of-openai" not in repr(server.asked[0].headers)


def test_without_the_extra_the_line_to_install_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("polymem.models.connection.find_spec", lambda _name: None)
    with pytest.raises(MissingExtraError, match=r'pip install "polymem\[llm\]"'):
        Connection("ollama", "m")


def test_a_missing_library_of_a_provider_is_named() -> None:
    program = (
        "import asyncio, sys; sys.modules['groq'] = None\n"
        "from polymem.models.connection import Connection\n"
        "from polymem.models.llms.chat import ChatModel\n"
        "model = ChatModel(Connection('groq', 'm', api_key='k'))\n"
        "asyncio.run(model.generate('茶', system='', schema={'type': 'object'}))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "MissingExtraError: 'groq' is not installed: pip install \"polymem[llm]\"" in run.stderr


def test_lists_are_shown_for_people(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(
        '[extraction.categories]\n"食物" = "吃什么"\n[llm]\nprovider = "ollama"\nmodel = "m"\n', "utf-8"
    )
    command = [sys.executable, "-m", "polymem.cli", "--config", str(file), "config"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert "食物: 吃什么" in run.stdout, run.stderr


def test_ollama_is_found_where_everybody_looks(tmp_path: Path, serve: Serve) -> None:
    server = serve([NOTES])
    llm = {"provider": "ollama", "config": {"model": "qwen3", "ollama_base_url": server.root}}
    with Memory(tmp_path / "m.db", config={"llm": llm}) as memory:
        memory.add(SAID, user_id="小红")
    assert server.asked[0].path == "/v1/chat/completions"


def test_a_model_object_is_taken_as_it_is(tmp_path: Path) -> None:
    model = ScriptedModel([NOTES])
    with Memory(tmp_path / "m.db", llm=model) as memory:
        memory.add(SAID, user_id="小红")
        assert told(memory, "小红") == ["小红住在上海。"]
    assert model.n_calls == 1
    nobody: Any = object()
    with pytest.raises(ConfigError) as caught:
        Memory(tmp_path / "m.db", llm=nobody)
    assert caught.value.argument == "llm"


def test_a_failing_model_loses_nothing(tmp_path: Path, serve: Serve) -> None:
    server = serve([failed(401), NOTES])
    with Memory(tmp_path / "m.db", config=server.config) as memory:
        added = memory.add(SAID, user_id="小红")
        assert added.pending is not None
        assert memory.search("小红住在哪里？", user_id="小红")[0].item.text == SAID


def test_adds_of_several_users_overlap(tmp_path: Path, serve: Serve) -> None:
    delays = iter([0.0])
    server = serve(lambda _seen: Answer(openai(NOTES), delay_s=next(delays, 2.0)))

    async def run() -> float:
        async with AsyncMemory(
            tmp_path / "m.db", config={**server.config, "derivation.concurrency": 4}
        ) as memory:
            await memory.add(SAID, user_id="warm")
            begin = time.monotonic()
            await asyncio.gather(*(memory.add(SAID, user_id=f"user{n}") for n in range(4)))
            return time.monotonic() - begin

    assert asyncio.run(run()) < 4 * 2.0
    assert server.n_together == 4


def test_one_program_may_run_several_loops_one_after_another(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda _seen: NOTES)

    async def once(user: str) -> int:
        async with AsyncMemory(tmp_path / "m.db", config=server.config) as memory:
            return (await memory.add(SAID, user_id=user)).usage.calls

    assert [asyncio.run(once(f"user{n}")) for n in range(3)] == [1, 1, 1]


FORKING = """
import os, sys
from polymem import Memory
url, path = sys.argv[1:]
config = {"llm": {"provider": "openai", "model": "scripted", "base_url": url, "api_key": "k"}}
memory = Memory(path, config=config)
assert memory.add("我叫小红，住在上海。", user_id="parent").usage.calls == 1
pid = os.fork()
if pid == 0:
    ok = memory.add("我叫小红，住在上海。", user_id="child").usage.calls == 1
    os._exit(0 if ok else 1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
assert memory.add("我叫小红，住在上海。", user_id="after").usage.calls == 1
memory.close()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_process_asks_too(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda _seen: NOTES)
    command = [sys.executable, "-c", FORKING, server.url, str(tmp_path / "m.db")]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert run.returncode == 0, run.stderr
    assert len(server.asked) == 3


UNUSED = """
import sys, tempfile
import polymem
with tempfile.TemporaryDirectory() as folder:
    with polymem.Memory(folder + "/m.db") as memory:
        memory.add("I live in Berlin.", user_id="ann")
        memory.search("Berlin", user_id="ann")
    early = [name for name in ("asyncio", "pydantic_ai", "pydantic", "httpx", "httpx2", "openai") if name in sys.modules]
    assert not early, early
    config = {"llm": {"provider": "ollama", "model": "m"}}
    with polymem.Memory(folder + "/m.db", config=config) as memory:
        memory.search("Berlin", user_id="ann")
    late = [name for name in ("pydantic_ai", "pydantic", "httpx", "httpx2", "openai") if name in sys.modules]
    assert not late, late
"""


def test_nothing_of_the_library_is_loaded_before_a_model_is_asked() -> None:
    run = subprocess.run([sys.executable, "-c", UNUSED], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
