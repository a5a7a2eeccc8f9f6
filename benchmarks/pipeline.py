"""What a search and an add cost with nothing left out: the default encoder encodes, all signals and keys are worked out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.corpus import Corpus
from benchmarks.documents import Documents
from benchmarks.measure import Times, p50, quantile
from benchmarks.report import Figure
from benchmarks.settings import Settings
from benchmarks.stores import passages_store, scope_store
from polymem import Memory

N_WARM = 40
N_QUERIES = 100
N_PASSAGES = 10_000
N_ADDED = 1_000
REPEATS = 3
SCOPES = ("1k", "20k", "100k")


def pipeline(settings: Settings) -> Iterator[Figure]:
    """Measure searches in scopes of growing size and among passages, and adds of a thousand rows, encoder included."""
    n_queries = settings.n(N_QUERIES)
    for name in SCOPES:
        path = scope_store(settings.folder, settings.scopes[name], encoded=True)
        yield _searches(f"pipeline.{name}", path, Corpus(99).queries(N_WARM + n_queries))
    path = passages_store(settings.folder, settings.n(N_PASSAGES))
    asked = Documents(settings.n(N_PASSAGES))
    asked.passages(settings.n(N_PASSAGES))
    yield _searches("pipeline.passages", path, asked.questions(N_WARM + n_queries))
    yield _adds("pipeline.add_turns", [Corpus(seed).messages(settings.n(N_ADDED)) for seed in range(REPEATS)])
    yield _adds("pipeline.add_passages", [Documents(s).passages(settings.n(N_ADDED)) for s in range(REPEATS)])


def _searches(key: str, path: Path, questions: Sequence[str]) -> Figure:
    """Ask, each question once, in a store that has been at work for a while."""
    with Memory(path) as memory:
        for question in questions[:N_WARM]:
            memory.search(question, user_id="u")
        times = Times()
        for question in questions[N_WARM:]:
            times.call(memory.search, question, user_id="u")
    halves = p50(times.cpu[::2]), p50(times.cpu[1::2])
    note = f"p95 {quantile(times.cpu, 0.95):.1f}; English {halves[0]:.1f}, Chinese {halves[1]:.1f}"
    return Figure(key, p50(times.cpu), note)


def _adds(key: str, batches: Sequence[list[dict[str, Any]]]) -> Figure:
    """Add each batch in one call, with rules."""
    with TemporaryDirectory() as made, Memory(Path(made) / "m.db") as memory:
        # The encoder's weights are read and word stems are cached.
        memory.add(Corpus(5).messages(100), user_id="other")
        times = Times()
        for batch in batches:
            times.call(memory.add, batch, user_id="u")
    return Figure(
        key, p50(times.cpu) / 1e3, f"{len(batches[0])} in one call, with rules; median of {len(batches)}"
    )
