"""One process of the opening test: opens new files at the same instants as its siblings."""

import sys
import time
from pathlib import Path

from polymem import Memory
from polymem.testing.fakes import WordEmbedder


def main():
    folder, name, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    (folder / f"{name}.ready").touch()
    while len(list(folder.glob("*.ready"))) < int(sys.argv[4]):
        time.sleep(0.01)
    begin = time.time() // 1 + 2
    for number in range(rounds):
        time.sleep(max(0.0, begin + 0.1 * number - time.time()))
        with Memory(folder / f"{number}.db", embedder=WordEmbedder()) as memory:
            memory.add(f"I am {name}, 我是{name}", user_id="shared", infer=False)


if __name__ == "__main__":
    main()
