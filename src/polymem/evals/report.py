"""Answers become figures: by category and over all, with intervals, differences and speed."""

from __future__ import annotations

import os
import platform
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

import polymem
from polymem.client.build import embedder_of
from polymem.client.config import load_config
from polymem.evals.bootstrap import LEAST_GROUPS, auc_draws, bounds, mean_draws, numbered
from polymem.evals.cases import ADVERSARIAL
from polymem.evals.measures import MEASURES, auc, figures
from polymem.evals.retrieval import OURS, Answer, Asked, Options, Run

__all__ = ["ALL", "Cell", "content", "lines_of", "machine", "rows_of", "summary"]

F64: TypeAlias = NDArray[np.float64]
Cell: TypeAlias = dict[str, float]
"""``mean``, ``low`` and ``high`` of the interval by question and, where there are enough conversations, ``talk_low`` and
``talk_high`` of the one by conversation; shares in percent."""

ALL: Final = "all"
_LEAST_FOR_AUC: Final = 5


def content(runs: Sequence[Run], options: Options, *, seed: int) -> dict[str, Any]:
    """Return everything that was measured, as JSON holds it.

    Args:
        runs: The sets.
        options: How they were measured.
        seed: Of the intervals.
    """
    sets = [summary(run, seed=seed) for run in runs]
    return {
        "version": polymem.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "seed": seed,
        "settings": _settings(options),
        "sets": sets,
        "macro": _macro(runs, seed=seed) if len(runs) > 1 else {},
    }


