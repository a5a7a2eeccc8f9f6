"""One memory on a fresh file, with a clock that stands and an encoder that costs nothing."""

import pytest

from polymem import Memory
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder


@pytest.fixture
def clock():
    return FrozenClock()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "memory.db"


@pytest.fixture
def memory(path, clock):
    with Memory(path, embedder=WordEmbedder(), clock=clock) as memory:
        yield memory
