"""mem0's configuration: what has a meaning here is used, all else is an error that says what to do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from polymem.errors import CapabilityError, ConfigError
from polymem.interop.mem0_config import native_settings
from polymem.mem0 import CompatibilityWarning, Memory
from tests.wire.server import KEY, ScriptedServer


def openai(**config: Any) -> dict[str, Any]:
    return {"embedder": {"provider": "openai", "config": config}}


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (None, {}),
        ({}, {}),
        ({"version": "v1.0"}, {}),
        ({"version": "v1.1", "llm": None}, {}),
        ({"vector_store": {"provider": "polymem", "config": {"path": "m.db"}}}, {"store": {"path": "m.db"}}),
        ({"vector_store": {"provider": "sqlite"}}, {}),
        ({"graph_store": {"provider": "polymem"}}, {}),
        ({"embedder": {"provider": "polymem"}}, {"embedder": {"provider": "static", "dim": None}}),
        (
            openai(model="bge-m3", embedding_dims=1024, openai_base_url="http://localhost:9/v1"),
            {
                "embedder": {
                    "provider": "openai",
                    "model": "bge-m3",
                    "dim": 1024,
                    "base_url": "http://localhost:9/v1",
                }
            },
        ),
        (
            openai(),
            {
                "embedder": {
                    "provider": "openai",
                    "model": "text-embedding-3-small",
                    "dim": 1536,
                    "api_key_env": "OPENAI_API_KEY",
                }
            },
        ),
        (
            {"llm": {"provider": "openai", "config": {"model": "gpt-4o-mini", "temperature": 0}}},
            {"llm": {"provider": "openai", "model": "gpt-4o-mini", "temperature": 0}},
        ),
        (
            {
                "llm": {
                    "provider": "gemini",
                    "config": {
                        "model": "m",
                        "max_tokens": 99,
                        "top_p": 0.1,
                        "top_k": 1,
                        "enable_vision": False,
                    },
                },
                "custom_instructions": "只记食物。",
                "custom_fact_extraction_prompt": "Only food.",
            },
            {
                "llm": {"provider": "google", "model": "m", "max_tokens": 99, "top_p": 0.1},
                "extraction": {"instructions": "只记食物。\n\nOnly food."},
            },
        ),
        (
            {"llm": {"provider": "aws_bedrock", "config": {"model": "m", "aws_region": "eu-west-1"}}},
            {"llm": {"provider": "bedrock", "model": "m", "region": "eu-west-1"}},
        ),
        (
            {
                "embedder": {
                    "provider": "ollama",
                    "config": {"model": "m", "embedding_dims": 8, "ollama_base_url": "http://h:1"},
                }
            },
            {"embedder": {"provider": "ollama", "model": "m", "dim": 8, "base_url": "http://h:1"}},
        ),
    ],
)
def test_native_settings(config: dict[str, Any] | None, expected: dict[str, Any]) -> None:
    assert native_settings(config) == expected


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        (
            {"vector_store": {"provider": "qdrant", "config": {"path": "/tmp/qdrant"}}},
            "vector_store.provider",
        ),
        ({"graph_store": {"provider": "neo4j", "config": {"url": "bolt://x"}}}, "graph_store.provider"),
        ({"embedder": {"provider": "huggingface", "config": {"model": "m"}}}, "embedder.provider"),
        ({"llm": {"provider": "azure_openai", "config": {"api_key": "sk-secret"}}}, "llm.provider"),
        ({"llm": {"provider": "polymem"}}, "llm.provider"),
        ({"llm": {"provider": "openai", "config": {"enable_vision": True}}}, "llm.config.enable_vision"),
        ({"llm": {"provider": "openai", "config": {"top_k": 5}}}, "llm.config.top_k"),
        ({"reranker": {"provider": "cohere"}}, "reranker"),
        ({"custom_prompt": "Only food."}, "custom_prompt"),
        ({"custom_instructions": "Only food."}, "custom_instructions"),
        ({"custom_fact_extraction_prompt": "Only food."}, "custom_fact_extraction_prompt"),
        ({"custom_update_memory_prompt": "Only food."}, "custom_update_memory_prompt"),
    ],
)
def test_servers_and_models_that_are_not_there_yet(config: dict[str, Any], setting: str) -> None:
    with pytest.raises(CapabilityError, match=setting) as caught:
        Memory.from_config(config)
    assert caught.value.setting == setting
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("config", "setting"),
    [
        ({"vectorstore": {}}, "vectorstore"),
        ({"version": "v2"}, "version"),
        ({"vector_store": "qdrant"}, "vector_store"),
        ({"vector_store": {"config": {"path": "x"}}}, "vector_store.provider"),
        ({"vector_store": {"provider": "polymem", "path": "x"}}, "vector_store.path"),
        (
            {"vector_store": {"provider": "polymem", "config": {"host": "x"}}},
            "vector_store.config.host",
        ),
        ({"embedder": {"provider": "polymem", "config": {"model": "x"}}}, "embedder.config.model"),
        (openai(model="my-model"), "embedder.config.embedding_dims"),
        (openai(modle="x"), "embedder.config.modle"),
        (openai(temperature=0), "embedder.config.temperature"),
        ({"llm": "openai"}, "llm"),
        ({"llm": {"provider": "openai", "config": {"modle": "x"}}}, "llm.config.modle"),
        (
            {"llm": {"provider": "openai", "config": {"ollama_base_url": "http://x"}}},
            "llm.config.ollama_base_url",
        ),
        ({"llm": {"provider": "openai", "config": {"aws_region": "x"}}}, "llm.config.aws_region"),
        ({"llm": {"provider": "anthropic", "config": {}}}, "llm.config.model"),
        ({"llm": {"provider": "ollama", "config": {"model": "m"}}, "custom_prompt": 5}, "custom_prompt"),
        ([], "config"),
    ],
)
def test_what_is_not_known_is_an_error(config: Any, setting: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Memory.from_config(config)
    assert caught.value.setting == setting


def test_a_key_that_is_not_set_is_an_error() -> None:
    with pytest.raises(ConfigError, match="OPENAI_API_KEY"):
        Memory(openai())


def test_the_path_of_the_history_is_said_to_have_no_effect(tmp_path: Path) -> None:
    with (
        pytest.warns(CompatibilityWarning, match="history_db_path"),
        Memory.from_config({"history_db_path": str(tmp_path / "history.db")}) as m,
    ):
        m.add("tea", user_id="alice")
    assert not (tmp_path / "history.db").exists()


class Embeddings(BaseHTTPRequestHandler):
    """Answers with one-hot vectors by the length of the text."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, self.headers["Authorization"], body["model"]))  # type: ignore[attr-defined]
        rows = [
            {"index": n, "embedding": [float(len(t) % 8 == i) for i in range(8)]}
            for n, t in enumerate(body["input"])
        ]
        answer = json.dumps({"data": rows}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        pass


@pytest.fixture
def endpoint() -> Iterator[ThreadingHTTPServer]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Embeddings)
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_embedder_behind_an_endpoint(endpoint: Any) -> None:
    url = f"http://127.0.0.1:{endpoint.server_port}/v1"
    config = openai(model="letters", embedding_dims=8, openai_base_url=url, api_key="sk-1")
    with Memory.from_config(config_dict=config) as m:
        m.add("我喜欢茶", user_id="alice", infer=False)
        assert m.search("四个字的", user_id="alice")["results"][0]["memory"] == "我喜欢茶"
    assert set(endpoint.asked) == {("/v1/embeddings", "Bearer sk-1", "letters")}


