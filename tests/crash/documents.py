"""Keeps, changes and drops documents until it is killed, and writes down what it was told is done.

Every line of the log is on the disk before the next step begins: what is about to be, and that it is done.
"""

import asyncio
import json
import os
import random
import sys
from pathlib import Path

from polymem.domain.batch import Batch, Removal
from polymem.domain.change import DropDocument
from polymem.domain.scope import Scope
from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.testing.clock import NOON
from polymem.testing.documents import document_of, part_of, stored
from polymem.testing.drafting import ENCODER

SCOPE = Scope(user_id="alice", run_id="周一")


def write(file, **fields):
    os.write(file, (json.dumps(fields) + "\n").encode())
    os.fsync(file)
    if fields["mark"] == "done":
        os.write(1, b".")


def read(snapshot):
    """Return each document with its chunks and their words, by address."""
    kept = {}
    for document in snapshot.documents.listed(SCOPE):
        ids = [chunk.item_id for chunk in snapshot.documents.chunks(document.id)]
        items = snapshot.rows.items([snapshot.rows.position(item) for item in ids])
        kept[document.uri] = document, items
    return kept


async def work(ledger, log, rng):
    while True:
        kept = await ledger.read(SCOPE.partition, read)
        uri = f"file:///沼泽/{rng.randrange(6)}.md"
        document, items = kept.get(uri, (document_of(uri, title="沼泽"), []))
        if uri in kept and rng.random() < 0.2:
            write(log, mark="begin", uri=uri, texts=None)
            removals = (Removal(tuple(item.id for item in items), "erase"),)
            batch = Batch(scope=SCOPE, now=NOON, removals=removals, changes=(DropDocument(document.id),))
            await ledger.commit(batch)
            write(log, mark="done", uri=uri, texts=None)
            continue
        stay = [item for item in items if rng.random() < 0.6]
        gone = tuple(item.id for item in items if item not in stay)
        new = [
            part_of(document, f"part {n} 第{n}节 w{rng.getrandbits(48)}q") for n in range(rng.randint(0, 40))
        ]
        parts = [*stay, *new]
        rng.shuffle(parts)
        texts = [part.text for part in parts]
        write(log, mark="begin", uri=uri, texts=texts)
        removals = (Removal(gone, "erase"),)
        changes = (stored(document, parts),)
        await ledger.commit(
            Batch(scope=SCOPE, now=NOON, drafts=tuple(new), removals=removals, changes=changes)
        )
        write(log, mark="done", uri=uri, texts=texts)


def main():
    store, journal, seed = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    log = os.open(journal, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ledger = SqliteLedger(store, encoder=EncoderName(ENCODER.name, ENCODER.dim))
    asyncio.run(work(ledger, log, random.Random(seed)))


if __name__ == "__main__":
    main()
