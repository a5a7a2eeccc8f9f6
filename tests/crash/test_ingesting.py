"""Killed at any instant of an ``ingest``, a store holds whole passages of whole commits; the next one goes on and doubles nothing."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from polymem.documents.folders import path_of
from tests.documents.library import about, opened, paragraph, texts, write

pytestmark = [pytest.mark.crash, pytest.mark.slow]
ROOT = Path(__file__).parents[2]
INGESTER = ROOT / "tests" / "documents" / "ingester.py"
N_FILES = 16


def begun(store, folder, *, most=2_000):
    """Start an ``ingest`` that commits two documents, or *most* passages, at a time."""
    process = subprocess.Popen(
        [sys.executable, str(INGESTER), str(store), str(folder), "0.002", str(most)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"},
    )
    assert process.stdin is not None
    process.stdin.write(b"\n")
    process.stdin.flush()
    return process


def rewritten(folder, rng, n):
    """Change, add and remove files; return the words that are to be found, by file."""
    wanted = {}
    for number in range(N_FILES):
        path = folder / f"{number:02}.md"
        if rng.random() < 0.15 and number:
            path.unlink(missing_ok=True)
            continue
        if not path.exists() or rng.random() < 0.6:
            write(path, *(f"w{n}x{number}y{k}" for k in range(rng.randint(1, 7))), f"茶{n}叶{number}")
        wanted[path.name] = path.read_text(encoding="utf-8").split("\n\n")
    return wanted


def check_parts(memory, offered):
    """Nothing is there by halves: each passage is of a document, once, and of words that a file has or had."""
    assert memory.verify() == []
    documents = memory.documents(user_id="u")
    assert len({document.uri for document in documents}) == len(documents)
    assert len(texts(memory)) == sum(document.n_chunks for document in documents)
    for document in documents:
        own = texts(memory, **{"metadata.document": document.id})
        assert not Counter(own) - Counter(offered[Path(path_of(document.uri) or "").name])


def test_killed_at_random_instants(tmp_path, rounds):
    rng = random.Random(20261125)
    folder, store = tmp_path / "lib", tmp_path / "here" / "m.db"
    folder.mkdir()
    offered: dict[str, list[str]] = {f"{number:02}.md": [] for number in range(N_FILES)}
    n_between = 0
    for n in range(max(rounds // 4, 4)):
        wanted = rewritten(folder, rng, n)
        for name, parts in wanted.items():
            offered[name] += parts
        process = begun(store, folder)
        assert process.stdout is not None
        process.stdout.read(rng.randint(1, 6))
        time.sleep(rng.random() * 0.03)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=60)
        left = {path.name for path in store.parent.iterdir()}
        assert left <= {"m.db", "m.db-wal", "m.db-shm"}, "nothing lies about"
        with opened(store) as memory:
            check_parts(memory, offered)
            stored = sorted(texts(memory))
            whole = sorted(part for parts in wanted.values() for part in parts)
            n_between += bool(stored) and stored != whole
            if rng.random() < 0.5:
                memory.ingest(folder, user_id="u")
                assert sorted(texts(memory)) == whole
                assert memory.ingest(folder, user_id="u").unchanged == len(wanted)
                assert memory.verify() == []
    assert n_between, "the kills came before or after; they prove nothing"


def test_killed_in_the_midst_of_a_long_document(tmp_path):
    """Commits of a part of a document leave it unfinished; the next call keeps what is there and adds the rest."""
    folder, store = tmp_path / "lib", tmp_path / "m.db"
    write(folder / "long.md", *(f"tea{k:03}" for k in range(60)))
    process = begun(store, folder, most=3)
    assert process.stdout is not None
    process.stdout.read(6)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    with opened(store) as memory:
        before = set(about(memory, "tea"))
        assert 0 < len(before) < 60
        assert memory.verify() == []
        memory.ingest(folder, user_id="u")
        assert before <= set(about(memory, "tea"))
        assert Counter(texts(memory)) == Counter(paragraph(f"tea{k:03}") for k in range(60))
        assert memory.verify() == []
