"""Measure forgetting: what is forgotten must be beyond recovery, and nothing else may be lost.

usage: python -m benchmarks.forgetting [--json OUT] [--failed]

Every case gets a store of its own. After ``forget`` the markers of what went are looked for through every verb (search in
all modes, of the archive, of earlier times; lists, history, relations, profile, entities, prompt blocks, an export) and in
the bytes of the file and its log; the markers of what stays have to be found by search and in the list. A case counts when
both hold, the dry run named the same items, and ``verify`` and ``verify_erasure`` find nothing.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks.forgetting_cases import Case, Told, cases
from polymem import Memory
from polymem.errors import NotFoundError
from polymem.models.embedders.static import StaticEmbedder
from polymem.testing.clock import FrozenClock

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)
MODES = ("hybrid", "vector", "keyword", "graph", "time")
USER = "u"


def run(case: Case, folder: Path, *, embedder: StaticEmbedder) -> list[str]:
    """Return what is wrong with the outcome of a case, nothing where it is as it must be."""
    path = folder / "memory.db"
    clock = FrozenClock(BEGAN + timedelta(days=200))
    with Memory(path, embedder=embedder, clock=clock) as memory:
        ids = [_tell(memory, told, clock) for told in case.told]
        if case.merged:
            _merge(memory, case.merged)
        if hasattr(memory, "consolidate"):
            memory.consolidate(user_id=USER)
        before = clock.now()
        clock.move(hours=1)
        asked = dict(case.forget)
        if asked.pop("texts", False):
            asked["item_ids"] = [item_id for item_id, told in zip(ids, case.told, strict=True) if told.goes]
        planned = memory.forget(user_id=USER, **asked, dry_run=True)
        receipt = memory.forget(user_id=USER, **asked)
        problems = [] if set(planned.erased) == set(receipt.erased) else ["the dry run named other items"]
        left = "\n".join(_everything(memory, case, ids, before=before, folder=folder)).lower()
        problems += [
            f"a verb recovers {marker}" for marker in _markers(case, gone=True) if marker.lower() in left
        ]
        problems += [
            f"{marker} is lost" for marker in _markers(case, gone=False) if not _finds(memory, marker)
        ]
        problems += [f"verify: {found.face}: {found.problem}" for found in memory.verify()]
        problems += [f"erasure: {found.face}: {found.problem}" for found in memory.verify_erasure(receipt)]
        content = b"".join(file.read_bytes().lower() for file in sorted(folder.glob("memory.db*")))
    held = [m for m in _markers(case, gone=True) if m.lower().encode() in content]
    return problems + [f"the file holds {marker}" for marker in held]


def _tell(memory: Memory, told: Told, clock: FrozenClock) -> str:
    message = {"role": "user", "content": told.text} | ({"name": told.name} if told.name else {})
    added = memory.add(
        message,
        user_id=USER,
        run_id=told.run,
        metadata=told.metadata,
        timestamp=BEGAN + timedelta(days=told.day),
    )
    clock.move(hours=1)
    return added.items[0].id


def _merge(memory: Memory, names: tuple[str, ...]) -> None:
    try:
        memory.merge_entities(*names, user_id=USER)
    except NotFoundError:
        # A name that no rule took for one; then the words alone tell.
        return


def _markers(case: Case, *, gone: bool) -> set[str]:
    """Return the made-up words of what goes, or of what stays; a word that also stays need not be gone."""
    kept = {word for told in case.told if not told.goes for word in _made_up(told)}
    if not gone:
        return kept
    return {word for told in case.told if told.goes for word in _made_up(told)} - kept


def _made_up(told: Told) -> Iterator[str]:
    syllables = {"qua", "zor", "vex", "jil", "bru", "wok", "pfi", "gny"}
    text = " ".join((told.text, *map(str, told.metadata.values())))
    for word in "".join(char if char.isalnum() else " " for char in text).split():
        if (
            word.isascii()
            and len(word) == 12
            and {word[n : n + 3].lower() for n in range(0, 12, 3)} <= syllables
        ):
            yield word
    signs = "璇玑翡翠琥珀琉璃"
    at = 0
    while at < len(text):
        if all(char in signs for char in text[at : at + 4]) and len(text[at : at + 4]) == 4:
            yield text[at : at + 4]
            at += 4
        else:
            at += 1


def _finds(memory: Memory, marker: str) -> bool:
    hits = memory.search(marker, user_id=USER, limit=10)
    listed = memory.get_all(user_id=USER, limit=1_000)
    everything = [item.text + json.dumps(dict(item.metadata), ensure_ascii=False) for item in listed]
    return any(marker in hit.item.text for hit in hits) and any(marker in text for text in everything)


def _everything(
    memory: Memory, case: Case, ids: list[str], *, before: datetime, folder: Path
) -> Iterator[str]:
    """Yield whatever the verbs give away."""
    views: tuple[dict[str, Any], ...] = ({}, {"known_at": before}, {"as_of": BEGAN + timedelta(days=50)})
    questions = sorted({*_markers(case, gone=True), *(told.text for told in case.told)})
    for view in views:
        for question in questions:
            for mode in MODES:
                hits = memory.search(
                    question, user_id=USER, mode=mode, limit=100, include_archived=True, **view
                )
                # The question itself is no answer: what is explained is left out.
                yield from (repr(hit) for hit in hits)
                yield from (repr(relation) for relation in hits.relations)
        yield from map(repr, memory.get_all(user_id=USER, limit=1_000, include_archived=True, **view))
        yield from map(repr, memory.relations(user_id=USER, **view))
        yield memory.context("everything 所有", user_id=USER, **view)
    yield repr(memory.profile(user_id=USER))
    yield from map(repr, memory.entities(user_id=USER))
    for item_id in ids:
        try:
            yield from map(repr, memory.history(item_id))
        except NotFoundError:
            continue
    target = folder / "export.jsonl"
    memory.export(target)
    yield target.read_text(encoding="utf-8")


def main() -> int:
    """Run all cases and print the share that holds, by class."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--json", type=Path, default=None, help="keep the figures in this file")
    parser.add_argument("--failed", action="store_true", help="show what is wrong with those that fail")
    given = parser.parse_args()
    figures = measure(show=given.failed)
    for kind, (good, n) in figures.items():
        print(f"{kind:14} {good:4}/{n:<4} {good / n:7.1%}")
    if given.json is not None:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    good, n = figures["all"]
    return 0 if good >= 0.9 * n else 1


def measure(*, show: bool = False, every: int = 1) -> dict[str, tuple[int, int]]:
    """Return how many of how many cases hold, by class and over all; *every* n-th case alone, to try it out."""
    embedder = StaticEmbedder()
    results: dict[str, list[bool]] = defaultdict(list)
    for case in cases()[::every]:
        with tempfile.TemporaryDirectory() as folder:
            problems = run(case, Path(folder), embedder=embedder)
        results[case.kind].append(not problems)
        if problems and show:
            print(f"{case.kind}: {case.forget} {[told.text for told in case.told]}\n    {problems}")
    counted = {kind: (sum(good), len(good)) for kind, good in results.items()}
    sums = (sum(good for good, _ in counted.values()), sum(n for _, n in counted.values()))
    return counted | {"all": sums}


if __name__ == "__main__":
    raise SystemExit(main())
