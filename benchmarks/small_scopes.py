"""Row 4: a search in a scope of 100 costs the same whatever else the file holds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack

from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50
from benchmarks.report import Curve, Figure
from benchmarks.settings import Settings
from benchmarks.stores import many_scopes_store, opened

SCOPE = 100
N_USERS = 20
N_ROUNDS = 15


def file_sizes(settings: Settings) -> Iterator[Figure | Curve]:
    """Measure the same searches in files of growing size, in turn."""
    with ExitStack() as stack:
        size = min(SCOPE, *settings.files.values())
        memories = {
            name: (stack.enter_context(opened(many_scopes_store(settings.folder, n, size=size))), n)
            for name, n in settings.files.items()
        }
        cold = {name: Times() for name in memories}
        warm = {name: Times() for name in memories}
        queries = Corpus(3).queries(N_ROUNDS)
        for number, query in enumerate(queries):
            for place in range(N_USERS):
                for name, (memory, n) in memories.items():
                    user = f"u{(place * 37) % max(1, n // size)}"
                    times = warm[name] if number else cold[name]
                    times.call(memory.search, query, user_id=user)
        names = list(memories)
        first, last = names[0], names[-1]
        note = (
            f"{last} against {first} items, {p50(warm[last].cpu):.2f} against {p50(warm[first].cpu):.2f} ms CPU, wall ratio "
            f"{p50(warm[last].wall) / p50(warm[first].wall):.2f}; first search in a scope {p50(cold[last].cpu):.2f} "
            f"against {p50(cold[first].cpu):.2f} ms"
        )
        yield Figure("scopes.ratio", p50(warm[last].cpu) / p50(warm[first].cpu), note)
        yield Curve("file", "warm", [(n, p50(warm[name].cpu)) for name, (_, n) in memories.items()])
        yield Curve("file", "first", [(n, p50(cold[name].cpu)) for name, (_, n) in memories.items()])
