"""Answers on disk, line by line, and the figures that they come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

import polymem
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.errors import DatasetError
from polymem.evals.bootstrap import bounds, mean_draws
from polymem.evals.cases import ADVERSARIAL
from polymem.evals.qa import Answered, Key
from polymem.evals.report import ALL, machine

__all__ = ["Ledger", "markdown", "qa_content"]

F64: TypeAlias = NDArray[np.float64]
_MEASURES: Final = ("accuracy", "f1")


class Ledger:
    """Answers kept in a file, one JSON object a line, so that a run can go on where it was broken off.

    Args:
        path: The file; None to keep nothing.
        fingerprint: Of the run; lines of another one are not used.
    """

    def __init__(self, path: Path | None, fingerprint: str) -> None:
        self._path = path
        self._fingerprint = fingerprint

    def known(self) -> dict[Key, Answered]:
        """Return the answers of this run that are there; the last line may be half written.

        Raises:
            DatasetError: The file holds something else than answers.
        """
        if self._path is None or not self._path.exists():
            return {}
        lines = self._path.read_text(encoding="utf-8").split("\n")
        found: dict[Key, Answered] = {}
        for n, line in enumerate(lines[:-1], start=1):
            try:
                content = json.loads(line)
                if content.pop("run") == self._fingerprint:
                    usages = {name: Usage(**content[name]) for name in ("answering", "judging")}
                    answered = Answered(**(content | usages))
                    found[answered.key] = answered
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise DatasetError(
                    f"{self._path.name} holds something else than answers",
                    path=str(self._path),
                    where=f"line {n}",
                ) from error
        if lines[-1]:
            # What was being written when the run was broken off.
            whole = "".join(f"{line}\n" for line in lines[:-1])
            self._path.write_text(whole, encoding="utf-8")
        return found

    def keep(self, answered: Answered) -> None:
        """Write an answer down."""
        if self._path is not None:
            line = json.dumps({"run": self._fingerprint} | asdict(answered), ensure_ascii=False)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def qa_content(
    sets: Mapping[str, tuple[Sequence[Answered], Usage]], *, settings: Mapping[str, Any], seed: int
) -> dict[str, Any]:
    """Return everything that was measured, as JSON holds it; no answer is in it.

    Args:
        sets: Answers by name of the set, with what was spent on deriving facts.
        settings: How they were got.
        seed: Of the intervals.
    """
    return {
        "version": polymem.__version__,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "seed": seed,
        "settings": dict(settings),
        "sets": [
            {"name": name, "deriving": asdict(spent)} | _summary(answers, seed=seed)
            for name, (answers, spent) in sets.items()
        ],
    }


def _summary(answers: Sequence[Answered], *, seed: int) -> dict[str, Any]:
    systems = list(dict.fromkeys(answered.system for answered in answers))
    return {
        "n_questions": len({answered.key[:2] for answered in answers}),
        "systems": {
            system: _system([one for one in answers if one.system == system], seed=seed) for system in systems
        },
    }


def _system(answers: Sequence[Answered], *, seed: int) -> dict[str, Any]:
    counted = [one for one in answers if one.category != ADVERSARIAL]
    names = sorted({one.category for one in answers})
    parts = {ALL: counted} | {name: [one for one in answers if one.category == name] for name in names}
    answering = sum((one.answering for one in answers), NO_USAGE)
    judging = sum((one.judging for one in answers), NO_USAGE)
    return {
        "by_category": {name: _cells(part, seed=seed) for name, part in parts.items() if part},
        "context_tokens": round(float(np.mean([one.context_tokens for one in answers])), 1),
        "n_cut": sum(one.n_left_out > 0 for one in answers),
        "n_failed": sum(bool(one.problem) for one in answers),
        "answering": asdict(answering),
        "judging": asdict(judging),
    }


def _cells(answers: Sequence[Answered], *, seed: int) -> dict[str, Any]:
    values = 100 * np.array([(one.correct, one.f1) for one in answers], dtype=np.float64)
    low, high = bounds(mean_draws(values, seed=seed))
    cells = {
        name: {"mean": round(float(mean), 2), "low": round(float(a), 2), "high": round(float(b), 2)}
        for name, mean, a, b in zip(_MEASURES, values.mean(axis=0), low, high, strict=True)
    }
    return {"n": len(answers)} | cells


def markdown(content: Mapping[str, Any]) -> str:
    """Return a table for each set: systems beside each other, by category, with intervals of 95 %."""
    given = content["settings"]
    lines = [
        (
            f"Answered by {given['model']}, judged by {given['judge']} under the rules of {given['protocol']}; "
            f"{content['date']}, Polymem {content['version']}. Accuracy and F1 in percent with intervals of 95 %."
        ),
    ]
    for one in content["sets"]:
        systems: Mapping[str, Any] = one["systems"]
        lines += [
            "",
            f"### {one['name']}",
            "",
            f"| | n | {' | '.join(systems)} |",
            f"|---|---|{'---|' * len(systems)}",
        ]
        names = list(dict.fromkeys(name for found in systems.values() for name in found["by_category"]))
        for name in names:
            cells = [found["by_category"].get(name) for found in systems.values()]
            n = next(cell["n"] for cell in cells if cell)
            lines.append(f"| {name} | {n} | {' | '.join(map(_shown, cells))} |")
        lines.append(_row("context tokens", systems, lambda found: f"{found['context_tokens']:,.0f}"))
        lines.append(_row("tokens read", systems, lambda found: f"{found['answering']['prompt_tokens']:,}"))
        lines.append(_row("context cut", systems, lambda found: str(found["n_cut"])))
        lines.append(_row("failed", systems, lambda found: str(found["n_failed"])))
    return "\n".join(lines) + "\n"


def _row(title: str, systems: Mapping[str, Any], show: Callable[[Any], str]) -> str:
    return f"| {title} | | {' | '.join(show(found) for found in systems.values())} |"


def _shown(cell: Mapping[str, Any] | None) -> str:
    if cell is None:
        return "–"
    accuracy, shared = cell["accuracy"], cell["f1"]
    return f"{accuracy['mean']:.1f} [{accuracy['low']:.1f}–{accuracy['high']:.1f}], F1 {shared['mean']:.1f}"
