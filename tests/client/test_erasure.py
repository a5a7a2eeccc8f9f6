"""After an erasure no byte of it is left, its receipt can be checked, and what was not meant is untouched."""

from __future__ import annotations

import json
import multiprocessing
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from polymem import Memory
from polymem.domain.event import Receipt
from polymem.errors import ConflictError, InputError, NotFoundError
from polymem.testing.clock import FrozenClock
from polymem.testing.fakes import WordEmbedder

SECRET = "Zorblax keeps quetzalwords under the wumpusberry; 璇玑翡翠琥珀。"
DEEP = {"codeword": "xyzzyplugh", "密语": ["珊瑚玛瑙", {"deep": "frobnicate"}]}
KEPT = "I love gardening. 我喜欢园艺。"


def grams(text: str) -> Iterator[bytes]:
    """Yield every run of 7 letters, and of 3 Chinese characters, of *text*, in small letters."""
    words = "".join(char if char.isalnum() else " " for char in text.lower()).split()
    for word in words:
        size = 7 if word.isascii() else 3
        yield from (word[at : at + size].encode() for at in range(len(word) - size + 1))


def left_in(folder: Path, *texts: str) -> set[bytes]:
    content = b"".join(file.read_bytes().lower() for file in folder.iterdir() if file.is_file())
    return {gram for text in texts for gram in grams(text) if gram in content}


def fill(memory: Memory) -> list[str]:
    """Tell the secret in every way there is; return the ids of what holds it."""
    told = {
        "user_id": "u",
        "run_id": "secret",
        "timestamp": "2020-01-01",
        "metadata": DEEP | {"topic": "secret"},
    }
    message = {"role": "user", "name": "Grimblewick", "content": SECRET}
    first = memory.add(message, idempotency_key="once", **told)
    second = memory.add(
        "My friend Zorblax lives in Wumpusberry. I love quetzalwords. 我喜欢璇玑翡翠。", **told
    )
    memory.update(first.items[0].id, f"{SECRET} Frobnicated anew: 珊瑚玛瑙。")
    third = memory.add("I hate quetzalwords now.", **told)
    memory.delete(third.items[0].id)
    memory.archive(second.items[0].id)
    memory.reinforce([item.id for item in second.items])
    memory.search("Zorblax quetzalwords 璇玑翡翠", user_id="u")
    return [item.id for added in (first, second, third) for item in added.items]


WORDS = (
    SECRET,
    "Grimblewick",
    "xyzzyplugh",
    "珊瑚玛瑙",
    "frobnicate",
    "Wumpusberry",
    "quetzalwords",
    "Frobnicated",
)
WAYS: dict[str, dict[str, Any]] = {
    "ids": {},
    "run": {"run_id": "secret", "everything": True},
    "filter": {"filters": {"topic": "secret"}},
    "time": {"before": "2021-01-01"},
    "everything": {"everything": True},
}


@pytest.mark.parametrize("way", WAYS)
def test_no_byte_is_left(memory: Memory, path: Path, way: str) -> None:
    kept = memory.add(KEPT, user_id="u", run_id="kept", timestamp="2024-01-01")
    ids = fill(memory)
    vectors = _vectors(path, ids)
    assert vectors
    assert left_in(path.parent, *WORDS)
    asked = WAYS[way] or {"item_ids": ids}
    before = _dump(path)
    planned = memory.forget(user_id="u", **asked, dry_run=True)
    assert _dump(path) == before
    receipt = memory.forget(user_id="u", **asked)
    assert set(planned.erased) == set(receipt.erased)
    assert set(ids) <= set(receipt.erased)
    assert receipt.status == "complete"
    assert memory.verify_erasure(receipt) == []
    assert memory.verify() == []
    target = path.parent / "export.jsonl"
    memory.export(target)
    memory.close()
    assert left_in(path.parent, *WORDS) == set()
    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert not any(vector in content for vector in vectors)
    if way != "everything":
        assert KEPT in target.read_text(encoding="utf-8")
        assert all(item.id in target.read_text(encoding="utf-8") for item in kept.items)


def _vectors(path: Path, ids: list[str]) -> list[bytes]:
    keys = [bytes.fromhex(name.replace("-", "")) for name in ids]
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            f"SELECT v.f16 FROM vector v JOIN item i ON i.rid = v.rid WHERE i.id IN ({','.join('?' * len(keys))})",
            keys,
        ).fetchall()
        others = {bytes(f16) for (f16,) in connection.execute("SELECT f16 FROM vector")}
    assert others
    return [f16 for (f16,) in rows if any(f16)]


