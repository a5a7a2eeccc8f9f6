"""Several ingests at once, ingests that are killed, and ingests on an event loop."""

import asyncio
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polymem import AsyncMemory, DocumentInput
from polymem.documents.worker import ReaderPool
from polymem.errors import ConflictError
from polymem.ports.event_loop import running_loop
from polymem.testing.fakes import WordEmbedder
from tests.documents.library import CONFIG, about, opened, paragraph, texts, write

INGESTER = Path(__file__).with_name("ingester.py")
ROOT = Path(__file__).parents[2]


@pytest.fixture
def lib(tmp_path):
    for n in range(24):
        write(tmp_path / "lib" / f"{n:02}.md", f"tea{n:02}", f"茶叶{n:02}", title=f"Tea {n}")
    return tmp_path / "lib"


def begun(store, folder, pause_s=0.0):
    return subprocess.Popen(
        [sys.executable, str(INGESTER), str(store), str(folder), str(pause_s)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT / 'src'}:{ROOT}", "PATH": "/usr/bin:/bin"},
    )


def go(process):
    process.stdin.write(b"\n")
    process.stdin.flush()


def end(process):
    process.stdin.close()
    process.stdout.read()
    process.stdout.close()
    return process.wait(120)


def whole(store):
    """Check that the memory holds each passage once, and nothing beside them."""
    with opened(store) as memory:
        assert len(memory.documents(user_id="u")) == 24
        for n in range(24):
            assert len(about(memory, f"tea{n:02}")) == len(about(memory, f"茶叶{n:02}")) == 1
        assert len(texts(memory)) == sum(each.n_chunks for each in memory.documents(user_id="u"))
        assert memory.verify() == []


@pytest.mark.stress
@pytest.mark.slow
def test_two_processes_on_one_folder(tmp_path, lib):
    """Neither fails, nothing is there twice, in a new store and where half of the files changed."""
    store = tmp_path / "m.db"
    for _ in range(2):
        processes = [begun(store, lib) for _ in range(2)]
        for process in processes:
            go(process)
        assert [end(process) for process in processes] == [0, 0]
        whole(store)
        for n in range(0, 24, 2):
            write(lib / f"{n:02}.md", f"tea{n:02}", "sencha", f"茶叶{n:02}", title=f"Tea {n}")
    with opened(store) as memory:
        assert memory.ingest(lib, user_id="u").unchanged == 24
        assert len(about(memory, "sencha")) == 12


@pytest.mark.crash
@pytest.mark.slow
def test_killed_in_the_middle_and_gone_on_with(tmp_path, lib, monkeypatch):
    """What was committed is whole, and is not read again."""
    store = tmp_path / "m.db"
    process = begun(store, lib, 0.05)
    go(process)
    assert process.stdout is not None
    for _ in range(5):
        assert process.stdout.read(1) == b"."
    process.send_signal(signal.SIGKILL)
    assert end(process) == -signal.SIGKILL
    with opened(store) as memory:
        there = memory.documents(user_id="u")
        assert 0 < len(there) < 24
        assert len(texts(memory)) == sum(document.n_chunks for document in there)
        assert memory.verify() == []
        read = []
        reads = ReaderPool.read

        def noted(self, path, *, name, **options):
            read.append(name)
            return reads(self, path, name=name, **options)

        monkeypatch.setattr(ReaderPool, "read", noted)
        done = memory.ingest(lib, user_id="u")
        assert done.unchanged == len(there)
        assert sorted(read) == sorted({f"{n:02}.md" for n in range(24)} - {Path(d.uri).name for d in there})
    whole(store)


