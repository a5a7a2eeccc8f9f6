"""Row 5: mem0ai 2.2.1 and Polymem, same texts, same vectors, in turn."""

from __future__ import annotations

import json
import os
import subprocess
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.corpus import Corpus
from benchmarks.measure import Times, p50
from benchmarks.report import Figure
from benchmarks.settings import Settings
from benchmarks.stores import BATCH, FORM, built, opened
from polymem import Memory

ROOT = Path(__file__).resolve().parent.parent
LOCK = Path(__file__).parent / "mem0.lock"
N_ITEMS = 20_000
N_ROUNDS = 8
N_SEARCHES, N_ADDS = 3, 5


class Mem0:
    """The process in mem0's environment."""

    def __init__(self, python: Path, folder: Path) -> None:
        settings = {"MEM0_TELEMETRY": "False", "MEM0_DIR": str(folder / "home"), "OPENAI_API_KEY": "unused"}
        self._process = subprocess.Popen(
            [str(python), "-m", "benchmarks.mem0_driver", str(folder)],
            cwd=ROOT,
            env=os.environ | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._read()

    def ask(self, **order: list[str]) -> dict[str, Any]:
        """Have something done and return its times."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return self._read()

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def against_mem0(settings: Settings) -> Iterator[Figure]:
    """Fill both with the same messages, then search and add in alternate rounds."""
    n = settings.n(N_ITEMS)
    corpus = Corpus(2)
    texts = corpus.texts(n, statements=0.0)
    mem0 = Mem0(_environment(settings.folder), _mem0_store(settings.folder, n))
    path = built(settings.folder / f"beside-mem0-{n}-v{FORM}.db", lambda memory: _fill(memory, texts))
    ours = {name: Times() for name in ("search", "add")}
    theirs: dict[str, Times] = {name: Times() for name in ("search", "add")}
    hits: list[int] = []
    with opened(path) as memory:
        mem0.ask(search=corpus.queries(1))
        for query in corpus.queries(20):
            memory.search(query, user_id="u")
        for _ in range(N_ROUNDS):
            queries, new = corpus.queries(N_SEARCHES), corpus.texts(N_ADDS, statements=0.0)
            for query in queries:
                ours["search"].call(memory.search, query, user_id="u")
            _extend(theirs["search"], found := mem0.ask(search=queries))
            hits += found["n"]
            for text in new:
                ours["add"].call(memory.add, text, user_id="u", infer=False)
            _extend(theirs["add"], mem0.ask(add=new))
    mem0.close()
    scope = f"one scope of {n:,} items; mem0: local Qdrant, semantic search alone, {sum(hits) / len(hits):.0f} hits"
    for name, note in (("search", scope), ("add", "`infer=False`")):
        cpu, mine = p50(theirs[name].cpu), p50(ours[name].cpu)
        yield Figure(f"mem0.{name}", cpu / mine, f"p50 {cpu:.1f} against {mine:.2f} ms; {note}")


def _fill(memory: Memory, texts: list[str]) -> None:
    for first in range(0, len(texts), BATCH):
        batch = [{"role": "user", "content": text} for text in texts[first : first + BATCH]]
        memory.add(batch, user_id="u", infer=False)


def _extend(times: Times, answer: dict[str, Any]) -> None:
    times.cpu += answer["cpu"]
    times.wall += answer["wall"]


def _environment(folder: Path) -> Path:
    """Return the Python of mem0's environment, made on first use from the pinned list."""
    place = folder / "mem0-environment"
    python = place / ("Scripts" if os.name == "nt" else "bin") / "python"
    done = place / "installed"
    if not done.exists():
        venv.create(place, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "-qq", "install", "-r", str(LOCK)]
        subprocess.run(pip, check=True)
        done.touch()
    return python


def _mem0_store(folder: Path, n: int) -> Path:
    """Return a folder with a mem0 store of n items."""
    place = folder / f"mem0-{n}-v{FORM}"
    done = place / "filled"
    if not done.exists():
        place.mkdir(parents=True, exist_ok=True)
        mem0 = Mem0(_environment(folder), place)
        mem0.ask(fill=Corpus(2).texts(n, statements=0.0))
        mem0.close()
        done.touch()
    return place
