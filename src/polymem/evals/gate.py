"""Figures that were recorded, and which of them have fallen since."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from polymem.domain.slotted import dataclass
from polymem.errors import DatasetError
from polymem.evals.report import ALL
from polymem.evals.retrieval import OURS

__all__ = ["GATED", "MEAN", "TOLERANCE", "TOLERANCE_OF_MEAN", "Fall", "fallen", "recorded", "records"]

Records: TypeAlias = Mapping[str, Mapping[str, float]]
"""Set → measure → percent."""

GATED: Final[tuple[str, ...]] = ("R@10", "all@10", "nDCG@10", "MRR")
TOLERANCE: Final = 3.0
"""Points by which one set may fall: about the worth of one question of forty."""
TOLERANCE_OF_MEAN: Final = 1.0
"""Points by which the mean over the sets may fall."""
MEAN: Final = "mean over the sets"


@dataclass(frozen=True, slots=True)
class Fall:
    """A figure that is lower than it may be.

    Attributes:
        name: Of the set, or ``MEAN``.
        measure: Which figure.
        before: What was recorded, in percent.
        now: What was measured.
    """

    name: str
    measure: str
    before: float
    now: float


def records(report: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Return what is to be recorded of a report: the gated figures of each set."""
    return {
        found["name"]: {name: found["systems"][OURS]["recall"][ALL][name]["mean"] for name in GATED}
        for found in report["sets"]
        if ALL in found["systems"].get(OURS, {}).get("recall", {})
    }


def recorded(file: Path) -> Records:
    """Read recorded figures.

    Raises:
        DatasetError: The file does not hold such.
        OSError: It cannot be read.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise DatasetError(f"{file.name} is not JSON", path=str(file), where="") from None
    if not isinstance(content, dict):
        raise DatasetError(f"{file.name} holds no recorded figures", path=str(file), where="")
    for name, figures in cast("dict[str, Any]", content).items():
        if not isinstance(figures, dict) or any(
            not isinstance(cast("dict[str, Any]", figures).get(measure), (int, float)) for measure in GATED
        ):
            raise DatasetError(
                f"{file.name}: {name} has not all of {', '.join(GATED)}", path=str(file), where=name
            )
    return cast("Records", content)


def fallen(now: Records, before: Records) -> list[Fall]:
    """Return the figures that have fallen by more than is tolerated; a set that is not there any more has fallen to 0."""
    falls = list(_falls(now, before, TOLERANCE))
    if before:
        mean = {MEAN: {m: sum(now.get(s, {}).get(m, 0.0) for s in before) / len(before) for m in GATED}}
        mean_before = {MEAN: {m: sum(figures[m] for figures in before.values()) / len(before) for m in GATED}}
        falls += _falls(mean, mean_before, TOLERANCE_OF_MEAN)
    return falls


def _falls(now: Records, before: Records, tolerance: float) -> Iterator[Fall]:
    for name, figures in before.items():
        for measure in GATED:
            value = now.get(name, {}).get(measure, 0.0)
            if value < figures[measure] - tolerance:
                yield Fall(name, measure, figures[measure], value)
