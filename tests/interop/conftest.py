"""A drop-in on a store of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from polymem.mem0 import Memory


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the user's own data, and from keys that may lie about."""
    monkeypatch.setenv("POLYMEM_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "home" / "memory.db"


@pytest.fixture
def m() -> Iterator[Memory]:
    with Memory() as memory:
        yield memory


@pytest.fixture
def texts() -> Callable[[Any], list[str]]:
    return lambda rows: [row["memory"] for row in rows]
