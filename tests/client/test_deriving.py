"""With a model: the messages first, what they say in a second transaction, and nothing lost in between."""

import asyncio

import pytest

from polymem import AsyncMemory, Memory
from polymem.domain.derivation import Usage, Worked
from polymem.domain.statement import Extraction, Mention, Statement
from polymem.errors import (
    BudgetError,
    CapabilityError,
    ConflictError,
    InputError,
    InvalidOutputError,
    NotFoundError,
    RateLimitError,
    RefusalError,
)
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder


def says(text, predicate, thing, **fields):
    """One statement that is the whole text, about who speaks."""
    return Statement("self", predicate, thing, thing.casefold(), "fact", True, text, (0, len(text)), **fields)


HOME = "我住在青岛。"
TEA = "I like tea."
SCRIPT = {
    HOME: Extraction((says(HOME, "lives_in", "青岛"),), (Mention("青岛", "place", (3, 5), ("岛城",)),)),
    TEA: Extraction((says(TEA, "likes", "tea"),)),
    "我住在上海。": Extraction((says("我住在上海。", "lives_in", "上海"),)),
}


@pytest.fixture
def model():
    return ScriptedExtractor(SCRIPT, name="model/1", usage=Usage(1, 100, 10))


@pytest.fixture
def memory(path, clock, model):
    with Memory(path, embedder=WordEmbedder(), clock=clock, extractor=model) as opened:
        yield opened
        assert opened.verify() == []


def facts(memory, user="ann", **ids):
    return sorted(item.text for item in memory.get_all(user_id=user, kinds=["fact"], **ids))


def opened(path, model, **settings):
    """A memory for an event loop, with settings of the section ``derivation``."""
    return AsyncMemory(
        path, embedder=WordEmbedder(), clock=FrozenClock(), extractor=model, config={"derivation": settings}
    )


# ---------------------------------------------------------------- an add that waits
def test_an_add_tells_the_whole(memory, model):
    added = memory.add([{"content": HOME}, {"content": TEA}], user_id="ann", run_id="周一")
    assert [item.kind for item in added.items] == ["episode", "episode", "fact", "fact"]
    assert [item.derived_by for item in added.items] == ["", "", "model/1", "model/1"]
    assert (added.pending, added.problem, added.usage) == (None, "", Usage(1, 100, 10))
    home = added.items[2]
    assert home.episode_ids == (added.items[0].id,)
    assert home.run_id == "周一"
    assert model.n_calls == 1
    assert memory.profile(user_id="ann")["residence"].value == "青岛"
    assert memory.pending() == []
    assert {entity.name: entity.aliases for entity in memory.entities(user_id="ann")}["青岛"] == ("岛城",)
    assert memory.search("岛城", user_id="ann", mode="graph")


def test_what_is_replaced_and_repeated_is_told(memory):
    first = memory.add(HOME, user_id="ann", timestamp="2024-01-01")
    assert memory.add(HOME, user_id="ann", timestamp="2024-01-02").repeated == (first.items[1].id,)
    assert memory.add("我住在上海。", user_id="ann", timestamp="2024-01-03").superseded == (
        first.items[1].id,
    )


def test_the_messages_are_found_before_the_model_answers(path, clock, model):
    async def main():
        async with opened(path, model) as m:
            seen = []

            async def look(messages):
                seen.extend(hit.item.text for hit in await m.search("青岛", user_id="ann"))
                seen.append((await m.stats(user_id="ann"))["derivations"])

            model.meanwhile = look
            await m.add(HOME, user_id="ann")
            assert seen == [HOME, {"waiting": 0, "leased": 1, "dead": 0}]

    asyncio.run(main())


def test_a_statement_of_several_messages_rests_on_all(memory, model):
    model.script["是的。"] = Extraction(
        (says("是的。", "likes", "茶", also_in=(0,), importance=0.9, category="饮食"),), ()
    )
    added = memory.add([{"content": "你喜欢茶吗？"}, {"content": "是的。"}], user_id="ann", metadata={"k": 1})
    *episodes, fact = added.items
    assert set(fact.episode_ids) == {item.id for item in episodes}
    assert (fact.importance, fact.metadata) == (0.9, {"category": "饮食", "k": 1})
    memory.delete(episodes[1].id)
    assert facts(memory) == ["是的。"]
    memory.delete(episodes[0].id)
    assert facts(memory) == []


def test_a_fact_that_relates_nothing_is_kept(memory, model):
    text = "服务器在周二重启。"
    model.script[text] = Extraction((Statement("", "", "", "", "fact", True, text, (0, len(text))),))
    memory.add(text, user_id="ann")
    assert facts(memory) == [text]
    assert memory.search("服务器", user_id="ann", kinds=["fact"])


