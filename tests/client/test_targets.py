"""An export never takes the place of a store, whatever it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from polymem import Memory
from polymem.errors import InputError
from polymem.testing.fakes import WordEmbedder


@pytest.fixture
def stocked(memory: Memory) -> Memory:
    memory.add("I live in Lyon. 我喜欢喝茶。", user_id="u")
    return memory


def refused(memory: Memory, target: Path | str) -> None:
    before = memory.get_all(user_id="u")
    with pytest.raises(InputError) as caught:
        memory.export(target)
    assert caught.value.argument == "path"
    assert memory.get_all(user_id="u") == before
    assert memory.verify() == []
    memory.add("我住在里昂。", user_id="v")


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
def test_the_store_and_the_files_beside_it_are_not_replaced(stocked: Memory, path: Path, suffix: str) -> None:
    refused(stocked, path.with_name(path.name + suffix))
    refused(stocked, f"{path.parent}/./{path.name}{suffix}")


@pytest.mark.parametrize("link", ["symlink", "link"])
def test_a_link_to_the_store_is_not_replaced(stocked: Memory, path: Path, tmp_path: Path, link: str) -> None:
    for suffix in ("", "-wal"):
        other = tmp_path / f"export{suffix}.jsonl"
        make = os.symlink if link == "symlink" else os.link
        make(path.with_name(path.name + suffix), other)
        refused(stocked, other)


def test_a_path_from_the_working_folder_is_the_same_store(
    stocked: Memory, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    refused(stocked, path.name)


def test_no_other_database_is_replaced(stocked: Memory, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    with Memory(other, embedder=WordEmbedder()) as another:
        another.add("Of another store", user_id="u")
        for suffix in ("", "-wal", "-shm"):
            refused(stocked, other.with_name(other.name + suffix))
        assert len(another.get_all(user_id="u")) == 1
    refused(stocked, other)


def test_what_is_written_on_the_way_hits_no_store(tmp_path: Path) -> None:
    with Memory(tmp_path / "memory.part", embedder=WordEmbedder()) as memory:
        memory.add("A note", user_id="u")
        refused(memory, tmp_path / "memory")


def test_everything_else_is_replaced(stocked: Memory, tmp_path: Path) -> None:
    for name, content in (
        ("e.jsonl", b"x"),
        ("e-wal", b"x"),
        ("-wal", b""),
        ("new-shm", None),
        ("旧.jsonl", b""),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        assert stocked.export(tmp_path / name) > 0
        assert (tmp_path / name).read_bytes().startswith(b"{")
