"""Measure recall of evidence on conversations.

usage: python benchmarks/recall.py FILE... [--no-runs] [--ranking] [--verbatim] [--sample N] [--fusion F] [--json OUT]

FILE is gzip'd JSON of the format ``conversations/1``: every conversation becomes a scope of its own, every turn one
message with its speaker, time and ``turn_id``. A hit counts for the turns that it comes from. Printed are R@5, R@10,
R@20 (share of the evidence among the first k) and all@10 (all of it), by category, with bootstrap intervals of 95 %.
Plain BM25 over "speaker: text" stands beside it for comparison. ``--ranking`` asks the ranking alone, over a snapshot
in memory, instead of the public client; ``--verbatim`` stores messages without deriving facts. ``--no-runs`` leaves the session ids out, so that
sessions are told by pauses alone. Without a year in a question, the last one before the end of the conversation is
meant.
"""

from __future__ import annotations

import argparse
import contextlib
import gzip
import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from polymem import Memory
from polymem.domain.hit import Hits
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.ranking.bm25 import gather, own_scores
from polymem.ranking.scoring import Weights
from polymem.read.plan import QueryPlan, plan_query
from polymem.read.search import search
from polymem.read.words import WordVectors
from polymem.testing.clock import FrozenClock
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.tokenise import terms

UNANSWERABLE: Final = {"adversarial"}
"""Categories left out of the average; they are printed apart."""
DEPTHS: Final = (5, 10, 20)
SCOPE: Final = Scope(user_id="asker")
EMBEDDER: Final = StaticEmbedder()
LEXICON: Final = WordVectors(EMBEDDER)

Answer = Callable[[str, datetime, int], list[str]]
"""Question, present, depth → turn ids, best first."""


@dataclass(frozen=True, slots=True)
class Case:
    """One question with the turns that answer it."""

    id: str
    conversation: int
    category: str
    question: str
    evidence: frozenset[str]
    now: datetime


def main() -> None:
    """Measure the files named on the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--no-runs", action="store_true")
    parser.add_argument("--ranking", action="store_true", help="without a store")
    parser.add_argument("--verbatim", action="store_true", help="without facts")
    parser.add_argument("--sample", type=int, default=0, help="first N conversations only")
    parser.add_argument("--fusion", choices=("sum", "rrf"), default="sum")
    parser.add_argument("--json", type=Path, default=None)
    given = parser.parse_args()
    report: dict[str, Any] = {}
    for path in given.files:
        arms: dict[str, list[tuple[Case, list[str]]]] = defaultdict(list)
        for conversation, cases in conversations(path, sample=given.sample):
            rows = rows_of(conversation, runs=not given.no_runs)
            with contextlib.ExitStack() as stack:
                if given.ranking:
                    ours = through_search(MemorySnapshot(rows, scope=SCOPE), Weights(fusion=given.fusion))
                else:
                    ours = through_client(rows, infer=not given.verbatim, stack=stack)
                for name, answer in (("polymem", ours), ("bm25", plain(rows))):
                    arms[name] += [(case, answer(case.question, case.now, max(DEPTHS))) for case in cases]
        report[path.name] = {name: tabulate(f"{path.name} {name}", results) for name, results in arms.items()}
    if given.json:
        given.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def conversations(path: Path, *, sample: int = 0) -> Iterator[tuple[dict[str, Any], list[Case]]]:
    """Yield each conversation with its questions that have evidence."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content = json.load(file)
    if content["format"] != "conversations/1":
        raise SystemExit(f"{path} is not of the format conversations/1")
    for number, conversation in enumerate(content["conversations"][: sample or None]):
        times = [
            turn["time"] for session in conversation["sessions"] for turn in session["turns"] if turn["time"]
        ]
        end = moment(max(times, default=None)) + timedelta(days=1)
        yield (
            conversation,
            [
                Case(
                    id=question["id"],
                    conversation=number,
                    category=question["category"],
                    question=question["question"],
                    evidence=frozenset(question["evidence"]),
                    now=moment(question["time"]) if question["time"] else end,
                )
                for question in conversation["questions"]
                if question["evidence"]
            ],
        )


