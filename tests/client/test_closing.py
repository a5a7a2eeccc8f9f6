"""Closing in the midst of verbs: of other threads, and of one's own, as a signal handler does whose thread is in one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from polymem import Memory
from polymem.engines.sqlite import engine
from polymem.errors import ClosedError
from polymem.models.embedders.callable import CallableEmbedder
from polymem.testing.fakes import WordEmbedder


@pytest.fixture
def close_within(memory, monkeypatch):
    """Return a function that makes the memory close as soon as a part of the engine is called."""

    def arm(home, name):
        part = getattr(home, name)

        def handler(*args, **kwargs):
            memory.close()
            return part(*args, **kwargs)

        monkeypatch.setattr(home, name, handler)

    return arm


def test_a_write_in_which_its_own_thread_closes_is_kept(memory, path, close_within):
    close_within(engine, "commit")
    (item,) = memory.add("I like tea.", user_id="ann", infer=False).items
    with pytest.raises(ClosedError):
        memory.add("I like milk.", user_id="ann", infer=False)
    with Memory(path, embedder=WordEmbedder()) as again:
        assert [kept.id for kept in again.get_all(user_id="ann")] == [item.id]


def test_a_read_in_which_its_own_thread_closes_is_answered(memory, path, close_within):
    memory.add("I like tea.", user_id="ann", infer=False)
    close_within(engine.SqliteLedger, "_snapshot")
    assert len(memory.search("tea", user_id="ann")) == 1
    with pytest.raises(ClosedError):
        memory.search("tea", user_id="ann")
    assert not path.with_name(f"{path.name}-wal").exists()  # no connection was left open


def test_who_waits_for_an_embedder_is_told_that_the_memory_was_closed(path):
    """Threads that wait for the loop's thread would wait for ever once it has gone."""
    inside, go_on = threading.Event(), threading.Event()

    def embed(texts):
        inside.set()
        assert go_on.wait(10)
        return [[1.0, 0.0]] * len(texts)

    memory = Memory(path, embedder=CallableEmbedder(embed, name="slow", dim=2))
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(memory.add, "I like tea.", user_id="ann", infer=False)
        assert inside.wait(10)
        memory.close()
        with pytest.raises(ClosedError):
            adding.result(10)
        go_on.set()
    with pytest.raises(ClosedError):
        memory.get_all(user_id="ann")


def test_many_threads_that_read_end_when_the_memory_is_closed(path):
    memory = Memory(path, embedder=WordEmbedder())
    memory.add("I like tea.", user_id="ann", infer=False)
    begun = threading.Event()

    def read():
        while True:
            try:
                memory.get_all(user_id="ann")
            except ClosedError:
                return
            begun.set()

    with ThreadPoolExecutor(24) as pool:
        reading = [pool.submit(read) for _ in range(24)]
        assert begun.wait(10)
        memory.close()
        for reader in reading:
            reader.result(10)
    assert not path.with_name(f"{path.name}-wal").exists()  # no connection was left open
