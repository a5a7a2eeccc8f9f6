"""What is called back while a file is read may use the memory, and may break the reading off."""

import asyncio
import threading

import pytest

from polymem import AsyncMemory, Memory
from polymem.client.progress import Reporter
from polymem.models.embedders.callable import CallableEmbedder
from polymem.testing.fakes import WordEmbedder

N_NOTES = 400


@pytest.fixture
def exported(tmp_path):
    file = tmp_path / "x.jsonl"
    with Memory(tmp_path / "old.db", embedder=WordEmbedder()) as memory:
        memory.add([{"content": f"note {n}"} for n in range(N_NOTES)], user_id="ann", infer=False)
        memory.export(file)
    return file


def in_time(work):
    """Run *work* in a thread that may not hang; return what it raised."""
    raised = []

    def run():
        try:
            work()
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "it hangs"
    return raised


def callbacks_end():
    for thread in threading.enumerate():
        if thread.name == "polymem-progress":
            thread.join(10)


@pytest.mark.parametrize("distant", [False, True])
def test_a_write_from_inside_an_import_waits_for_it(tmp_path, exported, distant):
    lengths = CallableEmbedder(lambda texts: [[1.0, len(text)] for text in texts], name="lengths", dim=2)
    seen, found = [], []

    def read():
        with Memory(tmp_path / "new.db", embedder=lengths if distant else WordEmbedder()) as memory:

            def progress(n):
                seen.append(n)
                memory.search("note", user_id="ann")
                memory.add(f"read {n}", user_id="log", infer=False)

            memory.import_(exported, progress=progress)
            found.append(len(memory.get_all(user_id="log")))
            found.append(memory.stats(user_id="ann")["n_rows"])
            found.extend(memory.verify())

    assert in_time(read) == []
    assert seen == [500, 1000]
    assert found == [2, N_NOTES]


def test_the_loop_is_free_while_a_callback_waits_for_it(tmp_path, exported):
    async def read():
        async with AsyncMemory(tmp_path / "new.db", embedder=WordEmbedder()) as memory:
            loop = asyncio.get_running_loop()

            def progress(n):
                added = memory.add(f"read {n}", user_id="log", infer=False)
                asyncio.run_coroutine_threadsafe(added, loop).result()

            await memory.import_(exported, progress=progress)
            return len(await memory.get_all(user_id="log"))

    counts = []
    assert in_time(lambda: counts.append(asyncio.run(read()))) == []
    assert counts == [2]


def test_what_a_callback_raises_comes_out_and_all_or_nothing_is_kept(memory, exported):
    called = []

    def progress(n):
        called.append(n)
        raise LookupError(n)

    (error,) = in_time(lambda: memory.import_(exported, progress=progress))
    assert isinstance(error, LookupError)
    assert called == [500]
    assert memory.stats()["n_rows"] in (0, N_NOTES)
    memory.add("goes on", user_id="bob")
    assert memory.verify() == []


def test_a_failed_callback_is_told_nothing_more():
    def progress(n):
        raise LookupError(n)

    with Reporter(progress) as reporter:
        reporter.tell(500)
        callbacks_end()
        with pytest.raises(LookupError):
            reporter.tell(1000)
    with pytest.raises(LookupError):
        reporter.join()


def test_after_a_failed_import_nothing_is_reported(memory, exported):
    lines = exported.read_text(encoding="utf-8").splitlines(keepends=True)
    exported.write_text("".join(lines[:1100]), encoding="utf-8")
    waits, seen = threading.Event(), []

    def progress(n):
        seen.append(n)
        waits.wait(10)

    (error,) = in_time(lambda: memory.import_(exported, progress=progress))
    waits.set()
    assert error.argument == "records"
    callbacks_end()
    assert seen == [500]