def test_a_long_batch_takes_several_calls_and_ends_at_once(memory, model):
    texts = [f"第{n}句" for n in range(45)]
    model.script |= {
        text: Extraction((says(text, "likes", f"thing{n}", also_in=(0,)),)) for n, text in enumerate(texts)
    }
    added = memory.add([{"content": text} for text in texts], user_id="ann")
    assert model.n_calls == 3
    assert added.usage == Usage(3, 300, 30)
    last = added.items[-1]
    assert set(last.episode_ids) == {added.items[44].id, added.items[40].id}


def test_without_deriving_the_model_is_not_asked(memory, model):
    assert memory.add(HOME, user_id="ann", infer=False).pending is None
    assert model.n_calls == 0


# ---------------------------------------------------------------- failures
def test_a_model_that_fails_loses_nothing(memory, model, clock):
    model.fail(times=1)
    added = memory.add(HOME, user_id="ann")
    assert [item.kind for item in added.items] == ["episode"]
    assert added.problem == "ModelError"
    (waiting,) = memory.pending(user_id="ann")
    assert (waiting.id, waiting.problem, waiting.attempts) == (added.pending, "ModelError", 1)
    assert memory.search("青岛", user_id="ann")
    assert memory.work() == Worked()
    clock.move(seconds=38)
    assert memory.work() == Worked(n_done=1, usage=Usage(1, 100, 10))
    assert facts(memory) == [HOME]
    assert memory.work() == Worked()


def test_pauses_grow_and_the_dead_stay_dead(memory, model, clock):
    model.fail(RefusalError("no"))
    memory.add(HOME, user_id="ann")
    pauses, worked = [], Worked()
    for _ in range(4):
        (waiting,) = memory.pending()
        pauses.append((waiting.next_at - clock.now()).total_seconds())
        clock.set(waiting.next_at)
        worked = memory.work()
    for pause, least in zip(pauses, (30, 60, 120, 240), strict=True):
        assert least <= pause <= least * 1.25
    assert worked == Worked(n_dead=1, problems=(("RefusalError", 1),))
    (dead,) = memory.pending(state="dead")
    assert dead.attempts == 5
    assert memory.stats()["derivations"] == {"waiting": 0, "leased": 0, "dead": 1}
    clock.move(days=100)
    assert memory.work() == Worked()
    model.recover()
    assert memory.retry(dead.id) == 1
    assert memory.work().n_done == 1
    assert facts(memory) == [HOME]


def test_a_provider_that_asks_to_wait_is_obeyed(memory, model, clock):
    model.fail(RateLimitError("later", retry_after_s=500.0), times=1)
    memory.add(HOME, user_id="ann")
    assert (memory.pending()[0].next_at - clock.now()).total_seconds() == 500


def test_a_budget_that_is_used_up_is_no_attempt(memory, model, clock):
    model.fail(BudgetError("spent"))
    memory.add(HOME, user_id="ann")
    for _ in range(9):
        clock.move(hours=2)
        assert memory.work() == Worked(n_failed=1, problems=(("BudgetError", 1),))
    assert memory.pending()[0].attempts == 0


def test_what_cannot_be_done_is_given_up_at_once(memory, model):
    model.fail(CapabilityError("not that"))
    memory.add(HOME, user_id="ann", prompt="别的")
    assert memory.pending()[0].state == "dead"


@pytest.mark.parametrize(
    "answer",
    [
        lambda n: [Extraction()] * (n + 1),
        lambda n: [],
        lambda n: [Extraction((says("x", "likes", "x", also_in=(n,)),))] * n,
        lambda n: [Extraction((says("x", "likes", "x", also_in=(-1,)),))] * n,
    ],
)
def test_an_answer_of_the_wrong_form_is_no_success(memory, model, answer):
    async def extract(messages, *, instructions=None):
        return answer(len(messages))

    model.extract = extract
    added = memory.add([{"content": HOME}, {"content": TEA}], user_id="ann")
    assert added.problem == InvalidOutputError.__name__
    assert facts(memory) == []


def test_an_extractor_that_breaks_in_its_own_way_is_a_failure_like_any_other(memory, model):
    model.fail(ZeroDivisionError("secret 密码"), times=1)
    added = memory.add(HOME, user_id="ann")
    assert added.problem == "ZeroDivisionError"
    assert "密码" not in repr(memory.pending())


