"""Neither the key nor what was said gets into an error, a log, a representation or an export."""

from __future__ import annotations

import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.client.config import load_config
from polymem.errors import ConfigError, PolymemError
from polymem.models.connection import Connection
from tests.wire.conftest import WORDS, ask, model_at
from tests.wire.server import KEY, Answer, ScriptedServer, anthropic, failed, google, openai

Serve = Callable[..., ScriptedServer]
LEAK = f"{WORDS} {KEY}"
FORMS: dict[str, Any] = {
    "openai": openai,
    "anthropic": anthropic,
    "google": google,
    "mistral": openai,
    "groq": openai,
    "ollama": openai,
}


def spread(error: BaseException) -> str:
    """Return all that a program may show of an error, and of whatever hangs on it."""
    shown = [*traceback.format_exception(error), repr(error), str(error), repr(getattr(error, "facts", ""))]
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        shown += [repr(link), str(link), repr(vars(link))]
        link = link.__cause__ or link.__context__
    return "\n".join(shown) + repr(pickle.loads(pickle.dumps(error)))


@pytest.mark.parametrize("provider", sorted(FORMS))
@pytest.mark.parametrize(
    "answer",
    [
        failed(400, prose=LEAK, code=KEY),
        failed(401, prose=LEAK),
        failed(429, prose=LEAK, code=WORDS),
        failed(500, prose=LEAK),
        Answer(LEAK, headers={"Content-Type": "text/plain"}),
        Answer({"error": LEAK}),
        Answer(disconnect=0),
        LEAK,
        {"city": LEAK},
        {LEAK: 1},
        f"I'm sorry, I cannot repeat {LEAK}",
    ],
)
def test_no_error_holds_the_key_or_what_was_said(provider: str, answer: Any, serve: Serve) -> None:
    server = serve([answer] * 9, form=FORMS[provider])
    with pytest.raises(PolymemError) as caught:
        ask(model_at(server, provider=provider))
    shown = spread(caught.value)
    assert "芝麻" not in shown
    assert KEY not in shown


def test_no_log_holds_the_key(serve: Serve) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        for provider, form in FORMS.items():
            ask(model_at(serve([failed(500), {"city": "上海"}], form=form), provider=provider))
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    assert "127.0.0.1" in written.getvalue()
    assert KEY not in written.getvalue()


def test_no_representation_and_no_list_of_settings_holds_the_key(tmp_path: Path) -> None:
    llm = {"provider": "deepseek", "model": "m", "api_key": KEY}
    settings = load_config({"llm": llm, "store": {"path": str(tmp_path / "m.db")}})
    assert KEY not in repr(settings)
    assert KEY not in repr(list(settings.shown()))
    at = Connection("deepseek", "m", api_key=KEY)
    assert KEY not in repr(at) + str(at)
    with Memory(config={"llm": llm, "store": {"path": str(tmp_path / "m.db")}}) as memory:
        parts = memory._memory._parts
        assert KEY not in repr(parts.llm) + repr(parts.config) + repr(parts.writer.extractor)


@pytest.mark.parametrize("bad", [f"{KEY}\n", f"{KEY} x", f"密{KEY}"])
def test_a_key_that_cannot_be_sent_is_not_quoted(bad: str) -> None:
    with pytest.raises(ConfigError) as caught:
        Connection("openai", "m", api_key=bad)
    assert KEY not in spread(caught.value)


def test_neither_store_nor_export_holds_the_key(tmp_path: Path, serve: Serve) -> None:
    server = serve(lambda _seen: failed(401, prose=LEAK))
    path = tmp_path / "m.db"
    with Memory(path, config=server.config) as memory:
        added = memory.add("我住在上海。", user_id="小红")
        assert added.pending is not None
        exported = tmp_path / "out.jsonl"
        memory.export(exported, user_id="小红")
        assert KEY not in exported.read_text(encoding="utf-8")
        assert KEY not in json.dumps(memory.stats(), default=str)
    assert all(KEY.encode() not in file.read_bytes() for file in tmp_path.iterdir())