def test_the_store_lies_where_it_is_told(tmp_path: Path, store: Path) -> None:
    path = tmp_path / "elsewhere" / "my.db"
    with Memory({"vector_store": {"provider": "polymem", "config": {"path": path}}}) as m:
        m.add("tea", user_id="alice")
    assert path.is_file()
    assert not store.exists()
    with Memory() as m:
        assert m.get_all("alice") == []
    assert store.is_file()


def test_a_model_in_mem0s_own_words() -> None:
    said = {
        "text": "小红住在上海。",
        "subject": "小红",
        "predicate": "lives_in",
        "object": "上海",
        "messages": [1],
    }
    with ScriptedServer(lambda _seen: {"facts": [said], "entities": []}) as server:
        config = {
            "llm": {
                "provider": "openai",
                "config": {
                    "model": "scripted",
                    "api_key": KEY,
                    "openai_base_url": server.url,
                    "temperature": 0.1,
                    "max_tokens": 2000,
                    "top_p": 0.1,
                },
            },
            "custom_instructions": "只记住址。",
        }
        with Memory.from_config(config) as m:
            result = m.add("我叫小红，住在上海。", user_id="小红", prompt="用中文。")
            # What the model wrote is the row; see test_models.py.
            assert [row["memory"] for row in result["results"]] == ["小红住在上海。"]
            assert m.search("小红住在哪里？", user_id="小红")["results"]
    (seen,) = server.asked
    assert (seen.body["model"], seen.body["temperature"], seen.body["top_p"]) == ("scripted", 0.1, 0.1)
    assert "只记住址。" in seen.text
    assert "用中文。" in seen.text
