"""Fit how the confidence of hits follows from their measures, and tell how well it is calibrated.

usage: python benchmarks/fit_confidence.py FOLDER [--sets NAME...] [--cache FILE] [--json OUT]

FOLDER holds files of the formats ``conversations/1`` and ``passages/1``. Every question is asked where its evidence is,
and where no answer is: questions that the set itself says nothing answers ("empty"), questions about the wrong person
("adversarial"), questions of another conversation ("elsewhere", and "renamed" with the speakers' names put in), questions
of another file's passages ("elsewhere"), and questions whose evidence, with all that resembles it, was taken out of the
memory ("removed"). A question whose evidence is not among the ten hits counts as not answered ("missed").

Printed are the areas under the curve of questions answered against each of these, cross-validated by conversation and by
set, Brier score, expected calibration error, a table of reliability, and the weights for ``ranking/confidence.py``.
Answered and unanswered questions weigh the same in every set, and every set the same.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from polymem.domain.query import Selection, Visibility
from polymem.domain.scope import Scope
from polymem.models.embedders.static import StaticEmbedder
from polymem.read.plan import plan_query
from polymem.read.search import search
from polymem.testing.faces import MemoryRow
from polymem.testing.snapshot import MemorySnapshot
from polymem.text.tokenise import terms

F64 = NDArray[np.float64]

MEASURES: Final = ("best", "covered", "asked", "rival", "outdone", "passage", "passage_covered", "foreign")
"""Those of ``polymem.read.confidence.measures`` that are used."""
SHARE: Final = {
    "removed": 2.0,
    "adversarial": 4.0,
    "empty": 2.0,
    "elsewhere": 1.0,
    "renamed": 1.0,
    "missed": 0.7,
}
"""How the unanswered questions of a set share their weight: those that are hardest to tell count most."""
RIDGE: Final = 3.0
OTHERS: Final = {
    "musique-100": "hotpot-100",
    "hotpot-100": "musique-100",
    "2wiki-101": "xquad-en",
    "xquad-en": "musique-100",
    "xquad-zh": "rgb-zh-refine",
    "rgb-zh-refine": "xquad-zh",
    "rgb-zh-int": "xquad-zh",
    "financebench": "hotpot-100",
}
"""Whose questions are asked over each set of passages."""
ACROSS: Final = {
    "xquad-zh-over-en": ("xquad-zh", "xquad-en", "rgb-zh-refine"),
    "xquad-en-over-zh": ("xquad-en", "xquad-zh", "musique-100"),
}
"""Questions of one file over the passages of another, which has the same in its own language; then whose are strange."""
MOST: Final = {"memdaily-zh": 120}
"""Of so many conversations."""
N_QUESTIONS: Final = 150
N_PARTS: Final = 5
"""The evidence of a fifth of the questions is taken out at a time."""
SCOPE: Final = Scope(user_id="asker")
EMBEDDER: Final = StaticEmbedder()


@dataclass(frozen=True, slots=True)
class Case:
    """A question that was asked."""

    set: str
    group: str
    kind: str
    category: str
    answered: bool
    measures: dict[str, float]


def main() -> None:
    """Ask, fit and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=None)
    parser.add_argument("--cache", type=Path, default=None, help="keeps what was measured between runs")
    parser.add_argument("--json", type=Path, default=None)
    given = parser.parse_args()
    cases = measured(given.folder, given.sets, cache=given.cache)
    report = fitted(cases)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


# ---------------------------------------------------------------- asking
def measured(folder: Path, sets: Sequence[str] | None, *, cache: Path | None) -> list[Case]:
    """Return all cases of the sets in *folder*."""
    known: dict[str, list[dict[str, Any]]] = {}
    if cache and cache.exists():
        known = json.loads(cache.read_text(encoding="utf-8"))
    files = {path.name.partition(".")[0]: path for path in sorted(folder.glob("*.json.gz"))}
    for name in sets or (*files, *ACROSS):
        if name not in known:
            known[name] = [asdict(case) for case in cases_of(name, files)]
            print(f"{name}: {len(known[name])} questions", flush=True)
            if cache:
                cache.write_text(json.dumps(known), encoding="utf-8")
    return [Case(**case) for name in sets or known for case in known[name]]


