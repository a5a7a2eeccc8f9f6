"""Killed between the model's answer and the commit, or anywhere near: every fact is derived exactly once."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polymem import Memory
from polymem.testing.fakes import ScriptedExtractor, WordEmbedder
from tests.crash.deriver import TEXTS, script

pytestmark = [pytest.mark.crash]
DERIVER = Path(__file__).with_name("deriver.py")


def begin(store, verb, pause_s):
    return subprocess.Popen(
        [sys.executable, str(DERIVER), str(store), verb, str(pause_s)], stdout=subprocess.PIPE
    )


def answers(process, n):
    """Wait until the model has answered *n* times."""
    for _ in range(n):
        assert process.stdout.read(1) == b"."


def end(process):
    process.send_signal(signal.SIGKILL)
    process.stdout.close()
    assert process.wait(30) == -signal.SIGKILL


def finish(store):
    """Work until nothing is pending; return the episodes and the facts, and how often the model was asked."""
    model = ScriptedExtractor(script(), name="slow/1")
    with Memory(
        store, embedder=WordEmbedder(), extractor=model, config={"derivation": {"lease_s": 0.5}}
    ) as memory:
        deadline = time.monotonic() + 30
        while memory.pending():
            assert time.monotonic() < deadline
            memory.work()
            time.sleep(0.05)
        assert memory.verify() == []
        items = memory.get_all(user_id="小红", limit=100)
        assert {item.n_evidence for item in items} <= {1}
        assert not any(event.name == "REPEAT" for item in items for event in memory.history(item.id))
        told = [item.text for item in items if item.kind == "episode"]
        derived = [item.text for item in items if item.kind != "episode"]
        return sorted(told), sorted(derived), model.n_calls


def test_between_the_answer_and_the_commit(tmp_path):
    """The messages are there, found at once, and derived once by whoever comes after."""
    store = tmp_path / "m.db"
    process = begin(store, "add", 60)
    answers(process, len(TEXTS))
    end(process)
    with Memory(store, embedder=WordEmbedder()) as memory:
        assert sorted(item.text for item in memory.get_all(user_id="小红")) == sorted(TEXTS)
        assert len(memory.search("茶", user_id="小红")) == len(TEXTS)
        assert [each.attempts for each in memory.pending()] == [1] * len(TEXTS)
    assert finish(store) == (sorted(TEXTS), sorted(TEXTS), len(TEXTS))


@pytest.mark.slow
def test_at_any_instant(tmp_path, rounds):
    """Killed again and again while it adds, and while it works, whatever had been done by then."""
    rng = random.Random(4)
    for n in range(max(2, rounds // 4)):
        store = tmp_path / f"{n}.db"
        process = begin(store, "add", 0.02)
        answers(process, rng.randint(1, len(TEXTS)))
        time.sleep(rng.random() * 0.06)
        end(process)
        for _ in range(2):
            process = begin(store, "work", 0.02)
            assert process.stdout is not None
            first = process.stdout.read(1)
            time.sleep(rng.random() * 0.05)
            end(process) if first == b"." else process.communicate(timeout=30)
        episodes, facts, _ = finish(store)
        assert facts == episodes
        assert set(episodes) <= set(TEXTS)


def test_two_processes_share_the_work(tmp_path):
    """Each derivation is carried out once, though both lease from one queue all the time."""
    store = tmp_path / "m.db"
    model = ScriptedExtractor(script())
    model.fail()
    with Memory(store, embedder=WordEmbedder(), extractor=model) as memory:
        for n in range(40):
            memory.add(TEXTS[n % len(TEXTS)], user_id=f"用户{n}")
        memory.retry()
    workers = [begin(store, "work", 0.01) for _ in range(2)]
    told = [process.communicate(timeout=60)[0] for process in workers]
    assert [out[-1:] for out in told] == [b"!", b"!"]
    counts = [out.count(b".") for out in told]
    assert sum(counts) == 40
    with Memory(store, embedder=WordEmbedder()) as memory:
        assert memory.stats()["derivations"] == {"waiting": 0, "leased": 0, "dead": 0}
        for n in range(40):
            (fact,) = memory.get_all(user_id=f"用户{n}", kinds=["preference"])
            assert fact.n_evidence == 1
        assert memory.verify() == []