def _dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_packed_rows_are_scrubbed(memory: Memory, path: Path) -> None:
    notes = [{"role": "user", "content": f"note {n} 笔记"} for n in range(4_200)]
    notes[17]["content"] = SECRET
    secret = memory.add(notes, user_id="u", infer=False).items[17]
    assert left_in(path.parent, SECRET)
    receipt = memory.forget(secret.id)
    assert memory.verify_erasure(receipt) == []
    memory.close()
    assert left_in(path.parent, SECRET) == set()


def _read_on(path: Path, ready: Any, done: Any) -> None:
    with Memory(path, embedder=WordEmbedder()) as memory:
        memory.search("Zorblax", user_id="u")
        ready.set()
        while not done.is_set():
            memory.search("quetzalwords 璇玑", user_id="u", limit=5)
        assert all("zorblax" not in hit.item.text.lower() for hit in memory.search("Zorblax", user_id="u"))


def test_readers_in_another_process_do_not_keep_it(memory: Memory, path: Path) -> None:
    memory.add(KEPT, user_id="u")
    fill(memory)
    context = multiprocessing.get_context("spawn")
    ready, done = context.Event(), context.Event()
    reader = context.Process(target=_read_on, args=(path, ready, done))
    reader.start()
    try:
        assert ready.wait(60)
        receipt = memory.forget(user_id="u", run_id="secret", everything=True)
        # A reader is in its transaction for a moment only, but for one moment after the other.
        patience = time.monotonic() + 30
        while left := memory.verify_erasure(receipt):
            assert {finding.face for finding in left} == {"log"}
            assert time.monotonic() < patience
    finally:
        done.set()
        reader.join(60)
    assert reader.exitcode == 0
    memory.close()
    assert left_in(path.parent, *WORDS) == set()


def test_a_receipt_that_is_pending_is_completed(memory: Memory, path: Path) -> None:
    fill(memory)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchone()
        receipt = memory.forget(user_id="u", everything=True)
        assert receipt.status == "pending"
        (busy,) = memory.verify_erasure(receipt)
        assert busy.face == "log"
        reader.execute("ROLLBACK")
        assert memory.verify_erasure(receipt) == []
        assert left_in(path.parent, *WORDS) == set()


