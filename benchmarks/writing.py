"""Rows 1 and 2: one durable add, and many at once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50, quantile
from benchmarks.report import Curve, Figure, Point
from benchmarks.settings import Settings
from benchmarks.stores import opened
from polymem import Memory

PAGE = b"\0" * 4096
BATCH = 1_000


def single_adds(settings: Settings) -> Iterator[Figure | Curve]:
    """Measure adds of one text to a growing scope, each beside a bare durable write."""
    n = settings.n(1_000)
    with TemporaryDirectory(dir=settings.folder) as made, opened(Path(made) / "m.db") as memory:
        corpus = Corpus(5)
        # A process that has been at work for a while: word stems and SQLite's pages are cached.
        memory.add(corpus.messages(settings.n(4 * BATCH)), user_id="other")
        memory.add(corpus.messages(settings.n(100)), user_id="u", infer=False)
        bare, plain, rules = Times(), Times(), Times()
        with Path(made, "bare").open("ab", buffering=0) as file:
            for text in corpus.texts(n):
                bare.call(_write_durably, file.fileno())
                plain.call(memory.add, text, user_id="u", infer=False)
        for text in corpus.texts(n):
            rules.call(memory.add, text, user_id="u")
    yield Figure("add.cpu", p50(plain.cpu), f"p95 {quantile(plain.cpu, 0.95):.2f}, n = {n}")
    yield Figure(
        "add.wall",
        p50(plain.wall) / p50(bare.wall),
        f"p50 {p50(plain.wall):.2f} ms against {p50(bare.wall):.2f} ms, in turn",
    )
    yield Figure("add.rules", p50(rules.cpu), f"p95 {quantile(rules.cpu, 0.95):.2f}")


def _write_durably(file: int) -> None:
    os.write(file, PAGE)
    os.fsync(file)


def bulk_adds(settings: Settings) -> Iterator[Figure]:
    """Measure calls of 1,000 messages; messages a second of CPU time."""
    cases = {"bulk.plain": (False, 0.3), "bulk.rules": (True, 0.3), "bulk.zipf": (True, 0.0)}
    for key, (infer, statements) in cases.items():
        corpus = Corpus(17)
        with TemporaryDirectory(dir=settings.folder) as made, opened(Path(made) / "m.db") as memory:
            times, found = Times(), 0
            for _ in range(6):
                messages = corpus.messages(settings.n(BATCH), statements=statements)
                added = times.call(memory.add, messages, user_id="u", infer=infer)
                found += len(added.items) - len(messages)
        # The first call also fills the caches of word stems; the others together pay for a packed segment too.
        n = len(times.cpu[1:]) * settings.n(BATCH)
        cpu, wall = sum(times.cpu[1:]) / 1e3, sum(times.wall[1:]) / 1e3
        share = found / (6 * settings.n(BATCH))
        yield Figure(
            key, n / cpu, f"per CPU second, 5 calls; wall {n / wall:,.0f}/s; {share:.0%} became facts"
        )


def add_cost(memory: Memory, n_items: int, *, user_id: str) -> Point:
    """Return the CPU of one add beside the number of items that are there; adds 60 items."""
    times = Times()
    for text in Corpus(time.time_ns()).texts(60):
        times.call(memory.add, text, user_id=user_id, infer=False)
    return n_items, p50(times.cpu)
