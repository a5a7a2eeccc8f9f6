"""Many threads, tasks and processes on one file: no error, nothing lost, everyone reads their own writes."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from polymem import AsyncMemory, Memory
from polymem.errors import StoreTimeoutError
from polymem.testing.fakes import WordEmbedder
from tests.stress.worker import spelled

pytestmark = pytest.mark.stress
WORKER = Path(__file__).with_name("worker.py")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "memory.db"


def test_eight_threads_on_one_memory(path):
    def work(name):
        for n in range(25):
            word = spelled(f"{name}x{n}")
            item = memory.add(f"I like {word}", user_id="shared" if n % 2 else f"user {name}").ids[0]
            hits = memory.search(word, user_id="shared" if n % 2 else f"user {name}", limit=2)
            assert hits[0].item.id == item

    with Memory(path, embedder=WordEmbedder()) as memory:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(work, range(8)))
        n_shared = len(memory.get_all(user_id="shared", kinds=["episode"], limit=1000))
        n_own = sum(len(memory.get_all(user_id=f"user {n}", kinds=["episode"], limit=1000)) for n in range(8))
        assert (n_shared, n_own) == (8 * 12, 8 * 13)
        assert memory.verify() == []


def test_processes_that_make_one_file_at_the_same_instant(tmp_path):
    rounds, names = 20, ["a", "b", "c", "d"]
    script = str(WORKER.with_name("opener.py"))
    processes = [
        subprocess.Popen(
            [sys.executable, script, str(tmp_path), name, str(rounds), str(len(names))],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for name in names
    ]  # fmt: skip
    for process in processes:
        _, said = process.communicate(timeout=120)
        assert process.returncode == 0, said
    for number in range(rounds):
        with Memory(tmp_path / f"{number}.db", embedder=WordEmbedder()) as memory:
            assert len(memory.get_all(user_id="shared")) == len(names)


@pytest.mark.slow
def test_four_processes_on_one_file(path, adds):
    processes = [
        subprocess.Popen(
            [sys.executable, str(WORKER), str(path), f"p{n}", str(adds)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for n in range(4)
    ]  # fmt: skip
    for process in processes:
        _, said = process.communicate(timeout=60 + adds)
        assert process.returncode == 0, said
    with Memory(path, embedder=WordEmbedder()) as memory:
        shared = {item.text for item in memory.get_all(user_id="shared", kinds=["episode"], limit=10_000)}
        assert len(shared) == 4 * adds
        for n in range(4):
            own = memory.get_all(user_id=f"p{n}", kinds=["episode"], limit=10_000)
            assert len(own) == len(range(0, adds, 5))
        assert memory.verify() == []


def test_three_hundred_tasks(path):
    async def main():
        async with AsyncMemory(path, embedder=WordEmbedder()) as memory:
            adds = [memory.add(f"note {spelled(str(n))}", user_id=f"u{n % 7}") for n in range(300)]
            added = await asyncio.gather(*adds)
            found = await asyncio.gather(
                *(memory.search(spelled(str(n)), user_id=f"u{n % 7}", limit=1) for n in range(300))
            )
            assert [hits[0].item.id for hits in found] == [one.ids[0] for one in added]
            mixed = await asyncio.gather(
                *(memory.add(f"more {n}", user_id="u0") for n in range(100)),
                *(memory.get_all(user_id="u0", limit=10) for _ in range(100)),
                *(memory.search("note", user_id="u0") for _ in range(100)),
            )
            assert len(mixed) == 300
            assert (await memory.stats())["n_rows"] == 400
            assert await memory.verify() == []

    asyncio.run(main())


def test_readers_see_whole_batches_while_others_write(path):
    """Every page that a reader gets holds batches whole, and never fewer than before."""
    stop = threading.Event()
    faults = []

    def read():
        seen = 0
        while not stop.is_set():
            n = len(memory.get_all(user_id="a", limit=10_000))
            m = len(memory.search("note", user_id="a", limit=10_000))
            if n % 9 or m % 9 or n < seen:
                faults.append((seen, n, m))
            seen = n

    with Memory(path, embedder=WordEmbedder()) as memory, Memory(path, embedder=WordEmbedder()) as writer:
        readers = [threading.Thread(target=read) for _ in range(3)]
        for reader in readers:
            reader.start()
        try:
            for n in range(30):
                writer.add([{"content": f"note {n} {m}"} for m in range(9)], user_id="a", infer=False)
        finally:
            stop.set()
            for reader in readers:
                reader.join(60)
        assert faults == []
        assert len(memory.get_all(user_id="a", limit=10_000)) == 270


def test_a_wait_for_the_lock_ends(path):
    """While another process holds the lock, a write fails in time, reads go on, and nothing of the write is kept."""
    with Memory(config={"store": {"path": str(path), "timeout_s": 0.4}}, embedder=WordEmbedder()) as memory:
        kept = memory.add("kept", user_id="a").ids[0]
        holder = sqlite3.connect(path, isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(StoreTimeoutError):
            memory.add("lost", user_id="a")
        with pytest.raises(TimeoutError):
            memory.delete(kept)
        assert 0.5 < time.monotonic() - began < 10
        assert [hit.item.text for hit in memory.search("kept", user_id="a")] == ["kept"]
        holder.execute("ROLLBACK")
        holder.close()
        memory.add("after", user_id="a")
        assert sorted(item.text for item in memory.get_all(user_id="a")) == ["after", "kept"]


def test_a_short_wait_for_the_lock_is_no_error(path):
    with Memory(path, embedder=WordEmbedder()) as memory:
        holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        holder.execute("BEGIN IMMEDIATE")
        timer = threading.Timer(0.3, lambda: holder.execute("ROLLBACK"))
        timer.start()
        memory.add("waited", user_id="a")
        timer.join()
        holder.close()
        assert len(memory.get_all(user_id="a")) == 1
