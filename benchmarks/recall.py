"""``python -m benchmarks.recall FILE...``: what ``polymem eval retrieval FILE...`` measures, with all of its options."""

from __future__ import annotations

import sys

from polymem.cli.__main__ import main

if __name__ == "__main__":
    raise SystemExit(main(["eval", "retrieval", *sys.argv[1:]]))
