"""With a language model: rows are the facts that it derives, and stay what they were when they were stored."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import polymem
from polymem.domain.statement import Extraction, Statement
from polymem.domain.timespan import Timespan
from polymem.errors import CapabilityError, ConfigError, InputError, MetadataError, RateLimitError, ScopeError
from polymem.mem0 import AsyncMemory, Memory, MemoryNotFoundError, Rows
from polymem.testing.fakes import ScriptedExtractor
from polymem.testing.models import Asked, ScriptedAnswer, ScriptedModel

Facts = dict[str, list[dict[str, Any]]]


def said(text: str, predicate: str, thing: str, **fields: Any) -> dict[str, Any]:
    return {"text": text, "subject": "user", "predicate": predicate, "object": thing, **fields}


LISBON = "I live in Lisbon."
BERGEN = "I moved to Bergen, I live there now."
TEA = "你知道吗，我很喜欢喝绿茶。"
HELLO = "Hello there!"
BOTH = "我住在青岛，也爱打网球。"
SHANGHAI = "我搬家了，现在住在上海。"
FACTS: Facts = {
    LISBON: [said("The user lives in Lisbon.", "lives_in", "Lisbon")],
    BERGEN: [said("The user lives in Bergen.", "lives_in", "Bergen")],
    TEA: [said("用户喜欢绿茶。", "likes", "绿茶")],
    BOTH: [said("用户住在青岛。", "lives_in", "青岛"), said("用户喜欢打网球。", "likes", "网球")],
    SHANGHAI: [said("用户住在上海。", "lives_in", "上海")],
}


class Script:
    """What the model answers: facts by message, or an error while one is set."""

    def __init__(self) -> None:
        self.facts = dict(FACTS)
        self.error: Exception | None = None

    def __call__(self, asked: Asked) -> ScriptedAnswer:
        if self.error is not None:
            return self.error
        if "procedure" in asked.schema["properties"]:
            return {"procedure": "1. 打开网页。2. 付款。", "entities": []}
        shown = [json.loads(line) for line in asked.prompt.splitlines() if line.startswith('{"n":')]
        return {
            "facts": [
                {**fact, "messages": [each["n"]]}
                for each in shown
                for fact in self.facts.get(each["text"], [])
            ],
            "entities": [],
        }


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def model(script: Script) -> ScriptedModel:
    return ScriptedModel(script)


@pytest.fixture
def m(model: ScriptedModel) -> Iterator[Memory]:
    with Memory(llm=model) as memory:
        yield memory


Texts = Callable[[Any], list[str]]


def told(rows: Rows) -> list[tuple[str, str]]:
    return [(row["memory"], row["event"]) for row in rows["results"]]


def native(store: Path, model: ScriptedModel) -> polymem.Memory:
    return polymem.Memory(store, llm=model)


# ---------------------------------------------------------------- rows are facts
def test_add_returns_the_facts(m: Memory, texts: Texts) -> None:
    rows = m.add([{"role": "user", "content": BOTH, "name": "小林"}], user_id="ann", run_id="r")
    assert told(rows) == [("用户住在青岛。", "ADD"), ("用户喜欢打网球。", "ADD")]
    assert {row["actor_id"] for row in rows} == {"小林"}
    assert "pending" not in rows.keys()  # noqa: SIM118 (a list as well)
    assert {row["target"] for row in rows["relations"]} == {"青岛", "网球"}
    assert sorted(texts(m.get_all(user_id="ann"))) == sorted(texts(rows))
    assert sorted(texts(m.search("青岛", user_id="ann"))) == sorted(texts(rows))
    assert m.search("青岛", user_id="ann")[0]["memory"] == "用户住在青岛。"
    for row in rows:
        found = m.get(row["id"])
        assert found is not None
        assert (found["memory"], found["user_id"], found["run_id"]) == (row["memory"], "ann", "r")


@pytest.mark.parametrize("text", [HELLO, "你好！"])
def test_nothing_derived_is_no_row(m: Memory, text: str) -> None:
    rows = m.add(text, user_id="ann")
    assert rows["results"] == []
    assert rows == {"results": []}
    assert m.get_all(user_id="ann") == []
    assert m.search(text, user_id="ann") == []


def test_said_again_is_no_new_row(m: Memory, texts: Texts) -> None:
    m.add(TEA, user_id="ann")
    assert m.add(TEA, user_id="ann")["results"] == []
    assert texts(m.get_all(user_id="ann")) == ["用户喜欢绿茶。"]


def test_without_inference_rows_are_messages(m: Memory, model: ScriptedModel, texts: Texts) -> None:
    assert told(m.add(LISBON, user_id="ann", infer=False)) == [(LISBON, "ADD")]
    assert model.n_calls == 0
    m.add(TEA, user_id="ann")
    assert sorted(texts(m.get_all(user_id="ann"))) == sorted([LISBON, "用户喜欢绿茶。"])
    assert sorted(texts(m.search("绿茶 Lisbon", user_id="ann"))) == sorted([LISBON, "用户喜欢绿茶。"])


def test_a_procedure(m: Memory) -> None:
    steps = [{"role": "user", "content": "买票"}, {"role": "assistant", "content": "打开网页，付款。"}]
    rows = m.add(steps, agent_id="bot", memory_type="procedural_memory", prompt="分步写。")
    assert told(rows) == [("1. 打开网页。2. 付款。", "ADD")]
    assert [row["id"] for row in m.get_all(agent_id="bot")] == [rows[0]["id"]]
    assert m.search("付款", agent_id="bot")[0]["id"] == rows[0]["id"]


# ---------------------------------------------------------------- what was contradicted
@pytest.mark.parametrize(
    ("before", "after", "old", "new"),
    [
        (LISBON, BERGEN, "The user lives in Lisbon.", "The user lives in Bergen."),
        (BOTH, SHANGHAI, "用户住在青岛。", "用户住在上海。"),
    ],
)
def test_a_contradicted_fact_is_told_as_deleted(
    m: Memory, texts: Texts, before: str, after: str, old: str, new: str
) -> None:
    ((ended, *_),) = [[row["id"] for row in m.add(before, user_id="ann", timestamp="2024-01-01")]]
    rows = m.add(after, user_id="ann", timestamp="2025-01-01")
    assert told(rows) == [(new, "ADD"), (old, "DELETE")]
    assert rows[1]["id"] == ended
    assert old not in texts(m.get_all(user_id="ann"))
    assert old not in texts(m.search(old, user_id="ann"))
    assert m.get(ended) is None
    with pytest.raises(MemoryNotFoundError):
        m.update(ended, text="x")
    assert [(event["event"], event["old_memory"]) for event in m.history(ended)] == [
        ("ADD", None),
        ("DELETE", old),
    ]
    # What took its place was never said, then: it is current again.
    m.delete(rows[0]["id"])
    assert old in texts(m.get_all(user_id="ann"))
    assert [event["event"] for event in m.history(ended)] == ["ADD", "DELETE", "ADD"]


def test_news_that_come_late_are_no_row(m: Memory, texts: Texts) -> None:
    m.add(SHANGHAI, user_id="ann", timestamp="2025-01-01")
    rows = m.add(LISBON, user_id="ann", timestamp="2024-01-01")
    assert texts(m.get_all(user_id="ann")) == ["用户住在上海。"]
    assert rows["results"] == []


@pytest.mark.parametrize(
    ("text", "place"),
    [("In 2019 I lived in Rome, that was good.", "Rome"), ("2019年我住在西安，那时很好。", "西安")],
)
def test_what_is_over_is_not_lost(store: Path, texts: Texts, text: str, place: str) -> None:
    year = Timespan(datetime(2019, 1, 1, tzinfo=UTC), datetime(2020, 1, 1, tzinfo=UTC), "year")
    over = Statement(
        "self", "lives_in", place, place, "fact", True, place, (0, len(text)), when=year, ended=True
    )
    extractor = ScriptedExtractor({text: Extraction((over,))}, name="model/1")
    with Memory() as m:
        # As the drop-in does; none of its models tells what is over so.
        with polymem.Memory(store, extractor=extractor) as direct:
            direct.add(text, user_id="ann", metadata={"polymem:row": True})
            assert list(direct.get_all(user_id="ann", kinds=["fact"])) == []
        assert texts(m.get_all(user_id="ann")) == [text] == texts(m.search(place, user_id="ann"))


# ---------------------------------------------------------------- the other verbs
def test_update_and_history(m: Memory, script: Script, texts: Texts) -> None:
    (row,) = m.add(TEA, user_id="ann", metadata={"来源": "聊天"})
    script.facts["用户喜欢乌龙茶。"] = [said("用户喜欢乌龙茶。", "likes", "乌龙茶")]
    m.update(row["id"], data="用户喜欢乌龙茶。", metadata={"n": 2})
    found = m.get(row["id"])
    assert found is not None
    assert (found["memory"], found["metadata"]) == ("用户喜欢乌龙茶。", {"来源": "聊天", "n": 2})
    assert texts(m.get_all(user_id="ann")) == ["用户喜欢乌龙茶。"]
    assert texts(m.search("乌龙茶", user_id="ann")) == ["用户喜欢乌龙茶。"]
    assert [event["event"] for event in m.history(row["id"])] == ["ADD", "UPDATE"]
    m.delete(row["id"])
    assert [event["event"] for event in m.history(row["id"])] == ["ADD", "UPDATE", "DELETE"]
    with pytest.raises(MemoryNotFoundError):
        m.delete(row["id"])


@pytest.mark.parametrize("text", [LISBON, TEA])
def test_a_deleted_fact_stays_away(m: Memory, model: ScriptedModel, store: Path, text: str) -> None:
    (row,) = m.add(text, user_id="ann")
    m.delete(row["id"])
    assert m.get(row["id"]) is None
    with native(store, model) as direct:
        assert direct.reextract(user_id="ann", force=True).worked.n_done == 1
        assert [item.text for item in direct.get_all(user_id="ann")] == [text]
    # The message does not come in its place either.
    assert m.get_all(user_id="ann") == []
    assert m.search(text, user_id="ann") == []


def test_delete_all_and_reset(m: Memory, texts: Texts, store: Path, model: ScriptedModel) -> None:
    m.add(TEA, user_id="ann")
    m.add(TEA, user_id="阿宁")
    m.delete_all(user_id="ann")
    assert m.get_all(user_id="ann") == []
    assert texts(m.get_all(user_id="阿宁")) == ["用户喜欢绿茶。"]
    with native(store, model) as direct:
        assert list(direct.get_all(user_id="ann")) == []
    m.reset()
    assert m.get_all(user_id="阿宁") == []


def test_filters_limits_threshold_pages(m: Memory, texts: Texts) -> None:
    m.add(BOTH, user_id="ann", metadata={"topic": "家"})
    m.add(TEA, user_id="ann", metadata={"topic": "茶"}, expiration_date="2999-01-01")
    tea = {"user_id": "ann", "topic": "茶"}
    assert texts(m.search("喜欢", filters=tea, top_k=5)) == ["用户喜欢绿茶。"]
    assert texts(m.get_all(filters=tea)) == ["用户喜欢绿茶。"]
    (row,) = m.get_all(filters=tea)
    assert (row["metadata"], row["expiration_date"]) == ({"topic": "茶"}, "2999-01-01")
    assert len(m.search("喜欢", user_id="ann", limit=2)) == 2
    scores = [row["score"] for row in m.search("绿茶", user_id="ann")]
    assert len(m.search("绿茶", user_id="ann", threshold=scores[0])) == 1
    pages = [m.get_all(user_id="ann", limit=1)]
    while pages[-1].cursor is not None:
        pages.append(m.get_all(user_id="ann", limit=1, cursor=pages[-1].cursor))
    assert [text for page in pages for text in texts(page)] == texts(m.get_all(user_id="ann"))
    assert sum(map(len, pages)) == 3


def test_each_session_has_what_was_said_in_it(m: Memory, texts: Texts) -> None:
    m.add(TEA, user_id="ann", run_id="周一")
    rows = m.add(TEA, user_id="ann", run_id="周二")
    # The fact is that of Monday; on Tuesday its message stands in.
    assert told(rows) == [(TEA, "ADD")]
    assert texts(m.get_all(user_id="ann", run_id="周一")) == ["用户喜欢绿茶。"]
    assert texts(m.get_all(user_id="ann", run_id="周二")) == [TEA]
    assert texts(m.search("绿茶", user_id="ann", run_id="周二")) == [TEA]
    assert texts(m.get_all(run_id="周二")) == [TEA]
    assert texts(m.get_all(user_id="ann")) == ["用户喜欢绿茶。"]


# ---------------------------------------------------------------- fixed when it was stored
def test_what_a_row_is_does_not_change(m: Memory, model: ScriptedModel, store: Path, texts: Texts) -> None:
    m.close()
    with Memory() as rules:
        (message,) = rules.add(LISBON, user_id="ann")
    with Memory(llm=model) as other:
        assert texts(other.get_all(user_id="ann")) == [LISBON]
        (fact,) = other.add(TEA, user_id="ann")
        other.update(message["id"], text=BERGEN)
        assert texts(other.get_all(user_id="ann")) == ["用户喜欢绿茶。", BERGEN]
    with native(store, model) as direct:
        # Metadata that is replaced leaves what is Polymem's own.
        for item in direct.get_all(user_id="ann"):
            direct.update(item.id, metadata={"k": 1})
        direct.reextract(user_id="ann", force=True)
        assert direct.verify() == []
    with Memory() as rules:
        assert texts(rules.get_all(user_id="ann")) == ["用户喜欢绿茶。", BERGEN]
        assert sorted(texts(rules.search("Bergen 绿茶", user_id="ann"))) == sorted(["用户喜欢绿茶。", BERGEN])
        assert rules.get(message["id"])["memory"] == BERGEN  # type: ignore[index]
        # Said anew by the model, it is another fact with the same words.
        assert rules.get(fact["id"]) is None


def test_messages_that_the_native_interface_stored_stay_messages(
    m: Memory, model: ScriptedModel, store: Path, texts: Texts
) -> None:
    with native(store, model) as direct:
        direct.add(TEA, user_id="ann")
    assert texts(m.get_all(user_id="ann")) == [TEA]
    assert texts(m.search("绿茶", user_id="ann")) == [TEA]


# ---------------------------------------------------------------- a model that fails
def test_messages_stand_in_until_their_facts_are_there(
    m: Memory, script: Script, model: ScriptedModel, store: Path, texts: Texts
) -> None:
    script.error = RateLimitError("slow down", retry_after_s=3_600.0)
    rows = m.add(TEA, user_id="ann", metadata={"k": 1})
    assert told(rows) == [(TEA, "PENDING")]
    assert rows["problem"] == "RateLimitError"
    assert texts(m.get_all(user_id="ann")) == [TEA] == texts(m.search("绿茶", user_id="ann"))
    assert m.get_all(user_id="ann")[0]["metadata"] == {"k": 1}
    script.error = None
    with native(store, model) as direct:
        assert [each.id for each in direct.pending(user_id="ann")] == [rows["pending"]]
        direct.retry(user_id="ann")
        assert direct.work(user_id="ann").n_done == 1
    assert texts(m.get_all(user_id="ann")) == ["用户喜欢绿茶。"] == texts(m.search("绿茶", user_id="ann"))
    # An id that was once given stays good.
    found = m.get(rows[0]["id"])
    assert found is not None
    assert found["memory"] == TEA
    m.delete(rows[0]["id"])
    assert m.get_all(user_id="ann") == []


def test_what_failed_is_tried_again_in_the_background(
    monkeypatch: pytest.MonkeyPatch, script: Script, texts: Texts
) -> None:
    monkeypatch.setenv("POLYMEM__DERIVATION__RETRY_S", "0.05")
    monkeypatch.setenv("POLYMEM__DERIVATION__LEASE_S", "1")

    async def main() -> list[str]:
        async with AsyncMemory(llm=ScriptedModel(script)) as m:
            script.error = RateLimitError("slow down")
            await m.add(TEA, user_id="ann")
            script.error = None
            for _ in range(100):
                await asyncio.sleep(0.05)
                if texts(await m.get_all(user_id="ann")) != [TEA]:
                    break
            return texts(await m.get_all(user_id="ann"))

    assert asyncio.run(main()) == ["用户喜欢绿茶。"]


def test_a_dead_derivation_leaves_the_message(texts: Texts) -> None:
    failing = ScriptedModel(lambda _asked: CapabilityError("no such form", capability="schema"))
    with Memory(llm=failing) as m:
        assert told(m.add(TEA, user_id="ann")) == [(TEA, "PENDING")]
        assert texts(m.get_all(user_id="ann")) == [TEA]
    with Memory() as rules:
        assert texts(rules.get_all(user_id="ann")) == [TEA] == texts(rules.search("茶", user_id="ann"))


# ---------------------------------------------------------------- nothing leaks
def test_the_mark_is_in_no_row(m: Memory, script: Script) -> None:
    (row,) = m.add(TEA, user_id="ann", metadata={"k": 1})
    (bare,) = m.add(LISBON, user_id="ann")
    shown = [m.get(row["id"]), m.get(bare["id"]), *m.get_all(user_id="ann")]
    shown += [row, *m.search("绿茶", user_id="ann", explain=True), *m.history(row["id"])]
    script.error = RateLimitError("slow down", retry_after_s=3_600.0)
    shown += [*m.add(SHANGHAI, user_id="ann"), *m.get_all(user_id="ann")]
    assert "polymem:" not in json.dumps(shown, ensure_ascii=False)
    assert m.get(bare["id"])["metadata"] is None  # type: ignore[index]


@pytest.mark.parametrize("infer", [True, False])
def test_the_mark_cannot_be_given(m: Memory, model: ScriptedModel, infer: bool) -> None:
    mark = {"polymem:row": True}
    (row,) = m.add(TEA, user_id="ann")
    n_calls = model.n_calls
    for messages in ({"content": "x", "metadata": mark}, [{"content": "x", "metadata": mark}]):
        with pytest.raises(MetadataError):
            m.add(messages, user_id="ann", infer=infer)
    with pytest.raises(MetadataError):
        m.add("x", user_id="ann", metadata=mark, infer=infer)
    with pytest.raises(MetadataError):
        m.update(row["id"], metadata={"polymem:row": None})
    assert model.n_calls == n_calls
    assert len(m.get_all(user_id="ann")) == 1


def test_users_do_not_see_each_other(m: Memory) -> None:
    m.add(TEA, user_id="ann", run_id="r")
    assert m.search("绿茶", user_id="an") == []
    assert m.get_all(user_id="阿宁") == []
    assert m.search("绿茶", filters={"user_id": "bob", "OR": [{"user_id": "ann"}, {"run_id": "r"}]}) == []


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"messages": TEA, "user_id": "*"}, ScopeError),
        ({"messages": TEA, "user_id": "ann", "infer": "yes"}, InputError),
        ({"messages": TEA, "user_id": "ann", "metadata": ["k"]}, MetadataError),
        ({"messages": TEA, "user_id": "ann", "memory_type": "semantic"}, InputError),
        ({"messages": TEA, "user_id": "ann", "prompt": 5}, InputError),
        ({"messages": TEA, "user_id": "ann", "prompt": "p", "infer": False}, InputError),
        ({"messages": TEA, "user_id": "ann", "llm": object()}, CapabilityError),
        ({"messages": 5, "user_id": "ann"}, InputError),
    ],
)
def test_bad_arguments_store_nothing(
    m: Memory, model: ScriptedModel, arguments: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        m.add(**arguments)
    assert model.n_calls == 0
    assert m.get_all(user_id="ann") == []


def test_a_model_that_is_none() -> None:
    with pytest.raises(ConfigError):
        Memory(llm=object())  # type: ignore[arg-type]


# ---------------------------------------------------------------- the asynchronous twin
def test_asynchronous(script: Script, texts: Texts) -> None:
    async def main() -> None:
        async with AsyncMemory(llm=ScriptedModel(script, delay_s=0.01)) as m:
            users = [f"用户{n}" for n in range(8)]
            added = await asyncio.gather(*(m.add(BOTH, user_id=user) for user in users))
            assert all(
                told(rows) == [("用户住在青岛。", "ADD"), ("用户喜欢打网球。", "ADD")] for rows in added
            )
            for user in users:
                assert texts(await m.search("住在哪里？", user_id=user, limit=1)) == ["用户住在青岛。"]
            await m.delete(added[0][0]["id"])
            assert texts(await m.get_all(user_id=users[0])) == ["用户喜欢打网球。"]

    asyncio.run(main())


def test_each_end_is_told_once(m: Memory, model: ScriptedModel, store: Path) -> None:
    (old,) = m.add(LISBON, user_id="ann", timestamp="2024-01-01")
    m.add(BERGEN, user_id="ann", timestamp="2025-01-01")
    m.delete(old["id"])
    assert [event["event"] for event in m.history(old["id"])] == ["ADD", "DELETE"]
    (tea,) = m.add(TEA, user_id="ann")
    with native(store, model) as direct:
        direct.archive(tea["id"])
        assert m.search("绿茶", user_id="ann", filters={"role": "user"}, threshold=0.3) == []
        direct.restore(tea["id"])
    assert [event["event"] for event in m.history(tea["id"])] == ["ADD"]


def test_what_one_call_says_and_takes_back(m: Memory) -> None:
    rows = m.add([{"content": LISBON}, {"content": BERGEN}], user_id="ann")
    assert told(rows) == [("The user lives in Bergen.", "ADD")]


def test_what_the_rules_derived_helps_beside_facts(m: Memory, model: ScriptedModel, texts: Texts) -> None:
    m.add(TEA, user_id="ann")
    with Memory() as rules:
        rules.add(LISBON, user_id="ann")
        rows = rules.search("Where do I live? 绿茶", user_id="ann", explain=True)
        assert sorted(texts(rows)) == sorted([LISBON, "用户喜欢绿茶。"])
        assert rows.explanation["left_out"]["folded"] == 1  # type: ignore[index]