def cases_of(name: str, files: dict[str, Path]) -> Iterator[Case]:
    """Yield the cases of a set."""
    if name in ACROSS:
        asked, there, strange = (read(files[other]) for other in ACROSS[name])
        evidence = {question["id"]: question["evidence"] for question in there["questions"]}
        questions = [question | {"evidence": evidence[question["id"]]} for question in asked["questions"]]
        return passage_cases(name, there | {"questions": questions}, strange)
    content = read(files[name])
    if content["format"] == "conversations/1":
        return conversation_cases(name, content)
    return passage_cases(name, content, read(files[OTHERS[name]]))


def read(path: Path) -> dict[str, Any]:
    """Return the content of a file."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        content: dict[str, Any] = json.load(file)
    return content


class Asked:
    """A memory that is asked."""

    def __init__(self, rows: Sequence[MemoryRow], now: datetime) -> None:
        self.rows, self.now = rows, now
        self.snapshot = MemorySnapshot(rows, scope=SCOPE)

    def ask(self, question: dict[str, Any], *, text: str = "", **labels: str) -> Case:
        """Ask a question as a client does."""
        now = moment(question["time"]) if question.get("time") else self.now
        plan = plan_query(text or question["question"], now=now, limit=10)
        plan = plan.embedded(EMBEDDER.encode(plan.to_embed))
        hits = search(self.snapshot, plan, Selection(SCOPE, Visibility(now=now)), explain=True)
        told: Any = hits.explanation["confidence"]
        found = {episode.id for hit in hits for episode in hit.episodes}
        kind = labels.get("kind", "")
        answered = kind == "answered" and bool(found & set(question["evidence"]))
        labels["kind"] = "missed" if kind == "answered" and not answered else kind
        return Case(category=question["category"], answered=answered, measures=told["measures"], **labels)

    def without(self, evidence: Iterable[str]) -> Asked:
        """Return the same memory without these rows and all that resembles them."""
        gone = set(evidence)
        vectors = np.array([row.vector for row in self.rows])
        words = [frozenset(terms(row.text)) for row in self.rows]
        for place in [place for place, row in enumerate(self.rows) if row.id in gone]:
            alike = vectors @ vectors[place] > 0.85
            gone |= {self.rows[n].id for n in np.flatnonzero(alike)}
            gone |= {
                row.id
                for row, other in zip(self.rows, words, strict=True)
                if len(other & words[place]) > 0.7 * len(other | words[place])
            }
        return Asked([row for row in self.rows if row.id not in gone], self.now)


def moment(text: str | None) -> datetime:
    """Read a time without a zone as UTC."""
    return (datetime.fromisoformat(text) if text else datetime(2024, 1, 1)).replace(tzinfo=UTC)  # noqa: DTZ001


def conversation_cases(name: str, content: dict[str, Any]) -> Iterator[Case]:
    """Yield the cases of a set of conversations."""
    chance = random.Random(7)
    talks = content["conversations"]
    if len(talks) > MOST.get(name, len(talks)):
        talks = chance.sample(talks, MOST[name])
    for number, talk in enumerate(talks):
        rows = turns(talk)
        memory = Asked(rows, max(row.valid_at for row in rows) + timedelta(days=1))
        labels = {"set": name, "group": f"{name}/{talk['id']}"}
        for question in talk["questions"]:
            kind = "adversarial" if question["category"] == "adversarial" else "answered"
            yield memory.ask(question, kind=kind if question["evidence"] else "empty", **labels)
        others = [other for other in talks if other is not talk and other["lang"] == talk["lang"]]
        if len(others) > 1:
            for n in range(min(60, len(talk["questions"]))):
                other = others[(number + n) % len(others)]
                question = chance.choice(other["questions"])
                if n % 2:
                    text = renamed(question["question"], speakers(other), speakers(talk))
                    yield memory.ask(question | {"time": None}, kind="renamed", text=text, **labels)
                else:
                    yield memory.ask(question | {"time": None}, kind="elsewhere", **labels)
        answerable = [q for q in talk["questions"] if q["evidence"] and q["category"] != "adversarial"]
        yield from removed(memory, answerable, labels)


def passage_cases(name: str, content: dict[str, Any], other: dict[str, Any]) -> Iterator[Case]:
    """Yield the cases of a set of passages; its questions are taken in fifths, as if of five conversations."""
    chance = random.Random(7)
    memory = Asked(passages(content), datetime(2024, 6, 1, tzinfo=UTC))
    asked = chance.sample(content["questions"], min(N_QUESTIONS, len(content["questions"])))
    strange = chance.sample(other["questions"], min(N_QUESTIONS, len(other["questions"])))
    for questions, kind in ((asked, "answered"), (strange, "elsewhere")):
        for n, question in enumerate(questions):
            yield memory.ask(question, set=name, group=f"{name}/{n % N_PARTS}", kind=kind)
    for part in range(N_PARTS):
        yield from removed(memory, asked[part::N_PARTS], {"set": name, "group": f"{name}/{part}"}, n_parts=1)


def removed(
    memory: Asked, questions: Sequence[dict[str, Any]], labels: dict[str, str], n_parts: int = N_PARTS
) -> Iterator[Case]:
    """Yield the cases of questions whose evidence was taken out."""
    for part in range(n_parts):
        chosen = questions[part::n_parts]
        if chosen:
            left = memory.without(name for question in chosen for name in question["evidence"])
            for question in chosen:
                yield left.ask(question, kind="removed", **labels)


def turns(talk: dict[str, Any]) -> list[MemoryRow]:
    """Return a row for every turn."""
    said = [(session, turn) for session in talk["sessions"] for turn in session["turns"]]
    vectors = EMBEDDER.encode([turn["text"] or "" for _, turn in said])
    return [
        MemoryRow(
            id=turn["id"],
            text=turn["text"] or "",
            valid_at=moment(turn["time"] or session["time"]),
            speaker=turn["speaker"] or "",
            run_id=str(session["id"]),
            vector=vector,
        )
        for (session, turn), vector in zip(said, vectors, strict=True)
    ]


def passages(content: dict[str, Any]) -> list[MemoryRow]:
    """Return a row for every passage."""
    titles = [passage["title"] or "" for passage in content["passages"]]
    texts = [passage["text"] for passage in content["passages"]]
    vectors = EMBEDDER.encode([f"{title}\n{text}" for title, text in zip(titles, texts, strict=True)])
    return [
        MemoryRow(
            id=passage["id"],
            text=text,
            valid_at=moment(None),
            role="document",
            metadata={"title": title} if title else {},
            vector=vector,
        )
        for passage, title, text, vector in zip(content["passages"], titles, texts, vectors, strict=True)
    ]


def speakers(talk: dict[str, Any]) -> list[str]:
    """Return who speaks, in order of appearance."""
    names = [turn["speaker"] for session in talk["sessions"] for turn in session["turns"]]
    return [name for name in dict.fromkeys(names) if name]


def renamed(text: str, names: Sequence[str], others: Sequence[str]) -> str:
    """Return *text* with the first names of other speakers."""
    for name, other in zip(names, others, strict=False):
        text = re.sub(rf"(?<![A-Za-z]){re.escape(name.split()[0])}(?![A-Za-z])", other.split()[0], text)
    return text


# ---------------------------------------------------------------- fitting
def fitted(cases: Sequence[Case]) -> dict[str, Any]:
    """Fit, cross-validate, print; return the figures."""
    labels = np.array([case.answered for case in cases], dtype=np.float64)
    raw = np.array([[case.measures[name] for name in MEASURES] for case in cases])
    shares = weights_of(cases)
    report: dict[str, Any] = {}
    for by in ("group", "set"):
        guessed = cross_validated(raw, labels, shares, [getattr(case, by) for case in cases])
        report[by] = tabulate(f"left out: one {by}", cases, guessed, shares)
    bias, weights = fit(raw, labels, shares)
    report["bias"], report["weights"] = bias, dict(zip(MEASURES, weights.tolist(), strict=True))
    print(f"BIAS = {bias:.3f}\nWEIGHTS = {{")
    for name, weight in report["weights"].items():
        print(f'    "{name}": {weight:.3f},')
    print("}")
    return report


def weights_of(cases: Sequence[Case]) -> F64:
    """Return what each case weighs: a set as any other, answered questions as much as the others together."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for n, case in enumerate(cases):
        places[case.set, case.kind].append(n)
    weights = np.zeros(len(cases))
    for (name, kind), members in places.items():
        whole = sum(SHARE[other] for of, other in places if of == name and other != "answered")
        weights[members] = (1.0 if kind == "answered" else SHARE[kind] / whole) / len(members)
    return weights / weights.mean()