def moment(text: str | None) -> datetime:
    """Read a time without a zone as UTC; 2024 began at no time at all."""
    return (datetime.fromisoformat(text) if text else datetime(2024, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001


def rows_of(conversation: dict[str, Any], *, runs: bool) -> list[MemoryRow]:
    """Return a row for every turn, in order, with its vector."""
    turns = [(session, turn) for session in conversation["sessions"] for turn in session["turns"]]
    vectors = EMBEDDER.encode([turn["text"] or "" for _, turn in turns])
    return [
        MemoryRow(
            id=turn["id"],
            text=turn["text"] or "",
            valid_at=moment(turn["time"] or session["time"]),
            speaker=turn["speaker"] or "",
            run_id=str(session["id"]) if runs else None,
            metadata={"turn_id": turn["id"]},
            vector=vector,
        )
        for (session, turn), vector in zip(turns, vectors, strict=True)
    ]


def through_client(rows: Sequence[MemoryRow], *, infer: bool, stack: contextlib.ExitStack) -> Answer:
    """Store the turns, session by session, with the public client, and ask it."""
    folder = stack.enter_context(tempfile.TemporaryDirectory())
    clock = FrozenClock(datetime(2000, 1, 1, tzinfo=UTC))
    memory = stack.enter_context(Memory(Path(folder) / "recall.db", embedder=EMBEDDER, clock=clock))
    for run, session in groupby(rows, key=lambda row: row.run_id):
        turns = list(session)
        clock.set(max(clock.now(), *(row.valid_at for row in turns)))
        memory.add(
            [
                {
                    "role": "user",
                    "content": row.text,
                    "name": row.speaker,
                    "timestamp": row.valid_at,
                    "metadata": dict(row.metadata),
                }
                for row in turns
                if row.text.strip()
            ],
            user_id=SCOPE.user_id,
            run_id=run,
            infer=infer,
        )

    def answer(question: str, now: datetime, depth: int) -> list[str]:
        clock.set(max(clock.now(), now))
        return turn_ids(memory.search(question, user_id=SCOPE.user_id, limit=depth))

    return answer


def through_search(snapshot: MemorySnapshot, weights: Weights) -> Answer:
    """Ask as a client does."""

    def answer(question: str, now: datetime, depth: int) -> list[str]:
        plan = planned(question, now, depth)
        selection = Selection(SCOPE, Visibility(now=now))
        return turn_ids(search(snapshot, plan, selection, weights=weights))

    return answer


def planned(question: str, now: datetime, limit: int) -> QueryPlan:
    """Plan a question with its vector."""
    plan = plan_query(question, now=now, limit=limit)
    return plan.embedded(EMBEDDER.encode([plan.asked])[0], LEXICON)


def turn_ids(hits: Hits) -> list[str]:
    """Return the turns that the hits come from, best first, each once."""
    found = (episode.metadata["turn_id"] for hit in hits for episode in hit.episodes)
    return list(dict.fromkeys(found))


def plain(rows: Sequence[MemoryRow]) -> Answer:
    """Rank by BM25 of "speaker: text" alone."""
    spoken = [MemoryRow(id=row.id, text=f"{row.speaker}: {row.text}", metadata=row.metadata) for row in rows]
    snapshot = MemorySnapshot(spoken)
    texts, lengths = snapshot.texts, snapshot.columns.length

    def answer(question: str, now: datetime, depth: int) -> list[str]:  # noqa: ARG001
        lists = [texts.postings(term) for term in dict.fromkeys(terms(question))]
        scores = own_scores(gather(lists, n_rows=texts.n_rows, mean_length=texts.mean_length), lengths)
        return [rows[place].id for place in np.argsort(-scores, kind="stable")[:depth]]

    return answer


def tabulate(title: str, results: Sequence[tuple[Case, list[str]]]) -> dict[str, dict[str, list[float]]]:
    """Print a table by category and return it: measure → mean, low and high end of the interval."""
    by_category: dict[str, list[list[float]]] = defaultdict(list)
    for case, found in results:
        figures = measures(case, found)
        by_category[case.category].append(figures)
        by_category["adversarial" if case.category in UNANSWERABLE else "ALL"].append(figures)
        if case.category in UNANSWERABLE:
            by_category[case.category].pop()
    names = [*(f"R@{depth}" for depth in DEPTHS), "all@10"]
    print(f"\n{title:<38}" + "".join(f"{name:>20}" for name in names))
    table: dict[str, dict[str, list[float]]] = {}
    for category in sorted(by_category, key=lambda name: (name == "ALL", name)):
        values = np.array(by_category[category])
        low, high = interval(values)
        print(
            f"  {category:<28}{len(values):>6}  "
            + "".join(
                f"{mean:>8.1f} [{a:4.1f}-{b:5.1f}]"
                for mean, a, b in zip(values.mean(0), low, high, strict=True)
            )
        )
        rows = zip(names, values.mean(0), low, high, strict=True)
        table[category] = {name: [round(float(value), 2) for value in row] for name, *row in rows}
    return table


def measures(case: Case, found: Sequence[str]) -> list[float]:
    """Return R@k for each depth, and all@10, in percent."""
    shares = [len(case.evidence & set(found[:depth])) / len(case.evidence) for depth in (*DEPTHS, 10)]
    return [*(100 * share for share in shares[:-1]), 100.0 * (shares[-1] == 1.0)]


def interval(values: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[Any, Any]:
    """Return the 2.5 and 97.5 percentiles of the mean over 1,000 resamples of the questions."""
    random = np.random.default_rng(0)
    draws = random.integers(0, len(values), size=(1_000, len(values)))
    return tuple(np.percentile(values[draws].mean(axis=1), [2.5, 97.5], axis=0))


if __name__ == "__main__":
    main()
