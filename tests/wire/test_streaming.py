"""Answers piece by piece over a real connection: what comes is handed on, what breaks is an error, what ends is accounted for."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from polymem import Memory
from polymem.documents.answer import NOT_FOUND
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.document import Answer as Told
from polymem.errors import BudgetError, InputError, ModelError, ModelTimeoutError, RateLimitError
from polymem.models.budget import Budget
from polymem.models.llms.chat import ChatModel
from polymem.models.patience import Patience
from tests.wire.conftest import QUICK, WORDS, model_at
from tests.wire.server import Answer, ScriptedServer, failed

Serve = Callable[..., ScriptedServer]


def events(*pieces: str, usage: tuple[int, int] | None = (11, 7), finish: str = "stop") -> Answer:
    """Return a streamed answer of chat completions."""
    head = {"id": "c1", "object": "chat.completion.chunk", "created": 1_700_000_000, "model": "scripted"}
    chunks: list[dict[str, object]] = [
        {
            **head,
            "choices": [
                {"index": 0, "delta": {"role": "assistant", "content": piece}, "finish_reason": None}
            ],
        }
        for piece in pieces
    ]
    chunks.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage is not None:
        told = {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)}
        chunks.append({**head, "choices": [], "usage": told})
    lines = [f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n" for chunk in chunks]
    return Answer("".join([*lines, "data: [DONE]\n\n"]), headers={"Content-Type": "text/event-stream"})


def listen(model: ChatModel, *, most: int = 1_000) -> tuple[list[str], Usage]:
    async def read() -> tuple[list[str], Usage]:
        told, usage = list[str](), NO_USAGE
        pieces = model.stream(WORDS, system="回答。")
        async for piece in pieces:
            usage += piece.usage
            told += [piece.text] if piece.text else []
            if len(told) >= most:
                break
        await pieces.aclose()
        return told, usage

    return asyncio.run(read())


def test_pieces_come_in_order_and_the_cost_at_the_end(serve: Serve):
    told, usage = listen(model_at(serve([events("上海", "港 [1]", "。")])))
    assert told == ["上海", "港 [1]", "。"]
    assert usage == Usage(1, 11, 7)


def test_a_cost_that_is_not_told_is_estimated(serve: Serve):
    _, usage = listen(model_at(serve([events("上海", usage=None)])))
    assert usage.n_estimated == 1
    assert usage.prompt_tokens > 0


def test_a_busy_provider_is_asked_again_before_the_first_piece(serve: Serve):
    server = serve([failed(503), failed(429, headers={"Retry-After": "0"}), events("好")])
    assert listen(model_at(server))[0] == ["好"]
    assert len(server.asked) == 3


def test_a_busy_provider_is_not_asked_for_ever(serve: Serve):
    server = serve([failed(429), failed(429), failed(429), events("好")])
    with pytest.raises(RateLimitError):
        listen(model_at(server))
    assert len(server.asked) == QUICK.attempts


def test_a_connection_that_breaks_after_a_piece_is_an_error_and_not_asked_again(serve: Serve):
    whole = events("口令是", "芝麻", "开门")
    assert isinstance(whole.body, str)
    broken = Answer(whole.body, headers=whole.headers, disconnect=len(whole.body.encode()) // 2)
    server = serve([broken, events("好")])
    with pytest.raises(ModelError) as caught:
        listen(model_at(server))
    assert len(server.asked) == 1
    assert "芝麻" not in f"{caught.value!r}{caught.value.__cause__!r}{caught.value.__context__!r}"


def test_an_answer_that_does_not_come_is_a_timeout(serve: Serve):
    slow = Answer(events("好").body, headers={"Content-Type": "text/event-stream"}, delay_s=1.5)
    with pytest.raises(ModelTimeoutError):
        listen(model_at(serve([slow]), patience=Patience(timeout_s=0.3, attempts=1)))


def test_a_budget_counts_streams(serve: Serve):
    budget = Budget(calls=1, tokens=None, window_s=0, model="m")
    model = model_at(serve([events("好"), events("好")]), budget=budget)
    listen(model)
    assert budget.spent == Usage(1, 11, 7)
    with pytest.raises(BudgetError):
        listen(model)


def test_whoever_stops_reading_frees_the_way(serve: Serve):
    model = model_at(serve([events("一", "二", "三"), events("四")]), patience=Patience(concurrency=1))
    assert listen(model, most=1)[0] == ["一"]
    assert listen(model)[0] == ["四"]


def test_no_room_is_refused(serve: Serve):
    async def read() -> None:
        async for _ in model_at(serve([])).stream(WORDS, system="", max_tokens=0):
            pass

    with pytest.raises(InputError):
        asyncio.run(read())


def test_a_memory_streams_an_answer(tmp_path: Path, serve: Serve):
    server = serve([events("渔船有", "四十条[", "1]。")])
    with Memory(tmp_path / "m.db", config=server.config) as memory:
        text = "1902年斯卡恩岛上有四十条渔船。"
        memory.add([{"role": "document", "content": text}], user_id="ann", infer=False)
        *pieces, answer = memory.ask_stream("1902年斯卡恩岛有多少条渔船？", user_id="ann")
    assert "".join(map(str, pieces)) == "渔船有四十条[1]。"
    assert len(pieces) > 1
    assert isinstance(answer, Told)
    assert answer.citations[0].quote == text
    assert answer.citations[0].supported
    assert server.asked[-1].body["stream"] is True


def test_a_memory_streams_that_there_is_no_answer(tmp_path: Path, serve: Serve):
    server = serve([events("NOT", "_FOUND")])
    with Memory(tmp_path / "m.db", config=server.config) as memory:
        memory.add(
            [{"role": "document", "content": "1902年斯卡恩岛上有四十条渔船。"}], user_id="ann", infer=False
        )
        *pieces, answer = memory.ask_stream("1902年斯卡恩岛有多少条渔船？", user_id="ann")
    assert "".join(map(str, pieces)) == NOT_FOUND["zh"]
    assert isinstance(answer, Told)
    assert not answer.found
