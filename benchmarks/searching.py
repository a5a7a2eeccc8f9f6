"""Row 3: what a search costs as its scope grows, warm and in a new process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50, quantile, rss_mb
from benchmarks.report import Curve, Figure, Point
from benchmarks.settings import Settings
from benchmarks.stores import opened, scope_store
from benchmarks.writing import add_cost
from polymem import Memory

ROOT = Path(__file__).resolve().parent.parent
N_WARM = 40
N_QUERIES = 200
MIB = 1 << 20


def searches(settings: Settings) -> Iterator[Figure | Curve]:
    """Measure searches in scopes of growing size, each size in a process of its own."""
    warm: list[Point] = []
    cold: list[Point] = []
    add: list[Point] = []
    for name, n in settings.scopes.items():
        path = scope_store(settings.folder, n)
        firsts = sorted(
            (in_new_process(path, 0) for _ in range(settings.repeats(3))), key=lambda result: result["first"]
        )
        first = firsts[len(firsts) // 2]
        found = in_new_process(path, settings.n(N_QUERIES))
        warm.append((n, found["p50"]))
        cold.append((n, first["first"]))
        add.append((n, found["add"]))
        yield Figure(
            f"search.{name}",
            found["p50"],
            f"p95 {found['p95']:.2f}; cache {found['cache']:.0f} MB, RSS {found['rss']:.0f} MB, its own {found['own']:.0f}",
        )
        yield Figure(
            f"cold.{name}", first["first"], f"median of 3 processes; wall {first['first_wall']:.0f} ms"
        )
        if name == "1M":
            yield Figure("cache.1M", found["cache"], "budget 512 MB")
            yield Figure(
                "rss.1M", found["rss"], f"{found['own']:.0f} MB its own, the rest mapped pages of the file"
            )
    yield Curve("search", "p50, ms CPU", warm)
    yield Curve("cold", "first search, ms CPU", cold)
    yield Curve("add", "one add, ms CPU", add)


def in_new_process(path: Path, n_queries: int) -> dict[str, float]:
    """Run :func:`measure` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.searching", str(path), str(n_queries)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout)
    return result


def measure(path: Path, n_queries: int) -> dict[str, float]:
    """Open a store, search for the first time, then, with *n_queries*, that often again and add a little."""
    queries = Corpus(99).queries(N_WARM + n_queries + 1)
    with opened(path) as memory:
        first = Times()
        first.call(memory.search, queries.pop(), user_id="u")
        result = {"first": first.cpu[0], "first_wall": first.wall[0]}
        if n_queries:
            for query in queries[:N_WARM]:
                memory.search(query, user_id="u")
            times = Times()
            for query in queries[N_WARM:]:
                times.call(memory.search, query, user_id="u")
            result |= {"p50": p50(times.cpu), "p95": quantile(times.cpu, 0.95), "wall": p50(times.wall)}
            result |= {"cache": cache_mb(memory), "rss": rss_mb(), "own": rss_mb("RssAnon")}
            result["add"] = add_cost(memory, 0, user_id="added")[1]
    return result


def cache_mb(memory: Memory) -> float:
    """Return what the views of a store hold, in MiB."""
    nbytes: int = memory._memory._parts.ledger._views.nbytes  # type: ignore[attr-defined]  # noqa: SLF001 - the figure is internal
    return nbytes / MIB


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]))))
