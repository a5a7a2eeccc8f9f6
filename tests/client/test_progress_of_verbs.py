"""Callbacks of long verbs: what they may do, and what is no callback."""

import threading

import pytest

from polymem import Memory
from polymem.errors import InputError
from polymem.testing.fakes import WordEmbedder
from polymem.testing.models import ScriptedModel


@pytest.fixture(params=["rules", "model"])
def memory(request, path, clock):
    model = ScriptedModel(lambda asked: {"facts": [], "entities": []}) if request.param == "model" else None
    with Memory(path, embedder=WordEmbedder(), clock=clock, llm=model) as opened:
        opened.add([{"content": f"第{n}件事"} for n in range(8)], user_id="ann", infer=False)
        yield opened


def test_tidying_says_how_far_it_is_to_who_uses_the_memory(memory):
    seen, raised = [], []

    def progress(n):
        seen.append((n, memory.stats(user_id="ann")["n_archived"]))

    def work():
        try:
            memory.apply_policies(user_id="ann", policies={"capacity": 3}, progress=progress)
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "it hangs"
    assert (seen, raised) == ([(5, 5)], [])


def test_an_export_says_how_far_it_is_to_who_uses_the_memory(memory, tmp_path):
    memory.add([{"content": f"第{n}件"} for n in range(600)], user_id="bo", infer=False)
    seen = []
    memory.export(tmp_path / "x.jsonl", progress=lambda n: seen.append((n, memory.stats()["n_scopes"])))
    assert seen[0] == (500, 2)

    def progress(n):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        memory.export(tmp_path / "y.jsonl", progress=progress)
    assert not (tmp_path / "y.jsonl").exists()


def test_what_a_callback_raises_is_raised(memory):
    def progress(n):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        memory.apply_policies(user_id="ann", policies={"capacity": 3}, progress=progress)


@pytest.mark.parametrize("verb", ["work", "reextract", "consolidate", "apply_policies"])
@pytest.mark.parametrize("progress", [5, "x", [print], True])
def test_what_cannot_be_called_is_refused(memory, verb, progress):
    ids = {} if verb == "work" else {"user_id": "ann"}
    given = {"force": True} if verb == "reextract" else {}
    with pytest.raises(InputError) as caught:
        getattr(memory, verb)(**ids, **given, progress=progress)
    assert caught.value.argument == "progress"


@pytest.mark.parametrize("when", ["now", "2024-02-30", "明天", float("nan"), 1e18])
def test_a_bad_time_is_told_what_a_good_one_looks_like(memory, when):
    with pytest.raises(InputError, match="give one like 2024-06-30"):
        memory.profile(user_id="ann", as_of=when)
