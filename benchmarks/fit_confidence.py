"""Fit how the confidence of hits follows from their measures, and tell how well it is calibrated.

usage: python -m benchmarks.fit_confidence FOLDER [--sets NAME...] [--most N] [--cache FOLDER] [--json OUT]

FOLDER holds files of the formats ``conversations/1`` and ``passages/1``. ``benchmarks/confidence_cases.py`` tells which
questions are asked and which of them have an answer; a question whose evidence is not among the ten hits counts as not
answered ("missed"). What was measured is kept in the cache, so that a second fit takes seconds.

Printed are the areas under the curve of answerable questions, found or missed, against each kind of unanswerable ones,
cross-validated by conversation and by set; Brier score, calibration error and a table of reliability; what each threshold
refuses and catches; and the weights for ``ranking/confidence.py``. Turns and passages have weights of their own. Answered
and unanswered questions weigh the same in every set, and every set the same.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.confidence_cases import N_QUESTIONS, SETS, Case, cases_of, moment, read

__all__ = ["moment", "read"]

F64 = NDArray[np.float64]

BOTH: Final = ("lost", "foreign", "likest")
MEASURES: Final = {
    "TURN": ("best", "checked", *BOTH, "rival", "outdone", "wide", "count", "yes_or_no", "fits", "open"),
    "PASSAGE": ("covered", *BOTH, "asked", "ahead", "together"),
}
"""Those of ``polymem.read.confidence.measures`` that are used, by what the best row is."""
SHARE: Final = {
    "removed": 2.0,
    "adversarial": 4.0,
    "empty": 3.0,
    "elsewhere": 1.0,
    "renamed": 1.0,
    "missed": 0.7,
}
"""How the unanswered questions of a set share their weight: those that are hardest to tell count most."""
UNANSWERABLE: Final = ("removed", "adversarial", "empty", "elsewhere", "renamed")
RIDGE: Final = 3.0
LEAST: Final = 5
"""Fewer cases tell no area."""


def main() -> None:
    """Ask, fit and report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sets", nargs="+", default=SETS, choices=SETS)
    parser.add_argument(
        "--most", type=int, default=N_QUESTIONS, help="questions of a conversation or file, at most"
    )
    parser.add_argument("--cache", type=Path, default=None, help="keeps what was measured between runs")
    parser.add_argument("--json", type=Path, default=None)
    given = parser.parse_args()
    cases = [
        case
        for name in given.sets
        for case in measured(name, given.folder, most=given.most, cache=given.cache)
    ]
    report = fitted(cases)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1), encoding="utf-8")


def measured(name: str, folder: Path, *, most: int, cache: Path | None) -> list[Case]:
    """Return the cases of a set, from the cache where it has them."""
    kept = cache / f"{name}.json" if cache else None
    if kept and kept.exists():
        return [Case(**case) for case in json.loads(kept.read_text(encoding="utf-8"))]
    found = list(cases_of(name, folder, most=most))
    print(f"{name}: {len(found)} questions", flush=True)
    if kept:
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps([asdict(case) for case in found]), encoding="utf-8")
    return found


# ---------------------------------------------------------------- fitting
def fitted(cases: Sequence[Case]) -> dict[str, Any]:
    """Fit, cross-validate, print; return the figures."""
    # Without any hit there is nothing to weigh.
    cases = [case for case in cases if case.measures]
    report: dict[str, Any] = {}
    guessed = {by: np.zeros(len(cases)) for by in ("group", "set")}
    for table, names in MEASURES.items():
        places = [n for n, case in enumerate(cases) if (case.measures["passage"] > 0) == (table == "PASSAGE")]
        chosen = [cases[n] for n in places]
        if not chosen:
            continue
        raw = np.array([[case.measures[name] for name in names] for case in chosen])
        labels, shares = labels_of(chosen), weights_of(chosen)
        for by, whole in guessed.items():
            whole[places] = cross_validated(raw, labels, shares, [getattr(case, by) for case in chosen])
        bias, weights = fit(raw, labels, shares)
        report[table] = {"base": bias} | dict(zip(names, weights.tolist(), strict=True))
        print(f"{table}: {{")
        for name, weight in report[table].items():
            print(f'    "{name}": {weight:.3f},')
        print("}")
    for by, whole in guessed.items():
        report[by] = tabulate(f"left out: one {by}", cases, whole)
    return report


