"""Backups are whole, taken while others write, and never overwrite."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from polymem.engines.sqlite.backup import copy
from polymem.errors import InputError, StoreError
from tests.engines.sqlite.workshop import BOB, Workshop, episode, fact


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    made = Workshop(tmp_path / "store.db")
    yield made
    made.close()


def test_a_backup_opens_and_holds_everything(shop: Workshop, tmp_path: Path):
    shop.say("I like 茶", fact("I like 茶", "likes", "茶"))
    file = tmp_path / "new folder" / "copy 备份.db"
    shop.backup(file)
    other = Workshop(file)
    assert other.verify() == []
    assert other.export()[1:] == shop.export()[1:]
    other.say("goes on by itself")
    assert shop.current() == ["I like 茶", "I like 茶"]
    other.close()
    assert [p.name for p in file.parent.iterdir()] == [file.name], "one file is all of it"


def test_a_backup_taken_while_others_write_is_of_one_instant(shop: Workshop, tmp_path: Path):
    stop = threading.Event()
    writer = Workshop(shop.path)
    n_written = 0

    def write() -> None:
        nonlocal n_written
        while not stop.is_set():
            text = f"row {n_written}"
            writer.say(text, fact(text, "likes", f"thing {n_written}"), scope=BOB)
            n_written += 1

    thread = threading.Thread(target=write)
    thread.start()
    copies = [tmp_path / f"copy {n}.db" for n in range(3)]
    try:
        for path in copies:
            done = n_written
            while n_written < done + 3:
                assert thread.is_alive()
            shop.backup(path)
    finally:
        stop.set()
        thread.join()
    writer.close()
    sizes = []
    for path in copies:
        other = Workshop(path)
        assert other.verify() == []
        sizes.append(len(other.current(scope=BOB)))
        other.close()
    assert 0 < sizes[0] < sizes[1] < sizes[2] <= 2 * n_written
    assert all(size % 2 == 0 for size in sizes), "never half a batch"


class Slow(sqlite3.Connection):
    """Copies a few pages at a stretch, and calls what has to happen between two."""

    between: Callable[[], None]

    def backup(self, target: sqlite3.Connection, **_: object) -> None:  # type: ignore[override]
        super().backup(target, pages=8, progress=lambda *_: self.between())


def test_a_backup_ends_while_others_go_on_writing(shop: Workshop, tmp_path: Path):
    """It is of the instant in which it began; what is written meanwhile does not start it anew."""
    shop.commit(*(episode(f"note {n} " + "word " * 300) for n in range(100)))
    n_steps = 0

    def write() -> None:
        nonlocal n_steps
        n_steps += 1
        assert n_steps < 500, "it begins anew each time"
        shop.say("meanwhile")

    slow = sqlite3.connect(shop.path, factory=Slow, isolation_level=None)
    slow.between = write
    copy(slow, tmp_path / "copy.db")
    assert not slow.in_transaction
    slow.close()
    assert n_steps > 5
    other = Workshop(tmp_path / "copy.db")
    assert len(other.current()) == 100
    assert other.verify() == []
    other.close()


def test_a_backup_never_overwrites(shop: Workshop, tmp_path: Path):
    shop.commit(episode("one"))
    path = tmp_path / "copy.db"
    path.write_text("something else")
    for target in (path, shop.path):
        with pytest.raises(InputError) as caught:
            shop.backup(target)
        assert caught.value.argument == "path"
    assert path.read_text() == "something else"
    assert shop.current() == ["one"]


def test_a_backup_that_fails_leaves_nothing(shop: Workshop, tmp_path: Path):
    shop.commit(episode("one"))
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StoreError):
        shop.backup(tmp_path / "file" / "copy.db")
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("name", ["a\0b.db", "\ud800.db"], ids=ascii)
def test_a_name_that_no_file_can_have_is_refused(shop: Workshop, tmp_path: Path, name: str):
    with pytest.raises(InputError) as caught:
        shop.backup(tmp_path / name)
    assert caught.value.argument == "path"
