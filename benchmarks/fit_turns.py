"""Fit what the signals of turns weigh, jointly over several sets of conversations.

usage: python -m benchmarks.fit_turns FILE... [--every SET=N] [--without SIGNAL...] [--folds N]

FILE is gzip'd JSON of the format ``conversations/1``. The signals of every candidate of every question are measured as a
search measures them, without facts. The weights maximise how likely each piece of evidence is to be chosen among all rows
that are none (a softmax), every set counting the same, with a ridge on the standardised weights; they are kept from the
sign that their meaning forbids. Printed are R@10 and R@20 by cross-validation over conversations, then the weights of a
fit on all. Questions with weights of their own (an order, a summary, a dialogue) are left out.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.fit_confidence import moment, read
from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.read.arms import candidates, look
from polymem.read.members import member_candidates
from polymem.read.plan import plan_query
from polymem.read.routes import route_candidates
from polymem.read.selecting import present, select
from polymem.read.turns import measure
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot

F64 = NDArray[np.float64]
SCOPE: Final = Scope(user_id="asker")
EMBEDDER: Final = StaticEmbedder()
OWN_WEIGHTS: Final = {"order", "summary", "dialogue"}
NEGATIVE: Final = {"reaction", "length"}
N_WANTED: Final = 80
RIDGE: Final = 1e-3
STEPS: Final = 400


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: signals float64[m, s], which candidates are evidence, how much evidence there is."""

    set: str
    conversation: int
    signals: Mapping[str, NDArray[np.float32]]
    right: NDArray[np.bool_]
    n_right: int


