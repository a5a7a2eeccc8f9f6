"""A store under an ``ingest``: full, copied meanwhile, over its quota; and what others must not see of it."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from polymem import DocumentInput, Memory
from polymem.engines.sqlite import connection as connections
from polymem.errors import NotFoundError, QuotaError, StoreFullError, StoreUnavailableError
from tests.documents.library import CONFIG, about, opened, paragraph, texts, write

N_FILES = 24


@pytest.fixture
def lib(tmp_path: Path) -> Path:
    for n in range(N_FILES):
        write(tmp_path / "lib" / f"{n:02}.md", f"tea{n:02}", f"茶叶{n:02}", title=f"Tea {n}")
    return tmp_path / "lib"


def check_whole(memory: Memory) -> None:
    """What is stored are whole documents."""
    assert memory.verify() == []
    documents = memory.documents(user_id="u")
    assert len(texts(memory)) == sum(document.n_chunks for document in documents)


def check_all(memory: Memory) -> None:
    """All documents are stored, each once."""
    check_whole(memory)
    assert len(memory.documents(user_id="u")) == N_FILES
    assert all(
        len(about(memory, f"tea{n:02}")) == len(about(memory, f"茶叶{n:02}")) == 1 for n in range(N_FILES)
    )


# ---------------------------------------------------------------- a disk without space
def test_a_disk_that_fills_up(tmp_path: Path, lib: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("polymem.client.ingestion.MOST_TOGETHER", 3)
    plain = connections.connect

    def small(path: Path, **options: bool) -> object:
        connection = plain(path, **options)
        connection.execute("PRAGMA max_page_count=75")
        return connection

    with monkeypatch.context() as crowded:
        crowded.setattr("polymem.engines.sqlite.writer.connect", small)
        with opened(tmp_path / "m.db") as memory:
            for _ in range(2):
                with pytest.raises(StoreFullError):
                    memory.ingest(lib, user_id="u")
                check_whole(memory)
            assert 0 < len(memory.documents(user_id="u")) < N_FILES
    with opened(tmp_path / "m.db") as memory:
        memory.ingest(lib, user_id="u")
        check_all(memory)


def grow(memory: Memory, lib: Path) -> None:
    for n in range(1_000):
        memory.ingest(lib, user_id="u", metadata={"n": n})


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_a_file_that_may_not_grow(tmp_path: Path, lib: Path):
    import resource

    store = tmp_path / "m.db"
    with opened(store) as memory:
        memory.ingest(DocumentInput(text=paragraph("sencha"), uri="x"), user_id="u")
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
        try:
            with pytest.raises((StoreFullError, StoreUnavailableError)):
                grow(memory, lib)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert len(about(memory, "sencha")) == 1
        check_whole(memory)
        memory.ingest(lib, user_id="u")
        check_whole(memory)


# ---------------------------------------------------------------- copies made meanwhile
def test_copies_made_while_documents_come_in(tmp_path: Path, lib: Path, monkeypatch: pytest.MonkeyPatch):
    """Each copy, as a file or as lines, holds whole documents, and can be gone on with."""
    monkeypatch.setattr("polymem.client.ingestion.MOST_TOGETHER", 2)
    failed: list[BaseException] = []
    store = tmp_path / "m.db"
    with opened(store):
        pass

    def come_in() -> None:
        try:
            with opened(store) as memory:
                memory.ingest(lib, user_id="u")
        except BaseException as error:  # the main thread raises it
            failed.append(error)

    thread, n = threading.Thread(target=come_in), 0
    with opened(store) as memory:
        thread.start()
        while thread.is_alive() and n < 6:
            memory.backup(tmp_path / f"{n}.db")
            memory.export(tmp_path / f"{n}.jsonl")
            n += 1
        thread.join()
    assert not failed
    for number in range(n):
        with opened(tmp_path / f"{number}.db") as copy:
            check_whole(copy)
        with opened(tmp_path / f"{number}-lines.db") as copy:
            copy.import_(tmp_path / f"{number}.jsonl")
            check_whole(copy)
            if number == n - 1:
                copy.ingest(lib, user_id="u")
                check_all(copy)


# ---------------------------------------------------------------- quotas
@pytest.mark.parametrize("quota", [{"items": 9}, {"per_day": 9}, {"terms": 700}])
def test_a_quota_stops_it_between_documents(
    tmp_path: Path, lib: Path, monkeypatch: pytest.MonkeyPatch, quota: dict[str, int]
):
    monkeypatch.setattr("polymem.client.ingestion.MOST_TOGETHER", 2)
    with opened(tmp_path / "m.db", config={**CONFIG, "quota": quota}) as memory:
        for _ in range(2):
            with pytest.raises(QuotaError):
                memory.ingest(lib, user_id="u")
            assert 0 < len(memory.documents(user_id="u")) < N_FILES
            check_whole(memory)
    with opened(tmp_path / "m.db") as memory:
        memory.ingest(lib, user_id="u")
        check_all(memory)


# ---------------------------------------------------------------- others
OTHERS: tuple[dict[str, Any], ...] = (
    {"user_id": "v"},
    {"user_id": "u", "tenant": "t"},
    {"agent_id": "u"},
    {"run_id": "u"},
    {"user_id": "u", "agent_id": "a"},
    {"user_id": "u", "run_id": "r"},
    {"user_id": "U"},
    {"user_id": "u\u200b"},
)


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_nobody_else_sees_a_document(tmp_path: Path, other: dict[str, Any]):
    """Neither by search, answers, lists, ids that were guessed, nor filters that reach for it."""
    with opened(tmp_path / "m.db") as memory:
        path = write(tmp_path / "a.md", "gunpowder", "碧螺春", title="Secret tea")
        (document,) = memory.ingest(path, user_id="u", metadata={"owner": "u"}).added
        item = memory.get_all(user_id="u", filters={"role": "document"})[0]
        reaching = (
            None,
            {"role": "document"},
            {"metadata.document": document.id},
            {"OR": [{"owner": "u"}, {"role": {"ne": "user"}}]},
            {"NOT": {"owner": "v"}},
        )
        for filters in reaching:
            for mode in ("hybrid", "vector", "keyword", "graph", "concat"):
                assert not memory.search("gunpowder 碧螺春", filters=filters, mode=mode, **other)
            assert not memory.get_all(filters=filters, **other)
            answer = memory.ask("Where is gunpowder grown?", filters=filters, min_confidence=0.0, **other)
            assert (answer.found, answer.citations, answer.item_ids) == (False, (), ())
        assert memory.documents(**other) == []
        assert memory.documents(folder=path.parent, **other) == []
        assert memory.document(document.id, **other) is None
        for dry_run in (True, False):
            with pytest.raises(NotFoundError):
                memory.remove_document(document.id, dry_run=dry_run, **other)
        own = memory.ingest(path, **other)
        assert len(own.added) == 1
        assert own.added[0].id != document.id
        memory.remove_document(own.added[0].id, **other)
        assert memory.get(item.id) is not None
        assert memory.document(document.id, user_id="u") == document
        assert len(about(memory, "gunpowder")) == 1
        assert memory.verify() == []
