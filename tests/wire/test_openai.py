"""Chat completions through the openai library: what comes back, and what becomes of what should not have."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from polymem.domain.derivation import Usage
from polymem.errors import (
    BudgetError,
    InputError,
    InvalidOutputError,
    ModelError,
    ModelTimeoutError,
    RateLimitError,
    RefusalError,
)
from polymem.models.budget import Budget
from polymem.models.llms.chat import Sampling
from polymem.models.patience import Patience
from tests.wire.conftest import PLACE, SHANGHAI, WORDS, ask, model_at
from tests.wire.server import KEY, Answer, ScriptedServer, failed, openai, openai_tool

Serve = Callable[..., ScriptedServer]


def test_an_answer_with_its_cost(serve: Serve) -> None:
    server = serve([SHANGHAI])
    reply = ask(model_at(server))
    assert reply.value == SHANGHAI
    assert reply.usage == Usage(1, 11, 7)
    (seen,) = server.asked
    assert seen.path == "/v1/chat/completions"
    assert seen.headers["authorization"] == f"Bearer {KEY}"
    assert [message["content"] for message in seen.body["messages"]] == ["Name the city.", WORDS]
    assert seen.body["response_format"]["json_schema"]["schema"]["properties"] == PLACE["properties"]
    assert seen.body["temperature"] == 0
    assert seen.body["max_completion_tokens"] == 200


def test_sampling_is_passed_on(serve: Serve) -> None:
    server = serve([SHANGHAI])
    ask(model_at(server, sampling=Sampling(temperature=None, top_p=0.5, seed=7), max_tokens=64))
    body = server.asked[0].body
    assert "temperature" not in body
    assert (body["top_p"], body["seed"], body["max_completion_tokens"]) == (0.5, 7, 64)


@pytest.mark.parametrize(
    ("output", "form", "keyword"),
    [("native", openai, "response_format"), ("tool", openai_tool, "tools"), ("prompted", openai, "messages")],
)
def test_three_ways_to_a_form(output: Any, form: Any, keyword: str, serve: Serve) -> None:
    server = serve([SHANGHAI], form=form)
    assert ask(model_at(server, output=output)).value == SHANGHAI
    assert "maxItems" in json.dumps(server.asked[0].body[keyword])


@pytest.mark.parametrize(
    "text",
    [
        '```json\n{"city": "上海"}\n```',
        'Sure! Here it is:\n```\n{"city": "上海"}\n```\nAnything else?',
        '<think>He says {"city": "苏州"}? No.</think>\n{"city": "上海"}',
        '好的：{"city": "上海"}。',
        '\ufeff {"city": "\\u4e0a\\u6d77"}',
    ],
)
def test_what_surrounds_an_object_is_passed_over(text: str, serve: Serve) -> None:
    server = serve([text])
    reply = ask(model_at(server))
    assert reply.value == SHANGHAI
    assert reply.usage.calls == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The city is 上海.", "no JSON object"),
        ('{"city": "上海"', "no JSON object"),
        ("", "no JSON object"),
        ('["上海"]', "no JSON object"),
        ('{"town": "芝麻开门"}', "'city' is missing"),
        ('{"city": 7, "tags": ["a", "b", "c", "d"]}', "city must be string; tags must be at most 3 long"),
        ('{"city": NaN}', "no JSON object"),
    ],
)
def test_an_answer_of_another_form_is_mended_once(text: str, told: str, serve: Serve) -> None:
    server = serve([text, SHANGHAI])
    reply = ask(model_at(server))
    assert reply.value == SHANGHAI
    assert reply.usage == Usage(2, 22, 14)
    prompt = server.asked[1].body["messages"][-1]["content"]
    assert prompt.startswith(WORDS)
    assert told in prompt
    # What it wrote is not put into its mouth again.
    assert prompt.count("芝麻开门") == 1

    server = serve([text, text, SHANGHAI])
    with pytest.raises(InvalidOutputError) as caught:
        ask(model_at(server))
    assert len(server.asked) == 2
    assert caught.value.usage == Usage(2, 22, 14)
    assert told in str(caught.value)


def test_a_cut_off_answer_is_asked_for_with_more_room(serve: Serve) -> None:
    cut = Answer(openai('{"city": "上', finish="length"))
    server = serve([cut, SHANGHAI])
    assert ask(model_at(server)).usage.calls == 2
    assert [seen.body["max_completion_tokens"] for seen in server.asked] == [200, 400]
    assert server.asked[1].body["messages"][-1]["content"] == WORDS

    server = serve([cut, cut, SHANGHAI])
    with pytest.raises(InvalidOutputError) as caught:
        ask(model_at(server))
    assert caught.value.cut_off is True
    assert len(server.asked) == 2


def test_a_cut_off_answer_is_no_refusal(serve: Serve) -> None:
    server = serve([Answer(openai("I'm sorry, it is hard to tell, but {", finish="length")), SHANGHAI])
    assert ask(model_at(server)).usage.calls == 2


def test_an_answer_that_ends_at_the_limit_but_is_whole_counts(serve: Serve) -> None:
    server = serve([Answer(openai(SHANGHAI, finish="length"))])
    assert ask(model_at(server)).value == SHANGHAI


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I cannot assist with this request.",
        "非常抱歉，我无法回答这个问题。",
        "作为一个人工智能，我不能这样做。",
        Answer(openai("", refusal="I can't help with that.")),
        Answer(openai("", finish="content_filter")),
    ],
)
def test_a_refusal_is_told_apart(answer: Any, serve: Serve) -> None:
    server = serve([answer, SHANGHAI])
    with pytest.raises(RefusalError) as caught:
        ask(model_at(server))
    assert len(server.asked) == 1
    assert caught.value.usage == Usage(1, 11, 7)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_a_busy_server_is_asked_again(status: int, serve: Serve) -> None:
    server = serve([failed(status), failed(status), SHANGHAI])
    reply = ask(model_at(server))
    assert reply.value == SHANGHAI
    # What was not answered did not cost anything.
    assert reply.usage.calls == 1
    assert len(server.asked) == 3

    server = serve([failed(status)] * 5)
    with pytest.raises(ModelError) as caught:
        ask(model_at(server))
    assert (len(server.asked), caught.value.attempts, caught.value.status) == (3, 3, status)
    assert isinstance(caught.value, RateLimitError) is (status == 429)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_what_is_refused_for_good_is_not_asked_again(status: int, serve: Serve) -> None:
    server = serve([failed(status, code="no_such_thing"), SHANGHAI])
    with pytest.raises(ModelError) as caught:
        ask(model_at(server))
    assert len(server.asked) == 1
    assert (caught.value.status, caught.value.code) == (status, "no_such_thing")


def test_a_used_up_quota_is_no_passing_trouble(serve: Serve) -> None:
    server = serve([failed(429, code="insufficient_quota"), SHANGHAI])
    with pytest.raises(RateLimitError) as caught:
        ask(model_at(server))
    assert len(server.asked) == 1
    assert caught.value.code == "insufficient_quota"


@pytest.mark.parametrize(
    ("headers", "least_s"),
    [
        ({"Retry-After": "0"}, 0.0),
        ({"retry-after-ms": "250"}, 0.25),
        ({"x-ratelimit-reset-requests": "200ms", "x-ratelimit-reset-tokens": "0.3s"}, 0.3),
    ],
)
def test_the_pause_that_is_asked_for_is_kept(headers: dict[str, str], least_s: float, serve: Serve) -> None:
    server = serve([failed(429, headers=headers), SHANGHAI])
    model = model_at(server)
    ask(model)  # The library is loaded, and the limit met.
    server = serve([failed(429, headers=headers), SHANGHAI])
    begin = time.monotonic()
    ask(model_at(server))
    assert least_s <= time.monotonic() - begin < least_s + 2


@pytest.mark.parametrize("headers", [{"Retry-After": "30"}, {"x-ratelimit-reset-requests": "1m5s"}])
def test_whoever_is_asked_to_wait_too_long_is_told_so_and_nobody_asks(
    headers: dict[str, str], serve: Serve
) -> None:
    server = serve([failed(429, headers=headers), SHANGHAI])
    model = model_at(server)
    for _ in range(2):
        begin = time.monotonic()
        with pytest.raises(RateLimitError) as caught:
            ask(model)
        assert time.monotonic() - begin < 5
        assert isinstance(caught.value.retry_after_s, float)
        assert 25 < caught.value.retry_after_s <= 65
    assert len(server.asked) == 1


def test_a_slow_server(serve: Serve) -> None:
    ask(model_at(serve([SHANGHAI])))
    server = serve([Answer(openai(SHANGHAI), delay_s=5), SHANGHAI])
    begin = time.monotonic()
    with pytest.raises(ModelTimeoutError):
        ask(model_at(server, patience=Patience(timeout_s=0.5, backoff_s=0.01)))
    assert time.monotonic() - begin < 4.5
    assert len(server.asked) == 1


@pytest.mark.parametrize("after", [0, 20])
def test_a_connection_that_breaks_off_is_made_again(after: int, serve: Serve) -> None:
    server = serve([Answer(openai(SHANGHAI), disconnect=after), SHANGHAI])
    assert ask(model_at(server)).value == SHANGHAI
    assert len(server.asked) == 2


def test_a_server_that_is_not_there(serve: Serve) -> None:
    server = ScriptedServer([]).__enter__()
    model = model_at(server)
    server.__exit__(None, None, None)
    with pytest.raises(ModelError, match="cannot be reached") as caught:
        ask(model)
    assert (caught.value.attempts, caught.value.status) == (3, None)


@pytest.mark.parametrize(
    "answer",
    [
        Answer("<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Answer("{not json", headers={"Content-Type": "application/json"}),
        Answer({"choices": []}),
        Answer({}),
        Answer([]),
        Answer("null"),
        Answer({"error": {"message": "芝麻开门"}}),
    ],
)
def test_what_is_no_answer_of_the_interface(answer: Answer, serve: Serve) -> None:
    with pytest.raises(ModelError) as caught:
        ask(model_at(serve([answer] * 3)))
    assert "芝麻" not in str(caught.value)


def test_a_redirect_is_not_followed_since_the_key_would_travel_along(serve: Serve) -> None:
    thief = serve([SHANGHAI])
    server = serve([Answer(status=307, headers={"Location": f"{thief.url}/chat/completions"})] * 3)
    with pytest.raises(ModelError):
        ask(model_at(server))
    assert thief.asked == []


def test_tokens_are_estimated_where_nobody_counts(serve: Serve) -> None:
    reply = ask(model_at(serve([Answer(openai(SHANGHAI, usage=None))])))
    assert reply.usage.n_estimated == 1
    assert 20 < reply.usage.prompt_tokens < 300
    assert 2 <= reply.usage.completion_tokens < 20


def test_a_budget_of_calls_stops_before_asking(serve: Serve) -> None:
    server = serve(["no", SHANGHAI, SHANGHAI, SHANGHAI])
    model = model_at(server, budget=Budget(calls=3, tokens=None, window_s=0, model="m"))
    ask(model)
    ask(model)
    with pytest.raises(BudgetError) as caught:
        ask(model)
    assert (caught.value.budget, caught.value.limit) == ("calls", 3)
    assert len(server.asked) == 3


def test_a_budget_of_tokens_stops_before_asking(serve: Serve) -> None:
    server = serve([SHANGHAI] * 5)
    model = model_at(server, budget=Budget(calls=None, tokens=30, window_s=0, model="m"))
    ask(model)
    ask(model)
    with pytest.raises(BudgetError):
        ask(model)
    assert len(server.asked) == 2


def test_what_was_not_answered_is_not_charged(serve: Serve) -> None:
    server = serve([failed(500), failed(500), failed(500), SHANGHAI])
    budget = Budget(calls=1, tokens=None, window_s=0, model="m")
    model = model_at(server, budget=budget)
    with pytest.raises(ModelError):
        ask(model)
    assert ask(model).value == SHANGHAI
    assert budget.spent == Usage(1, 11, 7)


def test_a_budget_of_calls_holds_for_calls_at_the_same_time(serve: Serve) -> None:
    server = serve(lambda _seen: Answer(openai(SHANGHAI), delay_s=0.1))
    model = model_at(server, budget=Budget(calls=3, tokens=None, window_s=0, model="m"))

    async def together() -> list[Any]:
        asked = [model.generate(WORDS, system="", schema=PLACE) for _ in range(6)]
        return await asyncio.gather(*asked, return_exceptions=True)

    outcomes = asyncio.run(together())
    assert sum(isinstance(outcome, BudgetError) for outcome in outcomes) == 3
    assert len(server.asked) == 3


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_requests_overlap_up_to_the_limit(limit: int, serve: Serve) -> None:
    server = serve(lambda _seen: Answer(openai(SHANGHAI), delay_s=0.1 * limit))
    model = model_at(server, patience=Patience(concurrency=limit))
    ask(model)

    async def together() -> None:
        await asyncio.gather(*(model.generate(WORDS, system="", schema=PLACE) for _ in range(8)))

    asyncio.run(together())
    assert server.n_together == limit
    assert len(server.asked) == 9


def test_one_model_serves_many_event_loops(serve: Serve) -> None:
    server = serve(lambda _seen: SHANGHAI)
    model = model_at(server)
    assert [ask(model).value for _ in range(3)] == [SHANGHAI] * 3


@pytest.mark.parametrize("prompt", ["a lone \ud800 surrogate", "", "\x00", "x" * 200_000])
def test_no_prompt_breaks_it(prompt: str, serve: Serve) -> None:
    assert ask(model_at(serve([SHANGHAI])), prompt).value == SHANGHAI


def test_a_form_that_cannot_be_checked_is_not_asked_for(serve: Serve) -> None:
    server = serve([SHANGHAI])
    with pytest.raises(InputError):
        asyncio.run(model_at(server).generate(WORDS, system="", schema={"type": "object", "not": {}}))
    with pytest.raises(InputError):
        ask(model_at(server), max_tokens=0)
    assert server.asked == []


def test_being_cancelled_leaves_nothing_behind(serve: Serve) -> None:
    server = serve([Answer(openai(SHANGHAI), delay_s=1), SHANGHAI])
    budget = Budget(calls=1, tokens=None, window_s=0, model="m")
    model = model_at(server, budget=budget, patience=Patience(concurrency=1))

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.3):
                await model.generate(WORDS, system="", schema=PLACE)
        assert (await model.generate(WORDS, system="", schema=PLACE)).value == SHANGHAI

    asyncio.run(give_up())
