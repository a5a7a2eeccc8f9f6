"""``migrator.py STORE``: open a store of an earlier schema, say something in it, and tell how much was there."""

import sys
from pathlib import Path

from polymem.client import build, ingestion, reading
from polymem.engines.sqlite import engine
from tests.documents.library import opened

# What opening brings in is here before it begins, so that a kill falls into the opening itself.
IMPORTED = (build, engine, ingestion, reading)


def main(store: str, name: str) -> None:
    sys.stdout.write(".")
    sys.stdout.flush()
    sys.stdin.readline()
    with opened(Path(store)) as memory:
        n_there = len(memory.get_all(user_id="u", limit=1_000))
        memory.add("又来一个", user_id=name)
    sys.stdout.write(str(n_there))


if __name__ == "__main__":
    main(*sys.argv[1:])
