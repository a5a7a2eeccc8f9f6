"""One corpus in a store of its own, asked through the public client."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from polymem import Memory
from polymem.client.build import EmbedderInput
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.hit import Hits
from polymem.evals.cases import Corpus, Question, Row
from polymem.ports.clock import Clock

__all__ = ["Store", "ids_of", "stored"]

ROLES: Final = frozenset({"user", "assistant", "system"})
"""Speakers who are called by their role."""
OWNER: Final = "asker"
_BEFORE: Final = datetime(2000, 1, 1, tzinfo=UTC)
_UNDATED: Final = datetime(2024, 1, 1, tzinfo=UTC)
_BATCH: Final = 500


class _Clock(Clock):
    """Stands where the conversation is."""

    def __init__(self) -> None:
        self._now = _BEFORE

    def now(self) -> datetime:
        return self._now

    def reach(self, moment: datetime) -> None:
        """Go on to *moment*; never back."""
        self._now = max(self._now, moment)


class Store:
    """A corpus that was stored, to be opened with any configuration.

    Args:
        corpus: What is in it.
        path: Its file.
        embedder: Instead of the configured one.
    """

    def __init__(self, corpus: Corpus, path: Path, embedder: EmbedderInput | None) -> None:
        self._corpus = corpus
        self._path = path
        self._embedder = embedder
        self.end = max((row.at for row in corpus.rows if row.at), default=_UNDATED) + timedelta(days=1)
        """A day after the last row, when questions without a time are asked."""

    def fill(self, config: Mapping[str, Any], *, infer: bool, step: Callable[[int], None]) -> Usage:
        """Add all rows, session by session, each when it was said.

        Args:
            config: Settings.
            infer: Whether facts are derived.
            step: Told how many rows were added.

        Returns:
            What language models were asked for it.
        """
        clock = _Clock()
        usage = NO_USAGE
        with self._memory(config, clock) as memory:
            for session in self._corpus.sessions:
                for rows in _batches(row for row in session.rows if row.text.strip()):
                    clock.reach(max(row.at or _UNDATED for row in rows))
                    added = memory.add(
                        [_message(row, documents=self._corpus.documents) for row in rows],
                        user_id=OWNER,
                        run_id=session.id,
                        infer=infer,
                    )
                    usage += added.usage
                    step(len(rows))
        return usage

    @contextmanager
    def asked(self, config: Mapping[str, Any]) -> Generator[Callable[[Question, int], Hits]]:
        """Open it; yield what answers a question with so many hits.

        Questions are to be asked in order of their time, see :meth:`in_order`.
        """
        clock = _Clock()
        clock.reach(self.end - timedelta(days=1))
        with self._memory(config, clock) as memory:

            def ask(question: Question, limit: int) -> Hits:
                clock.reach(question.at or self.end)
                return memory.search(question.text, user_id=OWNER, limit=limit)

            yield ask

    @contextmanager
    def packed(self, config: Mapping[str, Any]) -> Generator[Callable[[Question, int], str]]:
        """Open it; yield what packs a context of so many tokens for a question. In order of time, as in :meth:`asked`."""
        clock = _Clock()
        clock.reach(self.end - timedelta(days=1))
        with self._memory(config, clock) as memory:

            def pack(question: Question, budget_tokens: int) -> str:
                clock.reach(question.at or self.end)
                return memory.context(question.text, user_id=OWNER, budget_tokens=budget_tokens)

            yield pack

    def in_order(self, questions: Iterable[Question]) -> list[Question]:
        """Return *questions* in order of the time at which they are asked."""
        return sorted(questions, key=lambda question: question.at or self.end)

    def _memory(self, config: Mapping[str, Any], clock: Clock) -> Memory:
        return Memory(self._path, config=config, embedder=self._embedder, clock=clock)


@contextmanager
def stored(corpus: Corpus, embedder: EmbedderInput | None) -> Generator[Store]:
    """Yield an empty store for *corpus*, gone afterwards."""
    with TemporaryDirectory(prefix="polymem-eval-") as folder:
        yield Store(corpus, Path(folder, "eval.db"), embedder)


def ids_of(hits: Hits) -> tuple[str, ...]:
    """Return the rows that the hits come from, best first, each once."""
    names = (
        str(episode.metadata.get("turn_id") or episode.metadata.get("passage_id"))
        for hit in hits
        for episode in hit.episodes
    )
    return tuple(dict.fromkeys(names))


def _batches(rows: Iterable[Row]) -> Iterable[list[Row]]:
    left = iter(rows)
    while batch := list(islice(left, _BATCH)):
        yield batch


def _message(row: Row, *, documents: bool) -> dict[str, Any]:
    """Return a row as ``add`` takes it."""
    if documents:
        return {
            "role": "document",
            "content": row.text,
            "metadata": {"title": row.title, "passage_id": row.id},
        }
    role = row.speaker.lower()
    message: dict[str, Any] = {"role": role if role in ROLES else "user", "content": row.text}
    if role not in ROLES:
        message["name"] = row.speaker
    if row.at:
        message["timestamp"] = row.at
    return message | {"metadata": {"turn_id": row.id}}
