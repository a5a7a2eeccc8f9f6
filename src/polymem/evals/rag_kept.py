"""Answers with their judgements on disk, one JSON object a line, so that a run that was broken off goes on and pays for nothing twice."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from pathlib import Path
from typing import Any, TypeAlias

import polymem
from polymem.domain.derivation import NO_USAGE, Usage
from polymem.domain.slotted import dataclass
from polymem.errors import DatasetError
from polymem.evals.rag_judge import prompts_digest

__all__ = ["Kept", "Key", "Ledger", "context_digest", "fingerprint"]

Key: TypeAlias = tuple[str, str]
"""Question and mode."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer and what a model says of it.

    Attributes:
        question: Id of the question.
        mode: Mode of the search.
        context: :func:`context_digest` of what it was answered from.
        answer: Its words.
        found: Whether there is one.
        figures: One for each of :data:`polymem.evals.rag_judge.FIGURES`; NaN where not judged.
        answering: What the answer cost.
        judging: What the judgements cost.
        problems: Why a figure could not be judged, by its name.
    """

    question: str
    mode: str
    context: str
    answer: str
    found: bool
    figures: tuple[float, ...]
    answering: Usage = NO_USAGE
    judging: Usage = NO_USAGE
    problems: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def key(self) -> Key:
        """What tells it from others of the same run."""
        return self.question, self.mode


def context_digest(texts: Sequence[str]) -> str:
    """Return what tells one context from another."""
    return hashlib.sha256(json.dumps(list(texts)).encode()).hexdigest()[:16]


def fingerprint(name: str, *, answering: str, judging: str) -> str:
    """Return what answers have in common that may stand in one report.

    Args:
        name: Of the set.
        answering: Name of the model that answers.
        judging: Name of the model that judges.
    """
    return f"{name}/{answering}/{judging}/{polymem.__version__}/{prompts_digest()}"


class Ledger:
    """Answers of one run in a file, beside those of others.

    Args:
        path: The file; None to keep nothing.
        run: :func:`fingerprint` of the run; lines of another one are not used.
    """

    def __init__(self, path: Path | None = None, run: str = "") -> None:
        self._path = path
        self._run = run

    def known(self) -> dict[Key, Kept]:
        """Return the answers of this run that are there; the last line may be half written.

        Raises:
            DatasetError: The file holds something else than answers.
        """
        if self._path is None or not self._path.exists():
            return {}
        *lines, rest = self._path.read_text(encoding="utf-8").split("\n")
        found: dict[Key, Kept] = {}
        for n, line in enumerate(lines, start=1):
            try:
                content = json.loads(line)
                if content.pop("run") == self._run:
                    kept = _kept(content)
                    found[kept.key] = kept
            except (ValueError, TypeError, KeyError, AttributeError) as error:
                raise DatasetError(
                    f"{self._path.name} holds something else than answers",
                    path=str(self._path),
                    where=f"line {n}",
                ) from error
        if rest:
            # What was being written when the run was broken off.
            self._path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return found

    def keep(self, kept: Kept) -> None:
        """Write an answer down."""
        if self._path is None:
            return
        figures = [None if math.isnan(value) else value for value in kept.figures]
        content = {"run": self._run} | asdict(kept) | {"figures": figures, "problems": dict(kept.problems)}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n")


def _kept(content: dict[str, Any]) -> Kept:
    answering, judging = (Usage(**content[name]) for name in ("answering", "judging"))
    figures = tuple(math.nan if value is None else float(value) for value in content["figures"])
    if len(figures) != 4:
        raise ValueError("four figures")
    read: dict[str, Any] = {"figures": figures, "answering": answering, "judging": judging}
    return Kept(**(content | read))
