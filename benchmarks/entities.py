"""``python -m benchmarks.entities``: which names are taken to mean the same, against a self-written set of pairs.

Each pair lives in a scope of its own: what is known of both is added through a scripted extractor, then
``resolve_entities`` decides. Precision is over all merges of all scopes, so that a wrong merge of anything counts.
"""

from __future__ import annotations

import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.entity_pairs import PAIRS
from polymem import Memory
from polymem.domain.derivation import PLAIN, Instructions
from polymem.domain.statement import Extraction, Mention, Statement
from polymem.ports.extractor import ExtractorInput
from polymem.text.normalise import name_key

PRECISION = 0.99
_LINE = re.compile(r"(same|different) ([-012xac]) (.+):(\w*) = (.+):(\w*)")
_FACTS = {
    "2": ((("works_at", "Globex"), ("friend", "Mary Poppins")),) * 2,
    "c": ((("works_at", "Globex"), ("friend", "Mary Poppins")),) * 2,
    "1": ((("friend", "Mary Poppins"),),) * 2,
    "0": ((("friend", "Otto Lilienthal"),), (("friend", "周杰伦"),)),
    "x": (
        (("lives_in", "Lima"), ("works_at", "Initech"), ("friend", "Mary Poppins")),
        (("lives_in", "Kyiv"), ("works_at", "Umbrella"), ("friend", "Mary Poppins")),
    ),
}
_TYPES = {"works_at": "organisation", "lives_in": "place", "friend": "person"}


@dataclass(frozen=True, slots=True)
class Pair:
    """Two names, whether they are one, and what is known of them."""

    same: bool
    known: str
    one: tuple[str, str]
    other: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of the pairs.

    Attributes:
        outcomes: Pairs by what is right and what was decided: "merged" (or one at once), "perhaps", "apart".
        wrong: Names that were merged and should not have been.
        missed: Pairs that are the same and were not merged.
    """

    outcomes: Mapping[tuple[str, str], int]
    wrong: tuple[tuple[str, str], ...]
    missed: tuple[tuple[str, str], ...]

    @property
    def precision(self) -> float:
        """Share of the merges that are right."""
        right = self.outcomes.get(("same", "merged"), 0)
        return right / max(right + len(self.wrong), 1)

    @property
    def recall(self) -> float:
        """Share of the pairs that are the same that were merged."""
        n_same = sum(n for (truth, _), n in self.outcomes.items() if truth == "same")
        return self.outcomes.get(("same", "merged"), 0) / max(n_same, 1)


def read_pairs() -> list[Pair]:
    """Return the pairs of the set."""
    found: list[Pair] = []
    for line in PAIRS.strip().splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            raise ValueError(f"not a pair: {line}")
        verdict, known, one, kind, other, other_kind = match.groups()
        # One key is one entity whatever its type: those pairs are for people who write "Lily" for both.
        if name_key(one) != name_key(other):
            found.append(Pair(verdict == "same", known, (one, kind), (other, other_kind)))
    return found


class Script:
    """An extractor that says of each message what it was told to."""

    name = "script/1"
    in_process = True

    def __init__(self) -> None:
        self.told: Mapping[str, Extraction] = {}

    def derive(self, messages: Sequence[ExtractorInput]) -> list[Extraction]:
        """Return what was scripted."""
        return [self.told[message.text] for message in messages]

    async def extract(
        self, messages: Sequence[ExtractorInput], *, instructions: Instructions = PLAIN
    ) -> list[Extraction]:
        """Return what was scripted."""
        del instructions
        return self.derive(messages)


def _messages(pair: Pair, *, reverse: bool) -> dict[str, Extraction]:
    told: dict[str, Extraction] = {}
    third = ((("friend", "Mary Poppins"), ("works_at", "Globex")),)
    facts = _FACTS.get(pair.known, ((), ()))
    entities = [(pair.one, facts[0]), (pair.other, facts[1])]
    if pair.known == "c":
        entities.append(((_third(pair.one[0], pair.other[0]), pair.other[1]), third[0]))
    if reverse:
        entities.reverse()
    for (name, kind), about in entities:
        aliases = (pair.other[0],) if pair.known == "a" and name == pair.one[0] else ()
        mention = Mention(name, kind, (0, len(name)), aliases)
        text = f"{name} is spoken of."
        told[text] = Extraction(mentions=(mention,))
        for predicate, thing in about:
            text = f"{name} {predicate} {thing}."
            statement = Statement(
                name,
                predicate,
                thing,
                name_key(thing),
                "fact",
                positive=True,
                text=text,
                offset=(0, len(text)),
                subject_type=kind,
                object_type=_TYPES[predicate],
            )
            told[text] = Extraction(statements=(statement,), mentions=(mention,))
    return told


def _third(short: str, name: str) -> str:
    """Return another name than *name* for which *short* could stand as well."""
    if not name.isascii():
        return f"{name[0]}芳"
    first, _, last = name.partition(" ")
    return f"{first} Miller" if short == first else f"Julia {last}"


def measure() -> Result:
    """Decide about every pair."""
    pairs = read_pairs()
    outcomes: Counter[tuple[str, str]] = Counter()
    wrong: list[tuple[str, str]] = []
    missed: list[tuple[str, str]] = []
    script = Script()
    with (
        tempfile.TemporaryDirectory() as folder,
        Memory(Path(folder) / "memory.db", extractor=script) as store,
    ):
        for n, pair in enumerate(pairs):
            # Either name may come first.
            script.told = _messages(pair, reverse=n % 2 == 1)
            memory = store.scoped(user_id=f"owner {n}")
            for text in script.told:
                memory.add(text)
            at_once = _are_one(memory, pair)
            found = memory.resolve_entities()
            decided = "merged" if at_once else _decision(found.merged, found.ambiguous, pair)
            if at_once and not pair.same:
                wrong.append((pair.one[0], pair.other[0]))
            outcomes["same" if pair.same else "different", decided] += 1
            names = {pair.one[0], pair.other[0]}
            wrong += [
                (same.name, same.keep_name)
                for same in found.merged
                if not pair.same or {same.name, same.keep_name} != names
            ]
            if pair.same and decided != "merged":
                missed.append((pair.one[0], pair.other[0]))
    return Result(outcomes, tuple(wrong), tuple(missed))


def _are_one(memory: Memory, pair: Pair) -> bool:
    """Tell whether one entity has both names already when they are added, as where an alias was stated first."""
    names = {pair.one[0], pair.other[0]}
    return any(names <= {entity.name, *entity.aliases} for entity in memory.entities()) and not any(
        {entity.name} < names and not names <= {entity.name, *entity.aliases} for entity in memory.entities()
    )


def _decision(merged: Sequence[object], ambiguous: Sequence[object], pair: Pair) -> str:
    names = {pair.one[0], pair.other[0]}
    for word, found in (("merged", merged), ("perhaps", ambiguous)):
        for same in found:
            if {getattr(same, "name", ""), getattr(same, "keep_name", "")} == names:
                return word
    return "apart"


def main() -> int:
    """Print what was measured; return 1 where too many merges are wrong."""
    result = measure()
    print(f"{sum(result.outcomes.values())} pairs")
    for (truth, decided), n in sorted(result.outcomes.items()):
        print(f"  {truth:10} {decided:8} {n:4}")
    print(f"precision of merges {result.precision:.3f}, recall {result.recall:.3f}")
    for title, pairs in (("wrong", result.wrong), ("missed", result.missed)):
        for one, other in pairs:
            print(f"  {title}: {one} = {other}")
    return int(result.precision < PRECISION)


if __name__ == "__main__":
    raise SystemExit(main())
