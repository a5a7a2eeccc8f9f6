"""A memory with a reranker: what it reads, what it changes, what it may not change, and what if it fails."""

import asyncio
import math
from typing import Any

import pytest

from polymem import AsyncMemory, Memory
from polymem.errors import BudgetError, ConfigError, InputError, InvalidOutputError, ModelError
from polymem.testing.models import ScriptedModel
from polymem.testing.reranking import FailingReranker, WordReranker
from tests.wire.server import KEY, Answer, ScriptedServer

TALK = (
    "I bought a green kettle in Lisbon.",
    "The kettle broke again.",
    "My kettle is older than my car.",
    "我在里斯本买了一个绿色的水壶。",
    "水壶又坏了。",
    "我爱喝绿茶。",
)
QUERY, QUERY_ZH = "What about the kettle?", "水壶怎么样？"


def filled(path, **options):
    memory = Memory(path, **options)
    for n, text in enumerate(TALK):
        memory.add(text, user_id="ann", run_id=f"r{n}", infer=False, timestamp=1_700_000_000 + n)
    return memory


@pytest.fixture
def path(tmp_path):
    return tmp_path / "m.db"


def texts(hits):
    return [hit.item.text for hit in hits]


def prefers(word, *, strength=4.0):
    return WordReranker(lambda _query, text: strength if word in text else 0.0)


def told(hits) -> Any:
    """Return what the explanation says of the reranker."""
    return hits.explanation["rerank"]


def odds(score):
    return math.log(score / (1 - score))


@pytest.mark.parametrize(("query", "word"), [(QUERY, "older"), (QUERY_ZH, "又")])
def test_what_it_prefers_moves_up(path, query, word):
    with filled(path, reranker=prefers(word)) as memory:
        plain = memory.search(query, user_id="ann", rerank=False)
        ranked = memory.search(query, user_id="ann")
        (place,) = [n for n, text in enumerate(texts(plain)) if word in text]
        (now,) = [n for n, text in enumerate(texts(ranked)) if word in text]
        assert now <= place
        assert ranked[now].score > plain[place].score
        assert sorted(texts(ranked)) == sorted(texts(plain))
        assert all(0 <= hit.score <= 1 for hit in ranked)
        assert [hit.score for hit in ranked] == sorted((hit.score for hit in ranked), reverse=True)


def test_it_never_replaces_the_score(path):
    config = {"reranker": {"weight": 0.5}}
    with filled(path, config=config, reranker=prefers("绿茶", strength=1e6)) as memory:
        plain = {hit.item.id: hit.score for hit in memory.search(QUERY, user_id="ann", rerank=False)}
        for hit in memory.search(QUERY, user_id="ann"):
            assert abs(odds(hit.score) - odds(plain[hit.item.id])) <= 1.5 + 1e-4


def test_the_signals_show_its_part_and_still_add_up(path):
    with filled(path, reranker=prefers("older")) as memory:
        hits = memory.search(QUERY, user_id="ann", explain=True)
        for hit in hits:
            assert sum(hit.signals.values()) == pytest.approx(odds(hit.score), abs=1e-3)
        parts = {hit.item.text: hit.signals["rerank"] for hit in hits}
        assert max(parts, key=lambda text: parts[text]) == TALK[2]
        assert hits.explanation["rerank"] == {"model": "words/1", "depth": len(hits)}
        plain = memory.search(QUERY, user_id="ann")
        assert plain[0].signals == {}
        assert plain.explanation == {}
        assert "rerank" not in memory.search(QUERY, user_id="ann", explain=True, rerank=False)[0].signals


def test_it_reads_who_spoke_and_the_title_of_a_passage(path):
    reader = WordReranker()
    with Memory(path, reranker=reader) as memory:
        memory.add({"role": "user", "name": "小红", "content": "水壶坏了。"}, user_id="a", infer=False)
        memory.add(
            {"role": "document", "content": "It boils.", "metadata": {"title": "水壶 Kettle"}},
            user_id="a",
            infer=False,
        )
        memory.search("水壶", user_id="a")
    (asked,) = reader.asked
    assert asked[0] == "水壶"
    assert set(asked[1]) == {"小红: 水壶坏了。", "水壶 Kettle\nIt boils."}


@pytest.mark.parametrize(("rerank", "expected"), [(None, 4), (True, 4), (2, 2), (50, 6), (False, None)])
def test_how_many_hits_it_reads(path, rerank, expected):
    reader = WordReranker()
    with filled(path, config={"reranker": {"depth": 4}}, reranker=reader) as memory:
        hits = memory.search(QUERY, user_id="ann", limit=3, rerank=rerank)
        assert len(hits) == 3
    assert [len(read) for _, read in reader.asked] == ([] if expected is None else [expected])