# ---------------------------------------------------------------- what happens meanwhile
@pytest.mark.parametrize("verb", ["forget", "delete"])
def test_an_episode_that_goes_while_the_model_reads_leaves_no_fact(path, model, verb):
    async def main():
        async with opened(path, model) as m:

            async def remove(messages):
                model.meanwhile = None
                (item,) = [item for item in await m.get_all(user_id="ann") if item.text == HOME]
                await getattr(m, verb)(item.id)

            model.meanwhile = remove
            added = await m.add([{"content": HOME}, {"content": TEA}], user_id="ann")
            assert added.pending is None
            assert sorted(item.text for item in await m.get_all(user_id="ann")) == [TEA, TEA]
            assert [message.text for message in model.seen] == [HOME, TEA, TEA]
            assert await m.verify() == []

    asyncio.run(main())


def test_when_all_of_it_is_erased_there_is_nothing_to_do(path, model):
    async def main():
        async with opened(path, model) as m:

            async def remove(messages):
                await m.forget(user_id="ann", everything=True)

            model.meanwhile = remove
            added = await m.add(HOME, user_id="ann", prompt="秘密")
            assert (added.pending, added.problem) == (None, "")
            assert await m.pending() == []
            assert len(await m.get_all(user_id="ann")) == 0
            assert model.n_calls == 1

    asyncio.run(main())


def test_an_episode_that_changes_while_the_model_reads_says_its_new_words(path, model):
    async def main():
        async with opened(path, model) as m:

            async def reword(messages):
                model.meanwhile = None
                (item,) = await m.get_all(user_id="ann")
                await m.update(item.id, "我住在上海。", infer=False)

            model.meanwhile = reword
            await m.add(HOME, user_id="ann")
            found = await m.get_all(user_id="ann", kinds=["fact"])
            assert [item.text for item in found] == ["我住在上海。"]
            assert await m.verify() == []

    asyncio.run(main())


# ---------------------------------------------------------------- in the background
def test_in_the_background_the_answer_comes_first(path, model):
    async def main():
        async with opened(path, model, background=True) as m:
            gate = asyncio.Event()
            model.meanwhile = lambda messages: gate.wait()
            added = await m.add(HOME, user_id="ann")
            assert [item.kind for item in added.items] == ["episode"]
            assert [each.id for each in await m.pending()] == [added.pending]
            assert [hit.item.text for hit in await m.search("青岛", user_id="ann")] == [HOME]
            gate.set()
            assert (await m.work()).n_done == 1
            assert len(await m.get_all(user_id="ann", kinds=["fact"])) == 1
            waited = await m.add(TEA, user_id="ann", background=False)
            assert waited.pending is None

    asyncio.run(main())


def test_users_overlap_up_to_the_limit_and_sessions_keep_their_order(path, model):
    async def main():
        async with opened(path, model, concurrency=3) as m:
            barrier = asyncio.Barrier(3)
            order = []

            async def together(messages):
                order.append(messages[0].text)
                if len(order) <= 3:
                    # Ends only if three are under way at one time.
                    async with asyncio.timeout(20):
                        await barrier.wait()

            model.meanwhile = together
            adds = [m.add(f"u{n}", user_id=f"u{n}") for n in range(3)]
            await asyncio.gather(*adds, *(m.add(f"s{n}", user_id="小红", run_id="r") for n in range(5)))
            assert model.most_at_once == 3
            assert [text for text in order if text.startswith("s")] == [f"s{n}" for n in range(5)]

    asyncio.run(main())


def test_one_session_is_never_read_twice_at_once(path, model):
    async def main():
        async with opened(path, model) as m:
            model.meanwhile = lambda messages: asyncio.sleep(0.005)
            await asyncio.gather(*(m.add(f"s{n}", user_id="ann", background=n % 2 == 0) for n in range(8)))
            await m.work()
            assert model.most_at_once == 1
            assert await m.pending() == []

    asyncio.run(main())


def test_closing_leaves_the_rest_in_the_queue_for_anybody(path, model):
    async def main():
        m = opened(path, model, close_s=0.05)
        model.meanwhile = lambda messages: asyncio.Event().wait()
        for n in range(6):
            await m.add(HOME, user_id=f"u{n}", background=True)
        await asyncio.sleep(0)
        await m.close()
        model.meanwhile = None
        async with opened(path, model) as again:
            assert await again.pending(state="leased") == []
            assert (await again.work()).n_done == 6
            assert len(await again.get_all(user_id="u3", kinds=["fact"])) == 1

    asyncio.run(main())


def test_closing_waits_for_what_is_about_to_end(path, model):
    async def main():
        m = opened(path, model)
        model.meanwhile = lambda messages: asyncio.sleep(0.05)
        await m.add(HOME, user_id="ann", background=True)
        await asyncio.sleep(0.01)
        await m.close()
        async with opened(path, model) as again:
            assert len(await again.get_all(user_id="ann", kinds=["fact"])) == 1

    asyncio.run(main())


