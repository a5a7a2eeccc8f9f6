"""A memory that was opened before a fork works in parent and children, as under gunicorn."""

import os
import subprocess
import sys
import threading
import traceback
from pathlib import Path

import pytest

from polymem import Memory
from polymem.engines.sqlite import engine
from polymem.errors import StoreUnavailableError
from polymem.testing.fakes import WordEmbedder

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here"),
    pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning"),
]


def in_child(work):
    """Run *work* in a forked child; return its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(status)


def wait_for(*pids):
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * len(pids)


def texts(memory, user="a"):
    return sorted(item.text for item in memory.get_all(user_id=user, limit=1000))


def test_fork_after_use(path):
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.add("before the fork", user_id="a")
        assert memory.search("fork", user_id="a")

        def child():
            assert "before the fork" in texts(memory)
            memory.add("in the child", user_id="a")
            assert memory.search("child", user_id="a")[0].item.text == "in the child"
            memory.close()

        pid = in_child(child)
        memory.add("in the parent", user_id="a")
        wait_for(pid)
        assert texts(memory) == ["before the fork", "in the child", "in the parent"]
        assert memory.search("child", user_id="a")[0].item.text == "in the child"
        assert memory.verify() == []


def test_a_master_with_several_workers(path):
    """The master opens, uses and forks; the workers write at the same time, and leave without closing."""
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.add("from the master", user_id="a")

        def worker(name):
            for n in range(10):
                item = memory.add(f"worker {name} note {n}", user_id="a").ids[0]
                assert memory.get(item) is not None
                assert memory.search("note", user_id="a", limit=1)

        wait_for(*[in_child(lambda name=name: worker(name)) for name in "xyz"])
        assert len(texts(memory)) == 31
        wait_for(in_child(lambda: worker("respawned")))
        assert len(texts(memory)) == 41
        assert memory.verify() == []


def test_fork_before_the_first_use(path):
    memory = Memory(path, embedder=WordEmbedder())
    wait_for(in_child(lambda: memory.add("from the child", user_id="a")))
    assert texts(memory) == ["from the child"]
    memory.close()


def test_a_grandchild(path):
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.add("from the parent", user_id="a")

        def child():
            memory.add("from the child", user_id="a")
            wait_for(in_child(lambda: memory.add("from the grandchild", user_id="a")))
            assert len(texts(memory)) == 3

        wait_for(in_child(child))
        assert texts(memory) == ["from the child", "from the grandchild", "from the parent"]


def test_closing_in_a_child_leaves_the_parent_alone(path):
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.add("one", user_id="a")
        wait_for(in_child(memory.close))
        memory.add("two", user_id="a")
        assert texts(memory) == ["one", "two"]


def test_a_fork_while_other_threads_write(path):
    """No lock that another thread held at the moment of the fork may stop the child."""
    stop = threading.Event()

    def write():
        n = 0
        while not stop.is_set():
            memory.add(f"note {n}", user_id="a", infer=False)
            n += 1

    with Memory(path, embedder=WordEmbedder()) as memory:
        threads = [threading.Thread(target=write) for _ in range(3)]
        for thread in threads:
            thread.start()
        try:
            for n in range(5):
                wait_for(in_child(lambda n=n: memory.add(f"child {n}", user_id="b")))
        finally:
            stop.set()
            for thread in threads:
                thread.join()
        assert texts(memory, "b") == [f"child {n}" for n in range(5)]
        assert memory.verify() == []


OTHER = """
import sys
from polymem import Memory
from polymem.testing.fakes import WordEmbedder
with Memory(sys.argv[1], embedder=WordEmbedder()) as memory:
    memory.add("from another program", user_id="a", infer=False)
"""


@pytest.mark.parametrize("used", [True, False])
def test_a_child_outlives_its_parent_s_memory_while_other_programs_come_and_go(path, used):
    """The last one who closes empties and deletes the log: not under the child, which writes into it."""
    memory = Memory(path, embedder=WordEmbedder())
    if used:
        memory.add("from the parent", user_id="a", infer=False)
    go_on, done = os.pipe(), os.pipe()

    def child():
        for n in range(3):
            memory.add(f"child {n}", user_id="a", infer=False)
            os.write(done[1], b"x")
            os.read(go_on[0], 1)

    pid = in_child(child)
    os.read(done[0], 1)
    memory.close()
    os.write(go_on[1], b"x")
    os.read(done[0], 1)
    subprocess.run([sys.executable, "-c", OTHER, str(path)], check=True)
    os.write(go_on[1], b"x")
    os.read(done[0], 1)
    os.write(go_on[1], b"x")
    wait_for(pid)
    with Memory(path, embedder=WordEmbedder()) as again:
        parents = ["from the parent"] * used
        assert texts(again) == ["child 0", "child 1", "child 2", "from another program", *parents]
        assert again.verify() == []


@pytest.mark.parametrize("verb", ["add", "search"])
def test_a_child_of_a_fork_in_the_midst_of_a_transaction_is_refused(path, monkeypatch, verb):
    """It would hold its parent's locks for its own, and lose what it writes."""
    memory = Memory(path, embedder=WordEmbedder())
    memory.add("from the parent", user_id="a", infer=False)
    module, name = (engine, "check_encoder") if verb == "add" else (engine, "find_partition")
    genuine = getattr(module, name)
    pids = []

    def child():
        for use in (lambda: memory.get_all(user_id="a"), lambda: Memory(path, embedder=WordEmbedder())):
            with pytest.raises(StoreUnavailableError, match="forked in the midst of a transaction"):
                use()

    def forking(*args):
        monkeypatch.undo()
        pids.append(in_child(child))
        return genuine(*args)

    monkeypatch.setattr(module, name, forking)
    getattr(memory, verb)("from the parent", user_id="a")
    wait_for(*pids)
    assert len(pids) == 1
    wait_for(in_child(lambda: memory.add("from a later child", user_id="a", infer=False)))
    assert "from a later child" in texts(memory)
    memory.close()


def test_nothing_is_open_while_a_process_forks(path):
    opened = Path("/proc/self/fd")
    if not opened.is_dir():
        pytest.skip("no list of open files here")
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.add("from the parent", user_id="a")
        assert texts(memory)

        def child():
            names = [os.path.realpath(entry) for entry in opened.iterdir()]
            assert not [name for name in names if name.startswith(str(path))]

        wait_for(in_child(child))