def test_a_hit_beyond_the_limit_can_come_in(path):
    with filled(path, config={"reranker": {"weight": 1.0}}, reranker=prefers("older")) as memory:
        order = texts(memory.search(QUERY, user_id="ann", rerank=False))
        place = order.index(TALK[2])
        assert place > 0, "it is first anyway: the case tells nothing"
        assert TALK[2] in texts(memory.search(QUERY, user_id="ann", limit=place))


@pytest.mark.parametrize(
    ("said", "again"),
    [
        ("My kettle is red.", "My kettle is red."),
        (
            "We took the red kettle along on the night train and saw the sun rise over the sea.",
            "We took the red kettle along on the night train and slowly saw the sun rise over the sea.",
        ),
        ("我们带着红色的水壶坐夜里的火车去了海边看日出。", "我们带着红色的水壶坐夜里的火车去了海边看日出"),
    ],
)
def test_repeats_come_last_as_without_it(path, said, again):
    with Memory(path, reranker=prefers(said[:8])) as memory:
        for n, text in enumerate([said, again, "A kettle.", "一个水壶"]):
            memory.add(text, user_id="a", run_id=f"r{n}", infer=False, timestamp=1_700_000_000 + n)
        for rerank in (True, False):
            shown = texts(memory.search("red kettle 红色的水壶", user_id="a", limit=3, rerank=rerank))
            assert len({said, again} & set(shown)) == 1
            assert {"A kettle.", "一个水壶"} < set(shown)
            assert len(memory.search("red kettle 红色的水壶", user_id="a", limit=4, rerank=rerank)) == 4


@pytest.mark.parametrize(
    ("old", "new", "query"),
    [
        ("I live in Oslo.", "I live in Bergen.", "Where do I live?"),
        ("我住在青岛。", "我住在大连。", "我住在哪里？"),
    ],
)
def test_what_replaced_another_stays_above_it(path, old, new, query):
    for weight in (0.5, 1.0):
        reader = WordReranker(lambda _query, text, old=old: 9.0 if old in text else -9.0)
        name = path.with_name(f"{weight}.db")
        with Memory(name, config={"reranker": {"weight": weight}}, reranker=reader) as memory:
            memory.add(old, user_id="a", timestamp=1_700_000_000)
            memory.add("The weather is fine. 天气很好。", user_id="a", timestamp=1_700_100_000)
            memory.add(new, user_id="a", timestamp=1_700_200_000)
            hits = memory.search(query, user_id="a", explain=True)
            assert texts(hits).index(new) < texts(hits).index(old)
            for hit in hits:
                assert sum(hit.signals.values()) == pytest.approx(odds(hit.score), abs=1e-3)
            block = memory.context(query, user_id="a", limit=1, budget_tokens=400)
            assert new in block


def test_the_order_of_replacement_holds_over_several_steps(path):
    towns = ["Oslo", "Bergen", "Turku", "Riga"]
    reader = WordReranker(
        lambda _query, text: -5.0 * sum(text.count(town) * n for n, town in enumerate(towns))
    )
    with Memory(path, config={"reranker": {"weight": 1.0}}, reranker=reader) as memory:
        for n, town in enumerate(towns):
            memory.add(f"I live in {town}.", user_id="a", timestamp=1_700_000_000 + n * 100_000)
        found = texts(memory.search("Where do I live?", user_id="a"))
        assert found == [f"I live in {town}." for town in reversed(towns)]


def test_a_failing_reranker_is_an_error(path):
    reader = FailingReranker()
    with filled(path, reranker=reader) as memory:
        reader.fail()
        for verb in (memory.search, memory.context):
            with pytest.raises(ModelError):
                verb(QUERY, user_id="ann")
            assert verb(QUERY, user_id="ann", rerank=False)
        reader.recover()
        assert memory.search(QUERY, user_id="ann")


