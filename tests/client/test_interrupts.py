"""A Ctrl-C at any instant of a read leaves a handle that works."""

from __future__ import annotations

import gc
import sys
from typing import Any

import pytest

from polymem import Memory
from polymem.engines.sqlite.forking import FORK_GATE
from polymem.testing.fakes import WordEmbedder

pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


class InterruptAt:
    """Raises after the n-th call, which is where Python looks for signals.

    Args:
        n: Which one, from 0.
    """

    def __init__(self, n: int) -> None:
        self.n_left = n
        self.hit = False

    def __call__(self, frame: object, event: str, argument: object) -> None:
        if event not in {"call", "c_return"} or self.hit:
            return
        self.n_left -= 1
        if self.n_left < 0:
            self.hit = True
            raise KeyboardInterrupt


def interrupted(memory: Memory, n: int) -> bool:
    """Read, with an interrupt at the n-th instant; tell whether the read had so many."""
    interrupt = InterruptAt(n)
    before = sys.getprofile()
    try:
        sys.setprofile(interrupt)
        memory.get_all(user_id="ann", limit=3)
    except KeyboardInterrupt:
        pass
    finally:
        sys.setprofile(before)
    return interrupt.hit


def test_an_interrupt_at_any_instant_of_a_read_leaves_nothing_behind(path):
    memory = Memory(path, embedder=WordEmbedder())
    memory.add("I like tea.", user_id="ann", infer=False)
    assert memory.get_all(
        user_id="ann", limit=3
    )  # loads the modules that it needs, which is not what is tried here
    ledger: Any = memory._memory._parts.ledger
    n = 0
    while interrupted(memory, n):
        assert not [connection for connection in ledger._idle if connection.in_transaction]
        assert not [lock for _, lock in ledger._turns._line if lock.locked()]
        assert not [place for place in FORK_GATE._inside if place.lock.locked()]
        n += 1
    assert n > 100
    assert len(memory.get_all(user_id="ann")) == 1
    memory.add("I like milk.", user_id="ann", infer=False)
    # One that was hit before anybody had it is in a traceback at most, and goes with that.
    gc.collect()
    memory.close()
    assert not path.with_name(f"{path.name}-wal").exists()  # no connection was left open
