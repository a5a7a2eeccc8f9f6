"""Figures become rows: printed as they come, kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polymem
from benchmarks.targets import TARGETS

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement.

    Attributes:
        key: Of :data:`~.targets.TARGETS`.
        value: In the target's unit.
        note: How it was measured, spread.
    """

    key: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """Points of a growth curve, by the name of its plot and of its line."""

    plot: str
    line: str
    points: Sequence[Point]


@dataclass(slots=True)
class Report:
    """What a run has found so far."""

    machine: Mapping[str, Any]
    calibration: Mapping[str, float]
    date: str
    figures: list[Figure] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    after: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def begun(cls, *, machine: Mapping[str, Any], calibration: Mapping[str, float]) -> Report:
        """Return an empty report."""
        return cls(machine, calibration, datetime.now(UTC).date().isoformat())

    @property
    def missed(self) -> list[str]:
        """Keys of the figures that are not good enough."""
        return [figure.key for figure in self.figures if TARGETS[figure.key].met(figure.value) is False]

    def heading(self) -> None:
        """Print what is measured on."""
        print(f"Polymem {polymem.__version__}, {self.date}: {_line(self.machine)}")
        print(f"calibration, CPU: {_line(self.calibration)}")
        print(f"{'':54}{'asked':>22}{'measured':>22}  met", flush=True)

    def add(self, found: Figure | Curve) -> None:
        """Take a figure and print its row, or take a curve."""
        if isinstance(found, Curve):
            self.curves.append(found)
            return
        self.figures.append(found)
        target = TARGETS[found.key]
        met = {True: "yes", False: "NO", None: ""}[target.met(found.value)]
        measured = f"{shown(found.value)} {target.unit}"
        print(f"{target.en:54}{target.asked:>22}{measured:>22}  {met:4} {found.note}", flush=True)

    def end(self, *, machine: Mapping[str, Any], calibration: Mapping[str, float]) -> None:
        """Note how fast the machine is at the end, and print it."""
        self.after = {"load": machine["load"], **calibration}
        print(f"calibration at the end, CPU: {_line(self.after)}")

    def content(self) -> dict[str, Any]:
        """Return everything as JSON holds it."""
        return {
            "version": polymem.__version__,
            "date": self.date,
            "machine": dict(self.machine),
            "calibration": dict(self.calibration),
            "after": self.after,
            "figures": [{"key": f.key, "value": round(f.value, 4), "note": f.note} for f in self.figures],
            "curves": [
                {"plot": c.plot, "line": c.line, "points": [[x, round(y, 4)] for x, y in c.points]}
                for c in self.curves
            ],
        }


def shown(value: float) -> str:
    """Return a figure with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _line(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items())