def main() -> None:
    """Measure, cross-validate, fit."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--every", nargs="*", default=[], help="SET=N: each Nth conversation of it")
    parser.add_argument("--without", nargs="*", default=[])
    parser.add_argument("--folds", type=int, default=3)
    given = parser.parse_args()
    steps = {name: int(count) for name, _, count in (each.partition("=") for each in given.every)}
    cases = [case for path in given.files for case in measured(path, steps)]
    names = sorted({name for case in cases for name in case.signals} - set(given.without))
    found: dict[str, list[tuple[float, ...]]] = defaultdict(list)
    for fold in range(given.folds):
        held = [case for case in cases if case.conversation % given.folds == fold]
        weights = fit([case for case in cases if case.conversation % given.folds != fold], names)
        for case in held:
            found[case.set].append(recalls(case, names, weights))
    for name, values in found.items():
        print(
            f"{name:<16}{len(values):>6}  R@10 {100 * np.mean(values, axis=0)[0]:5.1f}  R@20 {100 * np.mean(values, axis=0)[1]:5.1f}"
        )
    print({name: round(float(weight), 2) for name, weight in zip(names, fit(cases, names), strict=True)})


def measured(path: Path, steps: Mapping[str, int]) -> list[Asked]:
    """Return the questions of a file that have evidence, measured."""
    name = path.name.partition(".")[0]
    step = steps.get(name, 1)
    found: list[Asked] = []
    for number, conversation in enumerate(read(path)["conversations"][::step]):
        rows = rows_of(conversation)
        snapshot = MemorySnapshot(rows, scope=SCOPE)
        end = max(row.valid_at for row in rows) + timedelta(days=1)
        for question in conversation["questions"]:
            if question["evidence"]:
                case = asked(snapshot, rows, question, end)
                if case is not None:
                    kind = " (adversarial)" if question["category"] == "adversarial" else ""
                    found.append(Asked(name + kind, number, *case))
    return found


def rows_of(conversation: Mapping[str, Any]) -> list[MemoryRow]:
    """Return a row for every turn, with its vector."""
    turns = [(session, turn) for session in conversation["sessions"] for turn in session["turns"]]
    vectors = EMBEDDER.encode([turn["text"] or "" for _, turn in turns])
    return [
        MemoryRow(
            id=turn["id"],
            text=turn["text"] or "",
            valid_at=moment(turn["time"] or session["time"]),
            speaker=turn["speaker"] or "",
            role="assistant" if (turn["speaker"] or "").casefold() == "assistant" else "user",
            run_id=str(session["id"]),
            vector=vector,
        )
        for (session, turn), vector in zip(turns, vectors, strict=True)
    ]


def asked(
    snapshot: MemorySnapshot, rows: Sequence[MemoryRow], question: Mapping[str, Any], end: datetime
) -> tuple[Mapping[str, NDArray[np.float32]], NDArray[np.bool_], int] | None:
    """Measure the candidates of one question; None for one that has weights of its own."""
    now = moment(question["time"]) if question["time"] else end
    plan = plan_query(question["question"], now=now, limit=20)
    if plan.kinds & OWN_WEIGHTS:
        return None
    plan = plan.embedded(EMBEDDER.encode(plan.to_embed))
    selection = present(snapshot, Selection(SCOPE, Visibility(now=now)))
    scene = look(snapshot, plan, select(snapshot, selection), selection.visibility)
    brought = candidates(scene, N_WANTED)
    brought |= route_candidates(scene, N_WANTED)
    brought |= member_candidates(scene, N_WANTED)
    positions = np.unique(np.concatenate(list(brought.values())))
    evidence = set(question["evidence"])
    right = np.array([rows[position].id in evidence for position in positions.tolist()], dtype=np.bool_)
    return measure(scene, positions), right, len(evidence)


def matrix(case: Asked, names: Sequence[str]) -> F64:
    """Return float64[m, s]; a signal that says nothing is 0."""
    nothing = np.zeros(case.right.size)
    return np.stack([case.signals.get(name, nothing) for name in names], axis=1).astype(np.float64)


def fit(cases: Sequence[Asked], names: Sequence[str]) -> F64:
    """Return float64[s]: the weights, by gradient steps with momentum (Adam) that are cut off at 0."""
    used = [case for case in cases if case.right.any()]
    sizes = {name: sum(case.set == name for case in used) for name in {case.set for case in used}}
    table = np.concatenate([matrix(case, names) for case in used])
    scale = table.std(axis=0) + 1e-9
    table /= scale
    right = np.concatenate([case.right for case in used])
    starts = np.cumsum([0, *(case.right.size for case in used)])[:-1]
    place = np.repeat(np.arange(len(used)), [case.right.size for case in used])
    share = np.array([1 / (sizes[case.set] * len(sizes) * case.right.sum()) for case in used])[place] * right
    sign = np.array([-1.0 if name in NEGATIVE else 1.0 for name in names])
    weights, mean, square = np.zeros(len(names)), np.zeros(len(names)), np.zeros(len(names))
    for step in range(1, STEPS + 1):
        slope = (
            table.T @ pull(table @ weights, right, share, starts=starts, place=place) + 2 * RIDGE * weights
        )
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        weights -= 0.05 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-9)
        weights = sign * np.maximum(sign * weights, 0)
    found: F64 = weights / scale
    return found


def pull(odds: F64, right: NDArray[np.bool_], share: F64, *, starts: Any, place: Any) -> F64:
    """Return float64[m]: how the loss changes with the odds of each row."""
    raised = np.exp(odds - np.maximum.reduceat(odds, starts)[place])
    wrong = np.add.reduceat(raised * ~right, starts)[place]
    both = raised + wrong
    lost = np.add.reduceat(np.where(right, share / both, 0.0), starts)[place]
    slope: F64 = np.where(right, share * (raised / both - 1), raised * lost)
    return slope


def recalls(case: Asked, names: Sequence[str], weights: F64) -> tuple[float, ...]:
    """Return R@10 and R@20 of one question."""
    best = np.argsort(-(matrix(case, names) @ weights), kind="stable")
    return tuple(float(case.right[best[:depth]].sum()) / case.n_right for depth in (10, 20))


if __name__ == "__main__":
    main()