def test_or_it_is_passed_over_and_the_explanation_says_so(path):
    reader = FailingReranker()
    with filled(path, config={"reranker": {"on_failure": "skip"}}, reranker=reader) as memory:
        plain = memory.search(QUERY, user_id="ann", limit=3, rerank=False)
        reader.fail(InvalidOutputError("told to fail"))
        hits = memory.search(QUERY, user_id="ann", limit=3)
        assert [(hit.item.id, hit.score) for hit in hits] == [(hit.item.id, hit.score) for hit in plain]
        assert told(hits)["skipped"] == "InvalidOutputError"
        assert memory.context(QUERY, user_id="ann") == memory.context(QUERY, user_id="ann", rerank=False)
        # What is no failure of the model is not passed over.
        reader.fail(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            memory.search(QUERY, user_id="ann")


@pytest.mark.parametrize("said", [[1.0], [math.nan] * 6, ["芝麻"] * 6, None, [[1, 2]] * 6])
def test_a_reranker_that_says_something_else_is_an_error(path, said):
    class Odd:
        name = "odd/1"

        async def score(self, query, texts):
            return said

    with filled(path, reranker=Odd()) as memory, pytest.raises(InvalidOutputError) as caught:
        memory.search(QUERY, user_id="ann")
    assert "芝麻" not in str(caught.value)


def test_nothing_found_asks_nobody(path):
    reader = WordReranker()
    with Memory(path, reranker=reader) as memory:
        memory.add("茶", user_id="a", infer=False)
        assert not memory.search("茶", user_id="b")
        assert memory.context("茶", user_id="b") == ""
    assert reader.asked == []


def test_a_function_will_do_and_the_event_loop_goes_on(path):
    async def main():
        async with AsyncMemory(path, reranker=count_tea) as memory:
            await memory.add("我爱喝绿茶。", user_id="a", infer=False)
            return await memory.search("茶", user_id="a", explain=True)

    hits = asyncio.run(main())
    assert told(hits)["model"].endswith("count_tea")


def count_tea(query, texts):
    return [text.count("茶") for text in texts]


def test_context_shows_what_the_reranker_puts_first(path):
    with filled(path, config={"reranker": {"weight": 1.0}}, reranker=prefers("older")) as memory:
        assert texts(memory.search(QUERY, user_id="ann", limit=1)) == [TALK[2]]
        said = memory.context(QUERY, user_id="ann", limit=1, budget_tokens=60)
        assert TALK[2] in said


def test_what_is_deleted_while_the_reranker_reads_is_in_no_context(path):
    async def main():
        async with AsyncMemory(path) as memory:
            added = await memory.add("口令是芝麻开门。", user_id="a", infer=False)
            await memory.add("我爱喝绿茶。", user_id="a", infer=False)

            class Deleting:
                name = "deleting/1"

                async def score(self, query, texts):
                    if deletes:
                        await memory.delete(added.ids[0])
                    return [0.0] * len(texts)

            deleting: Any = Deleting()
            deletes = False
            async with AsyncMemory(path, reranker=deleting) as other:
                before = await other.context("口令是什么？", user_id="a")
                deletes = True
                after = await other.context("口令是什么？", user_id="a")
            return before, after

    before, after = asyncio.run(main())
    assert "芝麻" in before
    assert "芝麻" not in after
    assert "绿茶" in after


@pytest.mark.parametrize("rerank", [0, -1, 1_001, 2.5, "yes", [], math.nan])
def test_values_of_rerank_that_cannot_be_used(path, rerank):
    with filled(path, reranker=WordReranker()) as memory:
        for verb in (memory.search, memory.context):
            with pytest.raises(InputError) as caught:
                verb(QUERY, user_id="ann", rerank=rerank)
            assert caught.value.argument == "rerank"


@pytest.mark.parametrize("rerank", [True, 5])
def test_asking_for_what_is_not_configured_is_an_error(path, rerank):
    with filled(path) as memory:
        with pytest.raises(ConfigError) as caught:
            memory.search(QUERY, user_id="ann", rerank=rerank)
        assert caught.value.setting == "reranker.provider"
        assert memory.search(QUERY, user_id="ann", rerank=False)
        with pytest.raises(ConfigError):
            memory.calibrate_reranker([(QUERY, ["x"])], user_id="ann")


@pytest.mark.parametrize(
    ("given", "setting"),
    [
        ({"model": "m"}, "reranker.model"),
        ({"depth": 5}, "reranker.depth"),
        ({"provider": "nobody"}, "reranker.provider"),
        ({"provider": "onnx"}, "reranker.model"),
        ({"provider": "onnx", "model": "/nowhere"}, "reranker.model"),
        ({"provider": "onnx", "model": "m", "api_key": KEY}, "reranker.api_key"),
        ({"provider": "llm"}, "llm.provider"),
        ({"provider": "llm", "base_url": "http://localhost"}, "reranker.base_url"),
        ({"provider": "cohere", "api_key": KEY}, "reranker.model"),
        ({"provider": "tei", "offset": 1.0}, "reranker.offset"),
        ({"provider": "tei", "base_url": "ftp://x"}, "base_url"),
        ({"provider": "tei", "weight": 1.5}, "reranker.weight"),
        ({"provider": "tei", "depth": 0}, "reranker.depth"),
        ({"provider": "tei", "scale": -1.0}, "reranker.scale"),
        ({"provider": "tei", "on_failure": "ignore"}, "reranker.on_failure"),
    ],
)
def test_settings_that_do_not_go_together(path, given, setting):
    with pytest.raises(ConfigError) as caught:
        Memory(path, config={"reranker": given})
    assert caught.value.setting == setting
    assert KEY not in str(caught.value)


def test_a_key_is_looked_for_where_the_provider_keeps_it(path, monkeypatch):
    monkeypatch.delenv("JINA_API_KEY", raising=False)
    settings = {"reranker": {"provider": "jina", "model": "m"}}
    with pytest.raises(ConfigError, match="JINA_API_KEY"):
        Memory(path, config=settings)
    monkeypatch.setenv("JINA_API_KEY", KEY)
    with Memory(path, config=settings) as memory:
        assert KEY not in repr(memory._memory._parts.reranking)


def test_what_is_no_reranker_is_told(path):
    nothing: Any = object()
    with pytest.raises(ConfigError):
        Memory(path, reranker=nothing)


def test_a_configured_server_is_asked_with_its_budget(path):
    def answer(seen):
        found = [
            {"index": n, "relevance_score": 0.9 if "older" in text else 0.1}
            for n, text in enumerate(seen.body["documents"])
        ]
        return Answer({"results": found})

    with ScriptedServer(answer) as server:
        settings = {"provider": "cohere", "model": "m", "base_url": server.url, "api_key": KEY, "depth": 5}
        settings |= {"budget_calls": 2, "scale": 1.0, "offset": 0.0, "batch_size": 50}
        with filled(path, config={"reranker": settings}) as memory:
            hits = memory.search(QUERY, user_id="ann", explain=True)
            memory.context(QUERY, user_id="ann")
            with pytest.raises(BudgetError):
                memory.search(QUERY, user_id="ann")
    assert [len(seen.body["documents"]) for seen in server.asked] == [5, 5]
    parts = {hit.item.text: hit.signals["rerank"] for hit in hits}
    assert parts[TALK[2]] == pytest.approx(0.5 * math.log(9), abs=1e-3)
    assert told(hits)["model"] == "cohere:m"


def test_the_language_model_reranks_if_it_is_told_to(path):
    model = ScriptedModel(lambda _asked: {"grades": [{"n": 1, "grade": 3}]})
    with filled(path, config={"reranker": {"provider": "llm"}}, llm=model) as memory:
        hits = memory.search(QUERY, user_id="ann", explain=True)
    assert model.n_calls == 1
    assert max(hit.signals["rerank"] for hit in hits) > 0
    assert "scripted/1/rerank-1" in told(hits)["model"]


def calibrated(memory, examples) -> Any:
    return memory.calibrate_reranker(examples, user_id="ann")


def made_up(path, reader, n=12):
    """Return a memory of many alike messages, and for each question the one that only the reranker can tell."""
    memory = Memory(path, reranker=reader)
    examples = []
    for n_th in range(n):
        ids = [
            memory.add(
                f"Note {n_th} on kettles 水壶: {word}.", user_id="ann", run_id=f"{n_th}-{word}", infer=False
            ).ids[0]
            for word in ("plain", "说明", "gem", "spare")
        ]
        examples.append((f"Note {n_th} on kettles 水壶", [ids[2]]))
    return memory, examples


def test_calibration_finds_out_that_a_reranker_pays(path):
    memory, examples = made_up(path, prefers("gem", strength=0.01))
    with memory:
        fitted = calibrated(memory, examples)
    assert fitted.n_queries == len(examples)
    assert fitted.blend.weight > 0
    assert fitted.loss_with < fitted.loss_without
    # Its settings are settings.
    with Memory(path.with_name("n.db"), config=fitted.settings, reranker=prefers("gem")) as other:
        how: Any = other._memory._parts.reranking
        assert how.blend == fitted.blend


def test_calibration_finds_out_that_one_does_not_pay(path):
    memory, examples = made_up(path, prefers("spare"))
    with memory:
        fitted = calibrated(memory, examples)
    assert fitted.blend.weight * fitted.blend.scale < 0.05


@pytest.mark.parametrize(
    "examples",
    [
        [],
        "abc",
        None,
        [("q", "an-id")],
        [("q", [])],
        [("q",)],
        [(1, ["x"])],
        [("q", [1])],
        ["qx"],
        [("q", ["x"])],
    ],
)
def test_examples_that_cannot_be_used(path, examples):
    with filled(path, reranker=WordReranker()) as memory, pytest.raises(InputError) as caught:
        calibrated(memory, examples)
    assert caught.value.argument == "examples"
