"""Closing in the midst of a verb, as a signal handler does whose thread is in one."""

from __future__ import annotations

import pytest

from polymem import Memory
from polymem.engines.sqlite import engine
from polymem.errors import ClosedError
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