def fit(raw: F64, labels: F64, shares: F64) -> tuple[float, F64]:
    """Return bias and weights of a logistic regression on standardised measures, by Newton's method."""
    mean, spread = raw.mean(0), raw.std(0) + 1e-9
    inputs = np.hstack([np.ones((len(raw), 1)), (raw - mean) / spread])
    pull = np.diag([1e-6, *[RIDGE] * raw.shape[1]])
    found = np.zeros(inputs.shape[1])
    for _ in range(50):
        guessed = 1 / (1 + np.exp(-inputs @ found))
        slope = inputs.T @ (shares * (guessed - labels)) + pull @ found
        curve = (inputs * (shares * guessed * (1 - guessed))[:, None]).T @ inputs + pull
        step = np.linalg.solve(curve, slope)
        found -= step
        if np.abs(step).max() < 1e-8:
            break
    weights = found[1:] / spread
    return float(found[0] - weights @ mean), weights


def cross_validated(raw: F64, labels: F64, shares: F64, groups: Sequence[str]) -> F64:
    """Return the probability of each case by weights fitted without its group."""
    guessed = np.zeros(len(raw))
    for group in sorted(set(groups)):
        out = np.array([other == group for other in groups])
        bias, weights = fit(raw[~out], labels[~out], shares[~out])
        guessed[out] = 1 / (1 + np.exp(-(bias + raw[out] @ weights)))
    return guessed


