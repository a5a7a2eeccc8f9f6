"""Killed at any instant, a store holds everything that was acknowledged and nothing by halves."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from uuid import UUID

import pytest

from polymem import Memory
from polymem.errors import NotFoundError
from polymem.testing.fakes import WordEmbedder

pytestmark = [pytest.mark.crash, pytest.mark.slow]
WORKLOAD = Path(__file__).with_name("workload.py")
USERS = ("alice", "bob", "小红")


def run_and_kill(store, journal, *, seed, rng):
    """Let the workload run for a random number of promises and a random while more, then kill it."""
    process = subprocess.Popen(
        [sys.executable, str(WORKLOAD), str(store), str(journal), str(seed)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        wanted = rng.randint(0, 25)
        while wanted > 0:
            got = os.read(process.stdout.fileno(), wanted)
            assert got, "the workload ended by itself"
            wanted -= len(got)
        time.sleep(rng.random() * (0.03 if rng.random() < 0.8 else 0.3))
    finally:
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        assert process.wait(30) == -signal.SIGKILL


def promises(journal):
    """Return what must be there by user, what must be gone, and the one operation that had begun and was not promised."""
    kept, gone, open_entry = {user: {} for user in USERS}, set(), None
    for line in journal.read_text().splitlines():
        entry = json.loads(line)
        if entry["mark"] == "begin":
            open_entry = entry
            continue
        open_entry = None
        for item in entry.get("gone", ()):
            kept[entry["user"]].pop(item)
            gone.add(item)
        kept[entry["user"]].update(entry.get("kept", {}))
    return kept, gone, open_entry


def rated(journal):
    """Return item and search of all feedback that was promised."""
    entries = map(json.loads, journal.read_text().splitlines())
    return {tuple(entry["rated"]) for entry in entries if "rated" in entry}


def settle(memory, journal, kept, entry):
    """Find out whether the open operation happened; it did whole or not at all. Write down what became of it."""
    if entry is None or entry["verb"] == "rate":  # an opinion that was not promised may be there or not
        return
    user, mine = entry["user"], kept[entry["user"]]
    outcome = {"mark": "done", "user": user, "verb": entry["verb"]}
    if entry["verb"] == "add":
        there = [
            item
            for item in memory.get_all(user_id=user, kinds=["episode"], limit=10_000)
            if item.id not in mine
        ]
        assert Counter(item.text for item in there) in (Counter(), Counter(entry["texts"])), "half an add"
        outcome["kept"] = {item.id: item.text for item in there}
    elif entry["verb"] == "update":
        item = memory.get(entry["item"])
        assert item.text in {entry["text"], mine[entry["item"]]}
        outcome["kept"] = {item.id: item.text}
    else:
        found = memory.get(entry["item"])
        outcome["gone" if found is None else "kept"] = (
            [entry["item"]] if found is None else {found.id: found.text}
        )
    for item in outcome.get("gone", ()):
        mine.pop(item)
    mine.update(outcome.get("kept", {}))
    with journal.open("a") as file:
        file.write(json.dumps(outcome) + "\n")


def check(memory, kept, gone):
    assert memory.verify() == []
    for user, mine in kept.items():
        there = {item.id: item.text for item in memory.get_all(user_id=user, kinds=["episode"], limit=10_000)}
        assert there == mine
        derived = memory.get_all(user_id=user, kinds=["fact", "preference", "event"], limit=10_000)
        assert {name for item in derived for name in item.episode_ids} <= mine.keys()
        for item_id, text in list(mine.items())[-3:]:
            hits = memory.search(
                text.split()[-1], user_id=user, mode="keyword", limit=10_000, kinds=["episode"]
            )
            assert item_id in {hit.item.id for hit in hits}
    for item_id in gone:
        assert memory.get(item_id) is None


def check_rated(store, kept, said):
    """Feedback that was promised is there as long as its item is; verify() tells of any that is of nothing."""
    connection = sqlite3.connect(store)
    try:
        there = {
            (str(UUID(bytes=item)), str(UUID(bytes=query)))
            for item, query in connection.execute("SELECT item, query FROM feedback")
        }
    finally:
        connection.close()
    here = {item for mine in kept.values() for item in mine}
    assert {pair for pair in said if pair[0] in here} <= there
    return len(there)


def test_kill_at_random_instants(tmp_path, rounds):
    rng = random.Random(20240501)
    n_open = n_rated = 0
    for seed in range(rounds):
        # A store lives through 25 rounds; a longer life makes the checks slow and finds nothing more.
        store, journal = (tmp_path / f"{seed // 25}.{ending}" for ending in ("db", "log"))
        run_and_kill(store, journal, seed=seed, rng=rng)
        if not journal.exists():
            continue
        kept, gone, open_entry = promises(journal)
        with Memory(store, embedder=WordEmbedder()) as memory:
            settle(memory, journal, kept, open_entry)
            check(memory, kept, gone)
            n_rated += check_rated(store, kept, rated(journal))
            added = memory.add("the round goes on", user_id="checker").ids[0]
            assert memory.get(added) is not None
            for item in list(gone)[:1]:
                with pytest.raises(NotFoundError):
                    memory.update(item, "back from the dead")
        n_open += open_entry is not None
    assert n_open >= rounds // 10, "the kills came between operations; they prove nothing"
    assert n_rated


def test_a_store_that_was_killed_while_it_was_made(tmp_path):
    """Killed during the first opening, a file can be opened again."""
    rng = random.Random(7)
    for n in range(6):
        store = tmp_path / f"{n}.db"
        process = subprocess.Popen(
            [sys.executable, str(WORKLOAD), str(store), str(tmp_path / f"{n}.log"), "1"],
            stdout=subprocess.PIPE,
        )
        assert process.stdout is not None
        deadline = time.monotonic() + 20
        while not store.exists() and time.monotonic() < deadline:
            time.sleep(0.0005)
        time.sleep(rng.random() * 0.02)
        process.kill()
        process.stdout.close()
        process.wait(30)
        with Memory(store, embedder=WordEmbedder()) as memory:
            memory.add("now it works", user_id="x")
            assert memory.verify() == []
