"""``ingester.py STORE FOLDER [PAUSE_S [MOST]]``: ingest a folder in a process of its own; a dot before each commit.

MOST is how many passages of a document go into one commit.
"""

import sys
import time
from pathlib import Path
from typing import Any

from polymem.client import ingest_steps, ingestion
from polymem.domain.batch import Outcome
from tests.documents.library import opened


def main(store: str, folder: str, pause_s: str = "0", most: str = "2000") -> None:
    # Few documents share a commit, so that there are many instants between commits.
    ingestion.MOST_TOGETHER = 2
    ingest_steps.MOST_CHUNKS = int(most)
    commit = ingestion.commit_passages

    async def slowly(*args: Any, **options: Any) -> Outcome:
        sys.stdout.write(".")
        sys.stdout.flush()
        time.sleep(float(pause_s))  # noqa: ASYNC251 (there is no event loop)
        return await commit(*args, **options)

    ingestion.commit_passages = slowly

    with opened(Path(store)) as memory:
        sys.stdin.readline()
        memory.ingest(folder, user_id="u")


if __name__ == "__main__":
    main(*sys.argv[1:])