def test_who_stops_waiting_stops_nothing(path, model):
    async def main():
        async with opened(path, model) as m:
            gate, begun = asyncio.Event(), asyncio.Event()

            async def hold(messages):
                begun.set()
                await gate.wait()

            model.meanwhile = hold
            task = asyncio.ensure_future(m.add(HOME, user_id="ann"))
            await begun.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            gate.set()
            await m.work()
            assert len(await m.get_all(user_id="ann", kinds=["fact"])) == 1

    asyncio.run(main())


def test_a_lease_that_another_took_is_not_used(path, model):
    """The clock jumps while the model reads; another worker takes the derivation over and does it."""

    async def main():
        async with opened(path, model) as m:
            other_model = ScriptedExtractor(SCRIPT, name="model/1")
            async with opened(path, other_model) as other:

                async def taken_over(messages):
                    clock = other._parts.clock
                    assert isinstance(clock, FrozenClock)
                    clock.move(hours=1)
                    assert (await other.work()).n_done == 1

                model.meanwhile = taken_over
                added = await m.add(HOME, user_id="ann")
                assert (added.pending, added.problem) == (None, "")
                assert len(await m.get_all(user_id="ann", kinds=["fact"])) == 1

    asyncio.run(main())


def test_a_lease_is_renewed_while_the_model_reads(path, model):
    """The real time counts here: the model takes several times as long as the lease."""

    async def main():
        async with AsyncMemory(
            path, embedder=WordEmbedder(), extractor=model, config={"derivation": {"lease_s": 0.2}}
        ) as m:

            async def slow(messages):
                await asyncio.sleep(0.6)
                assert (await m.pending())[0].state == "leased"
                assert await m._parts.pool.deriver.take((await m.pending())[0].id) is None

            model.meanwhile = slow
            assert (await m.add(HOME, user_id="ann")).pending is None

    asyncio.run(main())


# ---------------------------------------------------------------- repetition
def test_a_repeated_call_derives_once(memory, model, clock):
    model.fail(times=1)
    first = memory.add(HOME, user_id="ann", idempotency_key="k", prompt="旅行")
    second = memory.add(HOME, user_id="ann", idempotency_key="k", prompt="旅行")
    assert second.replayed
    assert (second.pending, second.problem) == (first.pending, "ModelError")
    assert len(memory.pending()) == 1
    clock.move(hours=1)
    memory.work()
    third = memory.add(HOME, user_id="ann", idempotency_key="k", prompt="旅行")
    assert third.pending is None
    assert [item.kind for item in third.items] == ["episode", "fact"]
    with pytest.raises(ConflictError):
        memory.add(HOME, user_id="ann", idempotency_key="k", prompt="工作")
    assert model.n_calls == 2


# ---------------------------------------------------------------- instructions
def test_what_a_call_asks_reaches_the_model_with_what_the_configuration_asks(path, model):
    config = {
        "extraction": {
            "instructions": "简短。",
            "categories": {"work": "jobs"},
            "includes": ["工作"],
            "excludes": ["health"],
        }
    }
    with Memory(path, embedder=WordEmbedder(), extractor=model, config=config) as m:
        m.add(
            HOME,
            user_id="ann",
            prompt=" 只看地点 ",
            memory_type="procedural_memory",
            categories={"旅行": "trips", "work": "职业"},
            includes=["旅行"],
            excludes=("health", "钱"),
        )
        m.add(TEA, user_id="ann")
        first, second = model.asked
    assert (first.prompt, first.custom, first.memory_type) == ("只看地点", "简短。", "procedural_memory")
    assert first.categories == (("旅行", "trips"), ("work", "职业"))
    assert (first.includes, first.excludes) == (("工作", "旅行"), ("health", "钱"))
    assert (second.prompt, second.custom, second.memory_type) == ("", "简短。", "")


WRONG = [
    {"prompt": 5},
    {"prompt": "  "},
    {"prompt": "x" * 8_001},
    {"prompt": "\x00"},
    {"memory_type": "procedural"},
    {"memory_type": ""},
    {"categories": "旅行"},
    {"categories": {"": "x"}},
    {"categories": {1: "x"}},
    {"categories": [""]},
    {"includes": "旅行"},
    {"includes": [5]},
    {"includes": [" "]},
    {"excludes": ["x"] * 101 + [f"x{n}" for n in range(101)]},
    {"excludes": {"a": "b"}},
    {"background": "yes"},
    {"background": 1},
    {"prompt": "x", "infer": False},
]


