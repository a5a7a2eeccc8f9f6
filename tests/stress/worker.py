"""One process of the stress test: adds, and finds at once what it added."""

import sys

from polymem import Memory
from polymem.testing.fakes import WordEmbedder


def spelled(name):
    """Return a word of letters alone, which no tokeniser splits, and with an ending that no stemmer knows."""
    return "q" + "".join(chr(97 + int(sign)) if sign.isdigit() else sign for sign in name) + "zq"


def main():
    store, name, adds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    with Memory(store, embedder=WordEmbedder()) as memory:
        for n in range(adds):
            word = spelled(f"{name}{n}")
            item = memory.add(f"I like {word}, 我喜欢{word}", user_id="shared", infer=n % 4 == 0).ids[0]
            if n % 5 == 0:
                memory.add(f"private {word}", user_id=name)
            hits = memory.search(word, user_id="shared", limit=3)
            assert hits[0].item.id == item, f"{name} does not see its own write {n}"


if __name__ == "__main__":
    main()