def test_a_later_write_empties_the_log(memory: Memory, path: Path) -> None:
    fill(memory)
    with closing(sqlite3.connect(path, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM item").fetchone()
        assert memory.forget(user_id="u", everything=True).status == "pending"
        reader.execute("ROLLBACK")
        memory.add("something else", user_id="v", infer=False)
        assert left_in(path.parent, *WORDS) == set()


def test_no_copy_comes_out_that_was_begun_before(memory: Memory, tmp_path: Path) -> None:
    ids = fill(memory)
    target = tmp_path / "out" / "all.jsonl"
    target.parent.mkdir()
    memory.add([{"role": "user", "content": f"n {n}"} for n in range(600)], user_id="u", infer=False)

    def erase(n: int) -> None:
        if n == 500:
            memory.forget(ids)

    with pytest.raises(ConflictError):
        memory.export(target, progress=erase)
    assert list(target.parent.iterdir()) == []
    memory.export(target)
    assert not left_in(target.parent, *WORDS)


def test_names_are_spelled_as_the_others_spell_them(memory: Memory, path: Path) -> None:
    loud = memory.add("I met ZORBLAX Quendrick in Oslo.", user_id="u").items[0]
    memory.add("I met Zorblax Quendrick in Rome.", user_id="u")
    assert "ZORBLAX Quendrick" in {entity.name for entity in memory.entities(user_id="u")}
    receipt = memory.forget(loud.id)
    assert "Zorblax Quendrick" in {entity.name for entity in memory.entities(user_id="u")}
    assert memory.verify_erasure(receipt) == []
    memory.close()
    assert b"ZORBLAX" not in path.read_bytes()


@pytest.mark.parametrize(
    "damage",
    [
        "INSERT INTO use SELECT 1, item, 1, x'00' FROM event WHERE name = 5",
        "INSERT INTO basis SELECT (1 << 24) + 1, item FROM event WHERE name = 5 LIMIT 1",
        "UPDATE event SET salt = x'00' WHERE name = 0 AND salt IS NULL",
        "UPDATE event SET salt = NULL WHERE name = 5",
        "DELETE FROM event WHERE name = 5",
        "INSERT INTO label VALUES (1, 'Grimblewick', 999, 1)",
        "INSERT INTO vector SELECT (1 << 24) + min(first), x'00' FROM (SELECT 1 AS first)",
        "INSERT INTO derived SELECT (1 << 24) + 4095, 'x'",
        "INSERT INTO episode SELECT (1 << 24) + 4095, x'00', 'x', 0, 0, '', '', NULL, NULL, '{}', NULL",
    ],
)
def test_what_is_left_is_found(memory: Memory, path: Path, damage: str) -> None:
    fill(memory)
    memory.add(KEPT, user_id="u", run_id="kept")
    receipt = memory.forget(user_id="u", run_id="secret", everything=True)
    assert memory.verify_erasure(receipt) == []
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(damage)
        connection.commit()
    assert memory.verify_erasure(receipt) != []


def test_a_free_page_that_is_not_empty_is_found(memory: Memory, path: Path) -> None:
    memory.add([{"role": "user", "content": f"{SECRET} {n}"} for n in range(300)], user_id="u", infer=False)
    receipt = memory.forget(user_id="u", everything=True)
    assert memory.verify_erasure(receipt) == []
    memory.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA secure_delete=OFF")
        connection.execute("CREATE TABLE left_over (x)")
        connection.executemany("INSERT INTO left_over VALUES (?)", [(SECRET * 50,)] * 20)
        connection.commit()
        connection.execute("DROP TABLE left_over")
        connection.commit()
        assert connection.execute("PRAGMA freelist_count").fetchone()[0]
    with Memory(path, embedder=WordEmbedder()) as again:
        assert "a free page is not empty" in {found.problem for found in again.verify_erasure(receipt)}


def test_receipts_are_plain_and_compared(memory: Memory) -> None:
    fill(memory)
    receipt = memory.forget(user_id="u", everything=True)
    saved = json.loads(json.dumps(receipt.to_dict()))
    assert Receipt.from_dict(saved) == receipt
    assert memory.verify_erasure(saved) == memory.verify_erasure(receipt.tombstone_id) == []
    head = memory.chain_head(user_id="u")
    assert (receipt.n, receipt.link) == (head.n, head.link)
    for wrong in ({"erased": saved["erased"][1:]}, {"n": 1}, {"link": "00" * 32}):
        assert memory.verify_erasure(saved | wrong) != []
    for broken in ({"n": -1}, {"n": True}, {"erased": [5]}, {"status": "so-so"}, {"counts": None}):
        with pytest.raises(InputError):
            memory.verify_erasure(saved | broken)
    with pytest.raises(InputError):
        memory.verify_erasure({})
    with pytest.raises(InputError):
        memory.verify_erasure(7)  # type: ignore[arg-type]


def test_receipts_of_nothing_of_dry_runs_and_of_others(memory: Memory, tmp_path: Path) -> None:
    memory.add("a", user_id="u", infer=False)
    assert memory.verify_erasure(memory.forget(user_id="nobody", everything=True)) == []
    with pytest.raises(InputError):
        memory.verify_erasure(memory.forget(user_id="u", everything=True, dry_run=True))
    receipt = memory.forget(user_id="u", everything=True)
    assert memory.scoped(user_id="u").verify_erasure(receipt) == []
    for stranger in (memory.scoped(user_id="v"), memory.scoped(user_id="u", tenant="t")):
        with pytest.raises(NotFoundError):
            stranger.verify_erasure(receipt)
    with Memory(tmp_path / "other.db", embedder=WordEmbedder()) as other, pytest.raises(NotFoundError):
        other.verify_erasure(receipt)
    for name in ("nonsense", "", "*"):
        with pytest.raises(NotFoundError):
            memory.verify_erasure(name)


def test_many_blocks_have_one_tombstone(memory: Memory, clock: FrozenClock) -> None:
    memory.add([{"role": "user", "content": f"n {n}"} for n in range(1_100)], user_id="u", infer=False)
    receipt = memory.forget(user_id="u", everything=True)
    assert len(receipt.erased) == 1_100
    assert memory.verify_erasure(receipt) == []
    assert receipt.counts["items"] == receipt.counts["episodes"] == 1_100