def labels_of(cases: Sequence[Case]) -> F64:
    """Return 1.0 for each question answered, else 0.0."""
    return np.array([case.answered for case in cases], dtype=np.float64)


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
        # One set alone cannot be judged by others.
        rest = ~out if not out.all() else out
        bias, weights = fit(raw[rest], labels[rest], shares[rest])
        guessed[out] = 1 / (1 + np.exp(-(bias + raw[out] @ weights)))
    return guessed


# ---------------------------------------------------------------- telling
def area(higher: F64, lower: F64) -> float:
    """Return the area under the curve: how often one of *higher* has the higher confidence."""
    if min(higher.size, lower.size) < LEAST:
        return float("nan")
    above = (higher[:, None] > lower[None]).mean()
    return float(above + (higher[:, None] == lower[None]).mean() / 2)


def tabulate(title: str, cases: Sequence[Case], guessed: F64) -> dict[str, Any]:
    """Print areas by set and kind, calibration, and what thresholds do; return the figures."""
    values: dict[tuple[str, str], list[float]] = defaultdict(list)
    for case, value in zip(cases, guessed, strict=True):
        values[case.set, case.kind].append(value)
    names = list(dict.fromkeys(case.set for case in cases))
    areas: dict[str, dict[str, float]] = {}
    print(f"\n{title}\n{'':<18}" + "".join(f"{kind:>19}" for kind in UNANSWERABLE))
    for name in names:
        answerable = np.array(values[name, "answered"] + values[name, "missed"])
        areas[name] = {
            kind: area(answerable, np.array(values[name, kind]))
            for kind in UNANSWERABLE
            if (name, kind) in values
        }
        cells = [
            f"{areas[name][kind]:>12.3f} ({len(values[name, kind]):>4})" if kind in areas[name] else " " * 19
            for kind in UNANSWERABLE
        ]
        print(f"{name:<18}" + "".join(cells))
    shares, labels = weights_of(cases), labels_of(cases)
    brier = float((shares * (guessed - labels) ** 2).sum() / shares.sum())
    error, table = reliability(labels, guessed, shares)
    loss = -shares @ np.log(np.clip(np.where(labels > 0, guessed, 1 - guessed), 1e-9, 1)) / shares.sum()
    print(f"loss {loss:.4f}, Brier {brier:.4f}, expected calibration error {error:.4f}")
    print("  confidence  answered  share")
    for guess, truth, share in table:
        print(f"  {guess:>10.3f}{truth:>10.3f}{share:>7.3f}")
    return {
        "areas": areas,
        "loss": float(loss),
        "brier": brier,
        "calibration_error": error,
        "table": table,
        "thresholds": thresholds(cases, guessed),
    }


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


def thresholds(cases: Sequence[Case], guessed: F64) -> dict[str, dict[str, float]]:
    """Print and return what share of each kind of question lies below a threshold, each set counting the same."""
    kinds = ("answered", "missed", *UNANSWERABLE)
    found: dict[str, dict[str, float]] = {}
    print("  below, of turns and of passages" + "".join(f"{kind:>13}" for kind in kinds))
    for passage in (False, True):
        below: dict[tuple[str, str], list[float]] = defaultdict(list)
        for case, value in zip(cases, guessed, strict=True):
            if (case.measures["passage"] > 0) == passage:
                below[case.kind, case.set].append(value)
        for least in (0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5):
            row = {
                kind: float(
                    np.mean([np.mean(np.array(v) < least) for (of, _), v in below.items() if of == kind])
                )
                for kind in kinds
                if any(of == kind for of, _ in below)
            }
            found[f"{'passages' if passage else 'turns'} {least}"] = row
            cells = "".join(f"{row[kind]:>13.2f}" if kind in row else " " * 13 for kind in kinds)
            print(f"  {'passages' if passage else 'turns':<10}{least:>21.2f}{cells}")
    return found


if __name__ == "__main__":
    main()
