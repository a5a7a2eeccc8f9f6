"""Killed between documents or in the midst of one, a store has each of them whole, as it was or as it was to be."""

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from polymem.engines.sqlite.encoder import EncoderName
from polymem.engines.sqlite.engine import SqliteLedger
from polymem.testing.drafting import ENCODER
from tests.crash.documents import SCOPE, read

pytestmark = [pytest.mark.crash, pytest.mark.slow]
WORKLOAD = Path(__file__).with_name("documents.py")


def run_and_kill(store, journal, *, seed, rng):
    process = subprocess.Popen(
        [sys.executable, str(WORKLOAD), str(store), str(journal), str(seed)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        wanted = rng.randint(1, 12)
        while wanted > 0:
            got = os.read(process.stdout.fileno(), wanted)
            assert got, "the workload ended by itself"
            wanted -= len(got)
        time.sleep(rng.random() * 0.05)
    finally:
        process.send_signal(signal.SIGKILL)
        process.stdout.close()
        assert process.wait(30) == -signal.SIGKILL


def promised(journal):
    """Return the texts of each document that was promised, and the step that had begun and was not."""
    kept, begun = {}, None
    for line in journal.read_text().splitlines():
        entry = json.loads(line)
        begun = entry if entry["mark"] == "begin" else None
        if begun is None:
            kept[entry["uri"]] = entry["texts"]
    return {uri: texts for uri, texts in kept.items() if texts is not None}, begun


async def look(store):
    ledger = SqliteLedger(store, encoder=EncoderName(ENCODER.name, ENCODER.dim))
    try:
        kept = await ledger.read(SCOPE.partition, read)
        n_live = await ledger.read(SCOPE.partition, lambda s: int((s.columns.flags & 1 > 0).sum()))
        return kept, n_live, await ledger.verify(None, repair=False)
    finally:
        await ledger.close()


def test_each_document_is_whole_or_not_there(tmp_path, rounds):
    rng = random.Random(20261123)
    store, journal = tmp_path / "one.db", tmp_path / "one.log"
    n_open = n_whole = 0
    for seed in range(rounds):
        run_and_kill(store, journal, seed=seed, rng=rng)
        expected, begun = promised(journal)
        kept, n_live, findings = asyncio.run(look(store))
        assert findings == []
        there = {uri: [item.text for item in items] for uri, (_, items) in kept.items()}
        assert all(document.n_chunks == len(items) for document, items in kept.values())
        assert n_live == sum(map(len, there.values())), "a chunk of no document is left"
        if begun is not None and there.get(begun["uri"]) != expected.get(begun["uri"]):
            assert there.get(begun["uri"]) == begun["texts"], "half a document"
            expected[begun["uri"]] = begun["texts"]
            with journal.open("a") as file:
                file.write(json.dumps(begun | {"mark": "done"}) + "\n")
        assert there == {uri: texts for uri, texts in expected.items() if texts is not None}
        n_open += begun is not None
        n_whole += len(there)
    assert n_open >= rounds // 10, "the kills came between steps; they prove nothing"
    assert n_whole
