"""What a provider answered is told where the class of the error does not say it, and nothing more than that."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from polymem import Memory
from tests.wire.server import KEY, Answer, ScriptedServer

Serve = Callable[..., ScriptedServer]


@pytest.mark.parametrize(
    ("status", "problem"),
    [(401, "ModelError 401"), (404, "ModelError 404"), (500, "ModelError 500"), (429, "RateLimitError")],
)
def test_a_wrong_key_is_not_a_server_that_fails(
    status: int, problem: str, tmp_path: Path, serve: Serve
) -> None:
    body = {"error": {"message": f"秘密 {KEY} 我住在上海", "type": "invalid_request_error"}}
    server = serve(lambda seen: Answer(body, status=status))
    options = {"model": "m", "base_url": server.url, "api_key": KEY, "attempts": 1, "max_wait_s": 0.01}
    with Memory(tmp_path / "m.db", config={"llm": {"provider": "openai", **options}}) as memory:
        added = memory.add("我住在上海。", user_id="小红")
        assert (added.problem, memory.pending()[0].problem) == (problem, problem)
        assert KEY not in repr(added) + repr(memory.pending())
