"""Parts that fail on command, and a model that says what it is told."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from polymem.domain.batch import Batch, Outcome
from polymem.domain.derivation import NO_USAGE, PLAIN, Instructions, Usage
from polymem.domain.scope import Partition, Scope
from polymem.domain.statement import Extraction
from polymem.errors import EmbeddingError, ModelError, StoreUnavailableError
from polymem.ports.embedder import Purpose
from polymem.ports.extractor import ExtractorInput
from polymem.ports.ledger import Finding, Ledger, PartitionInfo, Record, Snapshot
from polymem.text.tokenise import terms

__all__ = ["FailingEmbedder", "FailingLedger", "ScriptedExtractor", "WordEmbedder"]

T = TypeVar("T")


class Failing:
    """What fails on command shares: the error to raise, and for how many calls.

    Attributes:
        n_calls: Calls so far, failed ones included.
    """

    def __init__(self) -> None:
        self.n_calls = 0
        self._error: Exception | None = None
        self._times: int | None = 0

    def fail(self, error: Exception | None = None, *, times: int | None = None) -> None:
        """Fail from the next call on.

        Args:
            error: What to raise; by default what the port promises for an outage.
            times: For so many calls; None until :meth:`recover`.
        """
        self._error, self._times = error, times

    def recover(self) -> None:
        """Work again."""
        self._times = 0

    def _call(self, default: Exception) -> None:
        self.n_calls += 1
        if self._times == 0:
            return
        if self._times is not None:
            self._times -= 1
        raise self._error or default


class WordEmbedder:
    """A bag of hashed words: deterministic, instant, alike where words are shared. Good for tests alone.

    Args:
        dim: Width of the vectors.
        name: What the store records.
    """

    in_process: Final = True

    def __init__(self, dim: int = 32, *, name: str = "words/1") -> None:
        self.dim = dim
        self.name = name

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return float32[n, dim], unit rows; zero rows for texts without words."""
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for n, text in enumerate(texts):
            for term in terms(text):
                digest = hashlib.sha256(term.encode()).digest()
                rows[n, int.from_bytes(digest[:4]) % self.dim] += 1.0 if digest[4] & 1 else -1.0
        norms = np.linalg.norm(rows, axis=1, keepdims=True)
        return (rows / np.where(norms > 0, norms, 1.0)).astype(np.float32)

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Return the same for queries and passages."""
        del purpose
        return self.encode(texts)


class FailingEmbedder(Failing):
    """A :class:`WordEmbedder` that can be told to fail, as an endpoint does.

    Args:
        dim: Width of the vectors.
        name: What the store records.

    Example:
        >>> import asyncio
        >>> embedder = FailingEmbedder()
        >>> embedder.fail(times=1)
        >>> asyncio.run(embedder.embed(["tea"], purpose="query"))
        Traceback (most recent call last):
        polymem.errors.EmbeddingError: told to fail
        >>> asyncio.run(embedder.embed(["tea"], purpose="query")).shape
        (1, 32)
    """

    def __init__(self, dim: int = 32, *, name: str = "failing-words/1") -> None:
        super().__init__()
        self._words = WordEmbedder(dim, name=name)

    @property
    def name(self) -> str:
        """What the store records."""
        return self._words.name

    @property
    def dim(self) -> int:
        """Width of the vectors."""
        return self._words.dim

    async def embed(self, texts: Sequence[str], *, purpose: Purpose) -> NDArray[np.float32]:
        """Embed, or fail."""
        self._call(EmbeddingError("told to fail"))
        return await self._words.embed(texts, purpose=purpose)


class FailingLedger(Failing):
    """A ledger that can be told to fail: either before a write reaches the store, or after it was acknowledged there.

    Args:
        inner: The ledger that does the work.
    """

    def __init__(self, inner: Ledger) -> None:
        super().__init__()
        self.inner = inner
        self.after = False
        """Whether a commit fails after the store has it, as when the answer is lost on the way."""

    async def commit(self, batch: Batch) -> Outcome:
        """Commit, or fail."""
        error = StoreUnavailableError("told to fail")
        if not self.after:
            self._call(error)
            return await self.inner.commit(batch)
        outcome = await self.inner.commit(batch)
        self._call(error)
        return outcome

    async def read(self, partition: Partition, job: Callable[[Snapshot], T]) -> T:
        """Read."""
        return await self.inner.read(partition, job)

    async def locate(self, item_id: str) -> Scope | None:
        """Locate."""
        return await self.inner.locate(item_id)

    async def partitions(self, *, label: str | None = None) -> list[PartitionInfo]:
        """List."""
        return await self.inner.partitions(label=label)

    async def backup(self, path: Path) -> None:
        """Copy."""
        await self.inner.backup(path)

    async def verify(self, partition: Partition | None, *, repair: bool) -> list[Finding]:
        """Verify."""
        return await self.inner.verify(partition, repair=repair)

    async def embed(self, partition: Partition | None, encode: Callable[[list[str]], Any] | None) -> int:
        """Embed what waits."""
        return await self.inner.embed(partition, encode)

    def export(self, scope: Scope | None) -> AsyncIterator[Record]:
        """Export."""
        return self.inner.export(scope)

    async def restore(self, records: Iterable[Record]) -> int:
        """Restore."""
        return await self.inner.restore(records)

    async def close(self) -> None:
        """Close."""
        await self.inner.close()


class ScriptedExtractor(Failing):
    """Stands for a model: answers each text with what the script holds for it, else with nothing.

    Args:
        script: Extractions by text.
        name: Name of the model.
        usage: What one call costs.

    Attributes:
        seen: Every message it was given, in order.
        asked: The instructions of every call.
        meanwhile: Awaited with the messages before each answer: to hold it back, or to do something in the midst.
        most_at_once: Most calls that were under way at one time.
    """

    def __init__(
        self,
        script: Mapping[str, Extraction] | None = None,
        *,
        name: str = "script/1",
        usage: Usage = NO_USAGE,
    ) -> None:
        super().__init__()
        self.script = dict(script or {})
        self.name = name
        self.usage = usage
        self.seen: list[ExtractorInput] = []
        self.asked: list[Instructions] = []
        self.meanwhile: Callable[[Sequence[ExtractorInput]], Awaitable[None]] | None = None
        self.most_at_once = 0
        self._at_once = 0

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Answer by the script, or fail."""
        self.asked.append(instructions)
        self.seen += messages
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if self.meanwhile is not None:
                await self.meanwhile(messages)
            self._call(ModelError("told to fail"))
        finally:
            self._at_once -= 1
        found = [self.script.get(message.text, Extraction()) for message in messages]
        return (
            [replace(found[0], usage=self.usage), *found[1:]] if found and self.usage != NO_USAGE else found
        )