def test_a_long_document_that_was_broken_off_is_gone_on_with(tmp_path, monkeypatch):
    from polymem.client import ingest_steps, ingestion

    monkeypatch.setattr(ingest_steps, "MOST_CHUNKS", 2)
    source = DocumentInput(text="\n\n".join(paragraph(f"tea{n}") for n in range(6)), uri="long")
    commit, n_commits = ingestion.commit_passages, 0

    async def twice(*args, **kwargs):
        nonlocal n_commits
        n_commits += 1
        if n_commits == 3:
            raise KeyboardInterrupt
        return await commit(*args, **kwargs)

    monkeypatch.setattr(ingestion, "commit_passages", twice)
    with opened(tmp_path / "m.db") as memory:
        with pytest.raises(KeyboardInterrupt):
            memory.ingest(source, user_id="u")
        before = set(texts(memory))
        assert len(before) == 4
        done = memory.ingest(source, user_id="u")
        assert (done.n_chunks_added, done.n_chunks_kept) == (2, 4)
        assert len(texts(memory)) == 6
        assert memory.ingest(source, user_id="u").unchanged == 1


def test_who_comes_second_looks_again(tmp_path, monkeypatch):
    """A commit that meets the same document of another process is made anew, and finds nothing left to do."""
    from polymem.client import ingestion

    source = DocumentInput(text=paragraph("oolong"), uri="x")
    kept = ingestion.kept_of
    calls = []

    async def late(parts, wanted, waiting):
        found = await kept(parts, wanted, waiting)
        if not calls:
            calls.append(waiting)
            with opened(tmp_path / "m.db") as other:
                other.ingest(source, user_id="u")
        else:
            calls.append(waiting)
        return found

    monkeypatch.setattr(ingestion, "kept_of", late)
    with opened(tmp_path / "m.db") as memory:
        done = memory.ingest(source, user_id="u")
        assert (done.added, done.unchanged, len(calls)) == ((), 1, 3)
        assert len(about(memory, "oolong")) == 1


def test_conflicts_without_end_are_told(tmp_path, monkeypatch):
    from polymem.client import ingestion

    async def never(*_, **__):
        raise ConflictError("somebody else")

    monkeypatch.setattr(ingestion, "commit_passages", never)
    with opened(tmp_path / "m.db") as memory, pytest.raises(ConflictError):
        memory.ingest(DocumentInput(text="tea", uri="x"), user_id="u")


def test_the_event_loop_stays_free(tmp_path, lib):
    """While documents are read, cut, embedded and stored, other tasks get their turn."""

    class Embedder(WordEmbedder):
        def encode(self, texts):
            assert running_loop() is None
            time.sleep(2)
            return super().encode(texts)

    async def main():
        longest, last = 0.0, time.monotonic()

        async def beat():
            nonlocal longest, last
            while True:
                await asyncio.sleep(0.005)
                longest, last = max(longest, time.monotonic() - last), time.monotonic()

        async with AsyncMemory(tmp_path / "m.db", embedder=Embedder(), config=CONFIG) as memory:
            heart = asyncio.create_task(beat())
            done = await memory.ingest(lib, user_id="u")
            heart.cancel()
        return done, longest

    done, longest = asyncio.run(main())
    assert len(done.added) == 24
    assert longest < 1.5


def test_cancelled(tmp_path, lib, monkeypatch):
    """A task that is cancelled ends; what was stored stays, and the rest is taken in next time."""
    read = ReaderPool.read

    def slowly(self, path, *, name, **options):
        time.sleep(0.05)
        return read(self, path, name=name, **options)

    monkeypatch.setattr(ReaderPool, "read", slowly)

    async def main():
        async with AsyncMemory(tmp_path / "m.db", embedder=WordEmbedder(), config=CONFIG) as memory:
            task = asyncio.create_task(memory.ingest(lib, user_id="u"))
            await asyncio.sleep(0.6)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await memory.ingest(lib, user_id="u")

    done = asyncio.run(main())
    assert len(done.added) + done.unchanged == 24
    whole(tmp_path / "m.db")


def test_two_tasks_on_one_folder(tmp_path, lib):
    async def main():
        async with AsyncMemory(tmp_path / "m.db", embedder=WordEmbedder(), config=CONFIG) as memory:
            return await asyncio.gather(*(memory.ingest(lib, user_id="u") for _ in range(3)))

    done = asyncio.run(main())
    assert sum(len(each.added) for each in done) == 24
    assert sum(each.unchanged for each in done) == 48
    whole(tmp_path / "m.db")
