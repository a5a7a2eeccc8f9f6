"""Runs a mixed workload on a store until it is killed, and writes down what it was told is done.

Every line of the log is a promise: it is on the disk before the next operation begins, and it was written after the verb
returned. A line that begins with "?" says what is about to be done, so that the reader knows what may or may not be there.
"""

import json
import os
import random
import sys
from pathlib import Path

from polymem import Memory
from polymem.testing.cases import STATEMENTS, TALK
from polymem.testing.fakes import WordEmbedder

USERS = ("alice", "bob", "小红")


class Log:
    """Lines that survive a kill, and a byte to whoever waits for each promise."""

    def __init__(self, path):
        self.file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def write(self, mark, **fields):
        os.write(self.file, (json.dumps({"mark": mark} | fields) + "\n").encode())
        os.fsync(self.file)
        if mark == "done":
            os.write(1, b".")


def known(path):
    """Return the messages that earlier rounds were promised, by user."""
    kept = {user: {} for user in USERS}
    for line in path.read_text().splitlines() if path.exists() else ():
        entry = json.loads(line)
        if entry["mark"] == "done":
            for gone in entry.get("gone", ()):
                kept[entry["user"]].pop(gone, None)
            kept[entry["user"]].update(entry.get("kept", {}))
    return kept


def work(memory, log, kept, rng):
    while True:
        user = rng.choice(USERS)
        mine = kept[user]
        verb = rng.choices(("add", "batch", "update", "rate", "delete", "forget"), (6, 2, 3, 3, 2, 1))[0]
        item = rng.choice(list(mine)) if mine else None
        key = f"{rng.random()}"
        if verb in {"add", "batch"} or item is None:
            n = 1 if verb == "add" else rng.randint(2, 30)
            texts = [
                f"{rng.choice(TALK)} {rng.choice(STATEMENTS)[0]} w{rng.getrandbits(48)}q" for _ in range(n)
            ]
            log.write("begin", user=user, verb="add", key=key, texts=texts)
            added = memory.add(
                [{"content": text} for text in texts],
                user_id=user,
                infer=rng.random() < 0.8,
                idempotency_key=key,
            )
            new = {i.id: i.text for i in added.items if i.kind == "episode"}
            mine.update(new)
            log.write("done", user=user, verb="add", key=key, kept=new)
        elif verb == "update":
            text = f"{rng.choice(STATEMENTS)[0]} revised w{rng.getrandbits(48)}q"
            log.write("begin", user=user, verb="update", item=item, text=text)
            memory.update(item, text)
            mine[item] = text
            log.write("done", user=user, verb="update", kept={item: text})
        elif verb == "rate":
            (hit, *_) = memory.search(mine[item].split()[-1], user_id=user, explain=True)
            log.write("begin", user=user, verb="rate", item=hit.item.id)
            memory.feedback(hit, useful=rng.random() < 0.5)
            log.write("done", user=user, verb="rate", rated=[hit.item.id, hit.search.partition(".")[2]])
        else:
            log.write("begin", user=user, verb=verb, item=item)
            (memory.delete if verb == "delete" else memory.forget)(item)
            del mine[item]
            log.write("done", user=user, verb=verb, gone=[item])


def main():
    store, journal, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    kept = known(journal)
    with Memory(store, embedder=WordEmbedder()) as memory:
        work(memory, Log(journal), kept, random.Random(seed))


if __name__ == "__main__":
    main()