@pytest.mark.parametrize("given", WRONG, ids=lambda given: str(given)[:40])
def test_what_cannot_be_asked_is_refused_before_anything_is_stored(memory, model, given):
    with pytest.raises(InputError) as caught:
        memory.add(HOME, user_id="ann", **given)
    assert caught.value.argument in given
    assert len(memory.get_all(user_id="ann")) == 0
    assert model.n_calls == 0


@pytest.mark.parametrize(
    "given",
    [
        {"prompt": "只看地点"},
        {"memory_type": "procedural_memory"},
        {"categories": ["a"]},
        {"includes": ["a"]},
        {"excludes": ["a"]},
    ],
)
def test_the_rules_take_no_instructions(path, given):
    with Memory(path, embedder=WordEmbedder()) as m:
        with pytest.raises(CapabilityError):
            m.add(HOME, user_id="ann", **given)
        assert len(m.get_all(user_id="ann")) == 0
        assert m.add(HOME, user_id="ann", background=True).pending is None
        assert m.work() == Worked()


# ---------------------------------------------------------------- an update
def test_an_update_is_durable_before_the_model_reads_it(memory, model, clock):
    episode = memory.add(HOME, user_id="ann").items[0]
    model.fail(times=1)
    assert memory.update(episode.id, "我住在上海。").version == 2
    assert facts(memory) == []
    assert memory.profile(user_id="ann") == {}
    clock.move(hours=1)
    memory.work()
    assert memory.profile(user_id="ann")["residence"].value == "上海"
    calls = model.n_calls
    memory.update(episode.id, metadata={"k": "值"})
    memory.update(episode.id, "我住在上海。")
    memory.update(episode.id, TEA, infer=False)
    assert model.n_calls == calls
    assert facts(memory) == []


def test_an_update_takes_over_what_still_waits(memory, model, clock):
    model.fail(times=1)
    episode = memory.add(HOME, user_id="ann").items[0]
    memory.update(episode.id, "我住在上海。")
    assert memory.pending() == []
    assert facts(memory) == ["我住在上海。"]


# ---------------------------------------------------------------- the wall
def test_a_bound_handle_sees_and_works_its_own_alone(memory, model):
    model.fail(times=2)
    mine = memory.add(HOME, user_id="ann", run_id="r").pending
    other = memory.add(TEA, user_id="bob").pending
    ann = memory.scoped(user_id="ann")
    assert [each.id for each in ann.pending()] == [mine]
    assert ann.scoped(run_id="other").pending() == []
    assert ann.stats()["derivations"]["waiting"] == 1
    for ids in (other, [mine, other], "no id", "*", ""):
        with pytest.raises(NotFoundError):
            ann.retry(ids)
    assert ann.retry() == 1
    assert ann.work().n_done == 1
    assert [each.id for each in memory.pending()] == [other]
    assert memory.retry([other]) == 1
    assert memory.work(user_id="bob").n_done == 1


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("pending", {"limit": 0}),
        ("pending", {"limit": True}),
        ("pending", {"state": "done"}),
        ("pending", {"user_id": "*"}),
        ("work", {"limit": -1}),
        ("work", {"limit": "1"}),
        ("work", {"user_id": ""}),
        ("retry", {"derivation_ids": []}),
        ("retry", {"derivation_ids": [5]}),
        ("reextract", {}),
        ("reextract", {"user_id": "ann", "force": "no"}),
        ("reextract", {"user_id": "ann", "dry_run": 1}),
        ("reextract", {"user_id": "ann", "run": None}),
        ("reextract", {"user_id": "ann", "before": "soon"}),
    ],
)
def test_bad_arguments(memory, verb, given):
    with pytest.raises(InputError):
        getattr(memory, verb)(**given)


def test_a_limit_is_kept_and_progress_told(memory, model):
    model.fail(times=5)
    for n in range(5):
        memory.add(HOME, user_id=f"u{n}")
    memory.retry()
    told = []
    assert memory.work(limit=0) == Worked()
    assert memory.work(limit=3, progress=told.append).n_done == 3
    assert told == [1, 2, 3]
    assert len(memory.pending()) == 2


def test_new_metadata_leave_it_said_who_derived(memory):
    episode, fact = memory.add(HOME, user_id="ann").items
    memory.update(episode.id, metadata={"k": "值"})
    again = memory.get(fact.id)
    assert (again.version, again.metadata, again.derived_by) == (2, {"k": "值"}, "model/1")
    memory.update(fact.id, importance=0.9)
    assert memory.get(fact.id).derived_by == "model/1"
