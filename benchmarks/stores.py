"""Stores of a given size, built once and kept in the run's folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.corpus import Corpus
from benchmarks.documents import Documents
from benchmarks.vectors import StoredVectors
from polymem import Memory

BATCH: Final = 1_000
BEGIN: Final = datetime(2023, 1, 1, tzinfo=UTC)
FORM: Final = 3
"""Counts up when the contents change, so that kept stores of another form are not used."""


def opened(path: Path, *, encoded: bool = False) -> Memory:
    """Open a store whose embedding costs nothing, or, *encoded*, one with the default encoder."""
    return Memory(path) if encoded else Memory(path, embedder=StoredVectors())


def scope_store(folder: Path, n: int, *, encoded: bool = False) -> Path:
    """Return a store of one scope, user "u", with n messages; rules are applied to every tenth."""

    def fill(memory: Memory) -> None:
        corpus = Corpus(n)
        batch = min(BATCH, max(1, n // 10))
        for count, first in enumerate(range(0, n, batch)):
            infer = count % 10 == 0
            memory.add(
                corpus.messages(min(batch, n - first), statements=0.3 if infer else 0.0),
                user_id="u",
                run_id=f"session {count}",
                timestamp=BEGIN + timedelta(minutes=first),
                infer=infer,
            )

    name = "encoded-scope" if encoded else "scope"
    return built(folder / f"{name}-{n}-v{FORM}.db", fill, encoded=encoded)


def passages_store(folder: Path, n: int) -> Path:
    """Return a store of one scope, user "u", with n passages of documents, with the default encoder."""

    def fill(memory: Memory) -> None:
        documents = Documents(n)
        for first in range(0, n, BATCH):
            memory.add(documents.passages(min(BATCH, n - first)), user_id="u", timestamp=BEGIN)

    return built(folder / f"passages-{n}-v{FORM}.db", fill, encoded=True)


def many_scopes_store(folder: Path, n: int, *, size: int) -> Path:
    """Return a store of n messages in scopes of *size*, users "u0", "u1" …."""

    def fill(memory: Memory) -> None:
        corpus = Corpus(n + 1)
        for number in range(n // size):
            memory.add(
                corpus.messages(size, statements=0.0), user_id=f"u{number}", timestamp=BEGIN, infer=False
            )

    return built(folder / f"scopes-{n}-{size}-v{FORM}.db", fill)


def built(path: Path, fill: Callable[[Memory], None], *, encoded: bool = False) -> Path:
    """Return the store at *path*, filled by *fill* if it is not there; what was begun and not finished is begun anew."""
    if not path.exists():
        unfinished = path.with_suffix(".unfinished")
        for leftover in path.parent.glob(f"{unfinished.name}*"):
            leftover.unlink()
        with opened(unfinished, encoded=encoded) as memory:
            fill(memory)
        unfinished.replace(path)
    return path