# ---------------------------------------------------------------- telling
def area(answered: F64, others: F64) -> float:
    """Return the area under the curve: how often an answered question has the higher confidence."""
    if not answered.size or not others.size:
        return float("nan")
    above = (answered[:, None] > others[None]).mean()
    return float(above + (answered[:, None] == others[None]).mean() / 2)


def tabulate(title: str, cases: Sequence[Case], guessed: F64, shares: F64) -> dict[str, Any]:
    """Print areas by set and kind, and how well the probabilities are calibrated; return the figures."""
    labels = np.array([case.answered for case in cases], dtype=np.float64)
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for case, value in zip(cases, guessed, strict=True):
        values[case.set, case.kind].append(value)
        values["ALL", case.kind].append(value)
    kinds = [kind for kind in SHARE if ("ALL", kind) in values]
    print(f"\n{title}\n{'':<16}" + "".join(f"{kind:>18}" for kind in kinds))
    areas: dict[str, dict[str, float]] = {}
    for name in [*dict.fromkeys(case.set for case in cases), "ALL"]:
        answered = np.array(values[name, "answered"])
        areas[name] = {
            kind: area(answered, np.array(values[name, kind])) for kind in kinds if (name, kind) in values
        }
        cells = [
            f"{areas[name][kind]:>11.3f} ({len(values[name, kind]):>4})" if kind in areas[name] else " " * 18
            for kind in kinds
        ]
        print(f"{name:<16}" + "".join(cells))
    brier = float((shares * (guessed - labels) ** 2).sum() / shares.sum())
    error, table = reliability(labels, guessed, shares)
    loss = -shares @ np.log(np.clip(np.where(labels > 0, guessed, 1 - guessed), 1e-9, 1)) / shares.sum()
    print(f"loss {loss:.4f}, Brier {brier:.4f}, expected calibration error {error:.4f}")
    print("  confidence  answered  share")
    for guess, truth, share in table:
        print(f"  {guess:>10.3f}{truth:>10.3f}{share:>7.3f}")
    return {"areas": areas, "loss": float(loss), "brier": brier, "calibration_error": error, "table": table}


def reliability(labels: F64, guessed: F64, shares: F64) -> tuple[float, list[list[float]]]:
    """Return the expected calibration error over ten bins of confidence, and mean, truth and share of each bin."""
    table: list[list[float]] = []
    error = 0.0
    for low in np.arange(0, 1, 0.1):
        inside = (guessed >= low) & (guessed < low + 0.1 + 1e-12)
        share = float(shares[inside].sum() / shares.sum())
        if share:
            guess = float(np.average(guessed[inside], weights=shares[inside]))
            truth = float(np.average(labels[inside], weights=shares[inside]))
            error += share * abs(guess - truth)
            table.append([guess, truth, share])
    return error, table


if __name__ == "__main__":
    main()
