"""``Memory`` and ``AsyncMemory`` have the same verbs, arguments, results and errors."""

import asyncio
import inspect

import pytest

from polymem import AsyncMemory, Memory
from polymem.errors import ClosedError, ConfigError, ScopeError
from polymem.models.embedders.callable import CallableEmbedder
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder


def public(cls):
    return {
        name: getattr(cls, name)
        for name in dir(cls)
        if not name.startswith("_") and callable(getattr(cls, name))
    }


def test_the_same_verbs():
    assert public(Memory).keys() == public(AsyncMemory).keys()


@pytest.mark.parametrize("name", sorted(public(AsyncMemory)))
def test_the_same_arguments_and_words(name):
    blocking, waiting = public(Memory)[name], public(AsyncMemory)[name]
    assert inspect.signature(blocking).parameters == inspect.signature(waiting).parameters
    assert name == "close" or blocking.__doc__ == waiting.__doc__
    assert waiting.__doc__
    assert not inspect.iscoroutinefunction(inspect.unwrap(blocking)) or blocking is not waiting


def test_the_same_way_to_open():
    assert inspect.signature(Memory.__init__).parameters == inspect.signature(AsyncMemory.__init__).parameters


def script(call):
    """Do a bit of everything; *call* finishes a verb. Return what was seen, without random ids."""
    a = call("add", "My name is Ann and I live in Lyon. 我喜欢喝茶。", user_id="ann", metadata={"n": 1})
    item = a.items[0].id
    seen = [a.superseded, [i.text for i in a.items]]
    call("add", [{"role": "assistant", "content": "noted"}], user_id="ann", run_id="r")
    seen += [[h.score for h in call("search", "Lyon", user_id="ann")], call("context", "tea", user_id="ann")]
    seen += [call("update", item, "I live in Nice").text, [e.name for e in call("history", item)]]
    seen += [str(call("profile", user_id="ann").get("residence")), len(call("entities", user_id="ann"))]
    seen += [[(r.subject, r.object) for r in call("relations", user_id="ann")]]
    seen += [call("stats", user_id="ann")["kinds"], call("verify"), call("rebuild")]
    call("delete", item)
    seen += [call("get", item), [i.text for i in call("get_all", user_id="ann")]]
    seen += [len(call("forget", user_id="ann", everything=True).erased), call("delete_all", user_id="ann")]
    for wrong in (lambda: call("get_all"), lambda: call("search", "x", user_id="*")):
        with pytest.raises(ScopeError) as caught:
            wrong()
        seen.append(str(caught.value))
    return seen


def test_the_same_behaviour(tmp_path):
    with Memory(tmp_path / "a.db", embedder=WordEmbedder(), clock=FrozenClock()) as memory:
        blocking = script(lambda verb, *args, **kwargs: getattr(memory, verb)(*args, **kwargs))
    with asyncio.Runner() as runner:
        waiting = AsyncMemory(tmp_path / "b.db", embedder=WordEmbedder(), clock=FrozenClock())
        assert (
            script(lambda verb, *args, **kwargs: runner.run(getattr(waiting, verb)(*args, **kwargs)))
            == blocking
        )
        runner.run(waiting.close())


@pytest.mark.parametrize("cls", [Memory, AsyncMemory])
def test_from_config(tmp_path, cls):
    memory = cls.from_config({"store": {"path": str(tmp_path / "m.db")}})
    assert isinstance(memory, cls)
    assert asyncio.run(memory.close()) is None if cls is AsyncMemory else memory.close() is None
    with pytest.raises(ConfigError):
        cls.from_config({"store": {"pth": "x"}})


def export_and_look(memory, path):
    """Call a verb from inside another one's callback; return what came of it."""
    seen = []

    def progress(n):
        try:
            seen.append(len(memory.get_all(user_id="ann")))
        except ClosedError as error:
            seen.append(error)

    memory.add([{"content": f"note {n}"} for n in range(600)], user_id="ann", infer=False)
    memory.export(path, progress=progress)
    return seen


def test_a_verb_from_inside_a_callback_works(memory, tmp_path):
    assert export_and_look(memory, tmp_path / "out.jsonl")[0] == 100


def test_a_callback_may_use_the_memory_where_an_embedder_is_waited_for(tmp_path):
    """Verbs run on the handle's own loop then; a callback has a thread of its own, so that it does not wait for itself."""
    distant = CallableEmbedder(lambda texts: [[1.0, len(text)] for text in texts], name="lengths", dim=2)
    with Memory(tmp_path / "m.db", embedder=distant) as memory:
        assert export_and_look(memory, tmp_path / "out.jsonl")[0] == 100


def test_closing_twice_and_using_after(memory):
    memory.add("x", user_id="ann")
    scoped = memory.scoped(user_id="ann")
    memory.close()
    memory.close()
    for verb in (
        lambda: memory.add("y", user_id="ann"),
        lambda: memory.search("y", user_id="ann"),
        scoped.get_all,
    ):
        with pytest.raises(ClosedError):
            verb()


def test_closing_twice_and_using_after_async(path):
    async def main():
        memory = AsyncMemory(path, embedder=WordEmbedder())
        await memory.add("x", user_id="ann")
        await memory.close()
        await memory.close()
        with pytest.raises(ClosedError):
            await memory.add("y", user_id="ann")
        with pytest.raises(ClosedError):
            await memory.search("y", user_id="ann")

    asyncio.run(main())


def test_a_handle_that_was_never_used_closes(path):
    Memory(path, embedder=WordEmbedder()).close()


def test_a_scoped_handle_needs_no_ids(memory):
    ann = memory.scoped(user_id="ann", tenant="t")
    ann.add("我喜欢喝茶", run_id="r")
    assert [item.tenant for item in ann.get_all()] == ["t"] * len(ann.get_all())
    assert ann.scoped(run_id="r").search("茶")[0].item.run_id == "r"
    assert memory.get_all(user_id="ann") == type(memory.get_all(user_id="ann"))()
    assert ann.stats()["n_rows"] == memory.stats(user_id="ann", tenant="t")["n_rows"]
