"""A memory that was opened before a fork works in parent and children, as under gunicorn."""

import os
import sys
import threading
import traceback

import pytest

from polymem import Memory
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
