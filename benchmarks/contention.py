"""Row 7: four processes on one file and one scope, each adding and searching."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50, quantile
from benchmarks.report import Figure
from benchmarks.settings import Settings
from benchmarks.stores import opened
from polymem.errors import PolymemError

ROOT = Path(__file__).resolve().parent.parent
N_PROCESSES = 4
N_ADDS = 500


def contention(settings: Settings) -> Iterator[Figure]:
    """Start the processes together, then look for everything they say they stored."""
    n = settings.n(N_ADDS)
    with TemporaryDirectory(dir=settings.folder) as made:
        path = Path(made) / "m.db"
        opened(path).close()
        start = time.time() + 2.0
        command = [sys.executable, "-m", "benchmarks.contention", str(path), str(n), str(start)]
        running = [
            subprocess.Popen([*command, str(seed)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
            for seed in range(N_PROCESSES)
        ]
        said = [json.loads(process.communicate()[0]) for process in running]
        with opened(path) as memory:
            lost = sum(memory.get(item_id) is None for part in said for item_id in part["ids"])
            findings = memory.verify()
    errors = [error for part in said for error in part["errors"]] + [str(finding) for finding in findings]
    adds = [ms for part in said for ms in part["add"]]
    looks = [ms for part in said for ms in part["search"]]
    note = f"; first: {errors[0]}" if errors else ""
    yield Figure("contention.errors", len(errors), f"and verify finds {len(findings)} disagreements{note}")
    yield Figure("contention.lost", lost, f"of {sum(len(part['ids']) for part in said)} acknowledged")
    yield Figure(
        "contention.p99",
        quantile(adds, 0.99),
        f"p50 {p50(adds):.1f}, max {max(adds):.0f}; search p50 {p50(looks):.1f}, p99 {quantile(looks, 0.99):.0f} ms",
    )


def work(path: Path, n: int, *, start: float, seed: int) -> dict[str, list[object]]:
    """Add n texts, and after each search for it; the text just added has to be found."""
    corpus = Corpus(1_000 + seed)
    ids: list[object] = []
    errors: list[object] = []
    adds, looks = Times(), Times()
    with opened(path) as memory:
        memory.search("warm", user_id="u")
        time.sleep(max(0.0, start - time.time()))
        for number, text in enumerate(corpus.texts(n)):
            try:
                own = f"{text} process{seed}number{number}"
                added = adds.call(memory.add, own, user_id="u")
                ids += [item.id for item in added.items]
                hits = looks.call(memory.search, own, user_id="u", limit=5)
                if own not in {episode.text for hit in hits for episode in hit.episodes}:
                    errors.append("what was just added was not found")
            except PolymemError as error:
                errors.append(repr(error))
    return {"ids": ids, "errors": errors, "add": list(adds.wall), "search": list(looks.wall)}


if __name__ == "__main__":
    print(
        json.dumps(work(Path(sys.argv[1]), int(sys.argv[2]), start=float(sys.argv[3]), seed=int(sys.argv[4])))
    )