def lines_of(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    """Yield what each ranking found for each question: ids and numbers, no words of the set."""
    for run in runs:
        for asked in run.asked:
            question = asked.question
            yield {
                "set": run.name,
                "corpus": asked.corpus,
                "question": question.id,
                "category": question.category,
                "evidence": sorted(question.evidence),
                "found": {
                    name: {
                        "ids": list(answer.ids),
                        "score": round(answer.score, 4),
                        "confidence": answer.confidence,
                        "cpu_ms": round(answer.cpu_ms, 3),
                    }
                    for name, answer in asked.answers.items()
                },
            }


def summary(run: Run, *, seed: int) -> dict[str, Any]:
    """Return the figures of one set.

    Questions without evidence are in no average; adversarial ones are a category of their own and not in ``all``. What is
    not asked for, a depth beyond the limit for example, is left out.
    """
    answered = [asked for asked in run.asked if asked.question.evidence]
    counted = [asked for asked in answered if asked.question.category != ADVERSARIAL]
    adversarial = [asked for asked in answered if asked.question.category == ADVERSARIAL]
    unanswerable = [asked for asked in run.asked if not asked.question.evidence]
    names = list(run.asked[0].answers) if run.asked else []
    parts = {ALL: counted} | _by_category(counted) | ({ADVERSARIAL: adversarial} if adversarial else {})
    return {
        "name": run.name,
        "format": run.form,
        "n_conversations": run.n_corpora,
        "n_rows": run.n_rows,
        "n_questions": {name: len(part) for name, part in parts.items()},
        "n_unanswerable": len(unanswerable),
        "n_unlabelled": run.n_unlabelled,
        "add_ms": round(run.add_ms, 3),
        "systems": {
            name: {
                "recall": {
                    category: _cells(rows_of(part, name), part, seed=seed)
                    for category, part in parts.items()
                    if part
                },
                "abstention": _abstention(name, counted, unanswerable, adversarial, seed=seed),
                "speed": _speed([asked.answers[name] for asked in run.asked]),
            }
            | ({} if name == OURS else {"less": _differences(counted, name, seed=seed)})
            for name in names
        },
    }


def rows_of(asked: Sequence[Asked], name: str) -> F64:
    """Return float64[n, m]: a row of :data:`~.measures.MEASURES` for each question, in percent."""
    found = [100 * np.array(figures(one.answers[name].ids, one.question.evidence)) for one in asked]
    return np.array(found, dtype=np.float64).reshape(len(found), len(MEASURES))


def machine() -> dict[str, Any]:
    """Return what the figures were measured on; nothing that names the machine."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        lines = cpuinfo.read_text(encoding="utf-8", errors="replace").splitlines()
        model = next(
            (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model
        )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "system": platform.system(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "sqlite": sqlite3.sqlite_version,
    }


def _settings(options: Options) -> dict[str, Any]:
    config = load_config(options.config or None)
    model = config["llm.model"] if config["llm.provider"] else None
    return {
        "limit": options.limit,
        "sample": options.sample,
        "facts": "derived" if options.infer else "not derived",
        "without": list(options.without),
        "fusion": options.fusion,
        "encoder": embedder_of(options.config or None).name,
        "model": model or "none",
    }


def _by_category(counted: Sequence[Asked]) -> dict[str, list[Asked]]:
    names = sorted({asked.question.category for asked in counted})
    if len(names) < 2:
        return {}
    return {name: [asked for asked in counted if asked.question.category == name] for name in names}


def _cells(values: F64, asked: Sequence[Asked], *, seed: int) -> dict[str, Cell]:
    """Return mean and intervals of each column of *values* (float64[n, m])."""
    low, high = bounds(mean_draws(values, seed=seed))
    cells: dict[str, Cell] = {
        name: {"mean": _short(mean), "low": _short(a), "high": _short(b)}
        for name, mean, a, b in zip(MEASURES, values.mean(axis=0), low, high, strict=True)
    }
    talks = numbered([one.corpus for one in asked])
    n_talks = int(talks.max()) + 1
    if LEAST_GROUPS <= n_talks < len(asked):
        low, high = bounds(mean_draws(values, seed=seed, groups=talks))
        for name, a, b in zip(MEASURES, low, high, strict=True):
            cells[name] |= {"talk_low": _short(a), "talk_high": _short(b)}
    return cells


def _differences(counted: Sequence[Asked], name: str, *, seed: int) -> dict[str, Cell]:
    """Return how much less a ranking finds than ours, question by question (below zero: it finds less)."""
    if not counted:
        return {}
    return _cells(rows_of(counted, name) - rows_of(counted, OURS), counted, seed=seed)


def _abstention(
    name: str,
    counted: Sequence[Asked],
    unanswerable: Sequence[Asked],
    adversarial: Sequence[Asked],
    *,
    seed: int,
) -> dict[str, Cell]:
    """Return how well the best hit's score, and the confidence where there is one, tell what has no answer."""
    told: dict[str, Callable[[Answer], float | None]] = {
        "score": lambda answer: answer.score,
        "confidence": lambda answer: answer.confidence,
    }
    found: dict[str, Cell] = {}
    for kind, part in (("unanswerable", unanswerable), (ADVERSARIAL, adversarial)):
        for signal, read in told.items():
            higher, lower = ([read(one.answers[name]) for one in group] for group in (counted, part))
            if min(len(higher), len(lower)) < _LEAST_FOR_AUC or None in higher or None in lower:
                continue
            a, b = np.array(higher, dtype=np.float64), np.array(lower, dtype=np.float64)
            low, high = bounds(auc_draws(a, b, seed=seed))
            found[f"{kind} by {signal}"] = {
                "mean": round(auc(a, b), 3),
                "low": round(float(low), 3),
                "high": round(float(high), 3),
                "n": len(lower),
            }
    return found


def _speed(answers: Sequence[Answer]) -> dict[str, float]:
    if not answers:
        return {}
    times = np.array([answer.cpu_ms for answer in answers])
    return {
        "tokens": round(float(np.mean([answer.tokens for answer in answers])), 1),
        "cpu_ms_median": round(float(np.median(times)), 3),
        "cpu_ms_p95": round(float(np.quantile(times, 0.95)), 3),
    }


def _macro(runs: Sequence[Run], *, seed: int) -> dict[str, dict[str, Cell]]:
    """Return means over the sets, each counting the same, with intervals by question."""
    counted = [
        [one for one in run.asked if one.question.evidence and one.question.category != ADVERSARIAL]
        for run in runs
    ]
    counted = [part for part in counted if part]
    if not counted:
        return {}
    macro: dict[str, dict[str, Cell]] = {}
    for name in counted[0][0].answers:
        values = [rows_of(part, name) for part in counted]
        mean = np.mean([part.mean(axis=0) for part in values], axis=0)
        draws = np.mean([mean_draws(part, seed=seed + n) for n, part in enumerate(values)], axis=0)
        low, high = bounds(np.asarray(draws, dtype=np.float64))
        macro[name] = {
            measure: {"mean": _short(m), "low": _short(a), "high": _short(b)}
            for measure, m, a, b in zip(MEASURES, mean, low, high, strict=True)
        }
    return macro


def _short(value: float) -> float:
    return round(float(value), 2)
